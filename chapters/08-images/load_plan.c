/* What is to be loaded: images and layers, each once (load.h). */
#include "load.h"

#include "media.h"
#include "own.h"
#include "ref.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { MOST_IMAGES = 10000 };

int load_add_image(struct load *load, const json_t *config, size_t layer_count,
                   struct load_image **ret, struct err *e)
{
    int r = media_check_config(config, layer_count, e);
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
