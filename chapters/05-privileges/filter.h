/*
 * filter.h - seccomp: a small program judges every system call.
 *
 * seccomp(2) describes the machine that runs it: a program of the classic BPF
 * sees the call's number, its architecture and its six arguments as numbers
 * (never what they point to), and answers allow, fail with an errno, kill ...
 * The profile, which says what the program shall do, is JSON in Docker's
 * format (docs.docker.com, "Seccomp security profiles"); libseccomp makes the
 * program.
 *
 *     auto_filter struct filter filter = {0};
 *     filter_get(NULL, caps.bounding, cache_dir, &filter, &e);
 *     ...
 *     filter_install(&filter, &e);
 *     caps_become(...);
 *
 * The program belongs to the caller (auto_filter); installing copies it.
 * Errors worth telling apart: -ENOENT (no such profile), -EINVAL (what is
 * wrong with it, and where), -EACCES from installing without either of the two
 * permissions named below. Needs Linux 4.17.
 *
 * A filter is inherited by fork(2) and kept across execve(2). It can never be
 * taken off; a second one is asked as well, and the stricter answer counts.
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
 * built anew; a cache that cannot be written is no error. A hit costs some 30
 * microseconds, building 20 milliseconds. System calls that this libseccomp
 * does not know get ENOSYS if they are newer than all the profile names. */
int filter_get(const char *profile, uint64_t caps, int cache_dir,
               struct filter *ret, struct err *e);

/* Install it for this thread and its children. Needs no_new_privs or
 * CAP_SYS_ADMIN in the user namespace: so before caps_become, unless
 * no_new_privs is on. */
int filter_install(const struct filter *filter, struct err *e);

#endif
