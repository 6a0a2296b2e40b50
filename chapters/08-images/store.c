#include "store.h"

#include "files.h"
#include "own.h"
#include "ref.h"
#include "sys.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int image_store_open(struct image_store *ret, const char *root, struct err *e)
{
    *ret = (struct image_store){.root = -1};
    /* Others may pass through to what they own below, and see nothing. */
    int r = files_mkdirs(AT_FDCWD, root, 0711, e);
    if (r < 0)
        return r;
    ret->path = realpath(root, NULL);
    ret->root =
        sys_openat(AT_FDCWD, root, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    if (ret->root >= 0 && ret->path != NULL)
        return 0;
    r = err_sys(e, ret->root < 0 ? ret->root : errno, "open %s", root);
    image_store_close(ret);
    return r;
}

void image_store_close(struct image_store *store)
{
    own_close(&store->root);
    own_free(&store->path);
}

int store_lock(const struct image_store *store, struct err *e)
{
    static const char *const dirs[] = {STORE_BLOBS, "layers"};
    for (size_t i = 0; i < sizeof dirs / sizeof dirs[0]; i++) {
        int r = files_mkdirs(store->root, dirs[i], 0711, e);
        if (r < 0)
            return r;
    }
    return files_lock(store->root, "images/lock", 0, e);
}

int store_read_json(const struct image_store *store, const char *path,
                    json_t **ret, struct err *e)
{
    auto_text struct text text = {0};
    int r = files_read(store->root, path, &text, e);
    if (r < 0)
        return r;
    json_error_t where = {.line = 1, .text = "not an object"};
    json_auto_t *value =
        json_loadb(text.s, text.len, JSON_REJECT_DUPLICATES, &where);
    if (!json_is_object(value))
        return err_set(e, EBADMSG, "%s is damaged: line %d: %.80s", path,
                       where.line, where.text);
    *ret = own_take(&value);
    return 0;
}

int store_read_names(const struct image_store *store, json_t **ret,
                     struct err *e)
{
    json_auto_t *names = NULL;
    int r = store_read_json(store, STORE_NAMES, &names, e);
    if (r == -ENOENT)
        names = json_object();
    else if (r < 0)
        return r;
    const char *name;
    const json_t *digest;
    json_object_foreach(names, name, digest) if (
        !json_is_string(digest) ||
        !digest_is_valid(json_string_value(
            digest))) return err_set(e, EBADMSG,
                                     STORE_NAMES
                                     " is damaged: %.80s has no digest",
                                     name);
    *ret = own_take(&names);
    return 0;
}

int store_write_names(const struct image_store *store, const json_t *names,
                      struct err *e)
{
    auto_free char *text = json_dumps(names, JSON_SORT_KEYS | JSON_INDENT(1));
    if (text == NULL)
        abort(); /* out of memory */
    return files_replace(store->root, STORE_NAMES, text, strlen(text),
                         FILES_DURABLE, e);
}

char *store_blob_path(const char *digest)
{
    return text_format(STORE_BLOBS "/%s", digest_hex(digest));
}

char *store_text(const json_t *document)
{
    char *text = json_dumps(document, JSON_COMPACT);
    if (text == NULL)
        abort(); /* out of memory */
    return text;
}

int store_put(const struct image_store *store, const json_t *document,
              char ret_digest[DIGEST_SIZE], size_t *ret_size, struct err *e)
{
    auto_free char *text = store_text(document);
    *ret_size = strlen(text);
    digest_of(text, *ret_size, ret_digest);
    auto_free char *path = store_blob_path(ret_digest);
    return files_replace(store->root, path, text, *ret_size, FILES_DURABLE, e);
}

int store_get(const struct image_store *store, const char *digest, json_t **ret,
              struct err *e)
{
    if (!digest_is_valid(digest))
        return err_set(e, EBADMSG, "not a digest: %.80s", digest);
    auto_free char *path = store_blob_path(digest);
    return store_read_json(store, path, ret, e);
}

int store_config_digest(const json_t *manifest, const char **ret, struct err *e)
{
    const char *digest = json_string_value(
        json_object_get(json_object_get(manifest, "config"), "digest"));
    if (digest == NULL || !digest_is_valid(digest))
        return err_set(e, EBADMSG, "a manifest names no configuration");
    *ret = digest;
    return 0;
}

uint64_t store_layer_size(const struct image_store *store, const char *hex)
{
    auto_free char *path = text_format("layers/%s/size", hex);
    auto_text struct text text = {0};
    uint64_t size = 0;
    if (files_read(store->root, path, &text, NULL) >= 0) {
        text_trim(&text);
        text_to_u64(text.s, &size);
    }
    return size;
}

/* The configuration lists layers from the bottom, overlayfs from the top. */
static int add_layers(const struct image_store *store, struct image *image,
                      struct err *e)
{
    const json_t *ids =
        json_object_get(json_object_get(image->config, "rootfs"), "diff_ids");
    for (size_t i = json_array_size(ids); i > 0; i--) {
        const char *id = json_string_value(json_array_get(ids, i - 1));
        if (id == NULL || !digest_is_valid(id))
            return err_set(e, EBADMSG, "image %s has a damaged layer list",
                           image->id);
        strv_addf(&image->layers, "%s/layers/%s/diff", store->path,
                  digest_hex(id));
        image->size += store_layer_size(store, digest_hex(id));
    }
    auto_free char *sheet =
        text_format("%s/layers/%s/diff", store->path, digest_hex(image->id));
    if (faccessat(AT_FDCWD, sheet, F_OK, 0) == 0)
        image->sheet = own_take(&sheet);
    return 0;
}

void image_stack(const struct image *image, struct strv *ret)
{
    if (image->sheet != NULL)
        strv_add(ret, image->sheet);
    for (size_t i = 0; i < image->layers.n; i++)
        strv_add(ret, image->layers.v[i]);
}

int image_open_tree(const struct image *image, struct tree *ret, struct err *e)
{
    auto_strv struct strv layers = {0};
    ret->has_marks = true;
    image_stack(image, &layers);
    return tree_open(ret, &layers, e);
}

struct timespec store_time(const char *text)
{
    struct timespec at = {0};
    struct tm tm = {0};
    const char *rest =
        text == NULL ? NULL : strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
    if (rest == NULL)
        return at;
    at.tv_sec = timegm(&tm);
    if (*rest != '.')
        return at;
    for (long unit = 100000000; isdigit((unsigned char)*++rest); unit /= 10)
        at.tv_nsec += (*rest - '0') * unit;
    return at;
}

void store_name(struct image *image, const json_t *references)
{
    size_t i;
    const json_t *item;
    json_array_foreach(references, i, item)
    {
        auto_ref struct ref ref = {0};
        const char *name = json_string_value(item);
        if (digest_is_valid(name) || ref_parse(name, &ref, NULL) < 0)
            continue;
        auto_free char *shown = ref_familiar(&ref);
        strv_add(&image->names, shown);
    }
}

/* The references that lead to a manifest. */
static void find_names(struct image *image, const json_t *names)
{
    json_auto_t *found = json_array();
    const char *name;
    const json_t *digest;
    json_object_foreach(
        (json_t *)(uintptr_t)names, name,
        digest) if (strcmp(json_string_value(digest), image->digest) == 0)
        json_array_append_new(found, json_string(name));
    store_name(image, found);
}

int store_load(const struct image_store *store, const char *digest,
               const json_t *names, struct image *ret, struct err *e)
{
    *ret = (struct image){0};
    json_auto_t *manifest = NULL;
    const char *config = NULL;
    int r = store_get(store, digest, &manifest, e);
    if (r == 0)
        r = store_config_digest(manifest, &config, e);
    if (r == 0) {
        snprintf(ret->digest, sizeof ret->digest, "%s", digest);
        snprintf(ret->id, sizeof ret->id, "%s", config);
        r = store_get(store, config, &ret->config, e);
    }
    if (r == 0)
        r = add_layers(store, ret, e);
    if (r < 0) {
        image_done(ret);
        return r;
    }
    ret->created =
        store_time(json_string_value(json_object_get(ret->config, "created")));
    find_names(ret, names);
    return 0;
}

void store_tell(const struct image_store *store, const char *action,
                const char *id, const char *name, const json_t *config)
{
    auto_ref struct ref ref = {0};
    auto_free char *shown = name != NULL && ref_parse(name, &ref, NULL) == 0
                                ? ref_familiar(&ref)
                                : NULL;
    struct image_event event = {
        .action = action,
        .id = id,
        .name = shown,
        .labels = json_object_get(json_object_get(config, "config"), "Labels"),
    };
    if (store->tell != NULL)
        store->tell(store->arg, &event);
}

int image_compare_age(const struct image *a, const struct image *b)
{
    const struct timespec *x = &a->created, *y = &b->created;
    if (x->tv_sec != y->tv_sec)
        return x->tv_sec < y->tv_sec ? -1 : 1;
    return (x->tv_nsec > y->tv_nsec) - (x->tv_nsec < y->tv_nsec);
}

void image_done(struct image *image)
{
    json_decref(image->config);
    strv_done(&image->layers);
    own_free(&image->sheet);
    strv_done(&image->names);
    *image = (struct image){0};
}
