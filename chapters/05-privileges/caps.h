/*
 * caps.h - root, cut into 41 pieces, of which a container keeps 14.
 *
 * The kernel asks for a capability wherever it once asked for uid 0; which one
 * permits what is the long list in capabilities(7), which also gives the rules
 * of the five sets and of execve(2). The calls are prctl(2) and capset(2).
 *
 *     uint64_t mask;
 *     caps_adjust(caps_default(), &cap_add, &cap_drop, &mask, &e);
 *     struct caps caps = caps_for_user(mask, uid);
 *     caps_become(&caps, uid, gid, groups, n_groups, &e);
 *     sys_execve(...);
 *
 * Everything is plain values; nothing is owned. Errors worth telling apart:
 * -EINVAL (a name nobody knows), -EPERM (a capability to keep that this
 * process does not have itself, which is named; or no CAP_SETPCAP, CAP_SETGID,
 * CAP_SETUID to begin with). Needs Linux 4.3 for ambient capabilities. A new
 * user namespace gives its first process every capability over it, so the same
 * calls work there without root.
 *
 * Fork-safe. capset(2) concerns the calling thread alone: call caps_become
 * while there is only one.
 */
#ifndef CAPS_H
#define CAPS_H

#include "err.h"
#include "text.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* The five sets of a process; bit N is capability N of capabilities(7). */
struct caps {
    uint64_t bounding, permitted, effective, inheritable, ambient;
};

/* Docker's fourteen; and all that this kernel knows and that this process
 * could hand on: its bounding set. */
uint64_t caps_default(void);
uint64_t caps_all(void);
/* Whether that one is in it. */
bool caps_is_known(int number);

/* Bit number of "CAP_NET_RAW", "net_raw" ... or -EINVAL; and the name of a
 * bit, "CAP_NET_RAW", or NULL. */
int caps_number(const char *name);
const char *caps_name(int number);

/* Docker's --cap-add/--cap-drop on top of `base`: names in any case, with or
 * without CAP_. ALL in `add` starts from everything, less what is dropped; ALL
 * in `drop` from nothing, plus what is added. Either list may be NULL.
 * -EINVAL names the unknown one. */
int caps_adjust(uint64_t base, const struct strv *add, const struct strv *drop,
                uint64_t *ret, struct err *e);

/* The sets Docker gives: root has all of `mask` bounding, permitted and
 * effective; another user only in the bounding set, which a set-uid program may
 * still draw from. */
struct caps caps_for_user(uint64_t mask, uid_t uid);

/* Become `uid`, `gid` and `groups`, with exactly these sets, for good. Order:
 * bounding set, groups, keepcaps, ids, permitted/effective/inheritable,
 * ambient. -EPERM for `groups` is passed over where a user namespace forbids
 * setgroups(2) and the list is empty. */
int caps_become(const struct caps *caps, uid_t uid, gid_t gid,
                const gid_t *groups, size_t n_groups, struct err *e);

/* PR_SET_NO_NEW_PRIVS: execve(2) can no longer grant anything. */
int caps_set_no_new_privs(struct err *e);

#endif
