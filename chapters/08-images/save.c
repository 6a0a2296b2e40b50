/* Saving: images become one archive that every tool reads.
 *
 * It is an OCI layout (OCI image specification, "Image Layout": oci-layout,
 * index.json, blobs/) that is the archive of `docker save` as well:
 * manifest.json and repositories name the same blobs. Equal images make equal
 * bytes, so no time and no order comes from outside. */
#include "store.h"

#include "own.h"
#include "platform.h"
#include "ref.h"
#include "sys.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct save {
    const struct image_store *store;
    const struct image_save *what;
    const json_t *names; /* of the store; while images are looked for */
    json_t *blobs;       /* digest -> who asked for it: what is to be written */
    json_t *index;       /* descriptors, one for each name */
    json_t *entries;     /* of manifest.json, by the manifest's digest */
    json_t *repositories; /* repository -> tag -> uppermost layer */
    struct archive *out;
};

static void forget(struct save *s)
{
    json_decref(s->blobs);
    json_decref(s->index);
    json_decref(s->entries);
    json_decref(s->repositories);
}

/* --- what to write ------------------------------------------------------- */

/* Only where it is asked for is the configuration read. */
static int check_platform(const struct save *s, const char *config,
                          const char *key, struct err *e)
{
    json_auto_t *document = NULL;
    int r = s->what->platform == NULL
                ? 0
                : store_get(s->store, config, &document, e);
    return r < 0 ? r : platform_check(document, key, s->what->platform, e);
}

/* Where a blob lies in the archive, and that it must lie there. */
static json_t *add_blob(struct save *s, const char *digest, const char *text)
{
    json_object_set_new(s->blobs, digest, json_string(text));
    return json_sprintf("blobs/sha256/%s", digest_hex(digest));
}

/* The image's entry in manifest.json: made when it is first named. */
static int find_entry(struct save *s, const char *digest, const char *text,
                      json_t **ret, struct err *e)
{
    *ret = json_object_get(s->entries, digest);
    if (*ret != NULL)
        return 0;
    json_auto_t *manifest = NULL;
    const char *config = NULL;
    int r = store_get(s->store, digest, &manifest, e);
    if (r == 0)
        r = store_config_digest(manifest, &config, e);
    if (r == 0)
        r = check_platform(s, config, text, e);
    if (r < 0)
        return r;
    json_decref(add_blob(s, digest, text));
    json_t *layers = json_array();
    *ret = json_pack("{s:o, s:n, s:o}", "Config", add_blob(s, config, text),
                     "RepoTags", "Layers", layers);
    json_object_set_new(s->entries, digest, *ret);
    size_t i;
    const json_t *layer;
    json_array_foreach(json_object_get(manifest, "layers"), i, layer)
    {
        const char *blob = json_string_value(json_object_get(layer, "digest"));
        if (blob == NULL || !digest_is_valid(blob))
            return err_set(e, EBADMSG, "manifest %s is damaged", digest);
        json_array_append_new(layers, add_blob(s, blob, text));
    }
    return 0;
}

static int add_index(struct save *s, const char *digest, const char *full,
                     const char *tag, struct err *e)
{
    auto_free char *path = store_blob_path(digest);
    struct stat st;
    if (fstatat(s->store->root, path, &st, 0) < 0)
        return err_sys(e, errno, "read blob %s", digest);
    json_t *descriptor =
        store_descriptor("manifest.v1+json", digest, (uint64_t)st.st_size);
    if (full != NULL)
        json_object_set_new(descriptor, "annotations",
                            json_pack("{s:s, s:s}", "io.containerd.image.name",
                                      full, "org.opencontainers.image.ref.name",
                                      tag));
    json_array_append_new(s->index, descriptor);
    return 0;
}

static void add_repository(struct save *s, const struct ref *ref,
                           const json_t *layers)
{
    auto_free char *repository = ref_repository(ref);
    json_t *tags = json_object_get(s->repositories, repository);
    if (tags == NULL) {
        tags = json_object();
        json_object_set_new(s->repositories, repository, tags);
    }
    size_t n = json_array_size(layers);
    const char *top =
        n == 0 ? "" : json_string_value(json_array_get(layers, n - 1));
    json_object_set_new(tags, ref->tag,
                        json_string(n == 0 ? "" : strrchr(top, '/') + 1));
}

