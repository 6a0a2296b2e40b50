/*
 * step.h - how many points a walk leaves out, in a contract test or in the walk
 * of faults (tests/faults/walk.c).
 *
 *     for (int n = 1; n <= calls; n += contract_step()) ...
 */
#ifndef STEP_H
#define STEP_H

#include <stdlib.h>

/* A walk through very many points takes every n-th where the environment says
 * WALK_STEP=n: scripts/run-tests does in the lab kernel, whose processes are
 * slow, because the sandbox takes them all. */
static inline int contract_step(void)
{
    const char *step = getenv("WALK_STEP");
    long n = step != NULL ? strtol(step, NULL, 10) : 1;
    return n >= 1 && n <= 100 ? (int)n : 1;
}

#endif
