/* docker build: the table of instructions, and the walk through them. */
#include "build.h"

#include "field.h"
#include "own.h"
#include "platform.h"
#include "ref.h"
#include "trace.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* --- one instruction ------------------------------------------------------ */

static const struct {
    const char *why;
    build_step *act;
} steps[] = {
    [DOCKERFILE_ADD] = {"files become a layer",                        build_do_copy      },
    [DOCKERFILE_ARG] = {"a variable for the build alone",              build_do_arg       },
    [DOCKERFILE_CMD] = {"what runs, unless one says otherwise",
                        build_do_config                                                   },
    [DOCKERFILE_COPY] = {"files become a layer",                        build_do_copy      },
    [DOCKERFILE_ENTRYPOINT] = {"what runs in any case",                       build_do_config    },
    [DOCKERFILE_ENV] = {"a variable for the build and for containers",
                        build_do_config                                                   },
    [DOCKERFILE_EXPOSE] = {"a port that somebody listens at",             build_do_config    },
    [DOCKERFILE_FROM] = {"where a stage begins",                        build_do_from      },
    [DOCKERFILE_HEALTHCHECK] = {"how to ask whether it is well",
                        build_do_config                                                   },
    [DOCKERFILE_LABEL] = {"words for people and tools",                  build_do_config    },
    [DOCKERFILE_MAINTAINER] = {"who made it",                                 build_do_maintainer},
    [DOCKERFILE_ONBUILD] = {"kept for builds that begin with this image",
                        build_do_config                                                   },
    [DOCKERFILE_RUN] = {"what a process changes becomes a layer",      build_do_run       },
    [DOCKERFILE_SHELL] = {"who reads the shell form",                    build_do_config    },
    [DOCKERFILE_STOPSIGNAL] = {"how to ask it to end",                        build_do_config    },
    [DOCKERFILE_USER] = {"as whom it runs",                             build_do_config    },
    [DOCKERFILE_VOLUME] = {"what outlives the container",                 build_do_config    },
    [DOCKERFILE_WORKDIR] = {"where it runs; made if it is missing",
                        build_do_workdir                                                  },
};

int build_do(struct build_state *state,
             const struct dockerfile_instruction *ins, struct err *e)
{
    trace_step_begin(ins->name, "09", steps[ins->kind].why);
    int r = steps[ins->kind].act(state, ins, e);
    trace_step_end(r);
    return r;
}

/* --- a stage -------------------------------------------------------------- */

void build_state_done(struct build_state *state)
{
    image_done(&state->image);
    image_draft_done(&state->draft);
    for (size_t i = 0; i < state->n_pending; i++) {
        json_decref(state->pending[i].inputs);
        image_draft_done(&state->pending[i].draft);
    }
    own_free(&state->pending);
    strv_done(&state->args);
    strv_done(&state->env);
    own_free(&state->author);
}

json_t *build_config(const struct build_state *state)
{
    return json_object_get(state->draft.config, "config");
}

/* Steps of what stands before it: ARGs of no stage, and stages. */
static size_t count_before(const struct build *b, size_t stage)
{
    size_t n = b->stages.v[0].head;
    for (size_t i = 0; i < stage; i++)
        if (b->stages.v[i].is_needed)
            n += b->stages.v[i].end - b->stages.v[i].head;
    return n;
}

/* What a step came to, for who watches. */
static void tell_end(struct build *b, int r)
{
    build_tell(b,
               r == 0        ? ENGINE_BUILD_DONE
               : r == -EINTR ? ENGINE_BUILD_CANCELED
                             : ENGINE_BUILD_FAILED,
               "", 0);
}

/* Only where signals are blocked, in a stage's own process: else we would not
 * be here. */
static int check_interrupted(struct err *e)
{
    sigset_t set;
    sigpending(&set);
    return sigismember(&set, SIGTERM) == 1
               ? err_set(e, EINTR, "the build was interrupted")
               : 0;
}

