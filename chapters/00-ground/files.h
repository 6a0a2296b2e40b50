/*
 * files.h - whole files at once, and changes that survive a crash.
 *
 *     auto_text struct text limit = {0};
 *     files_read(cgroup_fd, "memory.max", &limit, &e);
 *     files_write(cgroup_fd, "memory.max", "268435456", &e);
 *
 *     files_replace(dir, "config.json", json, strlen(json), FILES_DURABLE, &e);
 *
 * Every path is relative to a directory descriptor (openat(2)); AT_FDCWD means
 * the working directory. A path that comes from inside a container is opened
 * with files_open_in and nothing else: openat2(2) with RESOLVE_IN_ROOT treats
 * the descriptor as "/", so neither ".." nor a symbolic link, even one that
 * changes under our hands, leads out.
 *
 * files_replace follows the only order that survives a power cut: write a new
 * file, fsync it, rename it over the old one, fsync the directory.
 *
 * Errors name the file. Worth telling apart: -ENOENT, -EWOULDBLOCK of a
 * FILES_TRY lock. Needs openat2(2), so Linux 5.6, for files_open_in alone. The
 * caller owns each descriptor returned; all are close-on-exec from birth.
 * Fork-safe, but a lock is shared with a child until the child closes it.
 */
#ifndef FILES_H
#define FILES_H

#include "err.h"
#include "text.h"

#include <sys/types.h>

/* Append the whole file to `out`. Bytes read or -errno. */
int files_read(int dirfd, const char *path, struct text *out, struct err *e);

/* Write `value` with one write(2) to a file that exists: what cgroup and /proc
 * files want. 0 or -errno. */
int files_write(int dirfd, const char *path, const char *value, struct err *e);

/* write(2) until all `len` bytes are written. 0 or -errno. */
int files_write_all(int fd, const void *bytes, size_t len);

/* Put `len` bytes in place of the file, all or nothing. Without FILES_DURABLE
 * the rename is still atomic for other processes, but a power cut may lose it;
 * that is right where the file is thrown away with its container. */
enum { FILES_DURABLE = 1 };
int files_replace(int dirfd, const char *path, const void *bytes, size_t len,
                  int flags, struct err *e);

/* Remove what a files_replace that was killed left in the directory `path`: the
 * beginnings of files, NAME.newPID. For one who keeps others from writing there
 * now. What cannot be removed stays. */
void files_remove_beginnings(int dirfd, const char *path);

/* mkdir -p: every missing component of `path`, with `mode`. 0 or -errno;
 * -EEXIST where something that is no directory has the name. */
int files_mkdirs(int dirfd, const char *path, mode_t mode, struct err *e);

/* rm -rf: never follows a symbolic link and never crosses into another
 * mounted file system. A `path` that is not there is success. 0 or -errno. */
int files_remove_tree(int dirfd, const char *path, struct err *e);

/* Open `path` as if `rootfd` were "/". `mode` counts only where `flags` create
 * a file. A descriptor or -errno. */
int files_open_in(int rootfd, const char *path, int flags, mode_t mode,
                  struct err *e);

/* Open (creating it, mode 0600) and flock(2) a file. The lock lasts until the
 * descriptor is closed, also by the holder's death. A holder may remove the
 * file: whoever waited then locks a new one of that name. FILES_TRY returns
 * -EWOULDBLOCK at once where another holds it. A descriptor or -errno. */
enum { FILES_TRY = 1 };
int files_lock(int dirfd, const char *path, int flags, struct err *e);

/* Is what was opened still what has that name, and not another of that name?
 * Links are not followed. */
bool files_is_named(int dirfd, const char *path, int fd);

#endif
