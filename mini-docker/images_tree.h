/*
 * images_tree.h - what `images --tree` prints.
 *
 *     if (field_bool(call->doc, "Tree"))
 *         return images_tree_print(engine, &images, &filter, e);
 */
#ifndef IMAGES_TREE_H
#define IMAGES_TREE_H

#include "engine.h"
#include "image_filter.h"

/* `images --tree`: each image with all its names, and below it the platform
 * that the store has of it. The images were read whole. 0 or -errno. */
int images_tree_print(struct engine *engine, const struct image_list *images,
                      const struct image_filter *filter, struct err *e);

#endif
