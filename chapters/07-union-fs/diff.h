/*
 * diff.h - what a container has changed, as `docker diff` tells it.
 *
 * Two ways lead there. The upper directory of an overlay holds what was
 * written, and nothing else: it is a sheet. A copied tree holds everything, and
 * is compared with what it was copied from. Both say the same, in the same
 * order: a directory before what is in it, names in the order of their bytes.
 *
 *     struct diff diff = {.above = &upper, .below = &image, .is_sheet = true,
 *                         .change = print, .arg = stdout};
 *     diff_walk(&diff, &e);
 *
 * Being in the upper directory is no proof of a change: overlayfs copies a file
 * up when it is opened for writing. So such a file is compared: kind, owner,
 * mode, size, time, attributes, and its content where all of these are equal.
 * As with Docker a directory is told of where its owner, mode or attributes
 * changed or something in it; its time alone is nothing. What is in a directory
 * that is gone is not told one by one.
 *
 * The trees stay the caller's. An error of `change` ends the walk and is
 * returned. Needs what tree.h needs.
 */
#ifndef DIFF_H
#define DIFF_H

#include "err.h"
#include "tree.h"

#include <stdbool.h>
#include <time.h>

/* Docker's numbers for them. */
enum diff_kind { DIFF_MODIFIED, DIFF_ADDED, DIFF_DELETED };

struct diff_change {
    enum diff_kind kind;
    const char *path;               /* from the root, without its slash */
    const struct tree_entry *entry; /* in `above`; NULL: deleted */
    bool hides; /* a directory that hides what is below it: its entries
                 * follow, all of them, and no deletions */
};

struct diff {
    const struct tree *above;
    const struct tree *below; /* NULL: everything is added */
    bool is_sheet;            /* absent above means unchanged */
    struct timespec since;    /* no sheet: what was not touched since then is
                               * unchanged; 0: nobody knows */
    /* For a layer: whole directories are hidden at once where the sheet does
     * so, and the root directory itself is told of, as "". */
    bool as_layer;
    int (*change)(void *arg, const struct diff_change *change, struct err *e);
    void *arg;
};

int diff_walk(const struct diff *diff, struct err *e);

/* same.c, private: is the file that has this path the same in both? 1, 0 or
 * -errno; one that has vanished is not. */
int diff_is_same(const struct diff *diff, const char *path,
                 const struct tree_entry *above, const struct tree_entry *below,
                 struct err *e);

#endif
