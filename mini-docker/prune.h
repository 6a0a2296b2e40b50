/*
 * prune.h - what the prune commands share: a function for each kind of thing,
 * which removes what fits and prints what is gone.
 *
 *     struct prune_filter wish = {.all = true};
 *     field_strings(doc, "Filters", &wish.said);
 *     if (prune_filter_check(&wish, &e) < 0) ...
 *     uint64_t bytes = 0;
 *     if (prune_images(engine, &wish, &bytes, &e) == 0)
 *         prune_print_total(bytes);
 *
 * Errors are those of prune_filter.h and of the engine's functions.
 */
#ifndef PRUNE_H
#define PRUNE_H

#include "engine.h"
#include "prune_filter.h"

/* Each adds to the bytes that are free again. Of volumes only those without a
 * name of their own are removed; until= says nothing of them. */
int prune_containers(struct engine *engine, const struct prune_filter *wish,
                     uint64_t *bytes, struct err *e);
int prune_volumes(struct engine *engine, const struct prune_filter *wish,
                  uint64_t *bytes, struct err *e);
int prune_networks(struct engine *engine, const struct prune_filter *wish,
                   uint64_t *bytes, struct err *e);
int prune_images(struct engine *engine, const struct prune_filter *wish,
                 uint64_t *bytes, struct err *e);

int prune_builds(struct engine *engine, const struct prune_filter *wish,
                 uint64_t *bytes, struct err *e);

/* The answer of an engine_..._prune: each of the array `key` on a line below
 * the title, and an empty line; nothing for none. Adds SpaceReclaimed. */
void prune_print(const json_t *result, const char *title, const char *key,
                 uint64_t *bytes);
void prune_print_total(uint64_t bytes);

#endif
