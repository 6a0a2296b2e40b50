/* Sweeping: what no name leads to is removed. */
#include "store.h"

#include "files.h"
#include "own.h"
#include "stage.h"
#include "stepcache.h"
#include "sys.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

static void mark(json_t *live, const char *digest)
{
    if (digest != NULL && digest_is_valid(digest))
        json_object_set_new(live, digest_hex(digest), json_true());
}

static void mark_layers(json_t *live, const json_t *manifest,
                        const json_t *config)
{
    size_t i;
    const json_t *layer;
    json_array_foreach(json_object_get(manifest, "layers"), i, layer)
        mark(live, json_string_value(json_object_get(layer, "digest")));
    json_array_foreach(
        json_object_get(json_object_get(config, "rootfs"), "diff_ids"), i,
        layer) mark(live, json_string_value(layer));
}

/* Mark all that an image needs. One that cannot be read stops the sweep: we
 * would not know what else it needs. A manifest that is gone needs nothing. */
static int mark_image(const struct image_store *store, json_t *live,
                      const char *digest, struct err *e)
{
    /* TODO lab 8.5: the manifest and all that it leads to: store_get, mark,
     * mark_layers */
    return err_set(e, ENOSYS, "lab 8.5 is not written yet");
}

/* A layer is renamed away before it is taken apart: under its name there is
 * either all of it or nothing, also when we are killed. */
static int remove_layer(const struct stage *stage, int dir, const char *name,
                        struct err *e)
{
    int r = sys_renameat2(dir, name, stage->dir, name, 0);
    if (r < 0)
        return err_sys(e, r, "remove layer %s", name);
    return files_remove_tree(stage->dir, name, e);
}

static int remove_file(const struct stage *stage, int dir, const char *name,
                       struct err *e)
{
    (void)stage;
    int r = sys_unlinkat(dir, name, 0);
    return r < 0 ? err_sys(e, r, "remove %s", name) : 0;
}

/* What is swept, and how: the names there that begin with the prefix. */
struct place {
    const char *path, *prefix;
    int (*remove)(const struct stage *stage, int dir, const char *name,
                  struct err *e);
};

static int sweep_place(const struct stage *stage, const struct place *place,
                       const json_t *live, struct err *e)
{
    /* TODO lab 8.2: openat(2), fdopendir(3), readdir(3); an entry goes if it
     * begins with the prefix and is not alive; what begins with a dot is not
     * ours */
    return err_set(e, ENOSYS, "lab 8.2 is not written yet");
}

/* All those that something leads to. */
static int mark_images(const struct image_store *store, json_t *live,
                       const json_t *manifests, struct err *e)
{
    const char *name;
    const json_t *digest;
    json_object_foreach((json_t *)(uintptr_t)manifests, name, digest)
    {
        int r = mark_image(store, live, json_string_value(digest), e);
        if (r < 0)
            return r;
    }
    return 0;
}

int store_sweep(const struct image_store *store, const json_t *names,
                struct err *e)
{
    static const struct place places[] = {
        {"images/blobs/sha256", "",               remove_file },
        {"layers",              "",               remove_layer},
 /* files_replace's new file of a writer that was killed */
        {"images",              "names.json.new", remove_file },
        {"images",              "steps.json.new", remove_file },
        {"images",              "held.json.new",  remove_file },
    };
    json_auto_t *live = json_object(), *held = NULL;
    int r = mark_images(store, live, names, e);
    if (r == 0)
        r = store_read_held(store, &held, e);
    if (r == 0)
        r = mark_images(store, live, held, e);
    if (r == 0)
        r = stepcache_mark(store, live, e);
    auto_stage struct stage stage = {.dir = -1};
    if (r == 0)
        r = stage_open(&stage, store->root, e);
    for (size_t i = 0; r == 0 && i < sizeof places / sizeof places[0]; i++)
        r = sweep_place(&stage, &places[i], live, e);
    return r;
}
