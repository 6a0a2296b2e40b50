/*
 * image_filter.h - which images are meant: --filter of images and image prune.
 *
 *     dangling=BOOL  label=KEY[=VALUE]  label!=...  before=IMAGE  since=IMAGE
 *     until=TIME     reference=PATTERN
 *
 *     auto_image_filter struct image_filter filter = {0};
 *     image_filter_open(&filter, &said, store, &e);
 *     ... image_filter_fits(&filter, image) and, for each of its names,
 *     image_filter_shows(&filter, name)
 *     image_filter_done
 *
 * before= and since= are images, which must be there: -ENOENT. Other errors
 * are those of list_filter.h.
 */
#ifndef IMAGE_FILTER_H
#define IMAGE_FILTER_H

#include "image.h"
#include "list_filter.h"

struct image_filter {
    const struct strv *said; /* borrowed */
    struct strv patterns;    /* of references */
    json_t *times;           /* of the images that are named */
};
#define auto_image_filter __attribute__((cleanup(image_filter_done)))
void image_filter_done(struct image_filter *filter);

int image_filter_open(struct image_filter *ret, const struct strv *said,
                      const struct image_store *store, struct err *e);
/* Does it look into configurations, so that whole images are needed? */
bool image_filter_needs_config(const struct image_filter *filter);
bool image_filter_fits(const struct image_filter *filter,
                       const struct image *image);
/* Of an image that fits: is this name asked for? NULL: its having none. */
bool image_filter_shows(const struct image_filter *filter, const char *name);

#endif
