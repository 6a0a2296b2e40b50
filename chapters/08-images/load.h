/*
 * load.h - private to this chapter: what is to be loaded, before it is.
 *
 * load_oci.c and load_docker.c read the two kinds of lists there are, and fill
 * in images and layers; load_layers.c checks and unpacks the layers; load.c
 * publishes what came of it.
 */
#ifndef LOAD_H
#define LOAD_H

#include "members.h"
#include "platform.h"
#include "store.h"

#include <poll.h>
#include <stdatomic.h>

/* One layer of one or more images. */
struct load_layer {
    struct member *member;
    char digest[DIGEST_SIZE];  /* of the blob, as a manifest says; or "" */
    char diff_id[DIGEST_SIZE]; /* as a configuration says */
    char stage_name[24];       /* where it is unpacked; "" if it need not be */
    size_t index;              /* among the layers of its image */
    bool is_read;              /* checked, and unpacked if it is to be */
    bool is_here;              /* its blob is in the stage, also if it was to
                                  be fetched */
};

/* What the process that read a layer found out, in memory shared with it. */
struct load_result {
    atomic_ullong done; /* bytes of the blob */
    atomic_bool is_done;
    char digest[DIGEST_SIZE], diff_id[DIGEST_SIZE];
    enum layer_compression packed;
};

struct load_image {
    struct member *config;
    struct member *manifest; /* NULL: one is made */
    char manifest_digest[DIGEST_SIZE];
    size_t *layers; /* indices, from the bottom */
    size_t layer_count;
    struct strv names;
};

struct load {
    const struct image_store *store;
    const struct image_load *what;
    struct platform platform;
    struct stage stage;
    struct members members;
    struct load_layer *layers;
    struct load_result *results;
    size_t layer_count;
    struct load_image *images;
    size_t image_count;
    bool lacks_layers; /* which were there before: more is to be unpacked */
    /* Where a layer comes from that is not in the stage, and is written there
     * while it is read; in the layer's own process. NULL: all are there. */
    int (*fetch)(struct load *load, size_t layer, struct layer_source *ret,
                 struct err *e);
    void (*tick)(void *load); /* in ours, some times a second; or NULL */
    struct err fetch_error;   /* there: why its source has no more */
    nfds_t at_once;           /* layers; 0: as many as processors */
};

/* load.c: read the layers that were planned, publish, and release. */
int load_finish(struct load *load, struct err *e);
void load_done(struct load *load);

/* load_oci.c: the images that index.json leads to. */
int load_read_index(struct load *load, struct member *index, struct err *e);
/* load_docker.c: the images of manifest.json. */
int load_read_list(struct load *load, struct member *list, struct err *e);
/* load_docker.c: the names in manifest.json, where there is one, of an image
 * whose configuration is this member. */
int load_add_names(struct load *load, struct load_image *image, struct err *e);

/* load_plan.c: another image, whose configuration is this document. Fails for
 * what is no image for Linux. `layer_count` is what the manifest says. */
int load_add_image(struct load *load, const json_t *config, size_t layer_count,
                   struct load_image **ret, struct err *e);
/* load_plan.c: its next layer; `digest` may be NULL. */
int load_add_layer(struct load *load, struct load_image *image,
                   const struct load_layer *layer, struct err *e);
int load_add_name(struct load_image *image, const char *name, struct err *e);

/* load_layers.c: choose to unpack those that the store lacks, and have not been
 * chosen yet: how many those are. Files that several layers are said to be are
 * unpacked once. */
size_t load_choose_layers(struct load *load);
/* load_layers.c: check all that have not been read yet, and unpack those that
 * were chosen. */
int load_read_layers(struct load *load, struct err *e);
/* load_layers.c: a `tick` that tells load->what->progress. */
void load_tell_progress(void *load);

#endif
