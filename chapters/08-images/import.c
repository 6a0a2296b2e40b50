/* Importing: a tar becomes an image. */
#include "store.h"

#include "changes.h"
#include "files.h"
#include "own.h"
#include "stage.h"
#include "sys.h"

#include <errno.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#define MEDIA "application/vnd.oci.image."

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
    struct layer_stats stats;
};

static void import_done(struct import *im)
{
    own_close(&im->blob);
    digest_done(&im->blob_sum);
    digest_done(&im->diff_sum);
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
    int r = stage_open(&im->stage, im->store->root, e);
    if (r == 0)
        r = digest_init(&im->blob_sum, e);
    if (r == 0)
        r = digest_init(&im->diff_sum, e);
    /* A layer without an entry for its own root has Docker's mode for it. */
    if (r == 0)
        r = files_mkdirs(im->stage.dir, "layer/diff", 0755, e);
    if (r < 0)
        return r;
    im->blob = sys_openat(im->stage.dir, "blob",
                          O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    return im->blob < 0 ? err_sys(e, im->blob, "create a blob") : 0;
}

static int unpack(struct import *im, struct err *e)
{
    auto_fd int diff = sys_openat(im->stage.dir, "layer/diff",
                                  O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
    if (diff < 0)
        return err_sys(e, diff, "open the layer");
    int r = layer_extract((struct layer_source){read_tee, im},
                          (struct layer_sink){add_uncompressed, im}, diff,
                          &im->stats, e);
    if (im->write_error < 0)
        return err_sys(e, im->write_error, "write the layer's blob");
    if (r < 0)
        return r;
    digest_end(&im->diff_sum, im->diff_id);
    if (im->packed == LAYER_GZIP || im->packed == LAYER_ZSTD)
        digest_end(&im->blob_sum, im->blob_digest);
    else
        memcpy(im->blob_digest, im->diff_id, sizeof im->diff_id);
    auto_free char *size =
        text_format("%llu\n", (unsigned long long)im->stats.bytes);
    r = files_replace(im->stage.dir, "layer/size", size, strlen(size), 0, e);
    /* Tens of thousands of files, one call: everything must be on disk before
     * anything is named. */
    int synced = r < 0 ? r : sys_syncfs(im->stage.dir);
    return synced < 0 && r >= 0 ? err_sys(e, synced, "sync the layer") : r;
}

/* uname(2) and the Go language name processors differently. */
static const char *architecture(const char *machine)
{
    static const struct {
        const char *uname, *go;
    } names[] = {
        {"x86_64",  "amd64"  },
        {"aarch64", "arm64"  },
        {"i686",    "386"    },
        {"armv7l",  "arm"    },
        {"riscv64", "riscv64"},
        {"ppc64le", "ppc64le"},
        {"s390x",   "s390x"  },
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i].uname, machine) == 0)
            return names[i].go;
    return machine;
}

/* Now, or when reproducible-builds.org's variable says. */
static void creation_time(char *out, size_t size)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    const char *epoch = getenv("SOURCE_DATE_EPOCH");
    uint64_t seconds;
    bool is_given = epoch != NULL && text_to_u64(epoch, &seconds) == 0;
    if (is_given)
        now = (struct timespec){.tv_sec = (time_t)seconds};
    struct tm tm;
    gmtime_r(&now.tv_sec, &tm);
    size_t used = strftime(out, size, "%Y-%m-%dT%H:%M:%S", &tm);
    if (is_given)
        snprintf(out + used, size - used, "Z");
    else
        snprintf(out + used, size - used, ".%09ldZ", now.tv_nsec);
}

/* What the wishes say of the configuration, before any work is done. */
static int prepare_config(struct import *im, struct err *e)
{
    const struct strv *changes = im->what->changes;
    im->config = json_object();
    for (size_t i = 0; changes != NULL && i < changes->n; i++) {
        int r = changes_apply(im->config, changes->v[i], e);
        if (r < 0)
            return r;
    }
    return 0;
}

