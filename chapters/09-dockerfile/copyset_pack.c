/* Where COPY puts what it took: entries of a layer. */
#include "copyset.h"

#include "own.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Links of the image are followed on the way: where /lib is a link to usr/lib,
 * /lib/x belongs into usr/lib. The directory that was asked for last mostly is
 * the next one's, too. */
struct packing {
    const struct copyset *set;
    const struct copyset_to *to;
    struct pack *pack;
    char *asked; /* a directory, as its name says */
    char *found; /* and where that is */
    bool is_there;
};

/* Where `path` is in the image; p->is_there says if anything is. A link of the
 * image in the place of a directory is followed, other things are not. */
static int find(struct packing *p, const char *path, struct tree_entry *ret,
                char **ret_path, struct err *e)
{
    int r = tree_resolve(p->to->tree, path, true, ret, ret_path, e);
    p->is_there = r == 0;
    return r == -ENOENT ? 0 : r;
}

static void set_owner(const struct packing *p, struct stat *st)
{
    const struct pack_looks *looks = &p->to->looks;
    st->st_uid = looks->uid >= 0 ? (uid_t)looks->uid : 0;
    st->st_gid = looks->gid >= 0 ? (gid_t)looks->gid : 0;
}

static int put_new_directory(struct packing *p, const char *path, struct err *e)
{
    struct stat st = {.st_mode = S_IFDIR | 0755, .st_mtim = p->to->now};
    set_owner(p, &st);
    return pack_put_directory(p->pack, path, &st, e);
}

/* A directory of the image, as it is there, but for its time: something is
 * being put into it. */
static int put_old_directory(struct packing *p, const char *path,
                             const struct tree_entry *entry, struct err *e)
{
    struct pack_looks looks = {-1, -1, -1, &p->to->now, NULL};
    struct pack_file file = {p->to->tree, entry->range.first, path, path,
                             &looks};
    return pack_put(p->pack, &file, e);
}

/* All directories that lead to `path`, which has no link in it. */
static int put_parents(struct packing *p, const char *path, struct err *e)
{
    int r = 0;
    for (const char *slash = strchr(path, '/'); r == 0 && slash != NULL;
         slash = strchr(slash + 1, '/')) {
        auto_free char *dir = text_format("%.*s", (int)(slash - path), path);
        auto_free char *found = NULL;
        struct tree_entry entry;
        r = find(p, dir, &entry, &found, e);
        if (r == 0)
            r = p->is_there ? put_old_directory(p, dir, &entry, e)
                            : put_new_directory(p, dir, e);
    }
    return r;
}

/* The destination: its path without links, and whether it is a directory. */
static int resolve_destination(struct packing *p, char **ret, bool *ret_is_dir,
                               struct err *e)
{
    const struct copyset_to *to = p->to;
    struct tree_entry entry;
    int r = find(p, to->path, &entry, ret, e);
    if (r == -ENOTDIR)
        return err_set(e, ENOTDIR, "cannot copy to non-directory: %s",
                       to->path);
    if (r < 0)
        return r;
    bool must = text_ends(to->path, "/") || p->set->has_directory ||
                p->set->sources + to->n_texts > 1;
    bool is_dir = p->is_there && S_ISDIR(entry.st.st_mode);
    if (must && p->is_there && !is_dir)
        return err_set(e, ENOTDIR, "cannot copy to non-directory: %s",
                       to->path);
    *ret_is_dir = must || is_dir;
    return 0;
}

/* Where an item goes: its directory with the image's links followed. */
static int place(struct packing *p, const char *path, char **ret, struct err *e)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL) {
        *ret = own_strdup(path);
        return 0;
    }
    auto_free char *dir = text_format("%.*s", (int)(slash - path), path);
    if (p->asked == NULL || strcmp(p->asked, dir) != 0) {
        struct tree_entry entry;
        own_free(&p->asked);
        own_free(&p->found);
        p->asked = own_strdup(dir);
        int r = find(p, dir, &entry, &p->found, e);
        if (r < 0)
            return r;
    }
    *ret = tree_path(p->found, slash + 1);
    return 0;
}

