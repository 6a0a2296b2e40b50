/* The lower layers first, by recursion; then the upper one over them. */

/* @lab 7.2 */
static struct tree_entry *find_by_name(const struct tree_dir *dir,
                                       const char *name)
{
    for (size_t i = 0; i < dir->n; i++)
        if (strcmp(dir->v[i].name, name) == 0)
            return &dir->v[i];
    return NULL;
}

int tree_read(const struct tree *tree, const char *path,
              struct tree_range range, struct tree_dir *ret, struct err *e)
{
    if (range.first >= range.end)
        return 0;
    struct tree_range below = {range.first + 1, range.end};
    auto_tree_dir struct tree_dir upper = {0};
    int r = read_layer(tree, range.first, path, &upper, e);
    if (r >= 0)
        r = tree_read(tree, path, below, ret, e);
    ret->v = own_grow(ret->v, (ret->n + upper.n + 1) * sizeof *ret->v);
    for (size_t i = 0; r >= 0 && i < upper.n; i++) {
        struct tree_entry entry = upper.v[i];
        struct tree_entry *lower = find_by_name(ret, entry.name);
        if (lower == NULL) {
            ret->v[ret->n++] = entry;
        } else {
            if (S_ISDIR(entry.st.st_mode) && !entry.is_opaque &&
                S_ISDIR(lower->st.st_mode))
                entry.range.end = lower->range.end;
            own_free(&lower->name);
            *lower = entry;
        }
        upper.v[i].name = NULL;
    }
    if (ret->n > 0)
        qsort(ret->v, ret->n, sizeof *ret->v, by_name_and_layer);
    return r < 0 ? r : 0;
}
