/*
 * mnt_target.h - where a mount goes: a path of the container as a descriptor.
 *
 * For 03-rootfs, and for 06-containers' working directory. A path that the
 * container's image decides on is never joined to a path of the host: a
 * symbolic link in it would lead out.
 * openat2(2) with RESOLVE_IN_ROOT resolves it as if rootfd were "/", and the
 * descriptor it returns is the place itself, whatever its name leads to later.
 */
#ifndef MNT_TARGET_H
#define MNT_TARGET_H

#include "err.h"

/* What to make where nothing is. */
enum mnt_missing { MNT_MISSING_FAIL, MNT_MISSING_DIR, MNT_MISSING_FILE };

/* An O_PATH descriptor of `path` below rootfd; the caller closes it. Missing
 * directories on the way are made (0755, root's), then the last name as
 * `missing` says. -ENOENT with MNT_MISSING_FAIL. */
int mnt_target_open(int rootfd, const char *path, enum mnt_missing missing,
                    struct err *e);

/* The directory that is to hold `path`'s last name, made if missing. */
int mnt_target_open_parent(int rootfd, const char *path, struct err *e);

/* The place as mount(2) takes it: "/proc/self/fd/7". It is a magic link: the
 * kernel jumps to the open place and resolves nothing, so it cannot be raced.
 * /proc here is still the caller's own, not one that the image brings. */
#define MNT_TARGET_NAME_SIZE 32
const char *mnt_target_name(int target, char name[MNT_TARGET_NAME_SIZE]);

#endif
