/*
 * caps.h - root, cut into 41 pieces, of which a container keeps 14.
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

/* Docker's fourteen; and all that this kernel knows (cap_last_cap). */
uint64_t caps_default(void);
uint64_t caps_all(void);

/* Bit number of "CAP_NET_RAW", "net_raw" ... or -EINVAL; and the name of a
 * bit, "CAP_NET_RAW", or NULL. */
int caps_number(const char *name);
const char *caps_name(int number);

/* Docker's --cap-add/--cap-drop on top of `base`: ALL in either list, and
 * names without CAP_. -EINVAL names the unknown one. */
int caps_adjust(uint64_t base, const struct strv *add, const struct strv *drop,
                uint64_t *ret, struct err *e);

/* The sets Docker gives: root has all of `mask` bounding, permitted and
 * effective; another user only in the bounding set. */
struct caps caps_for_user(uint64_t mask, uid_t uid);

/* Become `uid`, `gid` and `groups`, with exactly these sets, for good. Order:
 * bounding set, groups, keepcaps, ids, permitted/effective/inheritable,
 * ambient. The process is single-threaded. */
int caps_become(const struct caps *caps, uid_t uid, gid_t gid,
                const gid_t *groups, size_t n_groups, struct err *e);

/* PR_SET_NO_NEW_PRIVS: execve(2) can no longer grant anything. */
int caps_set_no_new_privs(struct err *e);

#endif
