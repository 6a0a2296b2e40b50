/*
 * root.h - a root of its own: enter it, and close the old one behind us.
 */
#ifndef ROOT_H
#define ROOT_H

#include "err.h"

#include <stdbool.h>

/* In a fresh mount namespace: stop mounts from travelling back to the host
 * (everything MS_SLAVE, or `propagation` if not 0), make `path` a mount point
 * if it is none, and open it. A descriptor of the new root (caller closes). */
int root_prepare(const char *path, unsigned long propagation, struct err *e);

/* pivot_root(2) into rootfd, detach the old root, chdir to "/". */
int root_enter(int rootfd, struct err *e);

/* Hide a file behind the container's /dev/null (checked to be that device),
 * a directory behind an empty read-only tmpfs. A path that is not there is
 * fine. */
int root_mask(int rootfd, const char *path, struct err *e);
/* Make what is at `path` read-only by a bind of itself, keeping its flags. */
int root_make_readonly(int rootfd, const char *path, struct err *e);
/* Remount the root itself read-only (not what is mounted below it). */
int root_set_readonly(int rootfd, struct err *e);

#endif