static json_t *make_config(const struct import *im)
{
    struct utsname system;
    uname(&system);
    char created[40];
    creation_time(created, sizeof created);
    const char *message = im->what->message;
    return json_pack(
        "{s:s, s:s, s:s, s:O, s:{s:s, s:[s]}, s:[{s:s, s:s}]}", "created",
        created, "architecture", architecture(system.machine), "os", "linux",
        "config", im->config, "rootfs", "type", "layers", "diff_ids",
        im->diff_id, "history", "created", created, "comment",
        message != NULL && *message != '\0' ? message : "Imported from -");
}

static json_t *make_manifest(const struct import *im, size_t config_size)
{
    const char *layer_type = MEDIA "layer.v1.tar";
    if (im->packed == LAYER_GZIP)
        layer_type = MEDIA "layer.v1.tar+gzip";
    if (im->packed == LAYER_ZSTD)
        layer_type = MEDIA "layer.v1.tar+zstd";
    return json_pack("{s:i, s:s, s:{s:s, s:s, s:I}, s:[{s:s, s:s, s:I}]}",
                     "schemaVersion", 2, "mediaType", MEDIA "manifest.v1+json",
                     "config", "mediaType", MEDIA "config.v1+json", "digest",
                     im->config_digest, "size", (json_int_t)config_size,
                     "layers", "mediaType", layer_type, "digest",
                     im->blob_digest, "size", (json_int_t)im->blob_size);
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
    json_auto_t *manifest = make_manifest(im, size);
    return store_put(im->store, manifest, im->manifest_digest, &size, e);
}

/* Move the layer to where all images find it, unless another one with the
 * same content was first. */
static int put_layer(const struct import *im, struct err *e)
{
    int root = im->store->root;
    auto_free char *layer = text_format("layers/%s", digest_hex(im->diff_id));
    int r =
        sys_renameat2(im->stage.dir, "layer", root, layer, RENAME_NOREPLACE);
    if (r < 0 && r != -EEXIST)
        return err_sys(e, r, "keep the layer");
    auto_free char *blob = store_blob_path(im->blob_digest);
    r = sys_renameat2(im->stage.dir, "blob", root, blob, 0);
    if (r < 0)
        return err_sys(e, r, "keep the layer's blob");
    auto_fd int layers =
        sys_openat(root, "layers", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    r = layers < 0 ? layers : sys_fsync(layers);
    return r < 0 ? err_sys(e, r, "sync the layers") : 0;
}

/* From here on others see something. The names come last: they are what makes
 * an image, and until then all of it is garbage for the next sweep. */
static int publish(struct import *im, struct err *e)
{
    auto_fd int lock = store_lock(im->store, e);
    if (lock < 0)
        return lock;
    json_auto_t *names = NULL;
    int r = store_read_names(im->store, &names, e);
    if (r < 0)
        return r;
    /* What a killed import left. That this fails is no reason to. */
    store_sweep(im->store, names, NULL);
    r = put_layer(im, e);
    if (r == 0)
        r = put_documents(im, e);
    if (r == 0)
        r = store_set_name(names, im->what->name, im->manifest_digest, e);
    if (r == 0)
        r = store_write_names(im->store, names, e);
    if (r == 0)
        return 0;
    /* Clean up by what the disk says: the names may have been replaced and
     * only their sync failed. */
    json_auto_t *written = NULL;
    if (store_read_names(im->store, &written, NULL) == 0)
        store_sweep(im->store, written, NULL);
    return r;
}

int image_import(const struct image_store *store,
                 const struct image_import *what, char ret_id[DIGEST_SIZE],
                 struct err *e)
{
    struct import im = {
        .store = store, .what = what, .stage.dir = -1, .blob = -1};
    int r = what->name == NULL ? 0 : store_check_name(what->name, e);
    if (r == 0)
        r = prepare_config(&im, e);
    if (r == 0)
        r = open_stage(&im, e);
    if (r == 0)
        r = unpack(&im, e);
    if (r == 0)
        r = publish(&im, e);
    if (r == 0)
        memcpy(ret_id, im.config_digest, sizeof im.config_digest);
    import_done(&im);
    return r;
}
