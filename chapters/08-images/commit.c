/* Committing: a layer above an image is another image. */
#include "store.h"

#include "files.h"
#include "own.h"
#include "sheet.h"
#include "stage.h"
#include "stepcache.h"
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
    json_t *config; /* the part that says how to run it */
    struct image_draft draft;
};

static void commit_done(struct commit *c)
{
    own_close(&c->blob);
    json_decref(c->config);
    image_draft_done(&c->draft);
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
    int r = c->what->name == NULL ? 0 : image_check_name(c->what->name, e);
    c->config = json_deep_copy(c->what->config);
    if (r == 0)
        r = image_draft_open(c->store, c->what->base, &c->draft, e);
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

/* Written in the stage, so that one sync is good for all. */
static int make_documents(struct commit *c, struct err *e)
{
    char created[40];
    size_t size;
    store_creation_time(created, sizeof created);
    struct image_draft_step step = {
        .created = created,
        .author = c->what->author,
        .created_by = c->what->created_by,
        .comment = c->what->message,
        .config = c->config,
        .diff_id = c->diff_id,
    };
    if (!is_empty(c))
        step.layer = store_layer(LAYER_GZIP, c->blob_digest, c->blob_size);
    image_draft_add(&c->draft, &step);
    int r = stage_document(&c->stage, "config", c->draft.config, c->draft.id,
                           &size, e);
    if (r < 0)
        return r;
    json_auto_t *manifest = image_draft_manifest(&c->draft);
    return stage_document(&c->stage, "manifest", manifest, c->draft.digest,
                          &size, e);
}

/* As a step of a build, or under a name. */
static int put_name(const struct commit *c, json_t *names, struct err *e)
{
    const struct image_step *step = c->what->step;
    if (step == NULL)
        return store_set_name(names, c->what->name, c->draft.digest, e);
    struct image_step whole = {step->key, step->inputs, &c->draft};
    return stepcache_set(c->store, &whole, c->size.content, e);
}

static int check_base(const struct commit *c, struct err *e)
{
    json_auto_t *base = NULL;
    int r = c->what->base == NULL
                ? 0
                : store_get(c->store, c->what->base->digest, &base, e);
    return r == -ENOENT
               ? err_set(e, ENOENT, "No such image: %s", c->what->base->id)
               : r;
}

/* Under the store's lock, and after a sweep: if the base's manifest is still
 * there, then so is all that it leads to. */
static int put(void *arg, json_t *names, struct err *e)
{
    struct commit *c = arg;
    int r = check_base(c, e);
    if (r == 0 && !is_empty(c))
        r = stage_put_layer(&c->stage, "layer", c->diff_id, e);
    if (r == 0 && !is_empty(c))
        r = stage_put_blob(&c->stage, "blob", c->blob_digest, e);
    if (r == 0)
        r = stage_put_blob(&c->stage, "config", c->draft.id, e);
    if (r == 0)
        r = stage_put_blob(&c->stage, "manifest", c->draft.digest, e);
    if (r == 0)
        r = sheet_put(c->store, &c->stage, c->draft.digest, e);
    return r < 0 ? r : put_name(c, names, e);
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
        memcpy(ret_id, c.draft.id, sizeof c.draft.id);
    if (r == 0 && what->name != NULL) {
        json_auto_t *whole = json_pack("{s:O}", "config", c.config);
        store_tell(store, "tag", ret_id, what->name, whole);
    }
    commit_done(&c);
    return r;
}