/* What the image has there decides, too: a directory stays one. */
static int put_item(struct packing *p, const struct copyset_item *item,
                    const char *path, struct err *e)
{
    auto_free char *placed = NULL, *found = NULL;
    struct tree_entry entry;
    bool is_dir = S_ISDIR(item->st.st_mode);
    int r = place(p, path, &placed, e);
    if (r == 0)
        r = is_dir
                ? find(p, placed, &entry, &found, e)
                : tree_resolve(p->to->tree, placed, false, &entry, &found, e);
    bool is_there = r == 0 && (!is_dir || p->is_there);
    if (r < 0 && r != -ENOENT)
        return r;
    if (is_there && is_dir && !S_ISDIR(entry.st.st_mode))
        return err_set(e, ENOTDIR, "cannot copy to non-directory: /%s", path);
    if (is_there && !is_dir && S_ISDIR(entry.st.st_mode))
        return err_set(e, EISDIR,
                       "cannot copy file to directory of that name: /%s", path);
    /* The destination itself stays as it is, where it is there. */
    if (is_there && is_dir && item->to[0] == '\0')
        return found[0] == '\0' ? 0 : put_old_directory(p, found, &entry, e);
    struct pack_file file = {p->set->tree, item->layer, item->from,
                             is_there && is_dir ? found : placed,
                             &p->to->looks};
    return file.name[0] == '\0' ? 0 : pack_put(p->pack, &file, e);
}

/* A file from a here-document. */
static int put_text(struct packing *p, const struct copyset_text *text,
                    const char *path, struct err *e)
{
    auto_free char *placed = NULL;
    struct stat st = {.st_mode = S_IFREG | 0644, .st_mtim = p->to->now};
    pack_apply_looks(&st, &p->to->looks); /* root's, unless it says so */
    int r = place(p, path, &placed, e);
    return r < 0 ? r : pack_put_text(p->pack, placed, &st, text->content, e);
}

static int put_all(struct packing *p, const char *root, bool is_dir,
                   struct err *e)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < p->set->n; i++) {
        const struct copyset_item *item = &p->set->v[i];
        bool is_named = item->is_alone && !is_dir;
        auto_free char *path = is_named || item->to[0] == '\0'
                                   ? own_strdup(root)
                                   : tree_path(root, item->to);
        r = put_item(p, item, path, e);
    }
    for (size_t i = 0; r == 0 && i < p->to->n_texts; i++) {
        const struct copyset_text *text = &p->to->texts[i];
        auto_free char *path =
            is_dir ? tree_path(root, text->name) : own_strdup(root);
        r = put_text(p, text, path, e);
    }
    return r;
}

/* A destination that nothing among the items stands for. */
static int put_destination(struct packing *p, const char *root, struct err *e)
{
    struct tree_entry entry;
    auto_free char *found = NULL;
    int r = root[0] == '\0' ? 0 : find(p, root, &entry, &found, e);
    if (r < 0 || root[0] == '\0')
        return r;
    return p->is_there ? put_old_directory(p, root, &entry, e)
                       : put_new_directory(p, root, e);
}

int copyset_pack(const struct copyset *set, const struct copyset_to *to,
                 struct pack *pack, struct err *e)
{
    struct packing p = {.set = set, .to = to, .pack = pack};
    auto_free char *root = NULL;
    bool is_dir = false;
    int r = resolve_destination(&p, &root, &is_dir, e);
    if (r == 0)
        r = put_parents(&p, root, e);
    if (r == 0 && is_dir && (set->n == 0 || set->v[0].to[0] != '\0'))
        r = put_destination(&p, root, e);
    if (r == 0)
        r = put_all(&p, root, is_dir, e);
    own_free(&p.asked);
    own_free(&p.found);
    return r;
}
