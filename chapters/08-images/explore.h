/*
 * explore.h - what each layer of an image did, and why a path is what it is.
 *
 * An image's layers lie unpacked, in the form of overlayfs: a character device
 * 0/0 is a whiteout, which hides what the layers below have of its name, and a
 * directory with the attribute overlay.opaque hides what they have in it
 * (Documentation/filesystems/overlayfs.rst). So what a container will see, and
 * what it will never see although it takes up space, can be told by looking.
 *
 *     json_t *doc;
 *     if (explore_image(&image, &doc, &e) == 0) ...
 *     if (explore_path(&image, "/etc/passwd", &doc, &e) == 0) ...
 *
 * explore_image: {Id, Names, Size, Wasted, Layers}, layers from the bottom,
 * each with DiffId, CreatedBy, Size, Added, Changed, Removed (how many), Hides
 * (bytes of layers below), Wasted (its own bytes that layers above hide) and
 * Changes, an array of {Kind, Path, Size}.
 *
 * explore_path: {Path, Result, Layer, Steps}: every name on the way to the path
 * is a step with what each layer has of it, and whether it counts; a symbolic
 * link begins again at its target.
 *
 * The caller json_decref()s. Errors: -ENOENT for an image whose layers are
 * gone, others of the file system. Needs to be able to read what lies in
 * layers: root, or engine_enter. Changes nothing; not for two threads.
 */
#ifndef EXPLORE_H
#define EXPLORE_H

#include "image.h"

int explore_image(const struct image *image, json_t **ret, struct err *e);
int explore_path(const struct image *image, const char *path, json_t **ret,
                 struct err *e);

#endif
