/*
 * prune_filter.h - what pruning is to remove: filters, and whether all of what
 * is unused is meant or only what has no name.
 *
 *     until=TIME  label=KEY[=VALUE]  label!=...      all=BOOL: volumes
 *     id=REGEX  type=  description=  inuse=BOOL  shared=BOOL  private=BOOL
 *     unused-for=TIME (as until=): what builds remember
 *
 *     struct prune_filter filter = {.all = true};
 *     ... filter.said ...
 *     if (prune_filter_check(&filter, &e) < 0) ...
 *     struct engine_prune prune = {prune_filter_image, &filter, 0};
 *
 * Errors are those of list_filter.h. Needs nothing.
 */
#ifndef PRUNE_FILTER_H
#define PRUNE_FILTER_H

#include "list_filter.h"

struct prune_filter {
    bool all;         /* images, builds, volumes: also those that have names */
    struct strv said; /* the owner's strv_done */
    uint64_t keep;    /* builds: so many bytes of what was used last stay */
};

int prune_filter_check(const struct prune_filter *filter, struct err *e);
/* The same for volumes and builds, of which other sets of names are known. */
int prune_filter_check_volumes(const struct prune_filter *filter,
                               struct err *e);
int prune_filter_check_builds(const struct prune_filter *filter, struct err *e);

/* For struct engine_prune: `arg` is a struct prune_filter. */
bool prune_filter_any(const json_t *item, void *arg);
bool prune_filter_image(const json_t *image, void *arg);
bool prune_filter_build(const json_t *step, void *arg);
bool prune_filter_volume(const json_t *volume, void *arg);

#endif
