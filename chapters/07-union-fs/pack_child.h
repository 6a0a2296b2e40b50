/*
 * pack_child.h - an archive that is written by one process and read by another.
 *
 * To copy a tree from one root to another without a file in between, somebody
 * packs while somebody unpacks. A child packs; its end of a pipe is a source
 * for layer_extract:
 *
 *     auto_pack_child struct pack_child child = PACK_CHILD_INIT;
 *     pack_child_start(&child, &tree, "", "name", &e);
 *     r = layer_extract_plain(pack_child_source(&child), dir, &rules, &e);
 *     r = pack_child_end(&child, r, &e);
 *
 * The child dies with us. Flush stdio before.
 */
#ifndef PACK_CHILD_H
#define PACK_CHILD_H

#include "pack.h"

struct pack_child {
    int pipe, talk, pidfd;
    struct pack_size *size; /* shared with the child */
};
#define auto_pack_child __attribute__((cleanup(pack_child_done)))
#define PACK_CHILD_INIT                                                        \
    {                                                                          \
        .pipe = -1, .talk = -1, .pidfd = -1                                    \
    }

/* pack_tree(tree, path, name) in a child. */
int pack_child_start(struct pack_child *child, const struct tree *tree,
                     const char *path, const char *name, struct err *e);
struct layer_source pack_child_source(struct pack_child *child);
/* Wait for its end. `result` where that is an error, since the child then fails
 * for want of a reader; else how packing went. */
int pack_child_end(struct pack_child *child, int result, struct err *e);
/* What it packed; after its end. */
struct pack_size pack_child_size(const struct pack_child *child);
void pack_child_done(struct pack_child *child);

#endif
