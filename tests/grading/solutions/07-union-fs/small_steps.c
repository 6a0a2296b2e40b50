/* A few bytes at a time; marks first in a text. */

/* @lab 7.1 */
static int put_change(void *arg, const struct diff_change *change,
                      struct err *e)
{
    struct walk walk = *(const struct walk *)arg;
    auto_text struct text mark = {0};
    const char *path = change->path, *slash = strrchr(path, '/');
    if (is_mistakable(path)) {
        pack_notice(walk.pack, path, "skipping: somebody would delete by it");
        return 0;
    }
    if (change->kind == DIFF_DELETED) {
        if (slash != NULL)
            text_addn(&mark, path, (size_t)(slash + 1 - path));
        text_add(&mark, ".wh.");
        text_add(&mark, slash != NULL ? slash + 1 : path);
        return pack_put_mark(walk.pack, mark.s, e);
    }
    struct pack_file file = {walk.tree, change->entry->range.first, path,
                             *path == '\0' ? "." : path, NULL};
    int r = pack_put(walk.pack, &file, e);
    if (r >= 0 && change->hides) {
        text_add(&mark, path);
        text_add(&mark, "/.wh..wh..opq");
        r = pack_put_mark(walk.pack, mark.s, e);
    }
    return r;
}

/* @lab 7.4 */
static int visit(const struct diff *diff, struct place *place, struct err *e)
{
    if (place->above != NULL && !place->above->is_whiteout)
        return place->below == NULL ? added(diff, place, e)
                                    : both(diff, place, e);
    if (place->below == NULL)
        return 0;
    if (place->above == NULL && diff->is_sheet && !place->up->hides)
        return 0;
    return deleted(diff, place, e);
}

/* @lab 7.5 */
static int has_same_content(const struct pair *pair, struct err *e)
{
    enum { STEP = 512 };
    auto_fd int a = tree_open_content(pair->above, e);
    auto_fd int b = a < 0 ? a : tree_open_content(pair->below, e);
    if (b < 0)
        return b;
    for (off_t at = 0;; at += STEP) {
        char x[STEP] = {0}, y[STEP] = {0};
        ssize_t n = pread(a, x, STEP, at), m = pread(b, y, STEP, at);
        if (n < 0 || m < 0)
            return err_sys(e, errno, "read");
        for (int i = 0; i < STEP; i++)
            if (x[i] != y[i])
                return 0;
        if (n < STEP || m < STEP)
            return n == m;
    }
}
