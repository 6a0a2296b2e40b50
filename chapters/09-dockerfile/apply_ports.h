/*
 * apply_ports.h - private to this chapter: "8000-8010/tcp" of EXPOSE.
 *
 *     apply_ports(set, "80", &e);         => {"80/tcp": {}}
 */
#ifndef APPLY_PORTS_H
#define APPLY_PORTS_H

#include "err.h"

#include <jansson.h>

/* Add a member for each port. -EINVAL, in Docker's words. */
int apply_ports(json_t *set, const char *word, struct err *e);

#endif
