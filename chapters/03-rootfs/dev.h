/*
 * dev.h - /dev: six device nodes, a few links, and extra devices on request.
 *
 * A device node is a name for two numbers (mknod(2)); whoever has the node and
 * is let through by the cgroup of devices (chapter 05) has the device. So a
 * container gets a /dev of its own, with the few that programs cannot do
 * without and that give no power: null, zero, full, random, urandom, tty.
 *
 *     mnt_make(root, <tmpfs on /dev, mode=755>, &e);
 *     dev_populate(root, &e);
 *     struct dev_node fuse = {0};
 *     if (dev_from_host("/dev/fuse", &fuse, &e) == 0)
 *         dev_add(root, &fuse, &e);
 *     free(fuse.path);
 *
 * Errors worth telling apart: -EEXIST (the name is there and is something
 * else), -ENODEV (mknod(2) is denied and the host has no such node to bind).
 * Needs: CAP_MKNOD in the first user namespace, or else CAP_SYS_ADMIN over the
 * mount namespace. Changes the umask for a moment. Fork-safe.
 */
#ifndef DEV_H
#define DEV_H

#include "err.h"

#include <sys/types.h>

struct dev_node {
    char *path; /* inside the container: "/dev/fuse" */
    char type;  /* 'c', 'b', 'p' */
    unsigned int major, minor;
    mode_t mode; /* permission bits */
    uid_t uid;
    gid_t gid;
};

/* null zero full random urandom tty, and the links fd stdin stdout stderr ptmx
 * core; the tmpfs, devpts, shm and mqueue are mounts, made before. Where
 * mknod(2) is not permitted (user namespaces) the host's nodes are bound. */
int dev_populate(int rootfd, struct err *e);
/* One more node, the same way. Directories on its path are made. 0 or
 * -errno. */
int dev_add(int rootfd, const struct dev_node *node, struct err *e);
/* Have what `fd` is open on at `path`, too, by a bind; a file is made for it if
 * nothing is there. -ELOOP if the image has a symbolic link there. */
int dev_bind(int rootfd, int fd, const char *path, struct err *e);
/* Describe a device of the host: type, numbers, mode and owner. The path is a
 * copy, which the caller frees. -ENODEV if it is no device. */
int dev_from_host(const char *host_path, struct dev_node *ret, struct err *e);

#endif
