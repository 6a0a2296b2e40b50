/*
 * mnt.h - one mount: its options as words, and how it is made without racing.
 */
#ifndef MNT_H
#define MNT_H

#include "err.h"
#include "text.h"

#include <stdbool.h>

/* A mount as config.json of the OCI runtime specification writes it. */
struct mnt {
    char *source;        /* a path, or a name to show for tmpfs, proc ... */
    char *target;        /* absolute, inside the container */
    char *type;          /* "bind", "tmpfs", "proc" ... */
    unsigned long flags; /* MS_NOSUID | MS_BIND | MS_REC ... */
    unsigned long rec_set, rec_clear; /* MOUNT_ATTR_* for the whole tree */
    unsigned long propagation;        /* MS_PRIVATE | MS_REC ..., 0 leaves it */
    char *data;                       /* what is left, for the file system */
    bool copy_up; /* tmpcopyup: tmpfs starts as what it hides */
};
struct mnt_list {
    struct mnt *v;
    size_t n;
};
#define auto_mnt_list __attribute__((cleanup(mnt_list_done)))

/* Append a mount; `options` is "nosuid,noexec,size=64m", parsed through one
 * table of words. A later mount on the same target takes the place of the
 * earlier one (Docker: -v over a default mount), except a "remount". NULL for
 * source, type or options is "none". Copies its arguments. -EINVAL for the
 * target "/", -ENOTSUP for idmap and ridmap. */
int mnt_list_add(struct mnt_list *list, const char *source, const char *target,
                 const char *type, const char *options, struct err *e);
void mnt_list_remove(struct mnt_list *list, const char *target);
void mnt_list_done(struct mnt_list *list);

/* Make the mount below rootfd, which stands for "/". The target is opened
 * with RESOLVE_IN_ROOT, created if missing (directory, or file for a bind of
 * a file), checked, and mounted on through its descriptor: a symbolic link
 * swapped in meanwhile changes nothing. A proc or sysfs target that is itself
 * a symbolic link is refused. */
int mnt_make(int rootfd, const struct mnt *mount, struct err *e);

/* The whole tree's propagation (mount_namespaces(7)): MS_PRIVATE, MS_SLAVE ...
 * with MS_REC. */
int mnt_set_propagation(const char *path, unsigned long propagation,
                        struct err *e);

#endif
