#include "push.h"

#include "crew.h"
#include "media.h"
#include "store.h"

#include "files.h"
#include "own.h"
#include "sys.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { AT_ONCE = 5 }; /* as Docker */

/* One image on its way. Its blobs are its layers, from the top, and then its
 * configuration, of which nothing is told. */
struct pushing {
    const struct image_store *store;
    const struct push *what;
    struct registry registry;
    struct ref ref;
    json_t *names; /* of the store */
    struct image image;
    json_t *manifest;
    struct text text; /* of the manifest */
    size_t blob_count;
    struct push_result *results;
    int *told;
};

static void tell(const struct pushing *p, const char *id, const char *status)
{
    p->what->tell(p->what->arg, &(struct pull_event){id, status, 0, 0});
}

/* --- blobs --------------------------------------------------------------- */

static size_t layer_count(const struct pushing *p)
{
    return p->blob_count - 1;
}

/* The layer that is that blob; from the bottom, as manifests count. */
static size_t layer_of(const struct pushing *p, size_t blob)
{
    return layer_count(p) - 1 - blob;
}

static const char *digest_at(const struct pushing *p, size_t blob)
{
    const json_t *descriptor =
        blob == layer_count(p)
            ? json_object_get(p->manifest, "config")
            : json_array_get(json_object_get(p->manifest, "layers"),
                             layer_of(p, blob));
    return media_text(descriptor, "digest");
}

/* Another repository of this registry that has the blob, as our names tell;
 * borrowed from `ret`, or NULL. */
static const char *find_source(const struct pushing *p, const char *digest,
                               struct ref *ret)
{
    const char *name;
    const json_t *value, *layer;
    size_t i;
    json_object_foreach(p->names, name, value)
    {
        json_auto_t *manifest = NULL;
        ref_done(ret);
        if (ref_parse(name, ret, NULL) < 0 ||
            strcmp(ret->domain, p->ref.domain) != 0 ||
            strcmp(ret->path, p->ref.path) == 0 ||
            store_get(p->store, json_string_value(value), &manifest, NULL) < 0)
            continue;
        json_array_foreach(json_object_get(manifest, "layers"), i,
                           layer) if (strcmp(media_text(layer, "digest"),
                                             digest) == 0) return ret->path;
    }
    return NULL;
}

static int send_blob(void *arg, size_t job, struct err *e)
{
    struct pushing *p = arg;
    auto_ref struct ref source = {0};
    const char *digest = digest_at(p, job);
    struct stat st = {0};
    if (!digest_is_valid(digest))
        return err_set(e, EBADMSG, "invalid digest \"%.80s\"", digest);
    auto_free char *path = store_blob_path(digest);
    auto_fd int fd = sys_openat(p->store->root, path, O_RDONLY | O_CLOEXEC, 0);
    if (fd < 0 || fstat(fd, &st) < 0)
        return err_sys(e, fd < 0 ? fd : errno, "open blob %s", digest);
    struct push_blob blob = {.registry = &p->registry,
                             .digest = digest,
                             .from = find_source(p, digest, &source),
                             .fd = fd,
                             .size = (uint64_t)st.st_size,
                             .result = &p->results[job]};
    int r = registry_reopen(&p->registry, e);
    return r < 0 ? r : push_blob_send(&blob, e);
}

static void tell_blob(struct pushing *p, size_t blob)
{
    auto_ref struct ref source = {0};
    struct push_result *result = &p->results[blob];
    const char *diff_id = media_diff_id(p->image.config, layer_of(p, blob));
    auto_free char *id = text_format("%.12s", digest_hex(diff_id));
    int state = atomic_load(&result->state);
    if (state == PUSH_SENDING) {
        const json_t *size = json_object_get(
            json_array_get(json_object_get(p->manifest, "layers"),
                           layer_of(p, blob)),
            "size");
        p->what->tell(p->what->arg,
                      &(struct pull_event){id, "Pushing",
                                           atomic_load(&result->done),
                                           (uint64_t)json_integer_value(size)});
    }
    if (state == p->told[blob])
        return;
    p->told[blob] = state;
    if (state == PUSH_EXISTS)
        tell(p, id, "Layer already exists");
    if (state == PUSH_SENT)
        tell(p, id, "Pushed");
    if (state == PUSH_MOUNTED) {
        auto_free char *from = text_format(
            "Mounted from %s", find_source(p, digest_at(p, blob), &source));
        tell(p, id, from);
    }
}

static void tell_blobs(void *arg)
{
    struct pushing *p = arg;
    for (size_t i = 0; i < layer_count(p); i++)
        tell_blob(p, i);
}

static int send_blobs(struct pushing *p, struct err *e)
{
    const struct crew crew = {.count = p->blob_count,
                              .work = send_blob,
                              .tick = tell_blobs,
                              .arg = p,
                              .at_once = AT_ONCE};
    size_t size = p->blob_count * sizeof *p->results;
    p->results = crew_share(size);
    p->told = own_alloc(p->blob_count * sizeof *p->told);
    for (size_t i = 0; i < layer_count(p); i++) {
        auto_free char *id = text_format(
            "%.12s",
            digest_hex(media_diff_id(p->image.config, layer_of(p, i))));
        tell(p, id, "Preparing");
    }
    int r = crew_run(&crew, e);
    if (r == 0)
        tell_blobs(p);
    crew_unshare(p->results, size);
    own_free(&p->told);
    return r;
}