int build_stage(struct build *b, size_t number, struct err *e)
{
    struct build_state *state = &b->states[number];
    state->b = b;
    state->stage = &b->stages.v[number];
    b->stage = state->stage;
    b->step = b->before = count_before(b, number);
    int r = 0;
    for (size_t i = state->stage->head; r == 0 && i < state->stage->end; i++) {
        b->at = &b->file.v[i];
        r = check_interrupted(e);
        if (r < 0)
            break;
        b->step++;
        build_tell(b, ENGINE_BUILD_STEP, b->at->text, strlen(b->at->text));
        r = build_do(state, b->at, e);
        tell_end(b, r);
    }
    b->stage = NULL;
    if (r == 0)
        b->at = NULL;
    /* Also of a stage that failed: what was worked out need not be again. */
    struct err unsaid;
    int flushed = build_flush(state, r == 0 ? e : &unsaid);
    return r < 0 ? r : flushed;
}

/* --- the end -------------------------------------------------------------- */

/* --label: as if the Dockerfile ended with it. */
static int add_labels(struct build_state *state, struct err *e)
{
    struct build *b = state->b;
    const json_t *labels = field_get(b->order->query, "labels");
    if (json_object_size(labels) == 0)
        return 0;
    auto_text struct text line = {0};
    text_add(&line, "LABEL");
    json_t *config = build_config(state);
    if (!json_is_object(json_object_get(config, "Labels")))
        json_object_set_new(config, "Labels", json_object());
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)labels, key, value)
    {
        json_object_set(json_object_get(config, "Labels"), key, value);
        text_addf(&line, " %s=%s", key, json_string_value(value));
    }
    b->step = b->n_steps;
    build_tell(b, ENGINE_BUILD_STEP, line.s, line.len);
    int r = build_add_empty(state, line.s, e);
    if (r == 0)
        r = build_flush(state, e);
    tell_end(b, r);
    return r;
}

static int name_image(struct build *b, const struct build_state *state,
                      struct err *e)
{
    const struct image_store *store = &b->engine->images;
    auto_strv struct strv names = {0};
    field_strings(b->order->query, "t", &names);
    int r = names.n > 0 ? 0 : stepcache_name(store, &state->draft, NULL, e);
    for (size_t i = 0; r == 0 && i < names.n; i++)
        r = stepcache_name(store, &state->draft, names.v[i], e);
    if (r < 0)
        return r;
    memcpy(b->order->id, state->draft.id, sizeof b->order->id);
    b->step = 0;
    build_explain_layers(b);
    build_say(b, "Successfully built %.12s\n", digest_hex(state->draft.id));
    for (size_t i = 0; i < names.n; i++) {
        auto_ref struct ref ref = {0};
        if (ref_parse(names.v[i], &ref, NULL) < 0)
            continue; /* it has been checked */
        auto_free char *shown = ref_familiar(&ref);
        build_say(b, "Successfully tagged %s\n", shown);
    }
    return 0;
}

static int finish(struct build *b, struct err *e)
{
    struct build_state *state = &b->states[b->stages.target];
    if (state->draft.id[0] == '\0')
        return err_set(e, EINVAL,
                       "No image was generated. Is your Dockerfile "
                       "empty?");
    int r = add_labels(state, e);
    if (r == 0 && field_bool(b->order->query, "squash"))
        r = build_squash(state, e);
    return r < 0 ? r : name_image(b, state, e);
}

/* --- the whole ------------------------------------------------------------ */

static void add_automatic(struct build *b)
{
    static const char *const prefixes[] = {"BUILD", "TARGET"};
    const char *said = field_string(b->order->query, "platform");
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        struct platform platform;
        platform_host(&platform);
        if (i == 1 && said != NULL && said[0] != '\0')
            platform_parse(said, &platform, NULL);
        strv_addf(&b->automatic, "%sPLATFORM=%s", prefixes[i],
                  platform_show(&platform).s);
        strv_addf(&b->automatic, "%sOS=%s", prefixes[i], platform.os);
        strv_addf(&b->automatic, "%sARCH=%s", prefixes[i],
                  platform.architecture);
        strv_addf(&b->automatic, "%sVARIANT=%s", prefixes[i], platform.variant);
    }
}

