/*
 * pull.h - an image comes from a registry.
 *
 * Its manifest and configuration are read, and then its layers, three at the
 * same time: each comes through the socket of a mini-docker-web of its own, is
 * digested and unpacked as it comes, and begins again where it was cut off
 * (RFC 9110, 14: Range). What is here already does not come. All or nothing:
 * receive.h publishes.
 *
 *     struct pull what = {.name = "busybox", .options = &options,
 *                         .tell = print, .arg = x};
 *     if (pull_image(store, &what, &e) < 0) ...
 *
 * What is told are Docker's messages, `id` and `status`, as POST /images/create
 * answers them. -EACCES, -ENOENT and others in Docker's words (registry.h,
 * manifests.h, receive.h).
 */
#ifndef PULL_H
#define PULL_H

#include "image.h"
#include "registry.h"

/* What goes on: of a layer, or of a tag (`id`), or as a whole (NULL). With a
 * `total` it is a bar. */
struct pull_event {
    const char *id, *status;
    uint64_t done, total;
};

struct pull {
    const char *name;     /* as it was said */
    const char *platform; /* NULL: this machine's */
    bool all_tags;
    const struct registry_options *options;
    void (*tell)(void *arg, const struct pull_event *event);
    void *arg;
};
int pull_image(const struct image_store *store, const struct pull *what,
               struct err *e);

/* pull_layer.c, private: the bytes of one blob, from the beginning to the end,
 * whatever happens between. */
struct pull_blob {
    struct registry *registry;
    const char *digest;
    uint64_t at, size;
    int failures; /* since a byte came */
    struct err *e;
};
int pull_blob_open(struct pull_blob *blob);
ssize_t pull_blob_read(void *blob, void *bytes, size_t len);

#endif
