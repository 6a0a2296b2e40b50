/*
 * push.h - an image goes to a registry.
 *
 * First its layers and its configuration, some at the same time, each unless
 * the registry has it: in this repository (HEAD), or in another one of which
 * it is told ("mount"). Then the manifest, which makes an image of them: who is
 * killed before leaves blobs that nobody sees. A blob is sent in one request;
 * one larger than a chunk in several, and then from where the registry has
 * it, if it is cut off (OCI distribution specification, "Pushing blobs").
 *
 *     struct push what = {.name = "localhost:5000/web:1", .options = &options,
 *                         .tell = print, .arg = x};
 *     if (push_image(store, &what, &e) < 0) ...
 *
 * All blobs go as they are kept, so the digests stay what they were. -ENOENT:
 * no such image here; -EACCES and others: registry.h.
 */
#ifndef PUSH_H
#define PUSH_H

#include "image.h"
#include "pull.h"
#include "registry.h"

#include <stdatomic.h>

struct push {
    const char *name; /* as it was said; with all_tags of a repository */
    bool all_tags;
    const struct registry_options *options;
    void (*tell)(void *arg, const struct pull_event *event);
    void *arg;
};
int push_image(const struct image_store *store, const struct push *what,
               struct err *e);

/* push_blob.c, private: one blob, on its way in a process of its own. */
enum push_state {
    PUSH_WAITING,
    PUSH_SENDING,
    PUSH_EXISTS,
    PUSH_MOUNTED,
    PUSH_SENT
};
struct push_result { /* in memory shared with that process */
    atomic_int state;
    atomic_ullong done;
};
struct push_blob {
    struct registry *registry;
    const char *digest;
    const char *from; /* another repository that has it, perhaps; or NULL */
    int fd;
    uint64_t size;
    struct push_result *result;
};
int push_blob_send(struct push_blob *blob, struct err *e);

#endif
