/* What each layer added, changed, removed, and what is hidden for good. All
 * layers are walked at once, a directory at a time, as overlayfs merges them.
 */
#include "explore.h"

#include "explore_parts.h"
#include "own.h"
#include "store.h"
#include "sys.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* What one layer did. */
struct deeds {
    json_t *changes;
    int64_t added, changed, removed;
    uint64_t hides, wasted, size;
};

struct walk {
    struct explore_layers layers;
    struct deeds *deeds; /* one for each layer */
    json_t *links;       /* hard links that were counted */
    struct err *e;
};

enum { NOBODY = -1 };

/* The layers that have a directory in common, and the one above that hides all
 * of it (or NOBODY). */
struct group {
    bool *has;
    int hidden_by;
};

/* An entry of a directory, in one layer. */
struct version {
    char *name;
    size_t layer;
    struct stat st;
    uint64_t size;
};

struct versions {
    struct version *v;
    size_t n;
};

static int by_name(const void *a, const void *b)
{
    const struct version *left = a, *right = b;
    int order = strcmp(left->name, right->name);
    return order != 0
               ? order
               : (left->layer > right->layer) - (left->layer < right->layer);
}

/* The content of a file with several names is there once. */
static uint64_t count_size(struct walk *w, size_t layer, const struct stat *st)
{
    if (!S_ISREG(st->st_mode) || st->st_nlink < 2)
        return explore_size(st);
    auto_free char *key =
        text_format("%zu:%llu", layer, (unsigned long long)st->st_ino);
    bool is_new = json_object_get(w->links, key) == NULL;
    json_object_set_new(w->links, key, json_true());
    return is_new ? explore_size(st) : 0;
}

/* Add what one layer has in a directory. */
static int read_dir(struct walk *w, size_t layer, const char *path,
                    struct versions *all)
{
    auto_fd int fd =
        sys_openat(w->layers.fds[layer], path[0] == '\0' ? "." : path,
                   O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
    auto_dir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (dir == NULL)
        return err_sys(w->e, fd < 0 ? fd : errno, "open /%s of layer %zu", path,
                       layer + 1);
    fd_take(&fd);
    struct dirent *entry;
    while ((entry = readdir(dir)) != NULL) {
        const char *name = entry->d_name;
        struct stat st;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
            fstatat(dirfd(dir), name, &st, AT_SYMLINK_NOFOLLOW) < 0)
            continue;
        if (all->n % 64 == 0)
            all->v = own_grow(all->v, (all->n + 64) * sizeof *all->v);
        all->v[all->n++] = (struct version){own_strdup(name), layer, st,
                                            count_size(w, layer, &st)};
    }
    return 0;
}

/* --- judging ----------------------------------------------------------------
 */

static void tell(struct walk *w, const struct version *version,
                 const char *kind, const char *path)
{
    struct deeds *deeds = &w->deeds[version->layer];
    json_array_append_new(deeds->changes,
                          json_pack("{s:s, s:o, s:s, s:I}", "Kind", kind,
                                    "Path", explore_name(path), "Type",
                                    explore_type(&version->st), "Size",
                                    (json_int_t)version->size));
}

/* This layer's content will not be seen any more. */
static void hide(struct walk *w, const struct version *version, int by)
{
    if (by == NOBODY)
        return;
    w->deeds[version->layer].wasted += version->size;
    w->deeds[by].hides += version->size;
}

static int walk_dir(struct walk *w, const char *path,
                    const struct group *group);

/* The directories gathered so far end here: all of it is hidden by somebody. */
static int end_group(struct walk *w, const char *path, struct group *group,
                     int by)
{
    bool any = false;
    for (size_t i = 0; i < w->layers.n; i++)
        any |= group->has[i];
    group->hidden_by = by;
    int r = any ? walk_dir(w, path, group) : 0;
    memset(group->has, 0, w->layers.n);
    return r;
}

/* What a name is in one layer, after what it was in those below. */
static int judge(struct walk *w, const char *path, struct version **before,
                 struct version *now, struct group *group)
{
    struct deeds *deeds = &w->deeds[now->layer];
    int layer = (int)now->layer, r = 0;
    deeds->size += now->size;
    bool was_dir = *before != NULL && S_ISDIR((*before)->st.st_mode);
    bool is_dir = S_ISDIR(now->st.st_mode);
    bool is_opaque =
        is_dir && was_dir && explore_is_opaque(w->layers.fds[now->layer], path);
    if (*before != NULL && !was_dir)
        hide(w, *before, layer);
    if (was_dir && (!is_dir || is_opaque))
        r = end_group(w, path, group, layer);
    if (is_dir)
        group->has[now->layer] = true;
    if (explore_is_whiteout(&now->st)) {
        /* One that hides nothing is no deed. */
        deeds->removed += *before != NULL;
        if (*before != NULL)
            tell(w, now, "removed", path);
        *before = NULL;
        return r;
    }
    if (*before == NULL) {
        deeds->added++;
        tell(w, now, "added", path);
    } else if (is_opaque || !is_dir || !was_dir) {
        deeds->changed++;
        tell(w, now, is_opaque ? "replaced" : "changed", path);
    }
    *before = now;
    return r;
}

