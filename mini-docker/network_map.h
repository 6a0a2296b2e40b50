/*
 * network_map.h - private to network_map*.c and its command: which bridges
 * there are, who is plugged into them, what is published, and the rules between
 * them.
 *
 * The map is one document, so that its looks (text, HTML, --format) cannot
 * differ:
 *
 *     {"Networks": [{"Name", "Id", "Driver", "Bridge", "Subnets": [], "Up",
 *                    "Rules": "in force" | "missing" | "none",
 *                    "In", "Out", "Neighbours", "Icc", "Internal",
 *                    "Containers": [{"Name", "Id", "Addresses": [], "Mac",
 *                                    "Ports": ["0.0.0.0:8080 -> 80/tcp"]}]}]}
 *
 * Up and Rules are asked of the kernel, the rest of the engine. The documents
 * are the caller's, to json_decref().
 */
#ifndef NETWORK_MAP_H
#define NETWORK_MAP_H

#include "engine.h"

#include <jansson.h>
#include <stdio.h>

/* Networks that cannot be read are told in `damaged`. */
int network_map_make(struct engine *engine, json_t **ret, struct strv *damaged,
                     struct err *e);

void network_map_text(const json_t *map, FILE *out);
/* One page that needs nothing besides itself. */
void network_map_html(const json_t *map, FILE *out);

#endif
