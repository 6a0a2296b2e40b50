/* What images take up, and how much of it several of them have. */
#include "store.h"

#include "own.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

const char *image_layer_hex(const char *path, char hex[DIGEST_HEX + 1])
{
    const char *end = strrchr(path, '/');
    snprintf(hex, DIGEST_HEX + 1, "%s",
             end - path > DIGEST_HEX ? end - DIGEST_HEX : "");
    return hex;
}

/* How many images have a layer? One that has it twice counts once. */
static void count(json_t *images_of, const struct image *image)
{
    char hex[DIGEST_HEX + 1];
    json_auto_t *own = json_object();
    for (size_t i = 0; i < image->layers.n; i++)
        json_object_set_new(own, image_layer_hex(image->layers.v[i], hex),
                            json_true());
    const char *key;
    json_t *value;
    json_object_foreach(own, key, value)
    {
        json_int_t n = json_integer_value(json_object_get(images_of, key));
        json_object_set_new(images_of, key, json_integer(n + 1));
    }
}

static uint64_t blob_size(const struct image_store *store, const char *digest)
{
    auto_free char *path = store_blob_path(digest);
    struct stat st;
    return fstatat(store->root, path, &st, 0) < 0 ? 0 : (uint64_t)st.st_size;
}

uint64_t image_content_size(const struct image_store *store,
                            const struct image *image)
{
    json_auto_t *manifest = NULL;
    uint64_t sum =
        blob_size(store, image->digest) + blob_size(store, image->id);
    size_t i;
    const json_t *layer;
    store_get(store, image->digest, &manifest, NULL);
    json_array_foreach(json_object_get(manifest, "layers"), i, layer) sum +=
        (uint64_t)json_integer_value(json_object_get(layer, "size"));
    return sum;
}

uint64_t image_list_usage(const struct image_store *store,
                          const struct image_list *list, uint64_t *ret_shared)
{
    char hex[DIGEST_HEX + 1];
    json_auto_t *images_of = json_object();
    for (size_t i = 0; i < list->n; i++)
        count(images_of, &list->v[i]);
    for (size_t i = 0; i < list->n; i++) {
        const struct strv *layers = &list->v[i].layers;
        ret_shared[i] = 0;
        for (size_t k = 0; k < layers->n; k++) {
            image_layer_hex(layers->v[k], hex);
            if (json_integer_value(json_object_get(images_of, hex)) > 1)
                ret_shared[i] += store_layer_size(store, hex);
        }
    }
    uint64_t total = 0;
    const char *key;
    json_t *value;
    json_object_foreach(images_of, key, value) total +=
        store_layer_size(store, key);
    return total;
}
