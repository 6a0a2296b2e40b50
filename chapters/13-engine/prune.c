/* Removing images that no container uses, and containers that do not run. */
#include "engine.h"

#include "events.h"
#include "field.h"
#include "own.h"
#include "record.h"
#include "usage.h"

#include <errno.h>
#include <string.h>

/* --- images --------------------------------------------------------------- */

/* The ids of the images that containers were made from, as the keys of an
 * object. A record that cannot be read may mean any image, so that nothing may
 * go while it is there. */
int engine_find_used(struct engine *engine, json_t *used, struct err *e)
{
    auto_strv struct strv ids = {0};
    int r = record_ids(engine, &ids, e);
    for (size_t i = 0; i < ids.n && r == 0; i++) {
        auto_record struct record record = {0};
        r = record_load(engine, ids.v[i], &record, e);
        if (r == -ENOENT) /* it vanished meanwhile */
            r = 0;
        const char *image = field_string(record.doc, "Image");
        if (r == 0 && image != NULL)
            json_object_set_new(used, image, json_true());
    }
    return r;
}

static int find_used(void *arg, json_t *used, struct err *e)
{
    return engine_find_used(arg, used, e);
}

/* Where it fails, those that are held wait for the next who asks. */
void engine_release_images(struct engine *engine)
{
    image_release(&engine->images, find_used, engine, NULL);
}

/* What is asked of each image, and what answers. */
struct question {
    const struct engine_prune *prune;
    json_t *used;
};

static bool may_go(const struct image *image, void *arg)
{
    const struct question *question = arg;
    if (json_object_get(question->used, image->id) != NULL)
        return false;

    json_t *labels =
        json_object_get(json_object_get(image->config, "config"), "Labels");
    json_t *item =
        json_pack("{s:s, s:o, s:I, s:O*}", "Id", image->id, "RepoTags",
                  field_list(&image->names), "Created",
                  (json_int_t)image->created.tv_sec, "Labels", labels);
    const struct engine_prune *prune = question->prune;
    bool wanted = prune->wanted == NULL || prune->wanted(item, prune->arg);
    json_decref(item);
    return wanted;
}

/* "Untagged: busybox:latest" is {"Untagged": "busybox:latest"}. */
json_t *engine_removed_list(const struct strv *said)
{
    json_t *list = json_array();
    for (size_t i = 0; i < said->n; i++) {
        const char *line = said->v[i];
        auto_free char *verb =
            text_format("%.*s", (int)strcspn(line, ":"), line);
        json_array_append_new(
            list, json_pack("{s:s}", verb, line + strlen(verb) + 2));
    }
    return list;
}

int engine_images_prune(struct engine *engine, const struct engine_prune *prune,
                        json_t **ret, struct err *e)
{
    /* What removes itself and has lost its owner keeps no image. */
    engine_sweep(engine, NULL);
    auto_strv struct strv said = {0};
    struct question question = {prune, json_object()};
    struct image_prune images = {may_go, &question};
    uint64_t bytes = 0;
    int r = engine_enter(engine, e);
    if (r == 0)
        r = engine_find_used(engine, question.used, e);
    if (r == 0)
        r = image_prune(&engine->images, &images, &said, &bytes, e);
    if (r == 0)
        engine_release_images(engine);
    if (r == 0)
        events_pruned(engine, "image", bytes);
    if (r == 0)
        *ret =
            json_pack("{s:o, s:I}", "ImagesDeleted", engine_removed_list(&said),
                      "SpaceReclaimed", (json_int_t)bytes);
    json_decref(question.used);
    return r;
}

/* --- containers ----------------------------------------------------------- */

static bool is_stopped(const json_t *container)
{
    static const char *const states[] = {"created", "exited", "dead"};
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
        if (field_is(container, "State", states[i]))
            return true;
    return false;
}

/* One that was started or removed meanwhile is none of ours any more. */
static int prune_one(struct engine *engine, const char *id, json_t *gone,
                     uint64_t *bytes, struct err *e)
{
    struct err why = {0};
    auto_free char *layer = text_format("containers/%s/diff", id);
    uint64_t size = usage_below(engine->rootfd, layer);
    int r = engine_remove(engine, id, 0, &why);
    if (r == -EBUSY || r == -EWOULDBLOCK || r == -ENOENT)
        return 0;
    if (r < 0)
        return err_set(e, -r, "%s", why.msg);
    json_array_append_new(gone, json_string(id));
    *bytes += size;
    return 0;
}

int engine_containers_prune(struct engine *engine,
                            const struct engine_prune *prune, json_t **ret,
                            struct err *e)
{
    json_t *list = NULL, *gone = json_array();
    uint64_t bytes = 0;
    int r = engine_containers(engine, ENGINE_ALL, &list, NULL, e);
    if (r == 0)
        r = engine_enter(engine, e);
    size_t i;
    const json_t *item;
    json_array_foreach(list, i, item)
    {
        bool wanted = is_stopped(item) && (prune->wanted == NULL ||
                                           prune->wanted(item, prune->arg));
        if (r == 0 && wanted)
            r = prune_one(engine, field_string(item, "Id"), gone, &bytes, e);
    }
    if (r == 0)
        events_pruned(engine, "container", bytes);
    if (r == 0)
        *ret = json_pack("{s:O, s:I}", "ContainersDeleted", gone,
                         "SpaceReclaimed", (json_int_t)bytes);
    json_decref(gone);
    json_decref(list);
    return r;
}
