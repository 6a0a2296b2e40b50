/*
 * build_caches.h - private: what RUN --mount=type=cache has kept, looked at
 * from outside: shown, and removed.
 *
 * Each is a directory ROOT/cache/mounts/HEX, which a build holds locked with
 * flock(2) while it uses it (build_copies.h), and whose access time it sets to
 * when that began. One that is held is in use: it is not removed.
 *
 * Only 13-engine includes this.
 */
#ifndef BUILD_CACHES_H
#define BUILD_CACHES_H

#include "engine.h"

/* Add them to the array, as engine_build_cache lists steps. */
void build_caches_list(const struct engine *engine, json_t *list);
/* By its name; 1: it is gone; 0: somebody has it, or had taken it away. */
int build_caches_remove(const struct engine *engine, const char *name,
                        struct err *e);
/* Seconds since 1970, as the lists tell times. New reference. */
json_t *build_caches_time(int64_t seconds);

#endif
