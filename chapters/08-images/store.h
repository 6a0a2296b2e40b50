/*
 * store.h - private to this chapter, and for registries (11): the files of the
 * store and who may change them.
 *
 * names.json maps each whole reference to the digest of a manifest. An image
 * that lost its names is kept under its own digest, so everything that is to
 * stay is reachable from this one file, and store_sweep removes the rest.
 */
#ifndef STORE_H
#define STORE_H

#include "digest.h"
#include "image.h"

/* Where blobs lie, below the state root. */
#define STORE_BLOBS "images/blobs/sha256"
#define STORE_NAMES "images/names.json"

/* Take the lock that every change holds. A descriptor: closing it unlocks. */
int store_lock(const struct image_store *store, struct err *e);

/* names.json, and its replacement (the lock is held). A store without one has
 * no names. Caller json_decref()s. */
int store_read_names(const struct image_store *store, json_t **ret,
                     struct err *e);
int store_write_names(const struct image_store *store, const json_t *names,
                      struct err *e);

/* An object from a file below the state root. -EBADMSG: damaged. Caller
 * json_decref()s. */
int store_read_json(const struct image_store *store, const char *path,
                    json_t **ret, struct err *e);

/* Blobs. A document is written in a canonical form, so equal documents have
 * equal digests. */
char *store_blob_path(const char *digest);
char *store_text(const json_t *document);
int store_put(const struct image_store *store, const json_t *document,
              char ret_digest[DIGEST_SIZE], size_t *ret_size, struct err *e);
int store_get(const struct image_store *store, const char *digest, json_t **ret,
              struct err *e);

/* The digest of the configuration that a manifest names: the image's id.
 * Borrowed from `manifest`. */
int store_config_digest(const json_t *manifest, const char **ret,
                        struct err *e);

/* Bytes of file content in a layer, by the hexadecimal part of its diff id. */
uint64_t store_layer_size(const struct image_store *store, const char *hex);
/* "2026-11-23T12:00:00.5Z", RFC 3339 as Go writes it, since 1970; zero if it
 * is not. */
struct timespec store_time(const char *text);

/* Read the image of a manifest. `names` gives it its names; NULL: none. */
int store_load(const struct image_store *store, const char *digest,
               const json_t *names, struct image *ret, struct err *e);

/* Give an image the names of an array of references. */
void store_name(struct image *image, const json_t *references);

/* What a text meant: a manifest, and the reference that led to it, or NULL
 * when the text was an id. */
struct store_found {
    char digest[DIGEST_SIZE];
    char *key;
};
#define auto_store_found __attribute__((cleanup(store_found_done)))
void store_found_done(struct store_found *found);
int store_resolve(const struct image_store *store, const json_t *names,
                  const char *text, struct store_found *ret, struct err *e);
/* Read the names, and let `find` read what they lead to. Without a lock it may
 * have been removed in between: then nothing is damaged, and `find` starts anew
 * with the names as they are now. Its result; -ENOENT where something is not
 * there that the names still lead to, too. */
int store_find(const struct image_store *store,
               int (*find)(void *arg, const json_t *names, struct err *e),
               void *arg, struct err *e);

/* manifest.c: this machine's processor, as images name it; the documents that
 * lead from a manifest to its parts. `media` is what follows
 * "application/vnd.oci.image."; `layers` is taken. Caller json_decref()s. */
const char *store_architecture(void);
json_t *store_descriptor(const char *media, const char *digest, uint64_t size);
json_t *store_layer(enum layer_compression packed, const char *digest,
                    uint64_t size);
json_t *store_manifest(const char *config, uint64_t config_size,
                       json_t *layers);

/* When what is made now was made, as a configuration writes it; 40 bytes do. */
void store_creation_time(char *out, size_t size);

/* publish.c: from here on others see something. Under the lock, `put` moves
 * blobs and layers to their places and adds to the names, which are written
 * then. Where it fails, all that no name leads to is swept away. */
int store_publish(const struct image_store *store,
                  int (*put)(void *arg, json_t *names, struct err *e),
                  void *arg, struct err *e);

/* store.c: tell whoever wants to know; `config` is the image's (NULL: it is not
 * at hand), and `name` as it was given. */
void store_tell(const struct image_store *store, const char *action,
                const char *id, const char *name, const json_t *config);

/* tag.c: let `name` lead to a manifest; NULL: keep it under its digest. An
 * image that loses the name to it is kept without one. In memory only. */
int store_set_name(json_t *names, const char *name, const char *manifest,
                   struct err *e);

/* remove.c: an image about to lose its only name stays under its digest. */
void store_keep_unnamed(json_t *names, const char *name);

/* remove.c: is that among the lines for the user already? What went with
 * several images, or has come by two names, is said once. */
bool store_is_said(const struct strv *said, const char *line);

/* held.c: images that were removed and are needed still, id -> manifest: read
 * them (caller json_decref()s), hold one more, forget one. The lock is held. */
int store_read_held(const struct image_store *store, json_t **ret,
                    struct err *e);
int store_hold(const struct image_store *store, const struct image *image,
               struct err *e);
int store_forget_held(const struct image_store *store, const char *id,
                      struct err *e);
/* The manifest of one, by the beginning of its id; caller frees. NULL: none. */
char *store_find_held(const struct image_store *store, const char *text);

/* sweep.c: remove blobs and layers that no name leads to, no step of a build
 * and nothing held (the lock is held). */
int store_sweep(const struct image_store *store, const json_t *names,
                struct err *e);

#endif
