/*
 * row.h - rows of the tables (table.h) that more than one command prints: an
 * image as in `images`, a container as in `ps`. `whole` cuts nothing short.
 *
 *     json_array_append_new(rows, row_of_image(&image, "busybox:latest",
 * false));
 *
 * The caller json_decref()s.
 */
#ifndef ROW_H
#define ROW_H

#include "image.h"

/* An image under one of its names; NULL: "<none>". The sizes that only a look
 * at all images tells are "N/A". */
json_t *row_of_image(const struct image *image, const char *name, bool whole);
/* A container in the shape of GET /containers/json. */
json_t *row_of_container(const json_t *container, bool whole);

#endif
