/*
 * media.h - the documents of an image, as archives and registries have them.
 *
 * A manifest lists a configuration and layers, an index lists manifests for
 * several platforms; each is named by a descriptor: media type, digest, size
 * (OCI image specification, "Content Descriptors"). Docker has names of its own
 * for the same things ("Image Manifest V2, Schema 2").
 *
 *     switch (media_kind(media_text(descriptor, "mediaType"))) ...
 *     r = media_choose(&platform, index, &descriptor, &e);
 *
 * What is returned is borrowed from the document. -EBADMSG, -EINVAL, -ENOENT,
 * -E2BIG, in Docker's words. No privilege; touches no files.
 */
#ifndef MEDIA_H
#define MEDIA_H

#include "err.h"
#include "platform.h"

#include <jansson.h>
#include <stdbool.h>

enum media_kind {
    MEDIA_OTHER,
    MEDIA_MANIFEST,
    MEDIA_INDEX,
    MEDIA_CONFIG,
    MEDIA_LAYER
};
/* Digests cannot go in a circle; deep they can. */
enum { MEDIA_MOST_INDEXES = 8 };

/* What a media type is, in the words of OCI and of Docker. */
enum media_kind media_kind(const char *media);
/* Is it the descriptor of a layer that can be taken, with a digest? */
int media_check_layer(const json_t *descriptor, struct err *e);

/* A member that is a text; "" where there is none. */
const char *media_text(const json_t *object, const char *key);

/* Of an index, the descriptor that is for the platform. -ENOENT. */
int media_choose(const struct platform *wanted, const json_t *index,
                 const json_t **ret, struct err *e);
/* Is that a signature or a proof, and no image? */
bool media_is_attached(const json_t *descriptor);

/* Is it the configuration of an image for Linux with so many layers? */
int media_check_config(const json_t *config, size_t layer_count, struct err *e);
/* The diff id of a layer, "" where the configuration has none. */
const char *media_diff_id(const json_t *config, size_t index);

#endif
