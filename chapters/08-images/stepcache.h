/*
 * stepcache.h - the build cache: each step of a build is an image, found again
 * by what went into it.
 *
 * ROOT/images/steps.json maps the key of a step, a digest of its inputs, to the
 * image that it led to. Such an image needs no name: it is kept because it is
 * in this file, and image_find finds it by its id when no image with a name has
 * that. Lists do not show it.
 *
 *     {"KEY": {"id": "sha256:...", "manifest": "sha256:...",
 *              "needs": ["HEX", ...],    blobs and layers, for the sweep
 *              "inputs": {...},          what the key was made of
 *              "size": 4096,             bytes of file content in its layer
 *              "created": 1764260000, "used": 1764260000, "count": 3}}
 *
 * Changes hold the store's lock. Errors are those of image.h; -EBADMSG: the
 * file is damaged. It is a cache: where it is lost, builds are slower, and
 * nothing else is.
 */
#ifndef STEPCACHE_H
#define STEPCACHE_H

#include "draft.h"

/* One step, to be remembered. */
struct image_step {
    const char *key;                 /* 64 hexadecimal digits */
    const json_t *inputs;            /* borrowed */
    const struct image_draft *draft; /* sealed; what it led to */
};

/* All of them; {} where there are none. Caller json_decref()s. */
int stepcache_read(const struct image_store *store, json_t **ret,
                   struct err *e);

/* Read the image of a step by the digest of its manifest. -ENOENT. */
int stepcache_load(const struct image_store *store, const char *manifest,
                   struct image *ret, struct err *e);

/* Write the documents of images that add no layer, and remember them. Their
 * layers must be there: -ENOENT where they are not any more. */
int stepcache_put(const struct image_store *store,
                  const struct image_step *steps, size_t n, struct err *e);

/* Give the image of a step a name, as image_tag does; NULL: keep it without
 * one. */
int stepcache_name(const struct image_store *store,
                   const struct image_draft *draft, const char *name,
                   struct err *e);

/* They were used just now. What fails is of no consequence. */
void stepcache_touch(const struct image_store *store, const struct strv *keys);

/* Forget those that are `wanted`; what nothing else needs is gone then. The ids
 * are added to `said`; *ret_bytes is the content of the layers that went. */
struct stepcache_prune {
    bool (*wanted)(const char *key, const json_t *step, void *arg);
    void *arg;
};
int stepcache_prune(const struct image_store *store,
                    const struct stepcache_prune *prune, struct strv *said,
                    uint64_t *ret_bytes, struct err *e);

/* Private to this chapter: remember one, with the lock held; mark what all of
 * them need, in `live`; the manifest of the step whose id begins so, or NULL.
 */
struct stage;
int stepcache_set(const struct image_store *store,
                  const struct image_step *step, uint64_t size, struct err *e);
int stepcache_mark(const struct image_store *store, json_t *live,
                   struct err *e);
char *stepcache_find(const struct image_store *store, const char *id);

#endif
