/*
 * snap.h - snapshots: read-only layers below, a writable one on top.
 *
 * overlayfs shows several directories as one (Linux:
 * Documentation/filesystems/overlayfs.rst; mount(8), "overlay"). What is
 * written goes to the upper directory, so that any number of containers share
 * the layers below and creating one copies nothing.
 *
 *     auto_snap struct snap snap = {.dir = own_strdup("/var/lib/x/web")};
 *     strv_add(&snap.layers, "/var/lib/x/layers/1f3e.../diff");
 *     if (snap_create(&snap, &e) < 0)
 *         return err_add(&e, "create web");
 *     ... in the container's mount namespace:  snap_mount(&snap, &e);
 *     ... after its end:                       snap_destroy(&snap, &e);
 *
 * The caller owns the struct (snap_done frees it) and the layers, which must
 * outlive the snapshot unchanged. The directories belong to the snapshot. The
 * mount lasts as long as the mount namespace it was made in.
 *
 * Errors worth telling apart: -EEXIST from snap_create, another container has
 * this directory; -EBUSY from snap_destroy, it is still mounted here; -EINVAL
 * from snap_mount where the file system of `dir` cannot be an upper layer.
 *
 * Where there is no overlayfs, or none on this file system (snap_try), a
 * snapshot with is_copy is a copy of everything (snap_copy.c). Mounting it is a
 * bind.
 *
 * Needs: CAP_SYS_ADMIN in the user namespace that owns the mount namespace.
 * Others than the first user namespace: Linux 5.11. is_volatile: Linux 5.10.
 * More layers than fit into a page: Linux 6.7, or else /proc.
 * Fork-safe: nothing is kept between calls.
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
    char *target;     /* where to mount: a directory of the caller's, best on a
                         tmpfs, where it costs nothing; NULL: dir/merged */
    bool is_volatile; /* do not sync at unmount: thrown away anyway */
    bool is_copy;     /* no overlay: "diff" is a copy of all that the layers
                       * show; for snap_create to make, snap_find to know */
};
#define auto_snap __attribute__((cleanup(snap_done)))
void snap_done(struct snap *snap);

/* Make the directories, and `dir` itself if it is missing. -EEXIST if they are
 * there. Mode and owner of the upper directory are those of the uppermost
 * layer's root directory, because the container's "/" shows the upper one's. */
int snap_create(const struct snap *snap, struct err *e);
/* Mount the overlay on dir/merged, in the caller's mount namespace, through
 * fsopen(2)/fsconfig(2) (no limit on the number of layers) or mount(2). */
int snap_mount(const struct snap *snap, struct err *e);
/* Remove diff, work and merged; idempotent. -EBUSY, and nothing removed, while
 * the overlay is mounted in this mount namespace. Before anything of it goes,
 * "diff" loses its name at once: who has read it and finds it under its name
 * still has read all of it. */
int snap_destroy(const struct snap *snap, struct err *e);

/* After snap_create by another process: which kind is the one in `dir`? Sets
 * is_copy. `since`, which may be NULL, is when its copy was complete, or 0. */
struct timespec;
int snap_find(struct snap *snap, struct timespec *since, struct err *e);
/* The file in `dir` that tells a copy. */
#define SNAP_COPIED "copied"

/* Can there be snapshots in the directory `place`? One is made, mounted as for
 * a container that removes itself, and written to, in a child's mount
 * namespace, and removed again; the directories lie in
 * place/mini-docker-doctor.XXXXXX meanwhile. `before` is what the child does
 * first, or NULL: move into a user namespace, say. The error is that of what
 * failed. */
int snap_try(const char *place, int (*before)(struct err *e), struct err *e);

#endif
