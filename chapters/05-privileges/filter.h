/*
 * filter.h - seccomp: a small program judges every system call.
 *
 * seccomp(2) describes the machine that runs it: a program of the classic BPF
 * sees the call's number, its architecture and its six arguments as numbers
 * (never what they point to), and answers allow, fail with an errno, kill ...
 * The profile, which says what the program shall do, is JSON: in Docker's
 * format (docs.docker.com, "Seccomp security profiles") or as linux.seccomp in
 * the config.json of an OCI bundle (github.com/opencontainers/runtime-spec,
 * config-linux.md, "Seccomp"). libseccomp makes the program.
 *
 *     auto_filter struct filter filter = {0};
 *     filter_get(NULL, caps.bounding, cache_dir, &filter, &e);
 *     ...
 *     filter_install(&filter, NULL, &e);
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
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A compiled filter, as seccomp(2) wants it. */
struct filter {
    struct sock_filter *code;
    size_t n;
    unsigned int flags; /* SECCOMP_FILTER_FLAG_* that the profile wants */
    bool notifies;      /* some calls wait for a supervisor's word */
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

/* The same from the text of linux.seccomp, an object of JSON that need not be
 * terminated. It depends on nothing but itself (and the architecture and the
 * library), so the cache keeps it for every kernel and all capabilities. Names
 * of system calls that this libseccomp does not know are passed over; unknown
 * actions, operators, architectures and flags are -EINVAL and named. Keys that
 * are none of the filter's, such as listenerPath, are not looked at. */
int filter_get_oci(const char *json, size_t len, int cache_dir,
                   struct filter *ret, struct err *e);

/* Does this kernel take filters at all? 0; -EINVAL: built without them;
 * -ENOSYS: it has no seccomp(2). */
int filter_check(struct err *e);

/* Install it for this thread and its children. Needs no_new_privs or
 * CAP_SYS_ADMIN in the user namespace: so before caps_become, unless
 * no_new_privs is on.
 * A filter that notifies gives a descriptor to listen on, close-on-exec, in
 * `ret_listener`, for the caller to hand to the supervisor (seccomp_unotify(2))
 * and close; others give -1 there. From this call on the process may depend on
 * the supervisor, so only calls that the profile does not let wait can hand it
 * over: write(2) is sure to be none of them. NULL for `ret_listener`: -EINVAL
 * where the filter notifies. */
int filter_install(const struct filter *filter, int *ret_listener,
                   struct err *e);

/* The words that profiles may use, in alphabetical order, for lists of what
 * there is: "SCMP_ACT_ALLOW", "SCMP_CMP_EQ", "SCMP_ARCH_X86_64",
 * "SECCOMP_FILTER_FLAG_LOG". NULL after the last one. */
const char *filter_action_name(size_t i);
const char *filter_operator_name(size_t i);
const char *filter_arch_name(size_t i);
const char *filter_flag_name(size_t i);
/* Does this kernel know the flag of that number? */
bool filter_flag_supported(size_t i);

#endif
