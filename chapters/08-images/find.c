/* Finding images: what a name or a short id means. */
#include "store.h"

#include "own.h"
#include "platform.h"
#include "ref.h"
#include "stepcache.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* jansson's loops want a value that they could change, and do not. */
static json_t *unconst(const json_t *value)
{
    return (json_t *)(uintptr_t)value;
}

/* Does this image have a name in the repository? */
static bool has_repository(const json_t *names, const char *digest,
                           const struct ref *wanted)
{
    const char *name;
    const json_t *value;
    json_object_foreach(unconst(names), name, value)
    {
        auto_ref struct ref ref = {0};
        if (strcmp(json_string_value(value), digest) == 0 &&
            !digest_is_valid(name) && ref_parse(name, &ref, NULL) == 0 &&
            strcmp(ref.domain, wanted->domain) == 0 &&
            strcmp(ref.path, wanted->path) == 0)
            return true;
    }
    return false;
}

/* By reference. A digest says more than a tag beside it. */
static bool find_name(const json_t *names, const struct ref *ref,
                      struct store_found *ret)
{
    if (ref->digest != NULL) {
        /* What was pulled by it, which may be an index's. */
        auto_free char *pinned =
            text_format("%s/%s@%s", ref->domain, ref->path, ref->digest);
        const char *manifest =
            json_string_value(json_object_get(names, pinned));
        if (manifest != NULL) {
            snprintf(ret->digest, sizeof ret->digest, "%s", manifest);
            ret->key = own_take(&pinned);
            return true;
        }
        snprintf(ret->digest, sizeof ret->digest, "%s", ref->digest);
        return has_repository(names, ref->digest, ref);
    }
    auto_free char *full = ref_full(ref);
    const char *digest = json_string_value(json_object_get(names, full));
    if (digest == NULL)
        return false;
    snprintf(ret->digest, sizeof ret->digest, "%s", digest);
    ret->key = own_take(&full);
    return true;
}

/* Does the image's id, or the manifest's digest, begin so? 1 yes, 0 no; what is
 * gone or damaged does not. */
static int id_begins(const struct image_store *store, const char *digest,
                     const char *hex, char ret_id[DIGEST_SIZE], struct err *e)
{
    json_auto_t *manifest = NULL;
    const char *config;
    int r = store_get(store, digest, &manifest, e);
    if (r < 0 && r != -ENOENT && r != -EBADMSG)
        return r;
    if (r < 0 || store_config_digest(manifest, &config, NULL) < 0)
        return 0;
    snprintf(ret_id, DIGEST_SIZE, "%s", config);
    return text_starts(digest_hex(config), hex) ||
           (strlen(hex) == DIGEST_HEX && strcmp(digest_hex(digest), hex) == 0);
}

/* By the beginning of an id. 1 found, 0 not, -ENOTUNIQ; and where none is found
 * but one cannot be read, the reason: that one may be it. */
static int find_id(const struct image_store *store, const json_t *names,
                   const char *text, char ret_digest[DIGEST_SIZE],
                   struct err *e)
{
    const char *hex =
        text_starts(text, "sha256:") ? text + strlen("sha256:") : text;
    size_t len = strlen(hex);
    if (len == 0 || len > DIGEST_HEX || strspn(hex, "0123456789abcdef") != len)
        return 0;
    char first_id[DIGEST_SIZE] = "", id[DIGEST_SIZE];
    struct err why, unread = {0};
    const char *name;
    const json_t *value;
    json_object_foreach(unconst(names), name, value)
    {
        const char *digest = json_string_value(value);
        int r = id_begins(store, digest, hex, id, &why);
        if (r < 0)
            unread = why;
        if (r <= 0)
            continue;
        if (first_id[0] != '\0' && strcmp(first_id, id) != 0)
            return err_set(e, ENOTUNIQ,
                           "multiple IDs found with provided prefix: %s", text);
        snprintf(first_id, sizeof first_id, "%s", id);
        snprintf(ret_digest, DIGEST_SIZE, "%s", digest);
    }
    if (first_id[0] == '\0' && unread.code != 0)
        return err_set(e, unread.code, "%s", unread.msg);
    return first_id[0] != '\0';
}

int store_resolve(const struct image_store *store, const json_t *names,
                  const char *text, struct store_found *ret, struct err *e)
{
    *ret = (struct store_found){.key = NULL};
    auto_ref struct ref ref = {0};
    /* A whole id is no name, though some would parse as one. */
    bool is_id = digest_is_valid(text) || strlen(text) == DIGEST_HEX;
    int parsed = is_id ? -EINVAL : ref_parse(text, &ref, e);
    if (parsed == 0 && find_name(names, &ref, ret))
        return 0;
    int r = find_id(store, names, text, ret->digest, e);
    if (r != 0)
        return r < 0 ? r : 0;
    if (parsed < 0 && !is_id)
        return parsed;
    /* Docker reads a whole id as a digest, and says it as one. */
    auto_free char *shown =
        parsed == 0
            ? ref_familiar(&ref)
            : text_format("%s%s", digest_is_valid(text) ? "" : "sha256:", text);
    return err_set(e, ENOENT, "No such image: %s", shown);
}

void store_found_done(struct store_found *found)
{
    own_free(&found->key);
}

int store_find(const struct image_store *store,
               int (*find)(void *arg, const json_t *names, struct err *e),
               void *arg, struct err *e)
{
    json_auto_t *names = NULL;
    int r = store_read_names(store, &names, e);
    if (r == 0)
        r = find(arg, names, e);
    while (r == -ENOENT) {
        json_auto_t *now = NULL;
        /* What was said of the first try stays, if this is the last. */
        int again = store_read_names(store, &now, NULL);
        if (again < 0 || json_equal(names, now))
            return r;
        json_decref(names);
        names = own_take(&now);
        r = find(arg, names, e);
    }
    return r;
}

struct finding {
    const struct image_store *store;
    const char *name, *platform;
    struct image *ret;
};

/* By its id alone: a step of a build, or one that was removed and is held. */
static bool find_unlisted(const struct finding *f, char ret_digest[DIGEST_SIZE],
                          bool *ret_is_held)
{
    auto_free char *digest = stepcache_find(f->store, f->name);
    *ret_is_held = digest == NULL;
    if (digest == NULL)
        digest = store_find_held(f->store, f->name);
    if (digest != NULL)
        snprintf(ret_digest, DIGEST_SIZE, "%s", digest);
    return digest != NULL;
}

static int find_one(void *arg, const json_t *names, struct err *e)
{
    struct finding *f = arg;
    auto_store_found struct store_found found = {0};
    bool is_held = false;
    int r = store_resolve(f->store, names, f->name, &found, e);
    if (r == -ENOENT && find_unlisted(f, found.digest, &is_held))
        r = 0;
    if (r == 0)
        r = store_load(f->store, found.digest, names, f->ret, e);
    f->ret->is_held = is_held;
    if (r == 0)
        r = platform_check(f->ret->config, f->name, f->platform, e);
    if (r < 0)
        image_done(f->ret);
    return r;
}

int image_find_for(const struct image_store *store, const char *name,
                   const char *platform, struct image *ret, struct err *e)
{
    *ret = (struct image){0};
    struct finding f = {store, name, platform, ret};
    return store_find(store, find_one, &f, e);
}

int image_find(const struct image_store *store, const char *name,
               struct image *ret, struct err *e)
{
    return image_find_for(store, name, NULL, ret, e);
}
