/*
 * idmap.h - user namespaces: which id inside is which id outside.
 *
 * In a user namespace ids are numbers of its own. /proc/PID/uid_map and
 * gid_map say what they stand for: lines "INSIDE OUTSIDE COUNT", written once,
 * in one write(2), from outside (user_namespaces(7)). What has no line is seen
 * as 65534. Root inside is thus somebody harmless outside, and files belong to
 * that somebody.
 *
 *     struct idmap uids = {0};
 *     idmap_for_user("/etc/subuid", "ann", getuid(), &uids, e);
 *     pid = proc_clone(CLONE_NEWUSER, -1, &pidfd, e);
 *     ... the child waits, talk_receive ...
 *     idmap_write(pid, &uids, &gids, e);
 *
 * A map is plain bytes, owned by whoever declares it; all zeros is empty.
 * Errors worth telling apart: -EPERM (neither privilege nor a grant), -ENOENT
 * (newuidmap(1) is needed and not installed), -EINVAL (the kernel found the map
 * faulty, or it was written before). Needs CAP_SETUID and CAP_SETGID, or the
 * set-uid helpers, or nothing for one's own single id. Fork-safe.
 */
#ifndef IDMAP_H
#define IDMAP_H

#include "err.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct idmap_range {
    uint32_t inside, outside, count;
};

/* At most 340 ranges (Linux 4.15); more than a handful is unusual. */
#define IDMAP_MAX 32
struct idmap {
    struct idmap_range v[IDMAP_MAX];
    size_t n;
};

/* Add a range; -E2BIG when full, -EINVAL when it overlaps another. */
int idmap_add(struct idmap *map, struct idmap_range range, struct err *e);

/* The id outside that `inside` stands for, or -1 (none). */
int64_t idmap_outside(const struct idmap *map, uint32_t inside);

/* Give process `pid`, fresh in its user namespace, its maps. With privilege
 * over the ids: written directly. Without: directly too if the map is our own
 * single id, with setgroups denied (user_namespaces(7)); any other by
 * newuidmap(1) and newgidmap(1). The process waits meanwhile. */
int idmap_write(pid_t pid, const struct idmap *uids, const struct idmap *gids,
                struct err *e);

/* Are newuidmap(1) and newgidmap(1) there, with root's power? 0; -ENOENT: not
 * installed; -EPERM: installed, but they can do no more than the caller;
 * -EACCES: because of the mount they lie on. */
int idmap_check_helpers(struct err *e);
/* The i-th place where idmap_write looks for one of them; the caller frees.
 * NULL: there are no more. */
char *idmap_helper_path(const char *helper, size_t i);

/* A user namespace with these maps and nobody in it, as a descriptor (caller
 * closes): what mount_setattr(2) takes to map the ids of a mount. Needs
 * privilege over the ids, as above. */
int idmap_open(const struct idmap *uids, const struct idmap *gids,
               struct err *e);

/* The map an ordinary user gets: own id as 0, and the ranges that `path`
 * (/etc/subuid or /etc/subgid, subuid(5)) grants to `user` (name or number)
 * from 1 upwards. Without a grant: the single id. */
int idmap_for_user(const char *path, const char *user, uint32_t id,
                   struct idmap *ret, struct err *e);

#endif
