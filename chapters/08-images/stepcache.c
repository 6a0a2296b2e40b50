/* The build cache: stepcache.h. */
#include "stepcache.h"

#include "files.h"
#include "own.h"
#include "sheet.h"
#include "stage.h"
#include "store.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define STEPS "images/steps.json"

int stepcache_read(const struct image_store *store, json_t **ret, struct err *e)
{
    int r = store_read_json(store, STEPS, ret, e);
    if (r != -ENOENT)
        return r;
    *ret = json_object();
    return 0;
}

int stepcache_load(const struct image_store *store, const char *manifest,
                   struct image *ret, struct err *e)
{
    return store_load(store, manifest, NULL, ret, e);
}

static int write_steps(const struct image_store *store, const json_t *steps,
                       int flags, struct err *e)
{
    auto_free char *text = json_dumps(steps, JSON_COMPACT);
    if (text == NULL)
        abort(); /* out of memory */
    return files_replace(store->root, STEPS, text, strlen(text), flags, e);
}

/* --- what a step needs ---------------------------------------------------- */

static void add_hex(json_t *needs, const char *digest)
{
    json_array_append_new(needs, json_string(digest_hex(digest)));
}

/* All that store_sweep would find by reading its documents. */
static json_t *list_needs(const struct image_draft *draft)
{
    json_t *needs = json_array();
    size_t i;
    const json_t *item;
    add_hex(needs, draft->digest);
    add_hex(needs, draft->id);
    json_array_foreach(draft->layers, i, item)
        add_hex(needs, json_string_value(json_object_get(item, "digest")));
    const json_t *ids =
        json_object_get(json_object_get(draft->config, "rootfs"), "diff_ids");
    json_array_foreach(ids, i, item) add_hex(needs, json_string_value(item));
    return needs;
}

static void mark_needs(json_t *live, const json_t *step)
{
    size_t i;
    const json_t *item;
    json_array_foreach(json_object_get(step, "needs"), i, item)
    {
        if (json_is_string(item))
            json_object_set_new(live, json_string_value(item), json_true());
    }
}

int stepcache_mark(const struct image_store *store, json_t *live, struct err *e)
{
    json_auto_t *steps = NULL;
    int r = stepcache_read(store, &steps, e);
    const char *key;
    json_t *step;
    json_object_foreach(steps, key, step) mark_needs(live, step);
    return r;
}

/* --- remembering ---------------------------------------------------------- */

/* Another build may be on its way from the image that the key led to so far:
 * that one stays, under its own id, until it is pruned. */
static void keep_replaced(json_t *steps, const struct image_step *step)
{
    json_t *old = json_object_get(steps, step->key);
    const char *id = json_string_value(json_object_get(old, "id"));
    if (id != NULL && strcmp(id, step->draft->id) != 0)
        json_object_set(steps, digest_hex(id), old);
}

static void remember(json_t *steps, const struct image_step *step,
                     uint64_t size)
{
    json_int_t now = (json_int_t)time(NULL);
    keep_replaced(steps, step);
    json_object_set_new(
        steps, step->key,
        json_pack("{s:s, s:s, s:o, s:O, s:I, s:I, s:I, s:i}", "id",
                  step->draft->id, "manifest", step->draft->digest, "needs",
                  list_needs(step->draft), "inputs", step->inputs, "size",
                  (json_int_t)size, "created", now, "used", now, "count", 0));
}

int stepcache_set(const struct image_store *store,
                  const struct image_step *step, uint64_t size, struct err *e)
{
    json_auto_t *steps = NULL;
    int r = stepcache_read(store, &steps, e);
    if (r < 0)
        return r;
    remember(steps, step, size);
    return write_steps(store, steps, FILES_DURABLE, e);
}

/* Images without a layer of their own, on their way into the store. */
struct putting {
    const struct image_store *store;
    struct stage stage;
    const struct image_step *steps;
    size_t n;
};

