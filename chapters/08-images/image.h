/*
 * image.h - the store of images: blobs by digest, names that point at them.
 *
 * An image is what the OCI image specification says: a manifest names a
 * configuration and a list of layers, each by the SHA-256 of its bytes, so
 * whoever holds the manifest's digest holds the whole image ("Image Manifest",
 * "Image Configuration"). Two digests name a layer: that of the tar as it came
 * in, compressed perhaps (its blob), and that of the plain tar (its diff id),
 * under which it is unpacked once for all images that have it.
 *
 *     auto_image_store struct image_store store = {.root = -1};
 *     auto_image struct image image = {0};
 *     if (image_store_open(&store, "/var/lib/mini-docker", &e) < 0 ||
 *         image_find(&store, "busybox", &image, &e) < 0)
 *         return err_add(&e, "run busybox");
 *     image_stack(&image, &snap.layers); // what snap.h stacks
 *
 * The caller owns what was read and releases it with image_done. Blobs are
 * verified when they are written and trusted when they are read: the store is
 * root's own. Several processes may use one store: changes hold
 * ROOT/images/lock, readers need no lock because every file appears whole, by
 * rename(2). A blob or a layer that no name leads to is garbage, and swept
 * away by the next change.
 *
 * Errors: -ENOENT "No such image: x"; -EINVAL "invalid reference format";
 * -ENOTUNIQ a short id that several images have; -EBUSY an id with several
 * names; those of layer_extract; -ENOSPC.
 *
 * Needs: write access to the state root; unpacking needs what layer.h needs;
 * libcrypto when something is written. Fork-safe; not for use by two threads
 * of one process.
 */
#ifndef IMAGE_H
#define IMAGE_H

#include "err.h"
#include "layer.h"
#include "pack.h"
#include "text.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* What has happened to an image: "import", "load", "save", "tag", "untag",
 * "delete". Borrowed for the time of the call. */
struct image_step;
struct image_event {
    const char *action, *id;
    const char *name;     /* that it got; else NULL */
    const json_t *labels; /* where they are at hand; else NULL */
};

/* The store below a state root:
 *     ROOT/images/blobs/sha256/HEX   manifests, configs, layer tars
 *     ROOT/images/names.json         reference -> manifest digest
 *     ROOT/images/held.json          id -> manifest digest, of images removed
 *     ROOT/layers/HEX/diff           a layer unpacked once, by diff id
 *     ROOT/layers/HEX/size           bytes of file content in it
 *     ROOT/layers/HEX/implied        directories that it does not name
 *     ROOT/layers/ID/diff            those of an image, as they are in it
 *     ROOT/tmp/import-RANDOM/        what is being made, under its maker's lock
 */
struct image_store {
    int root;   /* descriptor of the state root */
    char *path; /* and its absolute path */
    /* Told of each change of an image, and of its being saved; may be NULL. */
    void (*tell)(void *arg, const struct image_event *event);
    void *arg;
};
#define auto_image_store __attribute__((cleanup(image_store_close)))
/* Open it, making the directory `root` where it is missing. Nothing is read. */
int image_store_open(struct image_store *ret, const char *root, struct err *e);
void image_store_close(struct image_store *store);

/* One image, read. */
struct image {
    char id[72];        /* "sha256:" + hex of the config blob */
    char digest[72];    /* of the manifest */
    json_t *config;     /* the OCI image configuration */
    struct strv layers; /* absolute paths of unpacked layers, top first */
    char *sheet;   /* that of directories which belong above them; or NULL */
    uint64_t size; /* bytes of file content in all layers */
    struct timespec created; /* since 1970, UTC */
    struct strv names;       /* references that point here, familiar form */
    bool is_held;            /* removed already: see image_release */
};
#define auto_image __attribute__((cleanup(image_done)))
void image_done(struct image *image);
/* Its names with a tag, and those by digest, which it has in every registry and
 * those by which it was pulled: arrays. Caller json_decref()s. */
json_t *image_tags(const struct image *image);
json_t *image_digests(const struct image *image);
/* Add the directories that make up its files, the uppermost first: its sheet,
 * where it has one, and its layers. */
void image_stack(const struct image *image, struct strv *ret);
/* "HEX" of one of them, "/root/layers/HEX/diff": 64 digits, or "" where it has
 * another shape. */
const char *image_layer_hex(const char *path, char ret[65]);
/* The same directories as one tree, added to `ret`; caller closes. */
int image_open_tree(const struct image *image, struct tree *ret, struct err *e);
/* < 0: `a` was created before `b`; > 0: after it; 0: at the same nanosecond. */
int image_compare_age(const struct image *a, const struct image *b);

/* Find by name, by full or unique short id (sha256: optional) or by digest.
 * A name wins over a short id. */
int image_find(const struct image_store *store, const char *name,
               struct image *ret, struct err *e);
/* The same, and -ENOENT where it is for another platform than this one
 * ("linux/arm64"; NULL: any will do). The store has one for each name. */
int image_find_for(const struct image_store *store, const char *name,
                   const char *platform, struct image *ret, struct err *e);

/* What to make an image of. */
struct image_import {
    struct layer_source source; /* a root file system tar, perhaps packed */
    const char *name;           /* what to call it; NULL: nothing */
    /* Changes the object under "config", which is empty, as import -c wants it
     * (apply.h); NULL: it stays so. */
    int (*change)(void *arg, json_t *config, struct err *e);
    void *change_arg;
    const char *message;  /* for the history; NULL: "Imported from -" */
    const char *platform; /* "linux/arm64"; NULL: this machine */
};
/* Make a one-layer image. All or nothing: whoever is killed in the middle
 * leaves nothing that anybody sees, and the next import clears it away. The
 * image was created now, or at SOURCE_DATE_EPOCH (environment). */
