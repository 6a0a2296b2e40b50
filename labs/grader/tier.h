/*
 * tier.h - where checks can run on this machine, from little to much:
 *
 *     plain    as an ordinary user, no more (as root: as nobody)
 *     userns   root of a user namespace of its own, with no network
 *     kernel   root of a kernel of its own, scripts/lab-kernel: needs no root
 * here, and whatever it does ends with it root     root of this kernel, in
 * namespaces of its own, scripts/sandbox
 *
 * What runs in the last is not kept from harming this machine if it tries: it
 * is for one's own work. A class is graded in the kernel tier.
 */
#ifndef TIER_H
#define TIER_H

#include "err.h"
#include "model.h"

/* The highest that there is here, or -errno for one that is asked for and is
 * not: the message says what it lacks. */
int tier_best(void);
int tier_needs(enum model_tier tier, struct err *e);

/* Add the words before a command that make it run there. */
void tier_command(enum model_tier tier, struct strv *ret);

/* Add those that make a command nobody's, if we are root. */
void tier_as_nobody(struct strv *ret);

#endif
