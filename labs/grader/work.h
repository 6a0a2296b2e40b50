/*
 * work.h - grading one submission: its labs are built and run side by side.
 */
#ifndef WORK_H
#define WORK_H

#include "err.h"
#include "formats.h"
#include "model.h"

/* What the command line asks for. The strings are the caller's. */
struct work {
    const char *submission; /* NULL: the reference */
    const char *place;      /* where to build */
    const char *output;     /* NULL: standard output, at the end */
    const char *class_of;   /* a directory of submissions */
    const struct format *format;
    struct strv labs;
    int tier; /* -1: the highest there is */
    int jobs;
    bool explain;
    bool untraced; /* a check that fails is not run again to be compared */
};

#define auto_work __attribute__((cleanup(work_done)))
void work_done(struct work *work);

/* Grade it. With an `output`, that file holds what is known after every check:
 * who is killed at a time-out has written what he had. 0 or -errno. */
int work_grade(const struct work *work, struct course *ret, struct err *e);

/* Have `do_next` called by as many threads, this one among them, and wait for
 * all of them: each takes what is next until there is no more. */
void work_side_by_side(int threads, void *(*do_next)(void *arg), void *arg);

#endif
