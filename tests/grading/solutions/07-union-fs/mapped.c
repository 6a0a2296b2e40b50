/* Files are compared in memory, names are made in a buffer. */

/* @lab 7.1 */
#include <limits.h>
#include <stdio.h>

static int put_change(void *arg, const struct diff_change *change,
                      struct err *e)
{
    const struct walk *walk = arg;
    char mark[PATH_MAX + 16];
    if (is_mistakable(change->path)) {
        pack_notice(walk->pack, change->path, "skipping: it looks like a mark");
        return 0;
    }
    snprintf(mark, sizeof mark, "%s/.wh..wh..opq", change->path);
    if (change->kind == DIFF_DELETED) {
        const char *base = last_part(change->path);
        snprintf(mark, sizeof mark, "%s", change->path);
        snprintf(mark + (base - change->path), 300, ".wh.%s", base);
    } else {
        struct pack_file file = {
            .tree = walk->tree,
            .layer = change->entry->range.first,
            .path = change->path,
            .name = change->path[0] == '\0' ? "." : change->path,
        };
        int r = pack_put(walk->pack, &file, e);
        if (r < 0)
            return r;
    }
    return change->kind == DIFF_DELETED || change->hides
               ? pack_put_mark(walk->pack, mark, e)
               : 0;
}

/* @lab 7.5 */
#include <sys/mman.h>

static int has_same_content(const struct pair *pair, struct err *e)
{
    auto_fd int a = tree_open_content(pair->above, e);
    if (a < 0)
        return a;
    auto_fd int b = tree_open_content(pair->below, e);
    struct stat x, y;
    if (b < 0)
        return b;
    if (fstat(a, &x) < 0 || fstat(b, &y) < 0)
        return err_sys(e, errno, "stat");
    if (x.st_size != y.st_size || x.st_size == 0)
        return x.st_size == y.st_size;
    size_t len = (size_t)x.st_size;
    void *p = mmap(NULL, len, PROT_READ, MAP_PRIVATE, a, 0);
    void *q = mmap(NULL, len, PROT_READ, MAP_PRIVATE, b, 0);
    int r = p == MAP_FAILED || q == MAP_FAILED ? err_sys(e, errno, "mmap")
                                               : memcmp(p, q, len) == 0;
    if (p != MAP_FAILED)
        munmap(p, len);
    if (q != MAP_FAILED)
        munmap(q, len);
    return r;
}
