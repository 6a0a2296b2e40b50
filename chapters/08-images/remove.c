/* Removing: names first; what none of them leads to goes with them. */
#include "store.h"

#include "own.h"
#include "ref.h"
#include "sys.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static size_t count_uses(const json_t *names, const char *digest)
{
    size_t uses = 0;
    const char *name;
    const json_t *value;
    json_object_foreach((json_t *)(uintptr_t)names, name, value) uses +=
        strcmp(json_string_value(value), digest) == 0;
    return uses;
}

void store_keep_unnamed(json_t *names, const char *name)
{
    const char *digest = json_string_value(json_object_get(names, name));
    if (digest != NULL && count_uses(names, digest) == 1)
        json_object_set_new(names, digest, json_string(digest));
}

/* Take one name away, and say so unless it is no name. */
static void untag(json_t *names, const char *key, struct strv *said)
{
    auto_ref struct ref ref = {0};
    if (!digest_is_valid(key) && ref_parse(key, &ref, NULL) == 0) {
        auto_free char *shown = ref_familiar(&ref);
        strv_addf(said, "Untagged: %s", shown);
    }
    json_object_del(names, key);
}

/* Without a tag in its repository, it is not there by a digest either. */
static void untag_digests(json_t *names, const char *key, const char *manifest,
                          struct strv *said)
{
    size_t len = strlen(key) - strlen(strrchr(key, ':'));
    const char *name;
    json_t *value;
    void *next;
    if (digest_is_valid(key) || strchr(key, '@') != NULL)
        return;
    json_object_foreach(names, name, value) if (strncmp(name, key, len) == 0 &&
                                                name[len] == ':' &&
                                                strcmp(json_string_value(value),
                                                       manifest) == 0) return;
    json_object_foreach_safe(
        names, next, name,
        value) if (strncmp(name, key, len) == 0 && name[len] == '@' &&
                   strcmp(json_string_value(value), manifest) == 0)
        untag(names, name, said);
}

/* So many names were taken away from it, and perhaps that was the end of it. */
static void tell(const struct image_store *store, const struct image *image,
                 size_t untagged, bool deleted)
{
    for (size_t i = 0; i < untagged; i++)
        store_tell(store, "untag", image->id, NULL, image->config);
    if (deleted)
        store_tell(store, "delete", image->id, NULL, image->config);
}

static void untag_all(json_t *names, const char *digest, struct strv *said)
{
    const char *name;
    json_t *value;
    void *next;
    json_object_foreach_safe(
        names, next, name,
        value) if (strcmp(json_string_value(value), digest) == 0)
        untag(names, name, said);
}

static bool is_there(const struct image_store *store, const char *diff_id)
{
    auto_free char *path = text_format("layers/%s", digest_hex(diff_id));
    return faccessat(store->root, path, F_OK, 0) == 0;
}

bool store_is_said(const struct strv *said, const char *line)
{
    for (size_t i = 0; i < said->n; i++)
        if (strcmp(said->v[i], line) == 0)
            return true;
    return false;
}

/* Docker calls a layer in an image by the digest of all up to it:
 * chain(1) = diff_id(1), chain(n) = digest of "chain(n-1) diff_id(n)"
 * (OCI image specification, "Layer ChainID"). */
static void say_layers(const struct image_store *store,
                       const struct image *image, struct strv *said)
{
    const json_t *ids =
        json_object_get(json_object_get(image->config, "rootfs"), "diff_ids");
    auto_strv struct strv lines = {0};
    char chain[DIGEST_SIZE] = "";
    size_t i;
    const json_t *item;
    json_array_foreach(ids, i, item)
    {
        const char *id = json_string_value(item);
        auto_free char *both = text_format("%s %s", chain, id);
        if (i == 0)
            snprintf(chain, sizeof chain, "%s", id);
        else
            digest_of(both, strlen(both), chain);
        strv_addf(&lines, "%s%s",
                  is_there(store, id) ? "" : "Deleted: ", chain);
    }
    /* The uppermost is said first. */
    for (i = lines.n; i > 0; i--)
        if (text_starts(lines.v[i - 1], "Deleted: ") &&
            !store_is_said(said, lines.v[i - 1]))
            strv_add(said, lines.v[i - 1]);
}

/* What was asked for: the name `key`, or the image with all its names. */
struct removal {
    const struct image_store *store;
    json_t *names;
    struct store_found found; /* with a key if asked for by name */
    struct image image;       /* all zeros where it is too damaged to be read */
};

static void removal_done(struct removal *rm)
{
    json_decref(rm->names);
    image_done(&rm->image);
    store_found_done(&rm->found);
}

static int find(struct removal *rm, const char *name, bool force, struct err *e)
{
    int r = store_read_names(rm->store, &rm->names, e);
    if (r == 0)
        r = store_resolve(rm->store, rm->names, name, &rm->found, e);
    if (r < 0)
        return r;
    r = store_load(rm->store, rm->found.digest, rm->names, &rm->image, e);
    if (rm->found.key != NULL || force || (r == 0 && rm->image.names.n < 2))
        return 0;
    if (r < 0)
        return r;
    return err_set(e, EBUSY,
                   "conflict: unable to delete %.12s (must be forced) - image "
                   "is referenced in multiple repositories",
                   digest_hex(rm->image.id));
}

