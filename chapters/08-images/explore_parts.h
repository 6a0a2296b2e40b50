/*
 * explore_parts.h - private to explore*.c: layers held open, and what an entry
 * of one means to overlayfs.
 */
#ifndef EXPLORE_PARTS_H
#define EXPLORE_PARTS_H

#include "err.h"
#include "image.h"

#include <stdbool.h>
#include <sys/stat.h>

/* The layers of an image, from the bottom, as descriptors. */
struct explore_layers {
    int *fds;
    size_t n;
};
#define auto_explore_layers __attribute__((cleanup(explore_close)))
int explore_open(const struct image *image, struct explore_layers *ret,
                 struct err *e);
void explore_close(struct explore_layers *layers);

bool explore_is_whiteout(const struct stat *st);
/* Is the directory `path` of a layer opaque? */
bool explore_is_opaque(int layer, const char *path);
/* "file", "directory", "symbolic link" ... */
const char *explore_type(const struct stat *st);
/* A path, with the slash of the root before it, and any text of a layer: what
 * is no UTF-8, which JSON could not hold, is spelt \xNN. */
json_t *explore_name(const char *path);
json_t *explore_text(const char *text);
/* Bytes of its content. */
uint64_t explore_size(const struct stat *st);

#endif
