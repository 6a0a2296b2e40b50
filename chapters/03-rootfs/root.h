/*
 * root.h - a root of its own: enter it, and close the old one behind us.
 *
 * pivot_root(2) exchanges the root of a mount namespace; unlike chroot(2),
 * which changes where one process begins to look, it lets the old root be
 * unmounted, and what is unmounted cannot be climbed back to. What the kernel
 * shows in /proc and /sys is then hidden or made read-only piece by piece,
 * since it speaks of the whole machine (OCI runtime specification,
 * "maskedPaths", "readonlyPaths").
 *
 *     mnt_set_propagation("/", MS_SLAVE | MS_REC, &e);  // if `path` is mounted
 *     mount_overlay_on(path);                           // by ourselves
 *     int root = root_prepare(path, 0, &e);
 *     mnt_make(root, ...); dev_populate(root, &e);
 *     root_make_readonly(root, "/proc/sys", &e);
 *     root_mask(root, "/proc/kcore", &e);
 *     root_set_readonly(root, &e);
 *     root_enter(root, &e);
 *
 * The caller owns the descriptor, and should close it before the container's
 * program runs. Errors worth telling apart: -EINVAL of root_enter (not in a
 * mount namespace of one's own, or the root is no mount point), -EXDEV and
 * -ENODEV of the masks (something posed as /proc or as /dev/null).
 * Needs: CAP_SYS_ADMIN over a fresh mount namespace; Linux 5.8 (statx tells
 * mount points). Fork-safe.
 */
#ifndef ROOT_H
#define ROOT_H

#include "err.h"

#include <stdbool.h>

/* In a fresh mount namespace: stop mounts from travelling back to the host
 * (everything MS_SLAVE, or `propagation` if not 0), make `path` a mount point
 * if it is none, and open it. A descriptor of the new root (caller closes). */
int root_prepare(const char *path, unsigned long propagation, struct err *e);

/* pivot_root(2) into rootfd, detach the old root, chdir to "/". The host's
 * mounts stay as they are, also where the tree is still shared with it. */
int root_enter(int rootfd, struct err *e);

/* The same where pivot_root(2) is refused, because the old root is an initramfs
 * (rootfs): the new one is moved on top of it and entered with chroot(2). The
 * old tree stays below, out of reach, but mounted and busy; its /proc and /sys
 * are taken away first, lest they lend their view to a new user namespace. */
int root_enter_moved(int rootfd, struct err *e);

/* Hide a file behind the container's /dev/null (checked to be that device),
 * a directory behind an empty read-only tmpfs. A path that is not there is
 * fine. -EXDEV if a path below /proc or /sys is on another file system. */
int root_mask(int rootfd, const char *path, struct err *e);
/* Make what is at `path` read-only, with all that is mounted below it, by a
 * bind of itself that keeps its flags. The same errors. */
int root_make_readonly(int rootfd, const char *path, struct err *e);
/* Remount the root itself read-only (not what is mounted below it). */
int root_set_readonly(int rootfd, struct err *e);

#endif
