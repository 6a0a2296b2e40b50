/* FROM: where a stage begins. */
#include "build.h"

#include "engine_registry.h"
#include "field.h"
#include "own.h"
#include "platform.h"
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

int build_find_image(struct build *b, const char *name, struct image *ret,
                     struct err *e)
{
    struct err why = {0};
    const struct pull what = {.name = name, .tell = tell_pull, .arg = b};
    int r = field_bool(b->order->query, "pull")
                ? engine_registry_pull(b->engine, &what, &why)
                : 0;
    if (r == 0)
        r = image_find(&b->engine->images, name, ret, &why);
    if (r == -ENOENT && !field_bool(b->order->query, "pull") &&
        engine_registry_provide(b->engine, &what, &why) == 0)
        r = image_find(&b->engine->images, name, ret, &why);
    return r < 0 ? err_set(e, why.code, "%s", why.msg) : 0;
}

/* That of the stage goes before that of the whole build. */
static int check_platform(const struct build_state *state, struct err *e)
{
    const char *said = state->stage->platform;
    if (said == NULL || said[0] == '\0')
        said = field_string(state->b->order->query, "platform");
    if (said == NULL || said[0] == '\0')
        return 0;
    return platform_check(state->image.config, state->stage->base, said, e);
}

static int begin_with_image(struct build_state *state, struct err *e)
{
    int r = build_find_image(state->b, state->stage->base, &state->image, e);
    state->has_image = r == 0;
    if (r == 0)
        r = check_platform(state, e);
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