/* Where one's documents lie in the stage. */
struct names_of_step {
    char config[32], manifest[32];
};
static struct names_of_step name_documents(size_t i)
{
    struct names_of_step names;
    snprintf(names.config, sizeof names.config, "config-%zu", i);
    snprintf(names.manifest, sizeof names.manifest, "manifest-%zu", i);
    return names;
}

static int stage_draft(const struct putting *p, size_t i, struct err *e)
{
    char digest[DIGEST_SIZE];
    size_t size;
    const struct image_draft *draft = p->steps[i].draft;
    struct names_of_step names = name_documents(i);
    int r = stage_document(&p->stage, names.config, draft->config, digest,
                           &size, e);
    if (r < 0)
        return r;
    json_auto_t *manifest = image_draft_manifest(draft);
    return stage_document(&p->stage, names.manifest, manifest, digest, &size,
                          e);
}

/* What its layers are in the store under. */
static int check_needs(const struct image_store *store,
                       const struct image_draft *draft, struct err *e)
{
    const json_t *ids =
        json_object_get(json_object_get(draft->config, "rootfs"), "diff_ids");
    size_t i;
    const json_t *item;
    json_array_foreach(ids, i, item)
    {
        auto_free char *path =
            text_format("layers/%s", digest_hex(json_string_value(item)));
        if (faccessat(store->root, path, F_OK, 0) < 0)
            return err_set(e, ENOENT, "No such image: %s", draft->id);
    }
    return 0;
}

static int put_draft(const struct putting *p, size_t i, struct err *e)
{
    const struct image_draft *draft = p->steps[i].draft;
    struct names_of_step names = name_documents(i);
    int r = check_needs(p->store, draft, e);
    if (r == 0)
        r = stage_put_blob(&p->stage, names.config, draft->id, e);
    if (r == 0)
        r = stage_put_blob(&p->stage, names.manifest, draft->digest, e);
    return r < 0 ? r : sheet_put(p->store, &p->stage, draft->digest, e);
}

/* Called by store_publish: no name changes, but the steps do. */
static int put_drafts(void *arg, json_t *names, struct err *e)
{
    const struct putting *p = arg;
    (void)names;
    json_auto_t *steps = NULL;
    int r = stepcache_read(p->store, &steps, e);
    for (size_t i = 0; i < p->n && r == 0; i++) {
        r = put_draft(p, i, e);
        if (r == 0)
            remember(steps, &p->steps[i], 0);
    }
    return r < 0 ? r : write_steps(p->store, steps, FILES_DURABLE, e);
}

int stepcache_put(const struct image_store *store,
                  const struct image_step *steps, size_t n, struct err *e)
{
    struct putting p = {
        .store = store, .stage = {.dir = -1}, .steps = steps, .n = n};
    int r = n == 0 ? 0 : stage_open(&p.stage, store->root, e);
    for (size_t i = 0; i < n && r == 0; i++)
        r = stage_draft(&p, i, e);
    if (r == 0 && n > 0)
        r = stage_sync(&p.stage, e);
    if (r == 0 && n > 0)
        r = store_publish(store, put_drafts, &p, e);
    stage_close(&p.stage);
    return r;
}

void stepcache_touch(const struct image_store *store, const struct strv *keys)
{
    auto_fd int lock = store_lock(store, NULL);
    json_auto_t *steps = NULL;
    if (lock < 0 || stepcache_read(store, &steps, NULL) < 0)
        return;
    json_int_t now = (json_int_t)time(NULL);
    for (size_t i = 0; i < keys->n; i++) {
        json_t *step = json_object_get(steps, keys->v[i]);
        json_int_t count = json_integer_value(json_object_get(step, "count"));
        if (step == NULL)
            continue;
        json_object_set_new(step, "used", json_integer(now));
        json_object_set_new(step, "count", json_integer(count + 1));
    }
    write_steps(store, steps, 0, NULL);
}

/* --- finding and forgetting ----------------------------------------------- */