/* --- the manifest -------------------------------------------------------- */

static int send_manifest(struct pushing *p, struct err *e)
{
    const char *media = media_text(p->manifest, "mediaType");
    struct web_text document = {&p->text, 0};
    const struct layer_source body = {web_text_read, &document};
    auto_web_answer struct web_answer answer = {0};
    auto_strv struct strv headers = {0};
    auto_free char *path = text_format("manifests/%s", p->ref.tag);
    strv_addf(&headers, "Content-Type: %s",
              media[0] != '\0' ? media
                               : "application/vnd.oci.image.manifest.v1+json");
    const struct registry_request request = {.method = "PUT",
                                             .path = path,
                                             .headers = &headers,
                                             .body = &body,
                                             .size = p->text.len,
                                             .rewind = web_text_rewind};
    int r = registry_ask(&p->registry, &request, &answer, e);
    if (r < 0)
        return r;
    auto_free char *line =
        text_format("digest: %s size: %zu", p->image.digest, p->text.len);
    tell(p, p->ref.tag, line);
    return 0;
}

/* --- images -------------------------------------------------------------- */

/* The words are Docker's, which leaves the tag out. */
static int not_here(const struct pushing *p, struct err *e)
{
    struct ref repository = p->ref;
    repository.tag = NULL;
    auto_free char *name = ref_familiar(&repository);
    return err_set(e, ENOENT,
                   "An image does not exist locally with the tag: %s", name);
}

static int open_image(struct pushing *p, const char *name, struct err *e)
{
    int r = image_find(p->store, name, &p->image, e);
    if (r < 0)
        return r == -ENOENT ? not_here(p, e) : r;
    auto_free char *path = store_blob_path(p->image.digest);
    r = files_read(p->store->root, path, &p->text, e);
    if (r >= 0)
        r = store_get(p->store, p->image.digest, &p->manifest, e);
    p->blob_count = json_array_size(json_object_get(p->manifest, "layers")) + 1;
    return r < 0 ? r : 0;
}

static int push_one(struct pushing *p, struct err *e)
{
    auto_free char *full = ref_full(&p->ref);
    int r = open_image(p, full, e);
    if (r == 0)
        r = send_blobs(p, e);
    if (r == 0)
        r = send_manifest(p, e);
    image_done(&p->image);
    text_done(&p->text);
    json_decref(p->manifest);
    p->manifest = NULL;
    return r;
}

/* All names that we have in the repository. */
static int push_all(struct pushing *p, struct err *e)
{
    const char *name;
    const json_t *value;
    size_t n = 0;
    int r = 0;
    json_object_foreach(p->names, name, value)
    {
        struct ref ref = {0};
        if (r < 0 || digest_is_valid(name) || ref_parse(name, &ref, NULL) < 0)
            continue;
        if (ref.tag != NULL && ref.digest == NULL &&
            strcmp(ref.domain, p->ref.domain) == 0 &&
            strcmp(ref.path, p->ref.path) == 0) {
            ref_done(&p->ref);
            p->ref = ref;
            ref = (struct ref){0};
            r = push_one(p, e);
            n++;
        }
        ref_done(&ref);
    }
    return r < 0 || n > 0 ? r : not_here(p, e);
}

/* A name that nobody has is refused before anybody is asked. */
static int check_name(struct pushing *p, struct err *e)
{
    auto_image struct image image = {0};
    auto_free char *full = ref_full(&p->ref);
    if (p->ref.digest != NULL)
        return err_set(e, EINVAL, "cannot push a digest reference");
    if (p->what->all_tags || image_find(p->store, full, &image, e) == 0)
        return 0;
    return not_here(p, e);
}

static int push(struct pushing *p, struct err *e)
{
    int r = ref_parse(p->what->name, &p->ref, e);
    if (r == 0)
        r = check_name(p, e);
    if (r == 0)
        r = store_read_names(p->store, &p->names, e);
    if (r < 0)
        return r;
    auto_free char *line = text_format("The push refers to repository [%s/%s]",
                                       p->ref.domain, p->ref.path);
    tell(p, NULL, line);
    r = registry_open(&p->registry, &p->ref, "pull,push", e);
    if (r < 0)
        return r;
    return p->what->all_tags ? push_all(p, e) : push_one(p, e);
}

int push_image(const struct image_store *store, const struct push *what,
               struct err *e)
{
    struct pushing p = {
        .store = store,
        .what = what,
        .registry = {.options = what->options, .web = WEB_NONE}
    };
    int r = push(&p, e);
    registry_close(&p.registry);
    ref_done(&p.ref);
    json_decref(p.names);
    return r;
}
