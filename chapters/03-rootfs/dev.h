/*
 * dev.h - /dev: six device nodes, a few links, and extra devices on request.
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
/* One more node, the same way. */
int dev_add(int rootfd, const struct dev_node *node, struct err *e);
/* Describe a device of the host: type, numbers, mode and owner. */
int dev_from_host(const char *host_path, struct dev_node *ret, struct err *e);

#endif
