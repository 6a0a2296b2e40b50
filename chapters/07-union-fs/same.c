/* Is it still the same file? diff.h, the part that looks into files. */
#include "diff.h"

#include "attrs.h"
#include "own.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BLOCK ((size_t)64 * 1024)

/* One file, open on both sides. */
struct pair {
    int above, below; /* O_PATH */
    struct stat a, b;
};

static bool is_before(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec < b->tv_sec ||
           (a->tv_sec == b->tv_sec && a->tv_nsec < b->tv_nsec);
}

/* A file that has got one more name is told of, so that the two can be linked.
 * Copying up parts links: whatever is one in a sheet was made there. */
static bool has_new_link(const struct diff *diff, const struct stat *a,
                         const struct stat *b)
{
    return a->st_nlink > (diff->is_sheet ? 1 : b->st_nlink);
}

/* A directory's size and time change with its entries, which are told of by
 * themselves. */
static bool has_same_looks(const struct stat *a, const struct stat *b)
{
    if (a->st_mode != b->st_mode || a->st_uid != b->st_uid ||
        a->st_gid != b->st_gid || a->st_rdev != b->st_rdev)
        return false;
    return S_ISDIR(a->st_mode) || (a->st_size == b->st_size &&
                                   a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
                                   a->st_mtim.tv_nsec == b->st_mtim.tv_nsec);
}

static int has_same_attributes(const struct pair *pair, struct err *e)
{
    auto_attrs struct attrs a = {0}, b = {0};
    int r = attrs_read(pair->above, &a, e);
    if (r == 0)
        r = attrs_read(pair->below, &b, e);
    return r < 0 ? r : attrs_equal(&a, &b);
}

static int has_same_target(const struct pair *pair, struct err *e)
{
    auto_free char *a = NULL, *b = NULL;
    int r = tree_read_link(pair->above, &a, e);
    if (r == 0)
        r = tree_read_link(pair->below, &b, e);
    return r < 0 ? r : a != NULL && b != NULL && strcmp(a, b) == 0;
}

/* read(2) until the block is full or the file ends. */
static ssize_t fill(int fd, char *block)
{
    size_t have = 0;
    ssize_t n = 1;
    while (have < BLOCK && n > 0) {
        n = TEMP_FAILURE_RETRY(read(fd, block + have, BLOCK - have));
        have += n > 0 ? (size_t)n : 0;
    }
    return n < 0 ? -errno : (ssize_t)have;
}

/* @lab 7.5 read both files block by block, and compare; 1, 0 or an error */
static int has_same_content(const struct pair *pair, struct err *e)
{
    auto_fd int a = tree_open_content(pair->above, e);
    auto_fd int b = a < 0 ? a : tree_open_content(pair->below, e);
    if (b < 0)
        return b;
    auto_free char *block = own_room(2 * BLOCK);
    for (;;) {
        ssize_t n = fill(a, block), m = fill(b, block + BLOCK);
        if (n < 0 || m < 0)
            return err_sys(e, (int)(n < 0 ? n : m), "read");
        if (n != m || memcmp(block, block + BLOCK, (size_t)n) != 0)
            return 0;
        if (n == 0)
            return 1;
    }
}

static int compare(const struct diff *diff, const struct pair *pair,
                   struct err *e)
{
    if (!has_same_looks(&pair->a, &pair->b) ||
        (!S_ISDIR(pair->a.st_mode) && has_new_link(diff, &pair->a, &pair->b)))
        return 0;
    int r = has_same_attributes(pair, e);
    if (r == 1 && S_ISLNK(pair->a.st_mode))
        r = has_same_target(pair, e);
    if (r == 1 && S_ISREG(pair->a.st_mode))
        r = has_same_content(pair, e);
    return r;
}

int diff_is_same(const struct diff *diff, const char *path,
                 const struct tree_entry *above, const struct tree_entry *below,
                 struct err *e)
{
    /* Nobody but the kernel sets this time: it cannot be turned back. */
    if (!diff->is_sheet && is_before(&above->st.st_ctim, &diff->since))
        return 1;
    struct pair pair;
    auto_fd int a =
        tree_open_entry(diff->above, above->range.first, path, &pair.a, e);
    auto_fd int b =
        tree_open_entry(diff->below, below->range.first, path, &pair.b, e);
    if (a == -ENOENT || b == -ENOENT)
        return 0;
    if (a < 0 || b < 0)
        return a < 0 ? a : b;
    pair.above = a;
    pair.below = b;
    int r = compare(diff, &pair, e);
    return r < 0 ? err_add(e, "compare /%.120s", path) : r;
}
