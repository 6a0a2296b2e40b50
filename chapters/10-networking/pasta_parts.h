/*
 * pasta_parts.h - what the files of pasta share.
 *
 *     pasta.c        which of the two programs, and what each needs around it
 *     pasta_args.c   their command lines
 *     pasta_child.c  either one as our child, and how it says that it is ready
 *     pasta_slirp.c  slirp4netns is told its ports when it runs already
 */
#ifndef PASTA_PARTS_H
#define PASTA_PARTS_H

#include "pasta.h"

/* A program under way to be ready. */
struct pasta_child {
    const char *name;    /* of the program */
    bool reason_is_last; /* of what it says when it fails; or first */
    pid_t pid;           /* whose network namespace; or, if 0, */
    int ns;              /* this one ... */
    const char *netns; /* ... it finds mounted on this file; NULL: it is not */
    int pidfd;
    pid_t parent; /* with whom it ends */
    int ready;    /* readable when it is */
    int errors;   /* a file in memory, with what it said */
};

/* pasta_child.c: run it, with `passed` as a descriptor of the same number. */
int pasta_run(struct pasta_child *child, const char *file,
              const struct strv *args, int passed, struct err *e);
/* Until it is ready; or it has ended: then -errno, and why. */
int pasta_wait(struct pasta_child *child, struct err *e);
/* End it, after a failure. */
void pasta_end(struct pasta_child *child);

/* pasta_slirp.c: tell it about the ports, when it is ready. */
int pasta_slirp_publish(const struct pasta *wish, const char *socket,
                        struct err *e);

#endif
