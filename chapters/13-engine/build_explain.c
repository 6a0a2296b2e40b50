/* build --explain: why a step was known, or what has changed. */
#include "build.h"

#include "field.h"
#include "files.h"
#include "own.h"

#include <string.h>

enum { MOST_SHOWN = 8 };

/* The newest step at the same place, or NULL. Its key in ret_key. Borrowed. */
static const json_t *find_before(const struct build_state *state,
                                 const char **ret_key)
{
    const struct build *b = state->b;
    auto_free char *place = build_place(b);
    const json_t *found = NULL;
    const char *key;
    json_t *step;
    json_object_foreach(b->steps, key, step)
    {
        if (!field_is(step, "inputs.place", place) ||
            (found != NULL &&
             field_int(step, "used", 0) < field_int(found, "used", 0)))
            continue;
        found = step;
        *ret_key = key;
    }
    return found;
}

/* One line of a list of files: what it is, and its name: copyset_digest. */
struct line {
    const char *s, *name;
    size_t len, name_len;
};

static bool next_line(const char **at, struct line *ret)
{
    if (*at == NULL || **at == '\0')
        return false;
    ret->s = *at;
    ret->len = strcspn(*at, "\n");
    ret->name = memchr(ret->s, ' ', ret->len);
    ret->name = ret->name != NULL ? ret->name + 2 : ret->s;
    const char *tab = memchr(ret->s, '\t', ret->len);
    ret->name_len =
        tab != NULL && tab > ret->name ? (size_t)(tab - ret->name) : 0;
    *at += ret->len + ((*at)[ret->len] == '\n');
    return true;
}

static int compare_names(const struct line *a, const struct line *b)
{
    size_t len = a->name_len < b->name_len ? a->name_len : b->name_len;
    int order = memcmp(a->name, b->name, len);
    if (order != 0)
        return order;
    return (a->name_len > b->name_len) - (a->name_len < b->name_len);
}

static void say_line(struct build *b, size_t *n, const char *what,
                     const struct line *line)
{
    if (++*n <= MOST_SHOWN)
        build_say(b, "        %-8s %.*s\n", what, (int)line->name_len,
                  line->name);
}

/* Both lists are in the order of their walk, which for names beside each other
 * is that of their bytes. */
static void compare_files(struct build *b, const char *before, const char *now)
{
    struct line x, y;
    size_t n = 0;
    bool has_x = next_line(&before, &x), has_y = next_line(&now, &y);
    while (has_x || has_y) {
        int order = !has_x ? 1 : !has_y ? -1 : compare_names(&x, &y);
        if (order < 0)
            say_line(b, &n, "removed", &x);
        else if (order > 0)
            say_line(b, &n, "new", &y);
        else if (x.len != y.len || memcmp(x.s, y.s, x.len) != 0)
            say_line(b, &n, "changed", &y);
        if (order <= 0)
            has_x = next_line(&before, &x);
        if (order >= 0)
            has_y = next_line(&now, &y);
    }
    if (n > MOST_SHOWN)
        build_say(b, "        and %zu more\n", n - MOST_SHOWN);
}

static void explain_files(const struct build_state *state, const char *key,
                          const struct build_layer *layer)
{
    auto_text struct text before = {0};
    auto_free char *path = text_format("cache/build/%s", key);
    if (files_read(state->b->engine->rootfd, path, &before, NULL) >= 0)
        compare_files(state->b, before.s,
                      layer->files.s != NULL ? layer->files.s : "");
}

static void say_inputs(struct build *b, const json_t *inputs)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)inputs, name, value)
    {
        auto_free char *text =
            json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
        build_say(b, "      %-12s %.100s\n", name, text);
    }
}

void build_explain(struct build_state *state, const struct build_layer *layer,
                   bool is_known)
{
    struct build *b = state->b;
    if (!b->order->explain)
        return;
    build_say(b, " ---> key %.12s\n", layer->key);
    say_inputs(b, layer->inputs);
    if (is_known)
        return;
    const char *key = NULL;
    const json_t *before = find_before(state, &key);
    if (before == NULL) {
        build_say(b, " ---> miss: never built here\n");
        return;
    }
    const json_t *old = json_object_get(before, "inputs");
    const char *name;
    json_t *value;
    size_t n = 0;
    json_object_foreach(layer->inputs, name, value)
    {
        if (json_equal(json_object_get(old, name), value))
            continue;
        build_say(b, " ---> miss: %s changed\n", name);
        n++;
        if (strcmp(name, "files") == 0)
            explain_files(state, key, layer);
    }
    if (n == 0)
        build_say(b, " ---> miss: %s\n",
                  field_bool(b->order->query, "nocache")
                      ? "the cache is not to be used"
                      : "its image is gone");
}

/* --- the layers ----------------------------------------------------------- */

/* Steps of the history that have a layer, from the bottom. */
static void say_layers(struct build *b, const struct build_state *state)
{
    const struct image_store *store = &b->engine->images;
    const json_t *ids = field_get(state->draft.config, "rootfs.diff_ids");
    json_auto_t *steps = image_history(store, &state->image);
    size_t layer = 0;
    for (size_t i = json_array_size(steps); i-- > 0;) {
        const json_t *step = json_array_get(steps, i);
        const json_t *line =
            json_array_get(field_get(state->image.config, "history"),
                           json_array_size(steps) - 1 - i);
        if (field_bool(line, "empty_layer"))
            continue;
        const char *id = json_string_value(json_array_get(ids, layer++));
        const char *words = field_string(step, "CreatedBy");
        char size[16];
        text_from_bytes((uint64_t)field_int(step, "Size", 0), size);
        build_say(b, "      %.12s %8s  %.60s\n",
                  id != NULL ? digest_hex(id) : "", size,
                  words != NULL && words[0] != '\0'
                      ? words
                      : field_string(step, "Comment"));
    }
}

void build_explain_layers(struct build *b)
{
    if (!b->order->explain)
        return;
    build_say(b, "Layers, from the bottom:\n");
    for (size_t i = 0; i < b->stages.n; i++) {
        const struct build_state *state = &b->states[i];
        if (!b->stages.v[i].is_needed)
            continue;
        build_say(b, "  stage %zu%s%s, from %s\n", i,
                  b->stages.v[i].name != NULL ? " " : "",
                  b->stages.v[i].name != NULL ? b->stages.v[i].name : "",
                  b->stages.v[i].base);
        if (state->has_image)
            say_layers(b, state);
    }
}