static void add_args(struct build *b)
{
    const json_t *args = field_get(b->order->query, "buildargs");
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)args, name, value)
    {
        if (json_is_string(value))
            strv_addf(&b->args, "%s=%s", name, json_string_value(value));
    }
}

/* --target, and which stages that needs. */
static int plan(struct build *b, struct err *e)
{
    const char *target = field_string(b->order->query, "target");
    struct stages_order order = {
        .args = &b->args,
        .automatic = &b->automatic,
        .target = target != NULL && target[0] != '\0' ? target : NULL,
    };
    int r = stages_plan(&b->file, &order, &b->stages, e);
    b->at = r < 0 ? order.at : NULL;
    if (r < 0)
        return r;
    b->states = own_alloc((b->stages.n + 1) * sizeof *b->states);
    b->n_steps = count_before(b, b->stages.n) +
                 (json_object_size(field_get(b->order->query, "labels")) > 0);
    return 0;
}

/* They have their values already (stages_plan). */
static void tell_globals(struct build *b)
{
    for (size_t i = 0; i < b->stages.v[0].head; i++) {
        b->step = i + 1;
        build_tell(b, ENGINE_BUILD_STEP, b->file.v[i].text,
                   strlen(b->file.v[i].text));
        tell_end(b, 0);
    }
}

static int check_names(const struct build *b, struct err *e)
{
    auto_strv struct strv names = {0};
    field_strings(b->order->query, "t", &names);
    int r = 0;
    for (size_t i = 0; r == 0 && i < names.n; i++)
        r = image_check_name(names.v[i], e);
    return r;
}

static int build(struct build *b, struct err *e)
{
    b->made = json_object();
    add_args(b);
    add_automatic(b);
    int r = build_order_begin(b, e);
    if (r == 0)
        r = check_names(b, e);
    if (r == 0)
        r = engine_enter(b->engine, e);
    if (r == 0)
        r = build_context_open(b, e);
    if (r == 0)
        r = dockerfile_parse(b->order->dockerfile_name, b->source.s,
                             b->source.len, &b->file, &b->order->excerpt, e);
    if (r == 0)
        r = plan(b, e);
    if (r == 0)
        r = stepcache_read(&b->engine->images, &b->steps, e);
    if (r == 0)
        r = build_lent_open(b, e);
    if (r == 0) {
        tell_globals(b);
        r = build_stages(b, e);
    }
    if (r < 0)
        return r;
    build_say_unused(b);
    return finish(b, e);
}

int engine_build(struct engine *engine, struct engine_build *order,
                 struct err *e)
{
    struct build b = {
        .engine = engine, .order = order, .context = {.stage = {.dir = -1}}};
    int r = build(&b, e);
    if (r < 0 && b.at != NULL) {
        text_addf(&order->excerpt, "%s:%u\n", order->dockerfile_name,
                  b.at->line);
        dockerfile_point(&b.file, b.at, &order->excerpt);
    }
    if (b.used.n > 0)
        stepcache_touch(&engine->images, &b.used);
    for (size_t i = 0; b.states != NULL && i < b.stages.n; i++)
        build_state_done(&b.states[i]);
    own_free(&b.states);
    if (b.layer_sums != NULL)
        filesum_save(b.layer_sums);
    filesum_close(&b.layer_sums);
    build_context_close(&b.context);
    build_order_end(&b);
    stages_done(&b.stages);
    dockerfile_done(&b.file);
    text_done(&b.source);
    strv_done(&b.args);
    strv_done(&b.automatic);
    strv_done(&b.used);
    json_decref(b.steps);
    json_decref(b.made);
    json_decref(b.lent);
    return r;
}
