/*
 * crew.h - many jobs, as many at once as there are processors, each in a
 * process of its own.
 *
 * Processes and not threads: a job that goes wrong takes nothing along, the
 * door (sys.h) counts its calls by process, and nothing below has to be safe
 * for threads. A job's result lies in memory that the caller shares with it
 * (mmap(2), MAP_SHARED).
 *
 *     struct crew crew = {.count = n, .work = work, .tick = draw, .arg = x};
 *     if (crew_run(&crew, &e) < 0) ...
 *
 * The first job that fails ends the others, and its error is the result. All
 * jobs die with the caller, and all are waited for.
 */
#ifndef CREW_H
#define CREW_H

#include "err.h"

#include <poll.h>
#include <stddef.h>

struct crew {
    size_t count;
    /* In the job's own process. 0 or -errno. */
    int (*work)(void *arg, size_t job, struct err *e);
    /* In the caller's, some times a second; may be NULL. */
    void (*tick)(void *arg);
    void *arg;
    nfds_t at_once; /* 0: as many as there are processors */
};
int crew_run(const struct crew *crew, struct err *e);

/* Zeroed memory that processes made later share; NULL is never the answer. */
void *crew_share(size_t size);
void crew_unshare(void *memory, size_t size);

#endif
