/*
 * limits.h - rlimits, as --ulimit names them.
 *
 * A limit of one process (getrlimit(2)): the soft one is in force, and the
 * process may move it up to the hard one. Both are inherited by fork(2) and
 * kept across execve(2). They are older than control groups and count for each
 * process (or, nproc, for each user), not for a container.
 *
 *     struct limit limit;
 *     limits_parse("nofile=1024:2048", &limit, &e);
 *     limits_apply(&limit, 1, &e);
 *
 * Plain values; nothing is owned. Errors: -EINVAL in Docker's words; -EPERM
 * where a hard limit would rise without CAP_SYS_RESOURCE in the first user
 * namespace. Fork-safe; concerns the whole process.
 */
#ifndef LIMITS_H
#define LIMITS_H

#include "err.h"

#include <stddef.h>
#include <stdint.h>

struct limit {
    int resource;        /* RLIMIT_NOFILE ... */
    uint64_t soft, hard; /* RLIM_INFINITY is -1 */
};

/* "nofile" or "RLIMIT_NOFILE" -> RLIMIT_NOFILE, or -EINVAL; and back. */
int limits_resource(const char *name);
const char *limits_name(int resource);
/* "nofile=1024:2048" (soft:hard), "core=-1" (both unlimited); units are those
 * of getrlimit(2). -EINVAL says what is wrong with it. */
int limits_parse(const char *text, struct limit *ret, struct err *e);
/* prlimit(2) for each, in order; the first that fails ends it and is named. */
int limits_apply(const struct limit *limits, size_t n, struct err *e);

#endif
