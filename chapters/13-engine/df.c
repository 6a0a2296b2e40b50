/* What takes up space: images, containers, volumes, what builds remember. */
#include "engine_df.h"

#include "field.h"
#include "own.h"

#include <errno.h>

size_t engine_df_users(const json_t *containers, const char *image_id)
{
    size_t n = 0, i;
    const json_t *container;
    json_array_foreach(containers, i, container)
    {
        n += field_is(container, "ImageID", image_id);
    }
    return n;
}

/* What is shared is told of each that has it, and counted once in all. */
static int put_images(struct engine *engine, json_t *doc,
                      const json_t *containers, struct strv *damaged,
                      struct err *e)
{
    const struct image_store *store = engine_images(engine);
    auto_image_list struct image_list list = {0};
    int r = image_list(store, true, &list, damaged, e);
    if (r < 0)
        return r;
    auto_free uint64_t *shared = own_alloc((list.n + 1) * sizeof *shared);
    uint64_t bytes = image_list_usage(store, &list, shared);
    json_t *images = json_array();
    json_object_set_new(doc, "LayersSize", json_integer((json_int_t)bytes));
    json_object_set_new(doc, "Images", images);
    for (size_t i = 0; i < list.n; i++) {
        json_t *image = image_summary(&list.v[i]);
        size_t users = engine_df_users(containers, list.v[i].id);
        json_object_set_new(image, "SharedSize",
                            json_integer((json_int_t)shared[i]));
        json_object_set_new(image, "Containers",
                            json_integer((json_int_t)users));
        json_array_append_new(images, image);
    }
    return 0;
}

/* One that was removed since it was listed takes up nothing. */
static void put_containers(struct engine *engine, json_t *doc,
                           const json_t *containers, struct strv *damaged)
{
    static const char *const sizes[] = {"SizeRw", "SizeRootFs"};
    json_t *list = json_array();
    size_t i;
    json_t *container;
    json_object_set_new(doc, "Containers", list);
    json_array_foreach((json_t *)(uintptr_t)containers, i, container)
    {
        json_auto_t *whole = NULL;
        struct err why = {0};
        int r = engine_inspect(engine, field_string(container, "Id"), true,
                               &whole, &why);
        if (r < 0 && why.code != ENOENT && damaged != NULL)
            strv_add(damaged, why.msg);
        if (r < 0)
            continue;
        for (size_t n = 0; n < sizeof sizes / sizeof sizes[0]; n++)
            json_object_set(container, sizes[n],
                            json_object_get(whole, sizes[n]));
        json_array_append(list, container);
    }
}

int engine_df(struct engine *engine, json_t **ret, struct strv *damaged,
              struct err *e)
{
    json_auto_t *doc = json_object(), *containers = NULL;
    json_t *volumes = NULL, *cache = NULL;
    int r = engine_enter(engine, e);
    if (r == 0)
        r = engine_containers(engine, ENGINE_ALL, &containers, damaged, e);
    if (r == 0)
        r = put_images(engine, doc, containers, damaged, e);
    if (r == 0)
        put_containers(engine, doc, containers, damaged);
    if (r == 0)
        r = engine_volumes(engine, ENGINE_VOLUME_REFS | ENGINE_VOLUME_SIZES,
                           &volumes, damaged, e);
    if (r == 0)
        json_object_set_new(doc, "Volumes", volumes);
    if (r == 0)
        r = engine_build_cache(engine, &cache, e);
    if (r == 0)
        json_object_set_new(doc, "BuildCache", cache);
    if (r == 0)
        *ret = own_take(&doc);
    return r;
}
