/* FROM: where a stage begins. */
#include "build.h"

#include "engine_registry.h"
#include "field.h"
#include "own.h"
#include "ref.h"
#include "trace.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

/* An earlier stage, as it ended. */
static int begin_with_stage(struct build_state *state, struct err *e)
{
    const struct build_state *from = &state->b->states[state->stage->from];
    image_draft_copy(&from->draft, &state->draft);
    if (from->author != NULL)
        state->author = own_strdup(from->author);
    if (!from->has_image)
        return 0;
    int r =
        image_find(&state->b->engine->images, from->image.id, &state->image, e);
    state->has_image = r == 0;
    return r;
}

static void tell_pull(void *arg, const struct pull_event *event)
{
    /* Lines and no bars, since a build has a table of its own; nor that it is
     * not here, which Docker's builder does not say. */
    bool is_news = event->id != NULL || !text_starts(event->status, "Unable");
    if (is_news && event->done == 0 && event->total == 0)
        build_note(arg, "%s%s%s\n", event->id != NULL ? event->id : "",
                   event->id != NULL ? ": " : "", event->status);
}

/* NULL: no platform is said. */
static const char *platform_of(const struct build *b, const char *said)
{
    if (said == NULL || said[0] == '\0')
        said = field_string(b->order->query, "platform");
    return said == NULL || said[0] == '\0' ? NULL : said;
}

/* Who brings no accounts has those of `login`. */
static int take_accounts(const struct build *b, struct pull *what,
                         struct engine_registry *registry, struct err *e)
{
    auto_ref struct ref ref = {0};
    if (b->order->accounts == NULL || ref_parse(what->name, &ref, NULL) < 0)
        return 0;
    what->options = &registry->options;
    return engine_registry_init_with(registry, b->order->accounts, ref.domain,
                                     e);
}

static bool is_here(const struct image_store *store, const char *name)
{
    auto_image struct image image = {0};
    return image_find(store, name, &image, NULL) == 0;
}

int build_find_image(struct build *b, const char *name, const char *platform,
                     struct image *ret, struct err *e)
{
    struct err why = {0};
    auto_engine_registry struct engine_registry registry = {0};
    const struct image_store *store = &b->engine->images;
    bool always = field_bool(b->order->query, "pull");
    struct pull what = {.name = name,
                        .platform = platform_of(b, platform),
                        .tell = tell_pull,
                        .arg = b};
    int r = take_accounts(b, &what, &registry, &why);
    if (r == 0 && always)
        r = engine_registry_pull(b->engine, &what, &why);
    if (r == 0)
        r = image_find_for(store, name, what.platform, ret, &why);
    /* One for another machine is here: that is said where no other comes. */
    bool is_for_another = r == -ENOENT && is_here(store, name);
    struct err cause = why;
    if (r == -ENOENT && !always &&
        engine_registry_provide(b->engine, &what, &why) == 0)
        r = image_find_for(store, name, what.platform, ret, &why);
    if (r < 0 && !always && is_for_another)
        why = cause;
    return r < 0 ? err_set(e, why.code, "%s", why.msg) : 0;
}

static int begin_with_image(struct build_state *state, struct err *e)
{
    int r = build_find_image(state->b, state->stage->base,
                             state->stage->platform, &state->image, e);
    state->has_image = r == 0;
    if (r == 0)
        r = image_draft_open(&state->b->engine->images, &state->image,
                             &state->draft, e);
    return r;
}

/* The programs of an image without variables are looked for where they
 * usually are: Docker's builder writes that down. */
static void add_path(struct build_state *state)
{
    static const char path[] =
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    json_t *config = build_config(state);
    auto_strv struct strv env = {0};
    field_strings(config, "Env", &env);
    if (strv_env(&env, "PATH") != NULL)
        return;
    if (!json_is_array(json_object_get(config, "Env")))
        json_object_set_new(config, "Env", json_array());
    json_array_append_new(json_object_get(config, "Env"), json_string(path));
}

/* What an image left for builds that begin with it is done now, and not again
 * by builds that begin with ours. */
static int do_triggers(struct build_state *state, struct err *e)
{
    auto_strv struct strv triggers = {0};
    field_strings(build_config(state), "OnBuild", &triggers);
    json_object_del(build_config(state), "OnBuild");
    if (triggers.n > 0)
        build_note(state->b, "# Executing %zu build trigger%s\n", triggers.n,
                   triggers.n == 1 ? "" : "s");
    int r = 0;
    trace_step_end(0); /* of FROM: each of them is one */
    for (size_t i = 0; r == 0 && i < triggers.n; i++) {
        struct dockerfile_instruction ins = {0};
        r = dockerfile_parse_line(triggers.v[i], &ins, e);
        if (r == 0)
            r = build_do(state, &ins, e);
        dockerfile_instruction_done(&ins);
    }
    return r;
}

int build_do_from(struct build_state *state,
                  const struct dockerfile_instruction *ins, struct err *e)
{
    const struct build_stage *stage = state->stage;
    (void)ins;
    int r = stage->from >= 0    ? begin_with_stage(state, e)
            : stage->is_scratch ? image_draft_open(&state->b->engine->images,
                                                   NULL, &state->draft, e)
                                : begin_with_image(state, e);
    if (r < 0)
        return r;
    if (!json_is_object(build_config(state)))
        json_object_set_new(state->draft.config, "config", json_object());
    if (state->draft.id[0] != '\0')
        build_say_id(state->b, state->draft.id);
    else
        build_note(state->b, " ---> \n");
    memcpy(state->base, state->draft.id, sizeof state->base);
    add_path(state);
    build_renew_env(state);
    return do_triggers(state, e);
}
