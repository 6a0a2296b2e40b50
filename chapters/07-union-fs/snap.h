/*
 * snap.h - snapshots: read-only layers below, a writable one on top.
 */
#ifndef SNAP_H
#define SNAP_H

#include "err.h"
#include "text.h"

#include <stdbool.h>

/* A container's root: an overlay of `layers` (paths, the uppermost first) and
 * a directory of its own with the subdirectories "diff" (the upper layer),
 * "work" and "merged". */
struct snap {
    struct strv layers;
    char *dir;        /* absolute path of the container's own directory */
    bool is_volatile; /* do not sync at unmount: thrown away anyway */
};
#define auto_snap __attribute__((cleanup(snap_done)))
void snap_done(struct snap *snap);

/* Make the directories. -EEXIST if they are there. `mode`/owner of the upper
 * directory are those of the image's root directory. */
int snap_create(const struct snap *snap, struct err *e);
/* Mount the overlay on dir/merged, in the caller's mount namespace, through
 * fsopen(2)/fsconfig(2) (no limit on the number of layers) or mount(2). */
int snap_mount(const struct snap *snap, struct err *e);
/* Remove diff, work and merged; idempotent. */
int snap_destroy(const struct snap *snap, struct err *e);

#endif
