/*
 * mnt.h - one mount: its options as words, and how it is made without racing.
 *
 * The kernel offers two families of calls. mount(2) takes paths and does all
 * at once; open_tree(2), mount_setattr(2) and move_mount(2) take descriptors
 * and let a mount be finished before it appears. A path of a container is
 * nothing to rely on, since its image, or a neighbour that shares a volume,
 * chooses what the names on it lead to. So a target is opened first, with
 * openat2(2), and mounted on through its descriptor.
 *
 *     auto_mnt_list struct mnt_list list = {0};
 *     mnt_list_add(&list, "proc", "/proc", "proc", "nosuid,noexec", &e);
 *     mnt_list_add(&list, "/srv/data", "/data", "bind", "rbind,ro", &e);
 *     for (size_t i = 0; i < list.n; i++)
 *         if (mnt_make(rootfd, &list.v[i], &e) < 0)
 *             return err_add(&e, "start %s", name);
 *
 * A list owns its strings. Mounts belong to the mount namespace and go with
 * it; nothing here unmounts.
 *
 * Errors worth telling apart: -EPERM (no CAP_SYS_ADMIN, or sysfs in a user
 * namespace without a network namespace of its own), -ELOOP (a link where none
 * may be), -ENOENT (the source of a bind), -ENODEV (no such file system),
 * -ENOTDIR (a file on a directory or the reverse).
 * Needs: CAP_SYS_ADMIN over the mount namespace; Linux 5.6 for openat2, 5.12
 * for mount_setattr (before that mnt_old.c does the same later, and "rro" and
 * its like are -ENOSYS); the caller's own /proc. Fork-safe. mnt_make changes
 * the umask for a moment, so not while other threads create files.
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
    bool copy_up;              /* tmpcopyup: tmpfs starts as what it hides */
    bool mapped, mapped_below; /* idmap, ridmap: see mnt_open_mapped */
};
struct mnt_list {
    struct mnt *v;
    size_t n;
};
#define auto_mnt_list __attribute__((cleanup(mnt_list_done)))

/* Append a mount; `options` is "nosuid,noexec,size=64m", parsed through one
 * table of words. A later mount on the same target takes the place of the
 * earlier one (Docker: -v over a default mount), except a "remount". NULL for
 * source or type is "none", for options "". Copies its arguments. -EINVAL for
 * the target "/". */
int mnt_list_add(struct mnt_list *list, const char *source, const char *target,
                 const char *type, const char *options, struct err *e);
/* The words that mean flags, for lists of what there is; NULL after the last.
 */
const char *mnt_option_name(size_t i);
/* "/dev//shm/./" is "/dev/shm": two names of one target must compare equal. ""
 * is the root. The caller frees. */
char *mnt_tidy_path(const char *path);
/* Take out every mount on `target`; there may be none. */
void mnt_list_remove(struct mnt_list *list, const char *target);
void mnt_list_done(struct mnt_list *list);

/* Make the mount below rootfd, which stands for "/" (0 or -errno). The target
 * is opened with RESOLVE_IN_ROOT, created if missing (directory, or file for a
 * bind of a file), checked, and mounted on through its descriptor: a symbolic
 * link swapped in meanwhile changes nothing. A proc or sysfs target that is
 * itself a symbolic link is refused, and so is one that leads into /proc. Flags
 * of a bind are added to those of its source, none is taken away. */
int mnt_make(int rootfd, const struct mnt *mount, struct err *e);

/* A bind whose files shall seem to be somebody else's (mount_setattr(2),
 * MOUNT_ATTR_IDMAP): its source as a detached mount with the ids that the user
 * namespace `userns`, a descriptor, gives them. A descriptor; caller closes.
 * It takes privilege over the source's file system, so the parent does this;
 * the child, in whatever user namespace, puts it in place by mnt_make_mapped.
 * -ENOTSUP: the kernel (before 5.12) or the file system cannot. */
int mnt_open_mapped(const struct mnt *mount, int userns, struct err *e);
int mnt_make_mapped(int rootfd, const struct mnt *mount, int tree,
                    struct err *e);

/* The whole tree's propagation (mount_namespaces(7)): MS_PRIVATE, MS_SLAVE ...
 * with MS_REC. 0 or -errno. */
int mnt_set_propagation(const char *path, unsigned long propagation,
                        struct err *e);

#endif
