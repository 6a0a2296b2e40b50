/* Second reading: a tree is copied, with all that makes files what they are. */
#include "snap_copy.h"

#include "attrs.h"
#include "links.h"
#include "own.h"
#include "rootless.h"
#include "sys.h"
#include "tree.h"

#include <errno.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct copying {
    struct tree from;
    int to; /* the directory that stands for the root */
    struct links links;
    bool in_userns;
};

/* One file on its way: open on one side, a name in a directory on the other. */
struct copied {
    int source; /* O_PATH */
    struct stat st;
    int parent;
    const char *base;
};

/* Bytes by the kernel's hand, or by our own where it will not. */
static int copy_piece(int from, int to, off_t at, off_t end, struct err *e)
{
    char block[16 * 1024];
    while (at < end) {
        off_t in = at, out = at;
        ssize_t n = copy_file_range(from, &in, to, &out, (size_t)(end - at), 0);
        if (n < 0 && (errno == EXDEV || errno == EINVAL ||
                      errno == EOPNOTSUPP || errno == ENOSYS)) {
            size_t want = sizeof block;
            if (end - at < (off_t)want)
                want = (size_t)(end - at);
            n = pread(from, block, want, at);
            if (n > 0)
                n = pwrite(to, block, (size_t)n, at);
        }
        if (n < 0)
            return err_sys(e, errno, "copy");
        if (n == 0)
            break; /* it became shorter */
        at += n;
    }
    return 0;
}

static int copy_content(const struct copied *file, struct err *e)
{
    auto_fd int from = tree_open_content(file->source, e);
    if (from < 0)
        return from;
    auto_fd int to =
        sys_openat(file->parent, file->base,
                   O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (to < 0)
        return err_sys(e, to, "create");
    if (sys_ioctl(to, FICLONE, (void *)(intptr_t)from) == 0)
        return 0;
    off_t end = file->st.st_size;
    if (ftruncate(to, end) < 0)
        return err_sys(e, errno, "set the size");
    struct tree_piece piece = {0};
    int r = 0;
    while (r == 0 && tree_next_piece(from, end, &piece))
        r = copy_piece(from, to, piece.data, piece.end, e);
    return r;
}

static int copy_symlink(const struct copied *file, struct err *e)
{
    auto_free char *target = NULL;
    int r = tree_read_link(file->source, &target, e);
    if (r < 0)
        return r;
    r = sys_symlinkat(target, file->parent, file->base);
    return r < 0 ? err_sys(e, r, "symlink") : 0;
}

static int make(const struct copying *c, const struct copied *file,
                struct err *e)
{
    mode_t type = file->st.st_mode & S_IFMT;
    if (type == S_IFREG)
        return copy_content(file, e);
    if (type == S_IFLNK)
        return copy_symlink(file, e);
    int r = type == S_IFDIR ? sys_mkdirat(file->parent, file->base, 0700)
                            : sys_mknodat(file->parent, file->base, type | 0600,
                                          file->st.st_rdev);
    /* A user namespace has no devices: its images do without theirs. */
    if (r == -EPERM && c->in_userns && (type == S_IFCHR || type == S_IFBLK))
        return 1;
    return r < 0 ? err_sys(e, r, "create") : 0;
}

static int copy_entry(struct copying *c, int parent,
                      const struct tree_entry *entry, const char *path,
                      struct err *e)
{
    struct copied file = {.parent = parent, .base = entry->name};
    auto_fd int source =
        tree_open_entry(&c->from, entry->range.first, path, &file.st, e);
    if (source < 0)
        return source;
    file.source = source;
    const char *first = links_first(&c->links, &file.st, path);
    if (first != NULL) {
        int r = sys_linkat(c->to, first, parent, entry->name, 0);
        return r < 0 ? err_sys(e, r, "link") : 0;
    }
    int r = make(c, &file, e);
    /* A directory's time is set again when all in it is made. */
    return r == 0  ? attrs_give(source, &file.st, parent, entry->name, e)
           : r < 0 ? r
                   : 0;
}

static int copy_dir(struct copying *c, const char *path,
                    struct tree_range range, struct err *e);

static int copy_entries(struct copying *c, const char *path,
                        const struct tree_dir *dir, struct err *e)
{
    auto_fd int parent =
        sys_openat(c->to, path[0] != '\0' ? path : ".",
                   O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
    int r = parent < 0 ? err_sys(e, parent, "open the copy") : 0;
    for (size_t i = 0; r == 0 && i < dir->n; i++) {
        if (dir->v[i].is_whiteout)
            continue;
        auto_free char *below = tree_path(path, dir->v[i].name);
        r = copy_entry(c, parent, &dir->v[i], below, e);
        if (r < 0)
            err_add(e, "copy /%.120s", below);
    }
    return r;
}

/* First all that is in a directory, then what is in those: no more than one is
 * open at a time. What is made in one changes its time, so that comes last. */
static int copy_dir(struct copying *c, const char *path,
                    struct tree_range range, struct err *e)
{
    auto_tree_dir struct tree_dir dir = {0};
    int r = tree_read(&c->from, path, range, &dir, e);
    if (r == 0)
        r = copy_entries(c, path, &dir, e);
    for (size_t i = 0; r == 0 && i < dir.n; i++) {
        const struct tree_entry *entry = &dir.v[i];
        if (entry->is_whiteout || !S_ISDIR(entry->st.st_mode))
            continue;
        auto_free char *below = tree_path(path, entry->name);
        r = copy_dir(c, below, entry->range, e);
        struct timespec times[2] = {entry->st.st_mtim, entry->st.st_mtim};
        if (r == 0)
            r = sys_utimensat(c->to, below, times, AT_SYMLINK_NOFOLLOW);
    }
    return r;
}

int snap_copy(const struct snap *snap, int dirfd, struct err *e)
{
    struct copying c = {.from = {.has_marks = true},
                        .in_userns = rootless_is_inside()};
    auto_fd int to =
        sys_openat(dirfd, "diff", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
    c.to = to;
    int r = to < 0 ? err_sys(e, to, "open the copy")
                   : tree_open(&c.from, &snap->layers, e);
    if (r == 0)
        r = copy_dir(&c, "", tree_all(&c.from), e);
    tree_close(&c.from);
    links_done(&c.links);
    if (r < 0)
        return r;
    auto_fd int mark =
        sys_openat(dirfd, SNAP_COPIED, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    return mark < 0 ? err_sys(e, mark, "create " SNAP_COPIED) : 0;
}
