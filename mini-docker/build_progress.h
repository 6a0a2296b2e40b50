/*
 * build_progress.h - build --progress: how what a build tells is shown.
 *
 *     plain   lines, as Docker's classic builder prints them
 *     tty     a table, drawn again and again (build_screen.h)
 *     quiet   nothing, unless it fails; so does -q
 *     auto    tty where standard error is a terminal that can do that, and
 *             nobody asked for what is to be read line by line (--explain, a
 *             trace); else plain. BUILDKIT_PROGRESS may say otherwise.
 *
 *     struct build_progress progress;
 *     build_progress_open(&progress, call->doc, false, &e);
 *     order.tell = build_progress_tell, order.arg = &progress;
 *     order.at_once = progress.is_live;
 *     engine_build(engine, &order, &e);
 *     build_progress_close(&progress, failed);
 */
#ifndef BUILD_PROGRESS_H
#define BUILD_PROGRESS_H

#include "build_screen.h"

#include <jansson.h>
#include <stdio.h>

struct build_progress {
    bool is_quiet, is_live;
    FILE *lines;      /* where plain ones go */
    struct text kept; /* of a quiet one */
    struct build_screen screen;
};

/* -EINVAL, in BuildKit's words: no such kind, or no terminal for it. Where the
 * archive of --output goes to standard output, lines do not. */
int build_progress_open(struct build_progress *progress, const json_t *doc,
                        bool stdout_is_taken, struct err *e);
/* As engine.h calls it: `arg` is the struct. */
void build_progress_tell(void *arg, const struct engine_build_event *event);
/* Nothing more comes; of a quiet build that failed all is told now. */
void build_progress_close(struct build_progress *progress, bool has_failed);

#endif
