/*
 * stage.h - private to this chapter: a directory to make things in, before
 * they are renamed to where everybody sees them.
 *
 *     auto_stage struct stage stage = {.dir = -1};
 *     if (stage_open(&stage, store->root, &e) < 0) ...
 *     ... make files beneath stage.dir, rename them away
 *
 * It lies in the state root, because rename(2) stays on one file system. Its
 * maker holds a flock(2) on it, which ends with the process, so what a killed
 * one left is recognised and cleared away by the next stage_open.
 */
#ifndef STAGE_H
#define STAGE_H

#include "digest.h"
#include "err.h"
#include "layer.h"

#include <jansson.h>

struct stage {
    int root;      /* borrowed */
    int dir;       /* the directory, locked; -1 while there is none */
    char path[64]; /* from the root */
};
#define auto_stage __attribute__((cleanup(stage_close)))

int stage_open(struct stage *stage, int root, struct err *e);
/* Remove it with all that is left in it. */
void stage_close(struct stage *stage);
/* What stage_open clears away, without another one. */
void stage_sweep(int root);

/* publish.c. Make the directory NAME/diff of the stage, and open it. */
int stage_make_layer(const struct stage *stage, const char *name,
                     struct err *e);
/* publish.c. Unpack a layer into NAME/diff of the stage, and write beside it
 * how large it is. Then, once for all: on disk before anything is named. */
int stage_layer(const struct stage *stage, const char *name,
                struct layer_source source, struct layer_sink sink,
                struct err *e);
int stage_sync(const struct stage *stage, struct err *e);
/* publish.c. Write a document as the file NAME of the stage, in the form that
 * store_put gives it; its digest and size. */
int stage_document(const struct stage *stage, const char *name,
                   const json_t *document, char ret_digest[DIGEST_SIZE],
                   size_t *ret_size, struct err *e);

/* publish.c. Move a layer to where all images find it, unless another one with
 * the same content was first; and a file to the blobs. */
int stage_put_layer(const struct stage *stage, const char *name,
                    const char *diff_id, struct err *e);
int stage_put_blob(const struct stage *stage, const char *name,
                   const char *digest, struct err *e);

#endif
