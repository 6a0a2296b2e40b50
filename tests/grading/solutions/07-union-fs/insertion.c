/* Each entry finds its place by halves, when it comes. */

/* @lab 7.2 */
static struct tree_entry *place_of(struct tree_dir *dir, const char *name,
                                   bool *ret_is_there)
{
    size_t low = 0, high = dir->n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(name, dir->v[middle].name);
        *ret_is_there = order == 0;
        if (order == 0)
            return &dir->v[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    *ret_is_there = false;
    return &dir->v[low];
}

/* A directory is open while range.end is the layer that comes next or less. */
static void merge(struct tree_dir *dir, struct tree_entry *entry, bool *open)
{
    bool is_there;
    bool is_dir = S_ISDIR(entry->st.st_mode);
    struct tree_entry *at = place_of(dir, entry->name, &is_there);
    size_t i = (size_t)(at - dir->v);
    if (!is_there) {
        memmove(at + 1, at, (dir->n - i) * sizeof *at);
        memmove(open + i + 1, open + i, (dir->n - i) * sizeof *open);
        *at = *entry;
        open[i] = is_dir && !entry->is_opaque;
        dir->n++;
        return;
    }
    if (open[i] && is_dir)
        at->range.end = entry->range.end;
    open[i] = open[i] && is_dir && !entry->is_opaque;
    own_free(&entry->name);
}

int tree_read(const struct tree *tree, const char *path,
              struct tree_range range, struct tree_dir *ret, struct err *e)
{
    struct tree_dir all = {0}, sorted = {0};
    int r = 0;
    for (size_t layer = range.first; r >= 0 && layer < range.end; layer++)
        r = read_layer(tree, layer, path, &all, e);
    auto_free bool *open = own_alloc(all.n + 1);
    sorted.v = own_alloc((all.n + 1) * sizeof *sorted.v);
    for (size_t i = 0; i < all.n; i++)
        merge(&sorted, &all.v[i], open);
    free(all.v);
    *ret = sorted;
    return r < 0 ? r : 0;
}
