/* From the stage, where nobody looks, to where everybody does. */
#include "stage.h"
#include "store.h"

#include "files.h"
#include "own.h"
#include "sheet.h"
#include "sys.h"

#include <errno.h>
#include <linux/fs.h>
#include <string.h>

int stage_make_layer(const struct stage *stage, const char *name, struct err *e)
{
    auto_free char *path = text_format("%s/diff", name);
    /* A layer without an entry for its own root has Docker's mode for it. */
    int r = files_mkdirs(stage->dir, path, 0755, e);
    if (r < 0)
        return r;
    r = sys_openat(stage->dir, path, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
    return r < 0 ? err_sys(e, r, "open the layer") : r;
}

int stage_layer(const struct stage *stage, const char *name,
                struct layer_source source, struct layer_sink sink,
                struct err *e)
{
    auto_fd int diff = stage_make_layer(stage, name, e);
    if (diff < 0)
        return diff;
    struct layer_stats stats;
    int r = layer_extract(source, sink, diff, &stats, e);
    if (r < 0)
        return r;
    r = sheet_note(stage, name, &stats.implied, e);
    strv_done(&stats.implied);
    if (r < 0)
        return r;
    auto_free char *size_path = text_format("%s/size", name);
    auto_free char *size =
        text_format("%llu\n", (unsigned long long)stats.bytes);
    return files_replace(stage->dir, size_path, size, strlen(size), 0, e);
}

int stage_sync(const struct stage *stage, struct err *e)
{
    int r = sys_syncfs(stage->dir);
    return r < 0 ? err_sys(e, r, "sync what was unpacked") : 0;
}

/* waiver: parameters: as those of store_put, and where */
int stage_document(const struct stage *stage, const char *name,
                   const json_t *document, char ret_digest[DIGEST_SIZE],
                   size_t *ret_size, struct err *e)
{
    auto_free char *text = store_text(document);
    *ret_size = strlen(text);
    digest_of(text, *ret_size, ret_digest);
    return files_replace(stage->dir, name, text, *ret_size, 0, e);
}

/* What was renamed into it is there after a power cut. */
static int sync_dir(int root, const char *path, struct err *e)
{
    auto_fd int dir =
        sys_openat(root, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    int r = dir < 0 ? dir : sys_fsync(dir);
    return r < 0 ? err_sys(e, r, "sync %s", path) : 0;
}

int stage_put_layer(const struct stage *stage, const char *name,
                    const char *diff_id, struct err *e)
{
    auto_free char *path = text_format("layers/%s", digest_hex(diff_id));
    int r =
        sys_renameat2(stage->dir, name, stage->root, path, RENAME_NOREPLACE);
    return r < 0 && r != -EEXIST ? err_sys(e, r, "keep the layer") : 0;
}

int stage_put_blob(const struct stage *stage, const char *name,
                   const char *digest, struct err *e)
{
    auto_free char *path = store_blob_path(digest);
    int r = sys_renameat2(stage->dir, name, stage->root, path, 0);
    return r < 0 ? err_sys(e, r, "keep blob %s", digest) : 0;
}

/* @lab 8.3 store_lock, store_read_names, store_sweep, put, sync_dir twice,
 * store_write_names; where it failed, sweep by the names on the disk */
int store_publish(const struct image_store *store,
                  int (*put)(void *arg, json_t *names, struct err *e),
                  void *arg, struct err *e)
{
    auto_fd int lock = store_lock(store, e);
    if (lock < 0)
        return lock;
    json_auto_t *names = NULL;
    int r = store_read_names(store, &names, e);
    if (r < 0)
        return r;
    /* What a killed import left. That this fails is no reason to. */
    store_sweep(store, names, NULL);
    r = put(arg, names, e);
    if (r == 0)
        r = sync_dir(store->root, "layers", e);
    if (r == 0)
        r = sync_dir(store->root, "images/blobs/sha256", e);
    /* The names come last: they are what makes an image, and until then all
     * of it is garbage for the next sweep. */
    if (r == 0)
        r = store_write_names(store, names, e);
    if (r == 0)
        return 0;
    /* Clean up by what the disk says: the names may have been replaced and
     * only their sync failed. */
    json_auto_t *written = NULL;
    if (store_read_names(store, &written, NULL) == 0)
        store_sweep(store, written, NULL);
    return r;
}
