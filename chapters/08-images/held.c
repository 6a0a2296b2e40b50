/*
 * Held: images that somebody removed, and somebody else still needs.
 *
 * A container is made of its image's layers, and goes on when the image is
 * removed by force. Such an image has no name and is in no list, but its id
 * leads to it as before; held.json says so to the sweep. Whoever removes the
 * last container of it calls image_release.
 */
#include "store.h"

#include "files.h"
#include "own.h"
#include "sys.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HELD "images/held.json"

int store_read_held(const struct image_store *store, json_t **ret,
                    struct err *e)
{
    int r = store_read_json(store, HELD, ret, e);
    if (r != -ENOENT)
        return r;
    *ret = json_object();
    return 0;
}

/* Mostly nothing is held, and then there is no file to read. */
static int write_held(const struct image_store *store, const json_t *held,
                      struct err *e)
{
    if (json_object_size(held) == 0) {
        int r = sys_unlinkat(store->root, HELD, 0);
        return r < 0 && r != -ENOENT ? err_sys(e, r, "remove " HELD) : 0;
    }
    auto_free char *text = store_text(held);
    return files_replace(store->root, HELD, text, strlen(text), FILES_DURABLE,
                         e);
}

int store_hold(const struct image_store *store, const struct image *image,
               struct err *e)
{
    json_auto_t *held = NULL;
    int r = store_read_held(store, &held, e);
    if (r < 0)
        return r;
    json_object_set_new(held, image->id, json_string(image->digest));
    return write_held(store, held, e);
}

int store_forget_held(const struct image_store *store, const char *id,
                      struct err *e)
{
    json_auto_t *held = NULL;
    int r = store_read_held(store, &held, e);
    if (r < 0 || json_object_del(held, id) < 0) /* it is not among them */
        return r;
    return write_held(store, held, e);
}

char *store_find_held(const struct image_store *store, const char *text)
{
    const char *hex = text_starts(text, "sha256:") ? digest_hex(text) : text;
    json_auto_t *held = NULL;
    if (hex[0] == '\0' || store_read_held(store, &held, NULL) < 0)
        return NULL;
    const char *id;
    const json_t *manifest;
    json_object_foreach(held, id, manifest)
    {
        if (digest_is_valid(id) && json_is_string(manifest) &&
            text_starts(digest_hex(id), hex))
            return own_strdup(json_string_value(manifest));
    }
    return NULL;
}

/* Without those that nobody uses. How many that were; -errno. */
static int let_go(json_t *held,
                  int (*find)(void *arg, json_t *used, struct err *e),
                  void *arg, struct err *e)
{
    json_auto_t *used = json_object();
    int r = find(arg, used, e);
    const char *id;
    json_t *manifest;
    void *next;
    json_object_foreach_safe(r < 0 ? NULL : held, next, id, manifest)
    {
        if (json_object_get(used, id) != NULL)
            continue;
        json_object_del(held, id);
        r++;
    }
    return r;
}

int image_release(const struct image_store *store,
                  int (*find)(void *arg, json_t *used, struct err *e),
                  void *arg, struct err *e)
{
    if (faccessat(store->root, HELD, F_OK, 0) < 0)
        return 0;
    json_auto_t *held = NULL, *names = NULL;
    auto_fd int lock = store_lock(store, e);
    int r = lock < 0 ? lock : store_read_held(store, &held, e);
    if (r == 0)
        r = let_go(held, find, arg, e);
    if (r <= 0)
        return r;
    r = write_held(store, held, e);
    if (r == 0)
        r = store_read_names(store, &names, e);
    return r < 0 ? r : store_sweep(store, names, e);
}
