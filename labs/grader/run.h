/*
 * run.h - starting another program and reading what it says.
 */
#ifndef RUN_H
#define RUN_H

#include "err.h"
#include "text.h"

/* Run argv, found in PATH, and add what it writes to standard output, and to
 * standard error with `both`, to `ret`. 0..255 its exit code, 128 + N after
 * signal N, 127 if it is not there; or -errno. It reads nothing. */
int run_read(const char *const argv[], bool both, struct text *ret,
             struct err *e);

/* The same, with each line handed to `take` as it comes, without its end. */
struct run_taker {
    int (*take)(void *with, const char *line, struct err *e);
    void *with;
};
int run_lines(const char *const argv[], struct run_taker taker, struct err *e);

#endif
