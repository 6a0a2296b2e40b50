/*
 * draft.h - an image in the making: its two documents, in memory.
 *
 * An image is a configuration and a manifest ("Image Configuration", "Image
 * Manifest" of the OCI image specification). Each step of its making adds a
 * line to the history and perhaps a layer to both; its id follows from the text
 * alone. So whoever makes an image of several steps knows the ids of all of
 * them before anything is written.
 *
 *     auto_image_draft struct image_draft draft = {.config = NULL};
 *     image_draft_open(&store, &base, &draft, &e);
 *     image_draft_add(&draft, &(struct image_draft_step){
 *                                 .created = when, .created_by = "ENV a=b"});
 *     image_draft_seal(&draft);
 *     puts(draft.id);
 *
 * The caller owns a draft and releases it with image_draft_done. Fork-safe.
 */
#ifndef DRAFT_H
#define DRAFT_H

#include "digest.h"
#include "image.h"

struct image_draft {
    json_t *config;           /* the whole image configuration */
    json_t *layers;           /* the manifest's, from the bottom */
    char id[DIGEST_SIZE];     /* of the configuration, and ... */
    char digest[DIGEST_SIZE]; /* ... of the manifest, once it is sealed */
};
#define auto_image_draft __attribute__((cleanup(image_draft_done)))
void image_draft_done(struct image_draft *draft);

/* Begin with what an image is, under its own id and digest: others may write
 * the same documents in other bytes. NULL: with nothing, for this machine. The
 * base's layers are named as this kind of manifest names them, whatever kind
 * its own is. -ENOENT: the base is gone. */
int image_draft_open(const struct image_store *store, const struct image *base,
                     struct image_draft *ret, struct err *e);
/* A draft like it. */
void image_draft_copy(const struct image_draft *from, struct image_draft *ret);

/* What the next step is. Texts are borrowed; NULL or "": none. */
struct image_draft_step {
    const char *created; /* RFC 3339 */
    const char *author;  /* of the image, from here on */
    const char *created_by, *comment;
    const json_t *config; /* how to run it; NULL: as before */
    json_t *layer;        /* its descriptor, which is taken; NULL: none */
    const char *diff_id;  /* of that layer */
};
void image_draft_add(struct image_draft *draft,
                     const struct image_draft_step *step);

/* When the newest step was made; NULL: there is none. Borrowed. */
const char *image_draft_created(const struct image_draft *draft);

/* Set id and digest to those of the documents as they are now. */
void image_draft_seal(struct image_draft *draft);

/* Private to this chapter: the manifest. Caller json_decref()s. */
json_t *image_draft_manifest(const struct image_draft *draft);

#endif
