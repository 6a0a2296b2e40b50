/* build --squash: the layers of a build become one. */
#include "build.h"

#include "diff.h"
#include "own.h"

#include <string.h>

struct squashing {
    struct build_state *state;
    struct tree above, below;
};

/* The layers that the base has not, and those that it has. */
static int open_trees(struct squashing *s, size_t n_base, struct err *e)
{
    const struct strv *layers = &s->state->image.layers;
    auto_strv struct strv above = {0}, below = {0};
    for (size_t i = 0; i < layers->n; i++)
        strv_add(i + n_base < layers->n ? &above : &below, layers->v[i]);
    int r = tree_open(&s->above, &above, e);
    return r < 0 ? r : tree_open(&s->below, &below, e);
}

static int pack_all(void *arg, const struct pack_options *out,
                    struct pack_size *ret, struct err *e)
{
    const struct squashing *s = arg;
    struct diff diff = {
        .above = &s->above, .below = &s->below, .is_sheet = true};
    return pack_diff(out, &diff, ret, e);
}

/* Back to the base, with the configuration as it is now. */
static int go_back(struct build_state *state, const struct image *base,
                   struct err *e)
{
    json_auto_t *config = json_incref(build_config(state));
    bool has_base = state->base[0] != '\0';
    struct image_draft draft;
    int r = image_draft_open(&state->b->engine->images, has_base ? base : NULL,
                             &draft, e);
    if (r < 0)
        return r;
    json_object_set(draft.config, "config", config);
    image_draft_done(&state->draft);
    state->draft = draft;
    image_done(&state->image);
    state->has_image = has_base;
    return has_base ? image_find(&state->b->engine->images, base->id,
                                 &state->image, e)
                    : 0;
}

int build_squash(struct build_state *state, struct err *e)
{
    struct squashing s = {
        .state = state,
        .above = {.has_marks = true},
        .below = {.has_marks = true},
    };
    auto_image struct image base = {0};
    int r = state->base[0] == '\0'
                ? 0
                : image_find(&state->b->engine->images, state->base, &base, e);
    size_t n = state->has_image ? state->image.layers.n : 0;
    if (r < 0 || n <= base.layers.n + 1)
        return r; /* nothing to put together */
    auto_free char *created_by =
        text_format("squash %.12s", digest_hex(state->draft.id));
    auto_build_layer struct build_layer layer = {
        .inputs = json_pack("{s:s}", "squash", state->draft.id)};
    struct build_commit commit = {created_by, pack_all, &s};
    r = open_trees(&s, base.layers.n, e);
    if (r == 0)
        r = go_back(state, &base, e);
    if (r == 0)
        r = build_find_layer(state, &layer, e);
    if (r == 0)
        r = build_add_layer(state, &layer, &commit, e);
    tree_close(&s.above);
    tree_close(&s.below);
    return r < 0 ? r : 0;
}
