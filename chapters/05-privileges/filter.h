/*
 * filter.h - seccomp: a small program judges every system call.
 */
#ifndef FILTER_H
#define FILTER_H

#include "err.h"

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>

/* A compiled filter, as seccomp(2) wants it. */
struct filter {
    struct sock_filter *code;
    size_t n;
};
#define auto_filter __attribute__((cleanup(filter_done)))
void filter_done(struct filter *filter);

/* Docker's default profile, or the one in the JSON file `profile` (Docker's
 * own format; NULL is the default), for a process that keeps `caps`: built
 * with libseccomp and kept in `cache_dir` (a descriptor; -1 keeps nothing)
 * under a name made of everything it depends on: profile, capabilities,
 * kernel, architecture, library. A cache file that is short or damaged is
 * built anew. */
int filter_get(const char *profile, uint64_t caps, int cache_dir,
               struct filter *ret, struct err *e);

/* Install it for this thread and its children. Needs no_new_privs or
 * CAP_SYS_ADMIN in the user namespace. */
int filter_install(const struct filter *filter, struct err *e);

#endif
