/*
 * trial.h - trying something in a child, so that nothing of it stays.
 *
 * Whether the kernel lets us do a thing is asked best by doing it: it may be
 * switched off in a dozen ways, and each new kernel brings another. A child
 * does it, in namespaces of its own, says how that went (talk.h), and is gone:
 * what it had unshared, mounted or given up went with it.
 *
 *     static int act(void *arg, struct err *e) { return ns_unshare(..., e); }
 *     int r = trial_run(CLONE_NEWUSER, act, NULL, &e);
 *
 * What a child writes to disk does stay. Errors: those of proc_clone and of
 * `act`; -ETIMEDOUT where it took longer than TRIAL_MS and was killed (a mount
 * of a server that does not answer). Flush stdio before. Fork-safe.
 */
#ifndef TRIAL_H
#define TRIAL_H

#include "err.h"

#include <stdint.h>

#define TRIAL_MS 1000

/* Run `act` in a child with new namespaces (`flags`, as of proc_clone). What it
 * returns, if that is an error, or 0. `act` may be NULL: being born is all. */
int trial_run(uint64_t flags, int (*act)(void *arg, struct err *e), void *arg,
              struct err *e);

#endif
