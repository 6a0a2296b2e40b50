/* Keys of steps, what is known already, and what is remembered. */
#include "build.h"

#include "field.h"
#include "files.h"
#include "own.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

bool build_now(struct timespec *ret)
{
    const char *epoch = getenv("SOURCE_DATE_EPOCH");
    uint64_t seconds;
    clock_gettime(CLOCK_REALTIME, ret);
    if (epoch == NULL || text_to_u64(epoch, &seconds) < 0)
        return false;
    *ret = (struct timespec){.tv_sec = (time_t)seconds};
    return true;
}

/* --- keys ----------------------------------------------------------------- */

/* What every step depends on: the image before it, its own words, and the date
 * of what it makes, where that is given: else what was built without one would
 * be taken for what is the same everywhere. */
static void add_common(const struct build_state *state, const char *words,
                       json_t *inputs)
{
    json_object_set_new(inputs, "parent", json_string(state->draft.id));
    json_object_set_new(inputs, "instruction", json_string(words));
    struct timespec date;
    if (build_now(&date))
        json_object_set_new(inputs, "date", json_integer(date.tv_sec));
}

static void make_key(const json_t *inputs, char ret[DIGEST_SIZE])
{
    auto_free char *text = json_dumps(inputs, JSON_COMPACT | JSON_SORT_KEYS);
    if (text == NULL)
        abort(); /* out of memory */
    char digest[DIGEST_SIZE];
    digest_of(text, strlen(text), digest);
    memcpy(ret, digest_hex(digest), DIGEST_HEX + 1);
}

char *build_place(const struct build *b)
{
    return text_format("%s:%s:%zu",
                       b->order->place != NULL ? b->order->place : "",
                       b->order->dockerfile_name, b->step);
}

/* Where the step stands: no input, but by this --explain finds what it was the
 * last time. */
static void add_place(const struct build_state *state, json_t *inputs)
{
    auto_free char *place = build_place(state->b);
    json_object_set_new(inputs, "place", json_string(place));
}

static bool uses_cache(const struct build *b)
{
    return !field_bool(b->order->query, "nocache");
}

/* The manifest of the image that a key led to, or NULL. */
static const char *look_up(struct build *b, const char *key)
{
    return uses_cache(b)
               ? field_string(json_object_get(b->steps, key), "manifest")
               : NULL;
}

static void note_used(struct build *b, const char *key)
{
    strv_add(&b->used, key);
    build_tell(b, ENGINE_BUILD_CACHED, "", 0);
}

/* Known from now on: another stage may have the same step. */
static void note_new(struct build *b, const char *key, const json_t *inputs,
                     const struct image_draft *draft)
{
    json_t *step =
        json_pack("{s:s, s:O}", "manifest", draft->digest, "inputs", inputs);
    json_object_set(b->steps, key, step);
    json_object_set_new(b->made, key, step);
}

/* --- steps without a layer ------------------------------------------------ */

int build_add_empty(struct build_state *state, const char *created_by,
                    struct err *e)
{
    (void)e;
    struct build *b = state->b;
    struct build_pending new = {.inputs = json_object()};
    struct image_draft_step step = {
        .created = image_draft_created(&state->draft),
        .author = state->author,
        .created_by = created_by,
    };
    add_common(state, created_by, new.inputs);
    auto_free char *created =
        step.created != NULL ? own_strdup(step.created) : NULL;
    step.created = created;
    image_draft_add(&state->draft, &step);
    image_draft_seal(&state->draft);
    /* The same words may lead elsewhere, where an ARG has another value. */
    json_object_set_new(new.inputs, "result", json_string(state->draft.id));
    make_key(new.inputs, new.key);
    const char *known = look_up(b, new.key);
    if (known != NULL) {
        json_decref(new.inputs);
        note_used(b, new.key);
    } else {
        add_place(state, new.inputs);
        note_new(b, new.key, new.inputs, &state->draft);
        image_draft_copy(&state->draft, &new.draft);
        state->pending = own_grow(state->pending, (state->n_pending + 1) *
                                                      sizeof *state->pending);
        state->pending[state->n_pending++] = new;
    }
    build_say_id(b, state->draft.id);
    return 0;
}

int build_flush(struct build_state *state, struct err *e)
{
    size_t n = state->n_pending;
    auto_free struct image_step *list = own_alloc((n + 1) * sizeof *list);
    for (size_t i = 0; i < n; i++)
        list[i] =
            (struct image_step){state->pending[i].key, state->pending[i].inputs,
                                &state->pending[i].draft};
    int r = stepcache_put(&state->b->engine->images, list, n, e);
    for (size_t i = 0; i < n; i++) {
        json_decref(state->pending[i].inputs);
        image_draft_done(&state->pending[i].draft);
    }
    state->n_pending = 0;
    return r;
}