/* All versions of one name, from the bottom; then what is in it. */
static int judge_name(struct walk *w, const char *dir, struct version *versions,
                      size_t n, int hidden_by)
{
    auto_free char *path =
        text_format("%s%s%s", dir, dir[0] == '\0' ? "" : "/", versions[0].name);
    if (strlen(path) >= PATH_MAX)
        return err_set(w->e, ENAMETOOLONG, "a directory is too deep: /%.80s...",
                       path);
    auto_free bool *has = own_alloc(w->layers.n);
    struct group group = {has, NOBODY};
    struct version *before = NULL;
    int r = 0;
    for (size_t i = 0; i < n && r == 0; i++)
        r = judge(w, path, &before, &versions[i], &group);
    if (before != NULL && !S_ISDIR(before->st.st_mode))
        hide(w, before, hidden_by);
    return r < 0 ? r : end_group(w, path, &group, hidden_by);
}

static int walk_dir(struct walk *w, const char *path, const struct group *group)
{
    struct versions all = {0};
    int r = 0;
    for (size_t i = 0; i < w->layers.n && r == 0; i++)
        if (group->has[i])
            r = read_dir(w, i, path, &all);
    if (all.n > 0)
        qsort(all.v, all.n, sizeof *all.v, by_name);
    for (size_t i = 0, n; i < all.n && r == 0; i += n) {
        for (n = 1; i + n < all.n; n++)
            if (strcmp(all.v[i].name, all.v[i + n].name) != 0)
                break;
        r = judge_name(w, path, &all.v[i], n, group->hidden_by);
    }
    for (size_t i = 0; i < all.n; i++)
        free(all.v[i].name);
    free(all.v);
    return r;
}

/* --- the answer -------------------------------------------------------------
 */

/* Steps without a layer (ENV ...) are passed over, from the bottom. */
static const char *created_by(const struct image *image, size_t layer)
{
    size_t i, n = 0;
    const json_t *step;
    json_array_foreach(json_object_get(image->config, "history"), i, step)
    {
        const char *by = json_string_value(json_object_get(step, "created_by"));
        const char *comment =
            json_string_value(json_object_get(step, "comment"));
        if (json_is_true(json_object_get(step, "empty_layer")) || n++ != layer)
            continue;
        return by != NULL && by[0] != '\0' ? by
               : comment != NULL           ? comment
                                           : "";
    }
    return "";
}

static json_t *describe(const struct image *image, const struct walk *w)
{
    const json_t *ids =
        json_object_get(json_object_get(image->config, "rootfs"), "diff_ids");
    json_t *layers = json_array(), *names = json_array();
    uint64_t wasted = 0, size = 0;
    for (size_t i = 0; i < w->layers.n; i++) {
        const struct deeds *d = &w->deeds[i];
        wasted += d->wasted;
        size += d->size;
        json_array_append_new(
            layers,
            json_pack("{s:s?, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:O}",
                      "DiffId", json_string_value(json_array_get(ids, i)),
                      "CreatedBy", created_by(image, i), "Size",
                      (json_int_t)d->size, "Added", (json_int_t)d->added,
                      "Changed", (json_int_t)d->changed, "Removed",
                      (json_int_t)d->removed, "Hides", (json_int_t)d->hides,
                      "Wasted", (json_int_t)d->wasted, "Changes", d->changes));
    }
    for (size_t i = 0; i < image->names.n; i++)
        json_array_append_new(names, json_string(image->names.v[i]));
    return json_pack("{s:s, s:o, s:I, s:I, s:o}", "Id", image->id, "Names",
                     names, "Size", (json_int_t)size, "Wasted",
                     (json_int_t)wasted, "Layers", layers);
}

int explore_image(const struct image *image, json_t **ret, struct err *e)
{
    auto_explore_layers struct explore_layers layers = {0};
    int r = explore_open(image, &layers, e);
    if (r < 0)
        return r;
    struct walk w = {.layers = layers, .links = json_object(), .e = e};
    w.deeds = own_alloc((layers.n + 1) * sizeof *w.deeds);
    auto_free bool *has = own_alloc(layers.n + 1);
    for (size_t i = 0; i < layers.n; i++) {
        w.deeds[i].changes = json_array();
        has[i] = true;
    }
    r = walk_dir(&w, "", &(struct group){has, NOBODY});
    if (r == 0)
        *ret = describe(image, &w);
    for (size_t i = 0; i < layers.n; i++)
        json_decref(w.deeds[i].changes);
    json_decref(w.links);
    free(w.deeds);
    return r;
}