/* One image, by the name `key` or (NULL) without any; asked for as `text`. */
static int add_image(struct save *s, const char *digest, const char *key,
                     const char *text, struct err *e)
{
    json_t *entry;
    int r = find_entry(s, digest, text, &entry, e);
    auto_ref struct ref ref = {0};
    if (r < 0 || key == NULL || ref_parse(key, &ref, e) < 0)
        return r < 0 ? r : add_index(s, digest, NULL, NULL, e);
    json_t *tags = json_object_get(entry, "RepoTags");
    auto_free char *shown = ref_familiar(&ref);
    json_auto_t *name = json_string(shown);
    size_t i;
    const json_t *tag;
    json_array_foreach(tags, i, tag) if (json_equal(tag, name)) return 0;
    if (json_is_null(tags)) {
        tags = json_array();
        json_object_set_new(entry, "RepoTags", tags);
    }
    json_array_append(tags, name);
    add_repository(s, &ref, json_object_get(entry, "Layers"));
    return add_index(s, digest, key, ref.tag, e);
}

/* A repository's name alone means all its tags. How many those are. */
static int add_repository_tags(struct save *s, const char *text, struct err *e)
{
    const char *slash = strrchr(text, '/');
    auto_ref struct ref wanted = {0};
    if (strpbrk(slash == NULL ? text : slash, ":@") != NULL ||
        ref_parse(text, &wanted, NULL) < 0)
        return 0;
    int count = 0;
    const char *key;
    const json_t *digest;
    json_object_foreach((json_t *)(uintptr_t)s->names, key, digest)
    {
        auto_ref struct ref ref = {0};
        if (digest_is_valid(key) || ref_parse(key, &ref, NULL) < 0 ||
            strcmp(ref.domain, wanted.domain) != 0 ||
            strcmp(ref.path, wanted.path) != 0)
            continue;
        int r = add_image(s, json_string_value(digest), key, text, e);
        if (r < 0)
            return r;
        count++;
    }
    return count;
}

static int choose(struct save *s, const char *text, struct err *e)
{
    int r = add_repository_tags(s, text, e);
    if (r != 0)
        return r;
    auto_store_found struct store_found found = {0};
    r = store_resolve(s->store, s->names, text, &found, e);
    if (r == -ENOENT)
        return err_set(e, ENOENT, "No such image: %s", text);
    return r < 0 ? r : add_image(s, found.digest, found.key, text, e);
}

static int choose_all(void *arg, const json_t *names, struct err *e)
{
    struct save *s = arg;
    forget(s);
    s->names = names;
    s->blobs = json_object();
    s->index = json_array();
    s->entries = json_object();
    s->repositories = json_object();
    int r = 0;
    for (size_t i = 0; i < s->what->names->n && r >= 0; i++)
        r = choose(s, s->what->names->v[i], e);
    s->names = NULL;
    return r < 0 ? r : 0;
}

/* --- writing ------------------------------------------------------------- */

static int say(const struct save *s, struct err *e)
{
    int code = archive_errno(s->out);
    if (code > 0)
        return err_sys(e, code, "write the archive");
    return err_set(e, EIO, "write the archive: %s",
                   archive_error_string(s->out));
}

static int write_header(struct save *s, const char *path, int64_t size,
                        struct err *e)
{
    struct archive_entry *entry = archive_entry_new();
    bool is_dir = text_ends(path, "/");
    archive_entry_set_pathname(entry, path);
    archive_entry_set_filetype(entry, is_dir ? AE_IFDIR : AE_IFREG);
    archive_entry_set_perm(entry, is_dir ? 0755 : 0644);
    archive_entry_set_size(entry, size);
    archive_entry_set_mtime(entry, 0, 0);
    int r = archive_write_header(s->out, entry);
    archive_entry_free(entry);
    return r == ARCHIVE_OK ? 0 : say(s, e);
}

static int write_bytes(struct save *s, const void *bytes, size_t len,
                       struct err *e)
{
    return archive_write_data(s->out, bytes, len) == (la_ssize_t)len
               ? 0
               : say(s, e);
}

enum { BLOCK = 64 * 1024 };

/* What is written at once, as documents are, is no sight. */
static void tell_progress(const struct save *s, const char *digest,
                          uint64_t done, uint64_t total)
{
    struct image_progress now = {digest_hex(digest), done, total};
    if (s->what->progress != NULL && total > BLOCK)
        s->what->progress(s->what->arg, &now);
}

static int write_blob(struct save *s, const char *digest, struct err *e)
{
    auto_free char *path = store_blob_path(digest);
    auto_fd int fd = sys_openat(s->store->root, path, O_RDONLY | O_CLOEXEC, 0);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) < 0)
        return err_sys(e, fd < 0 ? fd : errno, "open blob %s", digest);
    auto_free char *member = text_format("blobs/sha256/%s", digest_hex(digest));
    auto_free char *block = own_room(BLOCK);
    int r = write_header(s, member, st.st_size, e);
    for (int64_t left = st.st_size; r == 0 && left > 0;) {
        ssize_t n = read(fd, block, BLOCK);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return err_sys(e, n < 0 ? errno : EBADMSG, "read blob %s", digest);
        r = write_bytes(s, block, (size_t)n, e);
        left -= n;
        tell_progress(s, digest, (uint64_t)(st.st_size - left),
                      (uint64_t)st.st_size);
    }
    return r;
}

