/*
 * idmap.h - user namespaces: which id inside is which id outside.
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
 * over the ids: written directly. Without: newuidmap(1) and newgidmap(1), and
 * if those are not there and the map is our own single id, directly with
 * setgroups denied (user_namespaces(7)). The process waits meanwhile. */
int idmap_write(pid_t pid, const struct idmap *uids, const struct idmap *gids,
                struct err *e);

/* The map an ordinary user gets: own id as 0, and the ranges that `path`
 * (/etc/subuid or /etc/subgid, subuid(5)) grants to `user` (name or number)
 * from 1 upwards. Without a grant: the single id. */
int idmap_for_user(const char *path, const char *user, uint32_t id,
                   struct idmap *ret, struct err *e);

#endif
