/*
 * contents.h - the files of a container, as its own layer and what is below.
 *
 *     auto_contents struct contents c = CONTENTS_INIT;
 *     contents_open(engine, "web", &c, &e);
 *     diff_walk(&c.diff, &e);            // after setting change and arg
 *     contents_check(&c, &e);            // was it there all the time?
 *
 * Nothing is mounted and nothing locked: a container may run meanwhile, or be
 * removed. What was read of one that was removed is worth nothing, which is
 * known afterwards: its layer loses its name before anything in it is touched
 * (snap_destroy).
 *
 * Only 13-engine includes this.
 */
#ifndef CONTENTS_H
#define CONTENTS_H

#include "cg.h"
#include "diff.h"
#include "image.h"
#include "record.h"
#include "snap.h"
#include "tree.h"

struct contents {
    struct engine *engine;
    struct record record;
    struct image image;
    struct snap snap;         /* as run made it, but for its target */
    struct tree above, below; /* its own layer; the image and mount points */
    struct diff diff;         /* between the two, ready but for `change` */
};
#define auto_contents __attribute__((cleanup(contents_done)))
#define CONTENTS_INIT                                                          \
    {                                                                          \
        .record = {.doc = NULL }                                               \
    }
int contents_open(struct engine *engine, const char *name, struct contents *ret,
                  struct err *e);
void contents_done(struct contents *c);
/* 0, or -ENOENT: it was removed since contents_open. */
int contents_check(const struct contents *c, struct err *e);

/* All that the container sees of image and layer, as one tree, borrowing both.
 * Free what it points to with own_free(&tree.layers). */
struct tree contents_merged(const struct contents *c);

/* The first process of a running container as a pidfd, and its pid. -ESRCH:
 * it does not run. */
int contents_process(const struct engine *engine, const struct record *record,
                     pid_t *ret_pid, struct err *e);

/* Layers of a container's snapshot, the uppermost first: also for run.c. */
void contents_add_layers(const struct engine *engine, const struct image *image,
                         struct strv *ret);

#endif