/* --- steps with a layer --------------------------------------------------- */

void build_layer_done(struct build_layer *layer)
{
    json_decref(layer->inputs);
    layer->inputs = NULL;
    text_done(&layer->files);
}

/* This image is where the stage is now. It is taken over, also on an error. */
static int go_on(struct build_state *state, struct image *image, struct err *e)
{
    struct image_draft draft;
    int r = image_draft_open(&state->b->engine->images, image, &draft, e);
    if (r < 0) {
        image_done(image);
        return r;
    }
    image_done(&state->image);
    image_draft_done(&state->draft);
    state->image = *image;
    state->draft = draft;
    state->has_image = true;
    build_renew_env(state);
    return 0;
}

/* What a layer is to be put on must be in the store. */
static int settle(struct build_state *state, struct err *e)
{
    int r = build_flush(state, e);
    if (r < 0 || state->draft.id[0] == '\0' ||
        (state->has_image && strcmp(state->image.id, state->draft.id) == 0))
        return r;
    image_done(&state->image);
    r = stepcache_load(&state->b->engine->images, state->draft.digest,
                       &state->image, e);
    state->has_image = r == 0;
    return r;
}

/* What --cache-from has is known from now on, too. 1, or 0: it has not. */
static int borrow(struct build_state *state, struct build_layer *layer,
                  struct err *e)
{
    struct image image;
    add_place(state, layer->inputs);
    int lent = build_lent_take(state, layer, &image, e);
    if (lent <= 0)
        return lent;
    int r = go_on(state, &image, e);
    if (r == 0)
        note_new(state->b, layer->key, layer->inputs, &state->draft);
    return r < 0 ? r : 1;
}

int build_find_layer(struct build_state *state, struct build_layer *layer,
                     struct err *e)
{
    struct build *b = state->b;
    add_common(state, b->at != NULL ? b->at->text : "", layer->inputs);
    make_key(layer->inputs, layer->key);
    const char *known = look_up(b, layer->key);
    struct image image;
    bool is_known =
        known != NULL &&
        stepcache_load(&b->engine->images, known, &image, NULL) == 0 &&
        go_on(state, &image, NULL) == 0;
    build_explain(state, layer, is_known);
    if (!is_known) {
        int lent = borrow(state, layer, e);
        if (lent <= 0)
            return lent < 0 ? lent : settle(state, e);
    }
    note_used(b, layer->key);
    build_say_id(b, state->draft.id);
    return 1;
}

/* Files younger than SOURCE_DATE_EPOCH are as old as that. */
struct packing {
    const struct build_commit *commit;
    struct timespec latest;
    bool has_latest;
};

static int pack(void *arg, const struct pack_options *out,
                struct pack_size *ret, struct err *e)
{
    const struct packing *p = arg;
    struct pack_options options = *out;
    options.latest = p->has_latest ? &p->latest : NULL;
    return p->commit->pack(p->commit->arg, &options, ret, e);
}

/* For --explain, next time. What fails is no loss. */
static void keep_files(const struct build *b, const struct build_layer *layer)
{
    if (layer->files.len == 0)
        return;
    auto_free char *path = text_format("cache/build/%s", layer->key);
    files_mkdirs(b->engine->rootfd, "cache/build", 0711, NULL);
    files_replace(b->engine->rootfd, path, layer->files.s, layer->files.len, 0,
                  NULL);
}

int build_add_layer(struct build_state *state, struct build_layer *layer,
                    const struct build_commit *commit, struct err *e)
{
    struct build *b = state->b;
    struct packing packing = {.commit = commit};
    packing.has_latest = build_now(&packing.latest);
    struct image_step step = {layer->key, layer->inputs, NULL};
    auto_free char *comment = build_lent_comment(layer->key);
    struct image_commit what = {
        .base = state->has_image ? &state->image : NULL,
        .pack = pack,
        .arg = &packing,
        .config = build_config(state),
        .author = state->author,
        .created_by = commit->created_by,
        .message = comment,
        .step = &step,
    };
    char id[DIGEST_SIZE];
    struct image image;
    int r = image_commit(&b->engine->images, &what, id, e);
    if (r == 0)
        r = image_find(&b->engine->images, id, &image, e);
    if (r == 0)
        r = go_on(state, &image, e);
    if (r < 0)
        return r;
    note_new(b, layer->key, layer->inputs, &state->draft);
    keep_files(b, layer);
    return 0;
}
