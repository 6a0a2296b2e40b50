/* Which files go into an archive: those that changed, or all of a tree. */
#include "pack.h"

#include "own.h"

#include <errno.h>
#include <string.h>

struct walk {
    struct pack *pack;
    const struct tree *tree;
};

/* The last part of a path. */
static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

/* Would a name on this path delete something, where the layer is unpacked? */
static bool is_mistakable(const char *path)
{
    return text_starts(path, ".wh.") || strstr(path, "/.wh.") != NULL;
}

static int put_change(void *arg, const struct diff_change *change,
                      struct err *e)
{
    /* TODO lab 7.1: what is gone becomes .wh.NAME beside where it was; a
     * directory that hides what is below it has .wh..wh..opq in it */
    return err_set(e, ENOSYS, "lab 7.1 is not written yet");
}

int pack_layer(struct pack *pack, struct diff *diff, struct err *e)
{
    struct walk walk = {pack, diff->above};
    diff->change = put_change;
    diff->arg = &walk;
    diff->as_layer = true;
    return diff_walk(diff, e);
}

int pack_diff(const struct pack_options *options, struct diff *diff,
              struct pack_size *ret, struct err *e)
{
    struct pack *pack = pack_open(options);
    int r = pack_layer(pack, diff, e);
    *ret = pack_size(pack);
    return pack_close(pack, r, e);
}

static int put_entries(const struct walk *walk, const char *path,
                       const char *name, struct tree_range range, struct err *e)
{
    auto_tree_dir struct tree_dir dir = {0};
    int r = tree_read(walk->tree, path, range, &dir, e);
    for (size_t i = 0; r == 0 && i < dir.n; i++) {
        const struct tree_entry *entry = &dir.v[i];
        if (entry->is_whiteout)
            continue;
        auto_free char *below = tree_path(path, entry->name);
        auto_free char *as = tree_path(name, entry->name);
        struct pack_file file = {walk->tree, entry->range.first, below, as,
                                 NULL};
        r = pack_put(walk->pack, &file, e);
        if (r == 0 && S_ISDIR(entry->st.st_mode))
            r = put_entries(walk, below, as, entry->range, e);
    }
    return r;
}

int pack_tree(struct pack *pack, const struct tree *tree, const char *path,
              const char *name, struct err *e)
{
    struct walk walk = {pack, tree};
    struct stat st;
    auto_fd int entry = tree_open_entry(tree, 0, path, &st, e);
    if (entry < 0)
        return entry;
    struct pack_file file = {tree, 0, path, name, NULL};
    int r = name[0] != '\0' ? pack_put(pack, &file, e) : 0;
    if (r == 0 && S_ISDIR(st.st_mode))
        r = put_entries(&walk, path, name, tree_all(tree), e);
    return r;
}
