/* Importing: a tar becomes an image. */
#include "store.h"

#include "files.h"
#include "own.h"
#include "platform.h"
#include "stage.h"
#include "sys.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/*
 * The tar goes through once. As it comes in it is written to the blob; as it
 * leaves the decompressor its digest is taken; what is in it is unpacked. All
 * of that happens in the stage, where nobody looks.
 */
struct import {
    const struct image_store *store;
    const struct image_import *what;
    struct stage stage;
    int blob; /* the layer as it is kept */
    enum layer_compression packed;
    bool has_begun;
    int write_error; /* of the blob: -errno */
    uint64_t blob_size;
    struct digest blob_sum, diff_sum;
    char blob_digest[DIGEST_SIZE], diff_id[DIGEST_SIZE];
    char config_digest[DIGEST_SIZE], manifest_digest[DIGEST_SIZE];
    json_t *config;
    struct platform platform;
};

static void import_done(struct import *im)
{
    own_close(&im->blob);
    json_decref(im->config);
    stage_close(&im->stage);
}

/* OCI knows plain, gzip and zstd layers; one that is xz is kept unpacked. */
static bool is_kept_as_is(const struct import *im)
{
    return im->packed != LAYER_XZ;
}

static void keep(struct import *im, const void *bytes, size_t len)
{
    if (im->write_error == 0)
        im->write_error = files_write_all(im->blob, bytes, len);
    im->blob_size += len;
}

/* The first piece must be long enough to tell the compression. */
static ssize_t read_first(struct import *im, char *bytes, size_t len)
{
    size_t have = 0;
    ssize_t n = 1;
    while (have < LAYER_MAGIC && have < len && n > 0) {
        n = im->what->source.read(im->what->source.arg, bytes + have,
                                  len - have);
        if (n == -EINTR)
            n = 1;
        else if (n > 0)
            have += (size_t)n;
    }
    im->packed = layer_recognise(bytes, have);
    im->has_begun = true;
    return n < 0 ? n : (ssize_t)have;
}

static ssize_t read_tee(void *arg, void *bytes, size_t len)
{
    struct import *im = arg;
    ssize_t n = im->has_begun
                    ? im->what->source.read(im->what->source.arg, bytes, len)
                    : read_first(im, bytes, len);
    if (n <= 0 || !is_kept_as_is(im))
        return n;
    keep(im, bytes, (size_t)n);
    if (im->packed != LAYER_PLAIN)
        digest_add(&im->blob_sum, bytes, (size_t)n);
    return im->write_error < 0 ? im->write_error : n;
}

static void add_uncompressed(void *arg, const void *bytes, size_t len)
{
    struct import *im = arg;
    digest_add(&im->diff_sum, bytes, len);
    if (!is_kept_as_is(im))
        keep(im, bytes, len);
}

static int open_stage(struct import *im, struct err *e)
{
    digest_init(&im->blob_sum);
    digest_init(&im->diff_sum);
    int r = stage_open(&im->stage, im->store->root, e);
    if (r < 0)
        return r;
    im->blob = sys_openat(im->stage.dir, "blob",
                          O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    return im->blob < 0 ? err_sys(e, im->blob, "create a blob") : 0;
}

static int unpack(struct import *im, struct err *e)
{
    int r =
        stage_layer(&im->stage, "layer", (struct layer_source){read_tee, im},
                    (struct layer_sink){add_uncompressed, im}, e);
    if (im->write_error < 0)
        return err_sys(e, im->write_error, "write the layer's blob");
    if (r < 0)
        return r;
    digest_end(&im->diff_sum, im->diff_id);
    if (im->packed == LAYER_GZIP || im->packed == LAYER_ZSTD)
        digest_end(&im->blob_sum, im->blob_digest);
    else
        memcpy(im->blob_digest, im->diff_id, sizeof im->diff_id);
    /* Tens of thousands of files, one call: everything must be on disk before
     * anything is named. */
    return stage_sync(&im->stage, e);
}

/* For which machine. Nobody looks into the files to see if that is true. */
static int set_platform(struct import *im, struct err *e)
{
    const char *said = im->what->platform;
    platform_host(&im->platform);
    if (said == NULL || said[0] == '\0')
        return 0;
    int r = platform_parse(said, &im->platform, e);
    if (r == 0 && strcmp(im->platform.os, "linux") != 0)
        return err_set(e, EINVAL, "operating system is not supported");
    return r;
}

/* What the wishes say of the configuration, before any work is done. */
static int prepare_config(struct import *im, struct err *e)
{
    im->config = json_object();
    int r = set_platform(im, e);
    if (r < 0 || im->what->change == NULL)
        return r;
    return im->what->change(im->what->change_arg, im->config, e);
}

static json_t *make_config(const struct import *im)
{
    char created[40];
    store_creation_time(created, sizeof created);
    const char *message = im->what->message;
    json_t *config = json_pack(
        "{s:s, s:s, s:s, s:O, s:{s:s, s:[s]}, s:[{s:s, s:s}]}", "created",
        created, "architecture", im->platform.architecture, "os",
        im->platform.os, "config", im->config, "rootfs", "type", "layers",
        "diff_ids", im->diff_id, "history", "created", created, "comment",
        message != NULL && *message != '\0' ? message : "Imported from -");
    if (im->what->platform != NULL && im->platform.variant[0] != '\0')
        json_object_set_new(config, "variant",
                            json_string(im->platform.variant));
    return config;
}

static int put_documents(struct import *im, struct err *e)
{
    size_t size;
    json_auto_t *config = make_config(im);
    if (config == NULL)
        return err_set(e, EINVAL, "the message or a change is not UTF-8");
    int r = store_put(im->store, config, im->config_digest, &size, e);
    if (r < 0)
        return r;
    json_auto_t *manifest =
        store_manifest(im->config_digest, size,
                       json_pack("[o]", store_layer(im->packed, im->blob_digest,
                                                    im->blob_size)));
    return store_put(im->store, manifest, im->manifest_digest, &size, e);
}

static int put(void *arg, json_t *names, struct err *e)
{
    struct import *im = arg;
    int r = stage_put_layer(&im->stage, "layer", im->diff_id, e);
    if (r == 0)
        r = stage_put_blob(&im->stage, "blob", im->blob_digest, e);
    if (r == 0)
        r = put_documents(im, e);
    return r < 0
               ? r
               : store_set_name(names, im->what->name, im->manifest_digest, e);
}

int image_import(const struct image_store *store,
                 const struct image_import *what, char ret_id[DIGEST_SIZE],
                 struct err *e)
{
    struct import im = {
        .store = store, .what = what, .stage.dir = -1, .blob = -1};
    int r = what->name == NULL ? 0 : image_check_name(what->name, e);
    if (r == 0)
        r = prepare_config(&im, e);
    if (r == 0)
        r = open_stage(&im, e);
    if (r == 0)
        r = unpack(&im, e);
    if (r == 0)
        r = store_publish(store, put, &im, e);
    if (r == 0) {
        memcpy(ret_id, im.config_digest, sizeof im.config_digest);
        json_auto_t *whole = json_pack("{s:O}", "config", im.config);
        if (what->name != NULL)
            store_tell(store, "tag", ret_id, what->name, whole);
        store_tell(store, "import", ret_id, NULL, whole);
    }
    import_done(&im);
    return r;
}