static int write_json(struct save *s, const char *path, const json_t *value,
                      struct err *e)
{
    auto_free char *text = json_dumps(value, JSON_COMPACT);
    if (text == NULL)
        abort(); /* out of memory */
    int r = write_header(s, path, (int64_t)strlen(text), e);
    return r < 0 ? r : write_bytes(s, text, strlen(text), e);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int write_blobs(struct save *s, struct err *e)
{
    auto_strv struct strv digests = {0};
    const char *digest;
    json_t *unused;
    json_object_foreach(s->blobs, digest, unused) strv_add(&digests, digest);
    if (digests.n > 0)
        qsort(digests.v, digests.n, sizeof *digests.v, by_name);
    int r = write_header(s, "blobs/", 0, e);
    if (r == 0)
        r = write_header(s, "blobs/sha256/", 0, e);
    for (size_t i = 0; i < digests.n && r == 0; i++)
        r = write_blob(s, digests.v[i], e);
    return r;
}

static int write_all(struct save *s, struct err *e)
{
    json_auto_t *entries = json_array();
    const char *digest;
    json_t *entry;
    json_object_foreach(s->entries, digest, entry)
        json_array_append(entries, entry);
    json_auto_t *index = json_pack(
        "{s:i, s:s, s:O}", "schemaVersion", 2, "mediaType",
        "application/vnd.oci.image.index.v1+json", "manifests", s->index);
    json_auto_t *layout = json_pack("{s:s}", "imageLayoutVersion", "1.0.0");
    const struct {
        const char *path;
        const json_t *value;
    } documents[] = {
        {"index.json",    index          },
        {"manifest.json", entries        },
        {"oci-layout",    layout         },
        {"repositories",  s->repositories},
    };
    int r = write_blobs(s, e);
    for (size_t i = 0; r == 0 && i < sizeof documents / sizeof documents[0];
         i++)
        r = write_json(s, documents[i].path, documents[i].value, e);
    return r == 0 && archive_write_close(s->out) != ARCHIVE_OK ? say(s, e) : r;
}

static void tell_saved(const struct save *s)
{
    const char *digest;
    json_t *entry;
    json_object_foreach(s->entries, digest, entry)
    {
        auto_image struct image image = {0};
        if (store_load(s->store, digest, NULL, &image, NULL) == 0)
            store_tell(s->store, "save", image.id, NULL, image.config);
    }
}

/* A blob was not there. Has its image been removed meanwhile, even if another
 * one has the name by now? Then that is what to say. */
static int explain(const struct save *s, struct err *e)
{
    struct save now = {.store = s->store, .what = s->what};
    struct err why = {0};
    int r = store_find(s->store, choose_all, &now, &why);
    const char *digest;
    const json_t *text;
    json_object_foreach(s->blobs, digest, text)
    {
        if (r == 0 && json_object_get(now.blobs, digest) == NULL)
            r = err_set(&why, ENOENT, "No such image: %s",
                        json_string_value(text));
    }
    forget(&now);
    return r < 0 ? err_set(e, why.code, "%s", why.msg) : -ENOENT;
}

/* archive(3) calls it with whole blocks, and with the rest. */
static la_ssize_t to_target(struct archive *a, void *arg, const void *bytes,
                            size_t len)
{
    const struct save *s = arg;
    int r = s->what->target.write(s->what->target.arg, bytes, len);
    if (r == 0)
        return (la_ssize_t)len;
    archive_set_error(a, -r, "%s", strerror(-r));
    return -1;
}

int image_save(const struct image_store *store, const struct image_save *what,
               struct err *e)
{
    struct save s = {.store = store, .what = what, .out = archive_write_new()};
    /* All is found before the first byte is written. */
    int r = store_find(store, choose_all, &s, e);
    if (r == 0) {
        archive_write_set_format_pax_restricted(s.out);
        archive_write_set_bytes_per_block(s.out, BLOCK);
        /* No padding at its end. */
        archive_write_set_bytes_in_last_block(s.out, 1);
        r = archive_write_open(s.out, &s, NULL, to_target, NULL) == ARCHIVE_OK
                ? write_all(&s, e)
                : say(&s, e);
    }
    if (r == 0)
        tell_saved(&s);
    if (r == -ENOENT)
        r = explain(&s, e);
    forget(&s);
    archive_write_free(s.out);
    return r;
}
