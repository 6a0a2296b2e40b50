/* What a layer does not say of its directories: implied.h. */
#include "implied.h"

#include "attrs.h"
#include "own.h"
#include "sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- in one layer --------------------------------------------------------- */

static const struct timespec marked[2] = {{.tv_sec = 1}, {.tv_sec = 0}};

int implied_mark(int dirfd, const char *name, struct err *e)
{
    int r = sys_utimensat(dirfd, name, marked, AT_SYMLINK_NOFOLLOW);
    return r < 0 ? err_sys(e, r, "set the times of a directory") : 0;
}

static bool is_marked(const struct stat *st)
{
    return S_ISDIR(st->st_mode) && st->st_atim.tv_sec == marked[0].tv_sec &&
           st->st_mtim.tv_sec == marked[1].tv_sec;
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* A directory stands before what is in it: its path is the beginning of theirs.
 */
static void sort(struct strv *paths)
{
    size_t kept = 0;
    if (paths->n > 0)
        qsort(paths->v, paths->n, sizeof *paths->v, by_bytes);
    for (size_t i = 0; i < paths->n; i++) {
        if (kept > 0 && strcmp(paths->v[kept - 1], paths->v[i]) == 0)
            free(paths->v[i]);
        else
            paths->v[kept++] = paths->v[i];
    }
    paths->n = kept;
}

int implied_list(const struct strv *noted, int layer, struct strv *ret,
                 struct err *e)
{
    auto_tree struct tree tree = {0};
    struct stat st;
    int fd = sys_openat(layer, ".", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
    if (fd < 0)
        return err_sys(e, fd, "open the layer");
    tree_add(&tree, fd);
    if (fstat(fd, &st) < 0)
        return err_sys(e, errno, "look at the layer");
    if (is_marked(&st))
        strv_add(ret, "");
    for (size_t i = 0; i < noted->n; i++) {
        /* Another entry may have taken its place, or have named it. */
        auto_fd int entry = tree_open_entry(&tree, 0, noted->v[i], &st, e);
        if (entry < 0 && entry != -ENOENT)
            return entry;
        if (entry >= 0 && is_marked(&st))
            strv_add(ret, noted->v[i]);
    }
    sort(ret);
    return 0;
}

/* --- in an image ---------------------------------------------------------- */

/* A directory that some layer implies, or that leads to one. */
struct place {
    const char *path;
    struct tree_range range; /* empty: it is not to be seen */
    size_t source;           /* the layer whose looks it has */
};
struct sheet {
    const struct tree *tree;
    const struct strv *lists;
    struct place *places; /* sorted by path */
    size_t n;
};

static bool is_implied(const struct sheet *sheet, size_t layer,
                       const char *path)
{
    const struct strv *list = &sheet->lists[layer];
    return list->n > 0 &&
           bsearch(&path, list->v, list->n, sizeof *list->v, by_bytes) != NULL;
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct place *)a)->path,
                  ((const struct place *)b)->path);
}

/* The layers that make up the directory in which it is. */
static struct tree_range range_above(const struct sheet *sheet,
                                     const char *path)
{
    const char *slash = strrchr(path, '/');
    auto_free char *above =
        text_format("%.*s", slash != NULL ? (int)(slash - path) : 0, path);
    const struct place *place =
        bsearch(&(struct place){.path = above}, sheet->places, sheet->n,
                sizeof *sheet->places, by_path);
    return place != NULL ? place->range : (struct tree_range){0, 0};
}

/* The uppermost layer that names it; where none does, they all look alike. */
static int find_source(const struct sheet *sheet, struct place *place,
                       struct err *e)
{
    place->source = place->range.first;
    for (size_t i = place->range.first; i < place->range.end; i++) {
        auto_fd int fd = tree_open_entry(sheet->tree, i, place->path, NULL, e);
        if (fd < 0 && fd != -ENOENT)
            return fd;
        if (fd < 0 || is_implied(sheet, i, place->path))
            continue;
        place->source = i;
        return 0;
    }
    return 0;
}

static int find_place(const struct sheet *sheet, struct place *place,
                      struct err *e)
{
    bool is_root = place->path[0] == '\0';
    struct tree_range range =
        is_root ? tree_all(sheet->tree) : range_above(sheet, place->path);
    struct tree_entry entry = {0};
    int r = tree_find(sheet->tree, place->path, range, &entry, e);
    if (r == -ENOENT || (r == 0 && !S_ISDIR(entry.st.st_mode)))
        return 0;
    if (r < 0)
        return r;
    place->range = entry.range;
    return find_source(sheet, place, e);
}

/* Does the uppermost layer show it otherwise than it is? Each container gives
 * the root directory a time of its own. */
static int differs(const struct sheet *sheet, const struct place *place,
                   struct err *e)
{
    struct stat seen, real;
    if (place->range.first == place->range.end ||
        place->source == place->range.first)
        return 0;
    if (place->path[0] != '\0')
        return 1;
    auto_fd int a =
        tree_open_entry(sheet->tree, place->range.first, "", &seen, e);
    auto_fd int b =
        a < 0 ? a : tree_open_entry(sheet->tree, place->source, "", &real, e);
    return b < 0 ? b
                 : seen.st_mode != real.st_mode || seen.st_uid != real.st_uid ||
                       seen.st_gid != real.st_gid;
}

/* All of them first: what is made in a directory changes its time. */
static int make_places(const struct sheet *sheet, int dirfd, struct err *e)
{
    for (size_t i = 1; i < sheet->n; i++) {
        const struct place *place = &sheet->places[i];
        int r = place->range.first == place->range.end
                    ? 0
                    : sys_mkdirat(dirfd, place->path, 0700);
        if (r < 0)
            return err_sys(e, r, "mkdir %.120s", place->path);
    }
    for (size_t i = 0; i < sheet->n; i++) {
        const struct place *place = &sheet->places[i];
        struct stat st;
        if (place->range.first == place->range.end)
            continue;
        auto_fd int source =
            tree_open_entry(sheet->tree, place->source, place->path, &st, e);
        int r = source < 0 ? source
                           : attrs_give(source, &st, dirfd,
                                        i > 0 ? place->path : ".", e);
        if (r < 0)
            return err_add(e, "directory /%.120s", place->path);
    }
    return 0;
}

/* What is implied, and what leads there: that would else be made new, too. */
static void add_paths(const struct strv *list, struct strv *paths)
{
    for (size_t i = 0; i < list->n; i++) {
        strv_add(paths, list->v[i]);
        for (const char *at = strchr(list->v[i], '/'); at != NULL;
             at = strchr(at + 1, '/'))
            strv_addf(paths, "%.*s", (int)(at - list->v[i]), list->v[i]);
    }
}

int implied_make(const struct tree *tree, const struct strv *lists, int sheet,
                 struct err *e)
{
    auto_strv struct strv paths = {0};
    strv_add(&paths, "");
    for (size_t i = 0; i < tree->n; i++)
        add_paths(&lists[i], &paths);
    sort(&paths);
    auto_free struct place *places = own_alloc(paths.n * sizeof *places);
    struct sheet s = {.tree = tree, .lists = lists, .places = places};
    int r = 0, is_needed = 0;
    for (size_t i = 0; i < paths.n && r >= 0; i++) {
        places[i].path = paths.v[i];
        r = find_place(&s, &places[i], e);
        if (r == 0)
            r = differs(&s, &places[i], e);
        is_needed |= r > 0;
        s.n++;
    }
    if (r >= 0 && is_needed)
        r = make_places(&s, sheet, e);
    return r < 0 ? r : is_needed;
}
