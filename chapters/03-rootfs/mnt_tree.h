/*
 * mnt_tree.h - a mount that is nowhere yet: cloned, changed, then attached.
 *
 * Only 03-rootfs includes this. open_tree(2) with OPEN_TREE_CLONE copies a
 * mount (or a tree of them) that exists only behind a descriptor. There its
 * flags are set, so that when move_mount(2) puts it into the file tree it is
 * complete: at no moment is a read-only bind writable. Closing the descriptor
 * of a tree that was never attached dissolves it.
 */
#ifndef MNT_TREE_H
#define MNT_TREE_H

#include "err.h"
#include "mnt.h"

#include <stdbool.h>
#include <sys/mount.h>

/* mnt_options.c: does the entry change what is mounted already ("remount", a
 * propagation alone), instead of mounting? */
bool mnt_is_change(const struct mnt *mount);

/* A copy of the mount at `path` (or behind dirfd itself, with ""). A
 * descriptor; the caller closes it. */
int mnt_tree_clone(int dirfd, const char *path, bool recursive, struct err *e);

/* Put a detached tree where `target` is. Its descriptor then stands for the
 * attached mount. */
int mnt_tree_attach(int tree, int target);

/* One mount_setattr(2) on a mount, or on all below it. 0 or -errno. */
int mnt_tree_change(int tree, const struct mount_attr *attr, bool recursive);

/* All changes a mount's options ask for, and attach it. */
int mnt_tree_attach_as(int tree, int target, const struct mnt *mount,
                       struct err *e);

/* mnt_old.c: mount_setattr(2) for kernels before 5.12, after attaching. */
int mnt_old_change(int tree, const struct mount_attr *attr, bool recursive);

/* mnt_fresh.c: a new file system as a detached tree, filled if asked to with
 * what `target` holds. A descriptor; the caller closes it. */
int mnt_fresh_open(const struct mnt *mount, int target, struct err *e);

#endif
