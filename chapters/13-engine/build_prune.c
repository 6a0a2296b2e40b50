/* What builds remember: shown, and forgotten. */
#include "engine.h"

#include "build_caches.h"
#include "events.h"
#include "field.h"
#include "own.h"
#include "record.h"
#include "stepcache.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What is asked about steps. */
struct question {
    json_t *layers; /* of images that have a name: HEX -> true */
    json_t *used;   /* ids of images that containers were made from */
};

static void question_done(struct question *q)
{
    json_decref(q->layers);
    json_decref(q->used);
}

static int question_open(struct engine *engine, struct question *ret,
                         struct err *e)
{
    ret->layers = json_object();
    ret->used = json_object();
    char hex[DIGEST_HEX + 1];
    auto_image_list struct image_list list = {0};
    int r = engine_find_used(engine, ret->used, e);
    if (r == 0)
        r = image_list(&engine->images, true, &list, NULL, e);
    for (size_t i = 0; i < list.n; i++)
        for (size_t k = 0; k < list.v[i].layers.n; k++)
            json_object_set_new(ret->layers,
                                image_layer_hex(list.v[i].layers.v[k], hex),
                                json_true());
    return r;
}

/* The layer that it needs last is its own. */
static bool is_shared(const struct question *q, const json_t *step)
{
    const json_t *needs = json_object_get(step, "needs");
    const char *last =
        json_string_value(json_array_get(needs, json_array_size(needs) - 1));
    return last != NULL && json_object_get(q->layers, last) != NULL;
}

static json_t *describe(const struct question *q, const char *key,
                        const json_t *step)
{
    const char *id = field_string(step, "id");
    const char *words = field_string(step, "inputs.instruction");
    int64_t used = field_int(step, "used", 0);
    return json_pack(
        "{s:s, s:s, s:s, s:b, s:b, s:I, s:o, s:o, s:I, s:I}", "ID", key, "Type",
        "regular", "Description", words != NULL ? words : "", "InUse",
        id != NULL && json_object_get(q->used, id) != NULL, "Shared",
        is_shared(q, step), "Size", (json_int_t)field_int(step, "size", 0),
        "CreatedAt", build_caches_time(field_int(step, "created", 0)),
        "LastUsedAt", build_caches_time(used), "Created", (json_int_t)used,
        "UsageCount", (json_int_t)field_int(step, "count", 0));
}

/* Steps and directories. Created is when one was used last: it is what until=
 * asks about. */
static int list_all(struct engine *engine, json_t **ret, struct err *e)
{
    json_auto_t *steps = NULL, *list = json_array();
    struct question q = {.layers = NULL};
    int r = question_open(engine, &q, e);
    if (r == 0)
        r = stepcache_read(&engine->images, &steps, e);
    const char *key;
    json_t *step;
    json_object_foreach(r == 0 ? steps : NULL, key, step)
        json_array_append_new(list, describe(&q, key, step));
    question_done(&q);
    if (r < 0)
        return r;
    build_caches_list(engine, list);
    *ret = own_take(&list);
    return 0;
}

int engine_build_cache(struct engine *engine, json_t **ret, struct err *e)
{
    int r = list_all(engine, ret, e);
    size_t i;
    json_t *item;
    json_array_foreach(r == 0 ? *ret : NULL, i, item)
        json_object_del(item, "Created");
    return r;
}

/* --- what goes ------------------------------------------------------------ */

static bool is_wanted(const json_t *item, const struct engine_prune *prune)
{
    return !field_bool(item, "InUse") &&
           (prune->wanted == NULL || prune->wanted(item, prune->arg));
}

/* What has been used last comes last; else the order is that of names. */
static int compare_use(const void *a, const void *b)
{
    const json_t *one = *(json_t *const *)a, *other = *(json_t *const *)b;
    int64_t used = field_int(one, "Created", 0);
    int64_t used_other = field_int(other, "Created", 0);
    return used != used_other
               ? (used > used_other) - (used < used_other)
               : strcmp(field_string(one, "ID"), field_string(other, "ID"));
}

/* What an image has, too, takes up nothing. */
static uint64_t own_size(const json_t *item)
{
    return field_bool(item, "Shared") ? 0
                                      : (uint64_t)field_int(item, "Size", 0);
}

/* ID -> Type. With `keep`, no more than has to go until so much is left. */
static json_t *choose(const json_t *list, const struct engine_prune *prune)
{
    json_t *going = json_object();
    size_t n = json_array_size(list), i;
    auto_free json_t **sorted = own_alloc((n + 1) * sizeof *sorted);
    json_t *item;
    uint64_t left = 0;
    json_array_foreach((json_t *)(uintptr_t)list, i, item)
    {
        left += own_size(item);
        sorted[i] = item;
    }
    qsort(sorted, n, sizeof *sorted, compare_use);
    for (i = 0; i < n; i++) {
        if (!is_wanted(sorted[i], prune) ||
            (prune->keep > 0 && left <= prune->keep))
            continue;
        left -= own_size(sorted[i]);
        json_object_set(going, field_string(sorted[i], "ID"),
                        json_object_get(sorted[i], "Type"));
    }
    return going;
}

static bool is_going(const char *key, const json_t *step, void *arg)
{
    (void)step;
    return json_object_get(arg, key) != NULL;
}

/* What goes, and what is gone. */
struct removal {
    const json_t *list, *going;
    struct strv *gone;
    uint64_t *bytes;
};

static int remove_caches(struct engine *engine, const struct removal *removal,
                         struct err *e)
{
    size_t i;
    const json_t *item;
    int r = 0;
    json_array_foreach(removal->list, i, item)
    {
        const char *name = field_string(item, "ID");
        if (r < 0 || field_is(item, "Type", "regular") ||
            json_object_get(removal->going, name) == NULL)
            continue;
        r = build_caches_remove(engine, name, e);
        if (r == 1) {
            strv_add(removal->gone, name);
            *removal->bytes += own_size(item);
        }
    }
    return r < 0 ? r : 0;
}

int engine_build_prune(struct engine *engine, const struct engine_prune *prune,
                       json_t **ret, struct err *e)
{
    json_auto_t *list = NULL, *going = NULL;
    auto_strv struct strv gone = {0};
    uint64_t bytes = 0;
    int r = engine_enter(engine, e);
    if (r == 0)
        r = list_all(engine, &list, e);
    if (r < 0)
        return r;
    going = choose(list, prune);
    const struct stepcache_prune what = {is_going, going};
    r = stepcache_prune(&engine->images, &what, &gone, &bytes, e);
    for (size_t i = 0; i < gone.n && r == 0; i++) {
        auto_free char *files = text_format("cache/build/%s", gone.v[i]);
        unlinkat(engine->rootfd, files, 0);
    }
    struct removal removal = {list, going, &gone, &bytes};
    if (r == 0)
        r = remove_caches(engine, &removal, e);
    if (r < 0)
        return r;
    events_pruned(engine, "builder", bytes);
    *ret = json_pack("{s:o, s:I}", "CachesDeleted", field_list(&gone),
                     "SpaceReclaimed", (json_int_t)bytes);
    return 0;
}
