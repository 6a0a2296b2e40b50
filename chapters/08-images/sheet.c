/* The sheet of directories above an image's layers: sheet.h. */
#include "sheet.h"

#include "files.h"
#include "implied.h"
#include "own.h"
#include "sys.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int sheet_note(const struct stage *stage, const char *name,
               const struct strv *implied, struct err *e)
{
    auto_free char *path = text_format("%s/implied", name);
    auto_text struct text list = {0};
    for (size_t i = 0; i < implied->n; i++)
        text_addn(&list, implied->v[i], strlen(implied->v[i]) + 1);
    return list.len == 0
               ? 0
               : files_replace(stage->dir, path, list.s, list.len, 0, e);
}

/* The list beside the layer that is unpacked at `diff`, ".../HEX/diff". */
static int read_list(const char *diff, struct strv *ret, struct err *e)
{
    auto_text struct text list = {0};
    auto_free char *path =
        text_format("%.*simplied", (int)(strlen(diff) - strlen("diff")), diff);
    int r = files_read(AT_FDCWD, path, &list, e);
    if (r == -ENOENT)
        return 0;
    for (const char *at = list.s; r >= 0 && at < list.s + list.len;
         at += strlen(at) + 1)
        strv_add(ret, at);
    return r < 0 ? r : 0;
}

static int make(const struct stage *stage, const char *name,
                const struct strv *layers, const struct strv *lists,
                struct err *e)
{
    auto_fd int diff = stage_make_layer(stage, name, e);
    if (diff < 0)
        return diff;
    auto_tree struct tree tree = {.has_marks = true};
    int r = tree_open(&tree, layers, e);
    return r < 0 ? r : implied_make(&tree, lists, diff, e);
}

/* Its name in the stage is the image's id: one load may make many. */
static int make_and_put(const struct stage *stage, const struct image *image,
                        const struct strv *lists, struct err *e)
{
    const char *name = digest_hex(image->id);
    int r = make(stage, name, &image->layers, lists, e);
    if (r < 0)
        return err_add(e, "directories of image %s", image->id);
    if (r == 0)
        return files_remove_tree(stage->dir, name, e);
    r = stage_sync(stage, e);
    return r < 0 ? r : stage_put_layer(stage, name, image->id, e);
}

int sheet_put(const struct image_store *store, const struct stage *stage,
              const char *manifest, struct err *e)
{
    auto_image struct image image = {0};
    int r = store_load(store, manifest, NULL, &image, e);
    if (r < 0 || image.sheet != NULL)
        return r;
    size_t n = image.layers.n, noted = 0;
    auto_free struct strv *lists = own_alloc((n + 1) * sizeof *lists);
    for (size_t i = 0; i < n && r == 0; i++) {
        r = read_list(image.layers.v[i], &lists[i], e);
        noted += lists[i].n;
    }
    /* The lowest layer has nothing below it. */
    if (r == 0 && n > 1 && noted > lists[n - 1].n)
        r = make_and_put(stage, &image, lists, e);
    for (size_t i = 0; i < n; i++)
        strv_done(&lists[i]);
    return r;
}