int image_import(const struct image_store *store,
                 const struct image_import *what, char ret_id[72],
                 struct err *e);

/* What to put above an image. */
struct image_commit {
    const struct image *base; /* NULL: nothing */
    /* Write the layer's archive as `out` says, and tell its size. */
    int (*pack)(void *arg, const struct pack_options *out,
                struct pack_size *ret, struct err *e);
    void *arg;
    const json_t *config; /* the new image's "config"; borrowed */
    const char *author, *message, *created_by; /* NULL: none */
    const char *name; /* what to call it; NULL: nothing */
    /* It is a step of a build, and remembered as such in place of a name
     * (stepcache.h; its draft is set here); NULL: it is none. */
    const struct image_step *step;
};
/* Make an image of another one and a layer, all or nothing as an import. A
 * layer without an entry is none: the image has a step of history more, and the
 * layers of its base. -ENOENT where the base was removed meanwhile. */
int image_commit(const struct image_store *store,
                 const struct image_commit *what, char ret_id[72],
                 struct err *e);

/* How far a layer is. */
struct image_progress {
    const char *id;       /* hexadecimal */
    uint64_t done, total; /* bytes */
};
/* What to load: an archive of images, perhaps packed, from a stream. */
struct image_load {
    struct layer_source source;
    const char *platform; /* "linux/arm64"; NULL: this machine's */
    struct strv *said;    /* lines for the user are added here */
    /* Told of each layer, some times a second; may be NULL. */
    void (*progress)(void *arg, const struct image_progress *progress);
    void *arg;
};
/* Load the images of an archive: an OCI layout, or what `docker save` writes.
 * All or nothing, as with image_import. Blobs are kept as they came, so all
 * digests stay what they were; both digests of every layer are verified; a
 * layer that is unpacked already is not unpacked again. Layers are read in
 * parallel, in processes of their own. */
int image_load(const struct image_store *store, const struct image_load *what,
               struct err *e);

/* What to save, and where to. */
struct image_save {
    const struct strv *names; /* or ids */
    const char *platform;     /* of all of them; NULL: any */
    struct layer_target target;
    /* Told of each layer, again and again while it is written; may be NULL. */
    void (*progress)(void *arg, const struct image_progress *progress);
    void *arg;
};
/* Write images as one archive: an OCI layout that has the manifest.json of
 * `docker save` as well. A repository's name without a tag
 * means all its tags. Nothing is written before all of them are found; equal
 * images make equal archives. */
int image_save(const struct image_store *store, const struct image_save *what,
               struct err *e);

/* Every image, newest first; caller frees with image_list_done. One that cannot
 * be read hides no other: why is added to `damaged`, which may be NULL. Unless
 * `whole`, configurations and layers are left out (NULL, empty), and it takes
 * a tenth of the time. */
struct image_list {
    struct image *v;
    size_t n;
};
#define auto_image_list __attribute__((cleanup(image_list_done)))
int image_list(const struct image_store *store, bool whole,
               struct image_list *ret, struct strv *damaged, struct err *e);
void image_list_done(struct image_list *list);

/* Of images that were read whole: bytes of file content in all their layers,
 * each counted once. ret_shared, one for each, is what others have as well. */
uint64_t image_list_usage(const struct image_store *store,
                          const struct image_list *list, uint64_t *ret_shared);
/* Bytes of its blobs, which is what travels: layers as they came, documents. */
uint64_t image_content_size(const struct image_store *store,
                            const struct image *image);

/* Give what `source` names (as image_find reads it) the name `target` as well.
 * An image that loses this name to it stays, under its id. */
int image_tag(const struct image_store *store, const char *source,
              const char *target, struct err *e);

/* What GET /images/NAME/history answers: an array, the newest step first. Only
 * the uppermost step has an Id, the others are "<missing>". Caller
 * json_decref()s. */
json_t *image_history(const struct image_store *store,
                      const struct image *image);
/* What GET /images/json answers of one; Labels of one that was read whole.
 * Containers and SharedSize are -1: nobody has counted. Caller json_decref()s.
 */
json_t *image_summary(const struct image *image);
/* What GET /images/NAME/json answers, which is what `docker inspect` prints.
 * Caller json_decref()s. */
json_t *image_describe(const struct image *image);

/* May an image be given this name? 0, or -EINVAL. */
int image_check_name(const char *name, struct err *e);

/* Remove a name, and the image when it was the last (with its unshared blobs
 * and layers). Lines for the user ("Untagged: ...", "Deleted: ...") are added
 * to `said`. Whether a container still uses the layers is for the caller to
 * check, before. */
enum {
    IMAGE_FORCE = 1, /* all the names of an id */
    IMAGE_KEEP = 2,  /* one that loses its last name stays, without any */
    IMAGE_HOLD = 4,  /* one that goes is there for who has its id: image_find,
                        image_commit; but in no list */
};
int image_remove(const struct image_store *store, const char *name, int flags,
                 struct strv *said, struct err *e);

/* Let those go that are held and not among the keys of the object that `find`
 * fills: ids in use. It is called under the store's lock, and only if any image
 * is held at all. */
int image_release(const struct image_store *store,
                  int (*find)(void *arg, json_t *used, struct err *e),
                  void *arg, struct err *e);

/* Remove every image that is `wanted`, with all its names, in one step: they
 * are all gone or, on an error before, all there. Lines as those of
 * image_remove; ret_bytes is the file content of the layers that went, which no
 * image that stays has. One that cannot be read stays. */
struct image_prune {
    bool (*wanted)(const struct image *image, void *arg);
    void *arg;
};
int image_prune(const struct image_store *store,
                const struct image_prune *prune, struct strv *said,
                uint64_t *ret_bytes, struct err *e);

#endif