/* It is about to go: is it to be held? Nothing holds one that nobody needs. */
static int settle_held(const struct removal *rm, bool hold, struct err *e)
{
    if (rm->image.config == NULL)
        return 0;
    return hold ? store_hold(rm->store, &rm->image, e)
                : store_forget_held(rm->store, rm->image.id, e);
}

/* The names are changed on disk before anything is deleted: killed in between,
 * we leave garbage and never a name that leads to nothing. */
static int carry_out(struct removal *rm, int flags, struct strv *said,
                     struct err *e)
{
    if (rm->found.key != NULL && (flags & IMAGE_KEEP) != 0)
        store_keep_unnamed(rm->names, rm->found.key);
    if (rm->found.key != NULL) {
        untag(rm->names, rm->found.key, said);
        untag_digests(rm->names, rm->found.key, rm->found.digest, said);
    } else
        untag_all(rm->names, rm->found.digest, said);
    bool stays = count_uses(rm->names, rm->found.digest) > 0;
    int r = stays ? 0 : settle_held(rm, (flags & IMAGE_HOLD) != 0, e);
    if (r == 0)
        r = store_write_names(rm->store, rm->names, e);
    if (r == 0 && rm->image.config != NULL)
        tell(rm->store, &rm->image,
             rm->found.key != NULL ? 1 : rm->image.names.n, !stays);
    if (r < 0 || stays)
        return r;
    r = store_sweep(rm->store, rm->names, e);
    if (r < 0 || rm->image.config == NULL)
        return r;
    strv_addf(said, "Deleted: %s", rm->image.id);
    say_layers(rm->store, &rm->image, said);
    return 0;
}

int image_remove(const struct image_store *store, const char *name, int flags,
                 struct strv *said, struct err *e)
{
    auto_fd int lock = store_lock(store, e);
    if (lock < 0)
        return lock;
    struct removal rm = {.store = store};
    int r = find(&rm, name, (flags & IMAGE_FORCE) != 0, e);
    if (r == 0)
        r = carry_out(&rm, flags, said, e);
    removal_done(&rm);
    return r;
}

/* --- many at once --------------------------------------------------------- */

/* Take away the names of an image, and note its layers' sizes by diff id: they
 * can be asked for only before. */
static void let_go(const struct image_store *store, const struct image *image,
                   json_t *names, json_t *sizes)
{
    auto_strv struct strv unsaid = {0};
    untag_all(names, image->digest, &unsaid);
    size_t i;
    const json_t *id;
    json_array_foreach(
        json_object_get(json_object_get(image->config, "rootfs"), "diff_ids"),
        i, id)
    {
        const char *text = json_string_value(id);
        uint64_t size = store_layer_size(store, digest_hex(text));
        json_object_set_new(sizes, text, json_integer((json_int_t)size));
    }
}

static void say_image(const struct image_store *store,
                      const struct image *image, struct strv *said)
{
    for (size_t i = 0; i < image->names.n; i++)
        strv_addf(said, "Untagged: %s", image->names.v[i]);
    strv_addf(said, "Deleted: %s", image->id);
    say_layers(store, image, said);
}

static uint64_t sum_gone(const struct image_store *store, const json_t *sizes)
{
    uint64_t sum = 0;
    const char *id;
    const json_t *size;
    json_object_foreach((json_t *)(uintptr_t)sizes, id,
                        size) if (!is_there(store, id)) sum +=
        (uint64_t)json_integer_value(size);
    return sum;
}

int image_prune(const struct image_store *store,
                const struct image_prune *prune, struct strv *said,
                uint64_t *ret_bytes, struct err *e)
{
    auto_image_list struct image_list list = {0};
    json_auto_t *names = NULL, *sizes = json_object();
    auto_fd int lock = store_lock(store, e);
    int r = lock < 0 ? lock : store_read_names(store, &names, e);
    if (r == 0)
        r = image_list(store, true, &list, NULL, e);
    *ret_bytes = 0;
    if (r < 0)
        return r;
    size_t n = 0;
    for (size_t i = 0; i < list.n; i++) {
        struct image image = list.v[i];
        if (!prune->wanted(&image, prune->arg))
            continue;
        let_go(store, &image, names, sizes);
        list.v[i] = list.v[n]; /* those that go stand in front */
        list.v[n++] = image;
    }
    if (n == 0)
        return 0;
    r = store_write_names(store, names, e);
    if (r == 0)
        r = store_sweep(store, names, e);
    *ret_bytes = sum_gone(store, sizes);
    for (size_t i = 0; i < n && r == 0; i++) {
        tell(store, &list.v[i], list.v[i].names.n, true);
        say_image(store, &list.v[i], said);
    }
    return r;
}