char *stepcache_find(const struct image_store *store, const char *id)
{
    const char *hex = text_starts(id, "sha256:") ? digest_hex(id) : id;
    json_auto_t *steps = NULL;
    if (strlen(hex) == 0 || stepcache_read(store, &steps, NULL) < 0)
        return NULL;
    const char *key;
    json_t *step;
    json_object_foreach(steps, key, step)
    {
        const char *own = json_string_value(json_object_get(step, "id"));
        const char *manifest =
            json_string_value(json_object_get(step, "manifest"));
        if (own != NULL && manifest != NULL && digest_is_valid(own) &&
            text_starts(digest_hex(own), hex))
            return own_strdup(manifest);
    }
    return NULL;
}

/* Called by store_publish. */
struct naming {
    const struct image_store *store;
    const struct image_draft *draft;
    const char *name;
};

static int set_name(void *arg, json_t *names, struct err *e)
{
    const struct naming *n = arg;
    json_auto_t *manifest = NULL;
    int r = store_get(n->store, n->draft->digest, &manifest, e);
    if (r == -ENOENT)
        return err_set(e, ENOENT, "No such image: %s", n->draft->id);
    return r < 0 ? r : store_set_name(names, n->name, n->draft->digest, e);
}

/* Does the name lead there already? Then there is nothing to write. */
static bool has_name(const struct image_store *store,
                     const struct image_draft *draft, const char *name)
{
    json_auto_t *names = NULL;
    auto_store_found struct store_found found = {0};
    return store_read_names(store, &names, NULL) == 0 &&
           store_resolve(store, names, name != NULL ? name : draft->digest,
                         &found, NULL) == 0 &&
           strcmp(found.digest, draft->digest) == 0;
}

int stepcache_name(const struct image_store *store,
                   const struct image_draft *draft, const char *name,
                   struct err *e)
{
    if (has_name(store, draft, name))
        return 0;
    struct naming naming = {store, draft, name};
    int r = store_publish(store, set_name, &naming, e);
    if (r == 0 && name != NULL)
        store_tell(store, "tag", draft->id, name, draft->config);
    return r;
}

static uint64_t size_of(const json_t *step)
{
    return (uint64_t)json_integer_value(json_object_get(step, "size"));
}

/* One that may be anybody's is no loss: is its layer gone? It is the last of
 * what it needs. */
static bool has_lost_layer(const struct image_store *store, const json_t *step)
{
    const json_t *needs = json_object_get(step, "needs");
    const char *last =
        json_string_value(json_array_get(needs, json_array_size(needs) - 1));
    auto_free char *path = text_format("layers/%s", last != NULL ? last : "");
    return faccessat(store->root, path, F_OK, 0) < 0;
}

int stepcache_prune(const struct image_store *store,
                    const struct stepcache_prune *prune, struct strv *said,
                    uint64_t *ret_bytes, struct err *e)
{
    json_auto_t *steps = NULL, *names = NULL, *gone = json_object();
    *ret_bytes = 0;
    auto_fd int lock = store_lock(store, e);
    int r = lock < 0 ? lock : store_read_names(store, &names, e);
    if (r == 0)
        r = stepcache_read(store, &steps, e);
    if (r < 0)
        return r;
    const char *key;
    json_t *step;
    void *next;
    json_object_foreach_safe(steps, next, key, step)
    {
        if (prune->wanted != NULL && !prune->wanted(key, step, prune->arg))
            continue;
        json_object_set(gone, key, step);
        json_object_del(steps, key);
    }
    if (json_object_size(gone) > 0)
        r = write_steps(store, steps, FILES_DURABLE, e);
    /* Also where there is nothing to forget: what a killed build left. */
    if (r == 0)
        r = store_sweep(store, names, e);
    json_object_foreach(gone, key, step)
    {
        if (has_lost_layer(store, step))
            *ret_bytes += size_of(step);
        strv_add(said, key);
    }
    return r;
}
