/* Committing: a layer above an image is another image. */
#include "store.h"

#include "changes.h"
#include "files.h"
#include "own.h"
#include "sheet.h"
#include "stage.h"
#include "sys.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct commit {
    const struct image_store *store;
    const struct image_commit *what;
    struct stage stage;
    int blob; /* the layer, packed; written and then read */
    struct digest blob_sum, diff_sum;
    uint64_t blob_size;
    struct pack_size size;
    char blob_digest[DIGEST_SIZE], diff_id[DIGEST_SIZE];
    char config_digest[DIGEST_SIZE], manifest_digest[DIGEST_SIZE];
    json_t *config; /* the part that says how to run it */
};

static void commit_done(struct commit *c)
{
    own_close(&c->blob);
    json_decref(c->config);
    stage_close(&c->stage);
}

static bool is_empty(const struct commit *c)
{
    return c->size.entries == 0;
}

static int prepare(struct commit *c, struct err *e)
{
    digest_init(&c->blob_sum);
    digest_init(&c->diff_sum);
    int r = c->what->name == NULL ? 0 : store_check_name(c->what->name, e);
    c->config = json_deep_copy(c->what->config);
    if (r == 0)
        r = changes_apply_all(c->config, c->what->changes, e);
    if (r == 0)
        r = stage_open(&c->stage, c->store->root, e);
    if (r < 0)
        return r;
    c->blob = sys_openat(c->stage.dir, "blob",
                         O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    return c->blob < 0 ? err_sys(e, c->blob, "create a blob") : 0;
}

static int keep(void *arg, const void *bytes, size_t len)
{
    struct commit *c = arg;
    digest_add(&c->blob_sum, bytes, len);
    c->blob_size += len;
    return files_write_all(c->blob, bytes, len);
}

static void add_plain(void *arg, const void *bytes, size_t len)
{
    struct commit *c = arg;
    digest_add(&c->diff_sum, bytes, len);
}

static int pack(struct commit *c, struct err *e)
{
    struct pack_options out = {
        .target = {keep,      c},
        .uncompressed = {add_plain, c},
        .packed = LAYER_GZIP,
    };
    int r = c->what->pack(c->what->arg, &out, &c->size, e);
    if (r < 0)
        return r;
    digest_end(&c->diff_sum, c->diff_id);
    digest_end(&c->blob_sum, c->blob_digest);
    return 0;
}

static ssize_t read_blob(void *arg, void *bytes, size_t len)
{
    const struct commit *c = arg;
    ssize_t n = read(c->blob, bytes, len);
    return n < 0 ? -errno : n;
}

/* The layer's directory is made from its blob, as after an import: so what
 * containers see here is what they will see wherever the image goes. */
static int unpack(struct commit *c, struct err *e)
{
    if (lseek(c->blob, 0, SEEK_SET) < 0)
        return err_sys(e, errno, "read the blob");
    return stage_layer(&c->stage, "layer", (struct layer_source){read_blob, c},
                       (struct layer_sink){0}, e);
}

/* A configuration whose "key" is a list gets one member more. */
static void append(json_t *object, const char *key, json_t *value)
{
    if (!json_is_array(json_object_get(object, key)))
        json_object_set_new(object, key, json_array());
    json_array_append_new(json_object_get(object, key), value);
}

static void set_text(json_t *object, const char *key, const char *text)
{
    if (text != NULL && text[0] != '\0')
        json_object_set_new(object, key, json_string(text));
}

static json_t *make_config(const struct commit *c)
{
    char created[40];
    store_creation_time(created, sizeof created);
    json_t *step = json_pack("{s:s}", "created", created);
    set_text(step, "author", c->what->author);
    set_text(step, "created_by", c->what->created_by);
    set_text(step, "comment", c->what->message);
    if (is_empty(c))
        json_object_set_new(step, "empty_layer", json_true());
    json_t *config = json_deep_copy(c->what->base->config);
    json_object_set_new(config, "created", json_string(created));
    json_object_del(config, "author");
    set_text(config, "author", c->what->author);
    json_object_set(config, "config", c->config);
    append(config, "history", step);
    if (!is_empty(c))
        append(json_object_get(config, "rootfs"), "diff_ids",
               json_string(c->diff_id));
    return config;
}

/* The base's layers as this kind of manifest names them: it may have come in
 * one of Docker's own, whose names say the same with other words. */
static json_t *make_layers(const struct commit *c, const json_t *manifest)
{
    json_t *layers = json_array();
    size_t i;
    const json_t *layer;
    json_array_foreach(json_object_get(manifest, "layers"), i, layer)
    {
        const char *media =
            json_string_value(json_object_get(layer, "mediaType"));
        media = media != NULL ? media : "";
        enum layer_compression packed = text_ends(media, "gzip") ? LAYER_GZIP
                                        : text_ends(media, "zstd")
                                            ? LAYER_ZSTD
                                            : LAYER_PLAIN;
        json_array_append_new(
            layers,
            store_layer(
                packed, json_string_value(json_object_get(layer, "digest")),
                (uint64_t)json_integer_value(json_object_get(layer, "size"))));
    }
    if (!is_empty(c))
        json_array_append_new(
            layers, store_layer(LAYER_GZIP, c->blob_digest, c->blob_size));
    return layers;
}

/* Written in the stage, so that one sync is good for all. */
static int make_documents(struct commit *c, struct err *e)
{
    size_t size;
    json_auto_t *base = NULL;
    int r = store_get(c->store, c->what->base->digest, &base, e);
    if (r < 0)
        return r;
    json_auto_t *config = make_config(c);
    r = stage_document(&c->stage, "config", config, c->config_digest, &size, e);
    if (r < 0)
        return r;
    json_auto_t *manifest =
        store_manifest(c->config_digest, size, make_layers(c, base));
    return stage_document(&c->stage, "manifest", manifest, c->manifest_digest,
                          &size, e);
}

/* Under the store's lock, and after a sweep: if the base's manifest is still
 * there, then so is all that it leads to. */
static int put(void *arg, json_t *names, struct err *e)
{
    struct commit *c = arg;
    json_auto_t *base = NULL;
    int r = store_get(c->store, c->what->base->digest, &base, e);
    if (r == -ENOENT)
        return err_set(e, ENOENT, "No such image: %s", c->what->base->id);
    if (r == 0 && !is_empty(c))
        r = stage_put_layer(&c->stage, "layer", c->diff_id, e);
    if (r == 0 && !is_empty(c))
        r = stage_put_blob(&c->stage, "blob", c->blob_digest, e);
    if (r == 0)
        r = stage_put_blob(&c->stage, "config", c->config_digest, e);
    if (r == 0)
        r = stage_put_blob(&c->stage, "manifest", c->manifest_digest, e);
    if (r == 0)
        r = sheet_put(c->store, &c->stage, c->manifest_digest, e);
    return r < 0 ? r
                 : store_set_name(names, c->what->name, c->manifest_digest, e);
}

int image_commit(const struct image_store *store,
                 const struct image_commit *what, char ret_id[DIGEST_SIZE],
                 struct err *e)
{
    struct commit c = {
        .store = store, .what = what, .stage.dir = -1, .blob = -1};
    int r = prepare(&c, e);
    if (r == 0)
        r = pack(&c, e);
    if (r == 0 && !is_empty(&c))
        r = unpack(&c, e);
    if (r == 0)
        r = make_documents(&c, e);
    if (r == 0)
        r = stage_sync(&c.stage, e);
    if (r == 0)
        r = store_publish(store, put, &c, e);
    if (r == 0)
        memcpy(ret_id, c.config_digest, sizeof c.config_digest);
    if (r == 0 && what->name != NULL) {
        json_auto_t *whole = json_pack("{s:O}", "config", c.config);
        store_tell(store, "tag", ret_id, what->name, whole);
    }
    commit_done(&c);
    return r;
}
