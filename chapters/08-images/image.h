/*
 * image.h - the store of images: blobs by digest, names that point at them.
 */
#ifndef IMAGE_H
#define IMAGE_H

#include "err.h"
#include "layer.h"
#include "text.h"

#include <jansson.h>
#include <stdint.h>

/* The store below a state root:
 *     ROOT/images/blobs/sha256/HEX   manifests, configs, layer tars
 *     ROOT/images/names.json         reference -> manifest digest
 *     ROOT/layers/HEX/               a layer unpacked once, by diff id
 */
struct image_store {
    int root;   /* descriptor of the state root */
    char *path; /* and its absolute path */
};
#define auto_image_store __attribute__((cleanup(image_store_close)))
int image_store_open(struct image_store *ret, const char *root, struct err *e);
void image_store_close(struct image_store *store);

/* One image, read. */
struct image {
    char id[72];        /* "sha256:" + hex of the config blob */
    char digest[72];    /* of the manifest */
    json_t *config;     /* the OCI image configuration */
    struct strv layers; /* absolute paths of unpacked layers, top first */
    uint64_t size;      /* bytes of file content in all layers */
    int64_t created;    /* seconds since 1970 */
    struct strv names;  /* references that point here, familiar form */
};
#define auto_image __attribute__((cleanup(image_done)))
void image_done(struct image *image);

/* Find by name, by full or unique short id (sha256: optional) or by digest.
 * -ENOENT "No such image: x"; -EEXIST? -ENOTUNIQ for an ambiguous id. */
int image_find(const struct image_store *store, const char *name,
               struct image *ret, struct err *e);

/* Make a one-layer image of a root file system tar. `changes` are Dockerfile
 * instructions as import -c takes them (CMD ENTRYPOINT ENV EXPOSE LABEL USER
 * VOLUME WORKDIR STOPSIGNAL). `name` may be NULL. Writes the id into ret_id. */
int image_import(const struct image_store *store, struct layer_source source,
                 const char *name, const struct strv *changes,
                 const char *message, char ret_id[72], struct err *e);

/* Every image, newest first; caller frees with image_list_done. */
struct image_list {
    struct image *v;
    size_t n;
};
#define auto_image_list __attribute__((cleanup(image_list_done)))
int image_list(const struct image_store *store, struct image_list *ret,
               struct err *e);
void image_list_done(struct image_list *list);

/* Remove a name, and the image when it was the last (with its unshared blobs
 * and layers). Lines for the user ("Untagged: ...", "Deleted: ...") are added
 * to `said`. `force` removes all the names of an id. */
int image_remove(const struct image_store *store, const char *name, int force,
                 struct strv *said, struct err *e);

#endif
