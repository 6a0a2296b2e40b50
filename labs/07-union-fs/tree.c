#include "tree.h"

#include "own.h"
#include "rootless.h"
#include "sys.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

void tree_add(struct tree *tree, int fd)
{
    tree->layers = own_grow(tree->layers, (tree->n + 1) * sizeof *tree->layers);
    tree->layers[tree->n++] = fd;
}

int tree_open(struct tree *tree, const struct strv *layers, struct err *e)
{
    for (size_t i = 0; i < layers->n; i++) {
        int fd = sys_openat(AT_FDCWD, layers->v[i],
                            O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
        if (fd < 0)
            return err_sys(e, fd, "open layer %s", layers->v[i]);
        tree_add(tree, fd);
    }
    return 0;
}

void tree_close(struct tree *tree)
{
    for (size_t i = 0; i < tree->n; i++)
        own_close(&tree->layers[i]);
    own_free(&tree->layers);
    tree->n = 0;
}

void tree_dir_done(struct tree_dir *dir)
{
    for (size_t i = 0; i < dir->n; i++)
        free(dir->v[i].name);
    own_free(&dir->v);
    dir->n = 0;
}

/* Beneath the layer, through no link, or not at all. EAGAIN: something was
 * renamed meanwhile; whoever renames for ever gets an error. */
static int open_beneath(const struct tree *tree, size_t layer, const char *path,
                        int flags)
{
    struct open_how how = {
        .flags = (unsigned int)(flags | O_NOFOLLOW | O_CLOEXEC),
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
                   (tree->crosses ? 0 : RESOLVE_NO_XDEV),
    };
    int fd = -EAGAIN;
    for (int tries = 0; fd == -EAGAIN && tries < 100; tries++)
        fd = sys_openat2(tree->layers[layer], path[0] == '\0' ? "." : path,
                         &how, sizeof how);
    return fd;
}

static bool is_absent(int r)
{
    return r == -ENOENT || r == -ENOTDIR || r == -ELOOP || r == -EXDEV;
}

/* What the kernel shows of itself is no content of a tree. */
static bool is_kernels(int fd)
{
    static const long kinds[] = {
        PROC_SUPER_MAGIC,        SYSFS_MAGIC,        CGROUP_SUPER_MAGIC,
        CGROUP2_SUPER_MAGIC,     DEVPTS_SUPER_MAGIC, DEBUGFS_MAGIC,
        TRACEFS_MAGIC,           SECURITYFS_MAGIC,   BPF_FS_MAGIC,
        0x19800202 /* mqueue */,
    };
    struct statfs fs;
    if (fstatfs(fd, &fs) < 0)
        return false;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (fs.f_type == kinds[i])
            return true;
    return false;
}

/* As overlayfs reads it: mounted by root it looks at trusted.* alone, and a
 * container may write what it likes into user.*. */
static bool is_opaque(int dirfd, const char *name)
{
    const char *attribute =
        rootless_is_inside() ? "user.overlay.opaque" : "trusted.overlay.opaque";
    char path[NAME_MAX + 40], value = '\0';
    snprintf(path, sizeof path, "/proc/self/fd/%d/%s", dirfd, name);
    return lgetxattr(path, attribute, &value, 1) == 1 && value == 'y';
}

static void read_marks(const struct tree *tree, int dirfd, const char *name,
                       struct tree_entry *entry)
{
    mode_t mode = entry->st.st_mode;
    entry->is_whiteout =
        tree->has_marks && S_ISCHR(mode) && entry->st.st_rdev == 0;
    entry->is_opaque =
        tree->has_marks && S_ISDIR(mode) && is_opaque(dirfd, name);
}

static void add_entry(const struct tree *tree, size_t layer, int dirfd,
                      const char *name, struct tree_dir *found)
{
    struct tree_entry entry = {
        .range = {layer, layer + 1}
    };
    /* It was there when the directory was read; now it need not be. */
    if (fstatat(dirfd, name, &entry.st, AT_SYMLINK_NOFOLLOW) < 0)
        return;
    read_marks(tree, dirfd, name, &entry);
    entry.name = own_strdup(name);
    size_t n = found->n + 1;
    /* Doubling at powers of two needs no separate capacity. */
    if ((n & (n - 1)) == 0)
        found->v = own_grow(found->v, n * 2 * sizeof *found->v);
    found->v[found->n++] = entry;
}

static int read_layer(const struct tree *tree, size_t layer, const char *path,
                      struct tree_dir *found, struct err *e)
{
    int fd = open_beneath(tree, layer, path, O_RDONLY | O_DIRECTORY);
    if (is_absent(fd))
        return 0;
    auto_dir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (dir == NULL)
        return err_sys(e, fd < 0 ? fd : errno, "open /%.120s", path);
    if (tree->crosses && is_kernels(fd))
        return 0;
    struct dirent *entry;
    while ((entry = readdir(dir)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            add_entry(tree, layer, fd, entry->d_name, found);
    return 0;
}

static int by_name_and_layer(const void *a, const void *b)
{
    const struct tree_entry *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    if (order != 0)
        return order;
    return x->range.first < y->range.first ? -1 : 1;
}

/* All that the layers have under one name stands in a row, the uppermost
 * first. That one is kept; the directories below it add to it, until one hides
 * what is below or something else is in the way. */
int tree_read(const struct tree *tree, const char *path,
              struct tree_range range, struct tree_dir *ret, struct err *e)
{
    /* TODO lab 7.2: read the layers, sort, and of each name keep the uppermost,
     * its range widened by the directories that show through it */
    return err_set(e, ENOSYS, "lab 7.2 is not written yet");
}

char *tree_path(const char *path, const char *name)
{
    return text_format("%s%s%s", path, path[0] != '\0' ? "/" : "", name);
}

int tree_open_entry(const struct tree *tree, size_t layer, const char *path,
                    struct stat *ret, struct err *e)
{
    struct stat unused;
    auto_fd int fd = open_beneath(tree, layer, path, O_PATH);
    if (is_absent(fd))
        return err_sys(e, ENOENT, "/%.120s", path);
    if (fd < 0 || fstat(fd, ret != NULL ? ret : &unused) < 0)
        return err_sys(e, fd < 0 ? fd : errno, "open /%.120s", path);
    return fd_take(&fd);
}

int tree_find(const struct tree *tree, const char *path,
              struct tree_range range, struct tree_entry *ret, struct err *e)
{
    bool is_found = false, is_open = true;
    for (size_t layer = range.first; is_open && layer < range.end; layer++) {
        struct tree_entry entry = {
            .range = {layer, layer + 1}
        };
        auto_fd int fd = tree_open_entry(tree, layer, path, &entry.st, e);
        if (fd == -ENOENT)
            continue;
        if (fd < 0)
            return fd;
        read_marks(tree, fd, ".", &entry);
        bool is_dir = S_ISDIR(entry.st.st_mode);
        if (!is_found)
            *ret = entry;
        else if (is_dir)
            ret->range.end = layer + 1;
        is_found = true;
        is_open = is_dir && !entry.is_opaque;
    }
    return is_found ? 0 : err_sys(e, ENOENT, "/%.120s", path);
}

/* Opened by what it is, not by its name: under that there may be a device by
 * now, or a FIFO that nobody writes to. */
int tree_open_content(int entry, struct err *e)
{
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", entry);
    int fd = sys_openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
    return fd < 0 ? err_sys(e, fd, "open") : fd;
}

/* Where holes cannot be asked for, everything is data. */
bool tree_next_piece(int fd, off_t size, struct tree_piece *piece)
{
    off_t at = piece->end, data = lseek(fd, at, SEEK_DATA);
    if (data < 0)
        data = errno == ENXIO ? size : at;
    if (at >= size || data >= size)
        return false;
    off_t end = lseek(fd, data, SEEK_HOLE);
    piece->data = data;
    piece->end = end < 0 || end > size ? size : end;
    return true;
}

int tree_read_link(int entry, char **ret, struct err *e)
{
    char text[PATH_MAX];
    ssize_t n = readlinkat(entry, "", text, sizeof text);
    if (n < 0)
        return err_sys(e, errno, "read the link");
    *ret = text_format("%.*s", (int)n, text);
    return 0;
}
