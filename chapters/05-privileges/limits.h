/*
 * limits.h - rlimits, as --ulimit names them.
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
/* "nofile=1024:2048", "core=-1". -EINVAL says what is wrong with it. */
int limits_parse(const char *text, struct limit *ret, struct err *e);
/* prlimit(2) for each, in order. */
int limits_apply(const struct limit *limits, size_t n, struct err *e);

#endif
