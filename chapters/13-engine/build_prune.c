/* What builds remember: shown, and forgotten. */
#include "engine.h"

#include "events.h"
#include "field.h"
#include "own.h"
#include "record.h"
#include "stepcache.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

/* What is asked about steps. */
struct question {
    json_t *layers; /* of images that have a name: HEX -> true */
    json_t *used;   /* ids of images that containers were made from */
    const struct engine_prune *prune;
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

static json_t *time_of(const json_t *step, const char *key)
{
    char text[40];
    time_t at = (time_t)field_int(step, key, 0);
    struct tm tm;
    gmtime_r(&at, &tm);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm);
    return json_string(text);
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
    return json_pack(
        "{s:s, s:s, s:s, s:b, s:b, s:I, s:o, s:o, s:I}", "ID", key, "Type",
        "regular", "Description", words != NULL ? words : "", "InUse",
        id != NULL && json_object_get(q->used, id) != NULL, "Shared",
        is_shared(q, step), "Size", (json_int_t)field_int(step, "size", 0),
        "CreatedAt", time_of(step, "created"), "LastUsedAt",
        time_of(step, "used"), "UsageCount",
        (json_int_t)field_int(step, "count", 0));
}

int engine_build_cache(struct engine *engine, json_t **ret, struct err *e)
{
    json_auto_t *steps = NULL;
    struct question q = {.layers = NULL};
    int r = question_open(engine, &q, e);
    if (r == 0)
        r = stepcache_read(&engine->images, &steps, e);
    if (r == 0)
        *ret = json_array();
    const char *key;
    json_t *step;
    json_object_foreach(r == 0 ? steps : NULL, key, step)
        json_array_append_new(*ret, describe(&q, key, step));
    question_done(&q);
    return r;
}

static bool is_wanted(const char *key, const json_t *step, void *arg)
{
    const struct question *q = arg;
    json_auto_t *item = describe(q, key, step);
    /* until= asks when it was used last. */
    json_object_set_new(item, "Created",
                        json_integer(field_int(step, "used", 0)));
    return !field_bool(item, "InUse") &&
           (q->prune->wanted == NULL || q->prune->wanted(item, q->prune->arg));
}

int engine_build_prune(struct engine *engine, const struct engine_prune *prune,
                       json_t **ret, struct err *e)
{
    struct question q = {.prune = prune};
    auto_strv struct strv gone = {0};
    uint64_t bytes = 0;
    int r = engine_enter(engine, e);
    if (r == 0)
        r = question_open(engine, &q, e);
    const struct stepcache_prune what = {is_wanted, &q};
    if (r == 0)
        r = stepcache_prune(&engine->images, &what, &gone, &bytes, e);
    question_done(&q);
    if (r < 0)
        return r;
    for (size_t i = 0; i < gone.n; i++) {
        auto_free char *files = text_format("cache/build/%s", gone.v[i]);
        unlinkat(engine->rootfd, files, 0);
    }
    events_pruned(engine, "builder", bytes);
    *ret = json_pack("{s:o, s:I}", "CachesDeleted", field_list(&gone),
                     "SpaceReclaimed", (json_int_t)bytes);
    return 0;
}
