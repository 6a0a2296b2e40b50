/* What is to be loaded: images and layers, each once (load.h). */
#include "load.h"

#include "own.h"
#include "ref.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { MOST_LAYERS = 512, MOST_IMAGES = 10000 };

const char *load_diff_id(const json_t *config, size_t index)
{
    const json_t *ids =
        json_object_get(json_object_get(config, "rootfs"), "diff_ids");
    const char *id = json_string_value(json_array_get(ids, index));
    return id != NULL && digest_is_valid(id) ? id : "";
}

static int check_config(const json_t *config, size_t layer_count, struct err *e)
{
    const json_t *rootfs = json_object_get(config, "rootfs");
    const char *os = json_string_value(json_object_get(config, "os"));
    if (!json_is_object(rootfs))
        return err_set(e, EBADMSG, "invalid image JSON, no RootFS key");
    if (os != NULL && os[0] != '\0' && strcmp(os, "linux") != 0)
        return err_set(e, EINVAL, "cannot load %.40s image on linux", os);
    size_t ids = json_array_size(json_object_get(rootfs, "diff_ids"));
    if (ids != layer_count)
        return err_set(e, EBADMSG,
                       "invalid manifest, layers length mismatch: expected "
                       "%zu, got %zu",
                       layer_count, ids);
    if (ids > MOST_LAYERS)
        return err_set(e, E2BIG, "max depth exceeded: %zu layers", ids);
    for (size_t i = 0; i < ids; i++)
        if (load_diff_id(config, i)[0] == '\0')
            return err_set(e, EBADMSG,
                           "invalid image JSON, layer %zu has no diff id", i);
    return 0;
}

int load_add_image(struct load *load, const json_t *config, size_t layer_count,
                   struct load_image **ret, struct err *e)
{
    int r = check_config(config, layer_count, e);
    if (r < 0)
        return r;
    size_t n = load->image_count;
    if (n >= MOST_IMAGES)
        return err_set(e, E2BIG, "the archive has too many images");
    /* Doubling at powers of two needs no separate capacity. */
    if ((n & (n - 1)) == 0)
        load->images = own_grow(load->images, (n + 1) * 2 * sizeof **ret);
    *ret = &load->images[load->image_count++];
    **ret = (struct load_image){
        .layers = own_alloc((layer_count + 1) * sizeof(size_t))};
    return 0;
}

/* The same file, said to be the same files. */
static bool is_same(const struct load_layer *a, const struct load_layer *b)
{
    return a->member == b->member && strcmp(a->diff_id, b->diff_id) == 0 &&
           strcmp(a->digest, b->digest) == 0;
}

int load_add_layer(struct load *load, struct load_image *image,
                   const struct load_layer *layer, struct err *e)
{
    size_t n = 0;
    while (n < load->layer_count && !is_same(&load->layers[n], layer))
        n++;
    if (n == MOST_IMAGES)
        return err_set(e, E2BIG, "the archive has too many layers");
    if (n == load->layer_count) {
        if ((n & (n - 1)) == 0)
            load->layers =
                own_grow(load->layers, (n + 1) * 2 * sizeof *load->layers);
        load->layers[load->layer_count++] = *layer;
    }
    image->layers[image->layer_count++] = n;
    return 0;
}

int load_add_name(struct load_image *image, const char *name, struct err *e)
{
    auto_ref struct ref ref = {0};
    int r = image_check_name(name, e);
    if (r == 0)
        r = ref_parse(name, &ref, e);
    if (r < 0)
        return err_add(e, "name %.80s", name);
    auto_free char *full = ref_full(&ref);
    for (size_t i = 0; i < image->names.n; i++)
        if (strcmp(image->names.v[i], full) == 0)
            return 0;
    strv_add(&image->names, full);
    return 0;
}
