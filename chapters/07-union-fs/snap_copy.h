/*
 * snap_copy.h - private, second reading: a snapshot where there is no overlay.
 *
 * Some kernels have no overlayfs, and some file systems cannot be its upper
 * layer. There a container gets a copy of all that its layers show. Where the
 * file system can share blocks (FICLONE, ioctl_ficlone(2)) a copy of a file
 * takes no room; elsewhere copy_file_range(2) keeps the bytes in the kernel.
 *
 * DIR/diff holds the copy. DIR/copied is made when it is complete: it says what
 * kind of snapshot this is, and its time tells what was touched since.
 */
#ifndef SNAP_COPY_H
#define SNAP_COPY_H

#include "snap.h"

/* Fill DIR/diff, which is there and empty, and make DIR/copied. */
int snap_copy(const struct snap *snap, int dirfd, struct err *e);

#endif
