/*
 * engine_check.h - what a request for a container may not say, seen from the
 * document alone.
 *
 * The engine looks itself before it makes anything; a command line looks
 * earlier, before it reads an image. Words and order are those of Docker's
 * daemon. Errors: -EINVAL. Needs nothing.
 */
#ifndef ENGINE_CHECK_H
#define ENGINE_CHECK_H

#include "err.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* The body of POST /containers/create. */
int engine_check_request(const json_t *doc, struct err *e);
/* Of that, the limits in HostConfig alone; and what a network that is shared
 * leaves nobody to choose. */
int engine_check_limits(const json_t *doc, struct err *e);
int engine_check_conflicts(const json_t *doc, struct err *e);
/* A restart policy's name ("": none) and its number. */
int engine_check_restart(const char *name, int64_t most, struct err *e);
/* Is it [a-zA-Z0-9][a-zA-Z0-9_.-]+, as names of containers and volumes are? The
 * second says it in Docker's words about containers. */
bool engine_check_is_name(const char *name);
int engine_check_name(const char *name, struct err *e);

#endif
