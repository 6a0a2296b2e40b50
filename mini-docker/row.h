/*
 * row.h - rows of the tables (table.h) that more than one command prints: an
 * image as in `images`, a container as in `ps`, a volume as in `volume ls`.
 *
 *     json_array_append_new(rows, row_of_image(&image, "busybox:latest", 0));
 *
 * The caller json_decref()s.
 */
#ifndef ROW_H
#define ROW_H

#include "image.h"

/* An image under one of its names; NULL: "<none>". The sizes that only a look
 * at all images tells are "N/A". */
enum {
    ROW_WHOLE = 1, /* nothing is cut short */
    ROW_SHOWN = 2, /* nothing but what is shown where no format chooses */
    ROW_ID = 4,    /* nothing but its ID */
};
json_t *row_of_image(const struct image *image, const char *name, int flags);
/* A container in the shape of GET /containers/json. */
json_t *row_of_container(const json_t *container, int flags);
/* A volume in the shape of GET /volumes. */
json_t *row_of_volume(const json_t *volume);

/* "0.0.0.0:8080->80/tcp, 53/udp": an array of its Ports, what goes on without a
 * gap as one range. The caller frees. */
char *row_ports(const json_t *ports);

#endif
