/*
 * receive.h - an image whose parts come one by one, as a registry gives them.
 *
 * Whoever asks has the manifest and the configuration already; the layers are
 * asked for here, some at the same time, each in a process of its own, and each
 * is read once: kept, digested and unpacked as it comes. What the store has is
 * not asked for. Published like what is loaded: all or nothing, under the lock,
 * and whoever is killed leaves only what the next one clears away.
 *
 *     struct image_receive what = {.manifest = &manifest, .config = &config,
 *                                  .names = &names, .open = open, .arg = x};
 *     int r = image_receive(store, &what, &e);
 *
 * Everything is borrowed. Errors: those of `open` and of its source; -EBADMSG
 * where a digest is another one than the manifest says; those of image_load.
 */
#ifndef RECEIVE_H
#define RECEIVE_H

#include "image.h"

/* How far a layer is. */
enum receive_state {
    RECEIVE_WAITING, /* for its turn */
    RECEIVE_READING,
    RECEIVE_READ, /* its last byte has come */
    RECEIVE_DONE,
    RECEIVE_EXISTS, /* here already */
};
struct receive_layer {
    const char *digest; /* of its blob */
    uint64_t size;      /* and how long that is */
    enum receive_state state;
    uint64_t done;
};

struct image_receive {
    const struct text *manifest, *config; /* as they came */
    const struct strv *names;             /* whole references that lead to it */
    /* Begin a layer, in its own process, which ends after the last byte. The
     * source, too, puts into `e` why it fails. */
    int (*open)(void *arg, const struct receive_layer *layer,
                struct layer_source *ret, struct err *e);
    /* Told again and again of all layers, from the bottom; may be NULL. */
    void (*progress)(void *arg, const struct receive_layer *layers, size_t n);
    void *arg;
};
/* The id of the image to `ret_id`. */
int image_receive(const struct image_store *store,
                  const struct image_receive *what, char ret_id[72],
                  struct err *e);

#endif
