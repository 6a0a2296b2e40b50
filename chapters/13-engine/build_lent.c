/*
 * build --cache-from: what other images have built already, wherever they came
 * from.
 *
 * A layer's line of history says with which key it was built, as its comment.
 * The key has the id of the image before it in it, so whoever comes to the same
 * key would build the same layer; its line is taken over as it is, which makes
 * the same id again and leads to the next key.
 */
#include "build.h"

#include "field.h"
#include "own.h"

#include <errno.h>
#include <string.h>

#define MARK "mini-docker.build.v1 "

char *build_lent_comment(const char *key)
{
    return text_format(MARK "%s", key);
}

/* The keys of one image's layers, the lowest first. */
static void note_layers(struct build *b, const struct image_draft *draft)
{
    const json_t *ids = field_get(draft->config, "rootfs.diff_ids");
    size_t i, n = 0;
    json_t *line;
    json_array_foreach(json_object_get(draft->config, "history"), i, line)
    {
        const char *comment = field_string(line, "comment");
        bool is_ours = comment != NULL && text_starts(comment, MARK);
        json_t *lent = json_pack("{s:O}", "line", line);
        if (!field_bool(line, "empty_layer")) {
            json_object_set(lent, "id", json_array_get(ids, n));
            json_object_set(lent, "layer", json_array_get(draft->layers, n++));
        }
        if (is_ours)
            json_object_set(b->lent, comment + strlen(MARK), lent);
        json_decref(lent);
    }
}

int build_lent_open(struct build *b, struct err *e)
{
    const struct image_store *store = &b->engine->images;
    auto_strv struct strv names = {0};
    b->lent = json_object();
    field_strings(b->order->query, "cachefrom", &names);
    for (size_t i = 0; i < names.n; i++) {
        auto_image struct image image = {0};
        auto_image_draft struct image_draft draft = {.config = NULL};
        int r = image_find(store, names.v[i], &image, e);
        if (r == 0)
            r = image_draft_open(store, &image, &draft, e);
        /* One that is not here lends nothing. */
        if (r < 0 && r != -ENOENT)
            return r;
        if (r == 0)
            note_layers(b, &draft);
    }
    return 0;
}

int build_lent_take(struct build_state *state, const struct build_layer *layer,
                    struct image *ret, struct err *e)
{
    struct build *b = state->b;
    const struct image_store *store = &b->engine->images;
    const json_t *lent = json_object_get(b->lent, layer->key);
    if (lent == NULL || field_bool(b->order->query, "nocache"))
        return 0;
    auto_image_draft struct image_draft draft = {.config = NULL};
    image_draft_copy(&state->draft, &draft);
    const struct image_draft_step step = {
        .created = field_string(lent, "line.created"),
        .author = field_string(lent, "line.author"),
        .created_by = field_string(lent, "line.created_by"),
        .comment = field_string(lent, "line.comment"),
        .layer = json_deep_copy(json_object_get(lent, "layer")),
        .diff_id = field_string(lent, "id"),
    };
    image_draft_add(&draft, &step);
    image_draft_seal(&draft);
    const struct image_step made = {layer->key, layer->inputs, &draft};
    int r = build_flush(state, e);
    if (r == 0)
        r = stepcache_put(store, &made, 1, e);
    if (r == 0)
        r = stepcache_load(store, draft.digest, ret, e);
    return r == 0 ? 1 : r == -ENOENT ? 0 : r;
}
