/* Second reading: copying a tree. See copy.h. */
#include "copy.h"

#include "own.h"
#include "sys.h"
#include "text.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/xattr.h>
#include <unistd.h>

/* A copy under way. */
struct copy {
    int top;    /* the directory that it goes to */
    void *seen; /* files with several names: tsearch(3) of struct known */
    int depth;
};

/* A file that has been copied under one of its names. */
struct known {
    dev_t device;
    ino_t inode;
    char *path; /* below the top */
};

/* One name in two directories. */
struct pair {
    struct copy *copy;
    int from, to;
    const char *name, *path; /* path: of the name, below the top */
};

static int compare_known(const void *a, const void *b)
{
    const struct known *x = a, *y = b;
    if (x->device != y->device)
        return x->device < y->device ? -1 : 1;
    return x->inode < y->inode ? -1 : x->inode > y->inode;
}

static void free_known(void *node)
{
    struct known *known = node;
    free(known->path);
    free(known);
}

/* What is not here to be set: the file system has no such attributes, or
 * they are not ours to give. */
static bool is_not_ours(int r)
{
    return r == -EPERM || r == -EOPNOTSUPP;
}

static int copy_attribute(const char *from, const char *to, const char *name)
{
    ssize_t size = lgetxattr(from, name, NULL, 0);
    auto_free char *value = own_alloc(size > 0 ? (size_t)size : 1);
    if (size >= 0)
        size = lgetxattr(from, name, value, (size_t)size);
    if (size < 0)
        return errno == ENODATA ? 0 : -errno;
    int r = sys_lsetxattr(to, name, value, (size_t)size, 0);
    return is_not_ours(r) ? 0 : r;
}

/* Names of places, since these calls take no directory: /proc/self/fd/7/name
 * is looked up in the open directory, whatever its path is by now. */
static int copy_attributes(const char *from, const char *to)
{
    ssize_t len = llistxattr(from, NULL, 0);
    if (len <= 0)
        return len == 0 || errno == EOPNOTSUPP ? 0 : -errno;
    auto_free char *names = own_alloc((size_t)len);
    len = llistxattr(from, names, (size_t)len);
    int r = len < 0 ? -errno : 0;
    for (ssize_t at = 0; at < len && r == 0; at += strlen(names + at) + 1)
        r = copy_attribute(from, to, names + at);
    return r;
}

static int copy_file(const struct pair *p, const struct stat *st)
{
    auto_fd int in = sys_openat(
        p->from, p->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0);
    if (in < 0)
        return in;
    auto_fd int out = sys_openat(p->to, p->name,
                                 O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (out < 0)
        return out;
    ssize_t n;
    do
        n = sendfile(out, in, NULL, 1 << 20);
    while (n > 0);
    (void)st;
    return n < 0 ? -errno : 0;
}

static int copy_link(const struct pair *p, const struct stat *st)
{
    char text[PATH_MAX];
    ssize_t n = readlinkat(p->from, p->name, text, sizeof text - 1);
    if (n < 0)
        return -errno;
    text[n] = '\0';
    (void)st;
    return sys_symlinkat(text, p->to, p->name);
}

static int copy_node(const struct pair *p, const struct stat *st)
{
    return sys_mknodat(p->to, p->name, st->st_mode, st->st_rdev);
}

static int copy_entries(struct copy *copy, int from, int to, const char *path);

static int copy_dir(const struct pair *p, const struct stat *st)
{
    (void)st;
    int r = sys_mkdirat(p->to, p->name, 0700);
    if (r < 0)
        return r;
    int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    auto_fd int from = sys_openat(p->from, p->name, flags, 0);
    auto_fd int to = sys_openat(p->to, p->name, flags, 0);
    if (from < 0 || to < 0)
        return from < 0 ? from : to;
    return copy_entries(p->copy, from, to, p->path);
}

static const struct {
    mode_t type;
    int (*copy)(const struct pair *p, const struct stat *st);
} copiers[] = {
    {S_IFREG,  copy_file},
    {S_IFDIR,  copy_dir },
    {S_IFLNK,  copy_link},
    {S_IFCHR,  copy_node},
    {S_IFBLK,  copy_node},
    {S_IFIFO,  copy_node},
    {S_IFSOCK, copy_node},
};

/* Owner, mode, attributes, times: in this order, since chown(2) takes
 * set-user-ID bits and capabilities away, and each but the last changes the
 * times. The names are below open directories. */
static int copy_name_looks(const struct pair *p, const struct stat *st)
{
    const struct timespec times[] = {st->st_atim, st->st_mtim};
    int r = sys_fchownat(p->to, p->name, st->st_uid, st->st_gid,
                         AT_SYMLINK_NOFOLLOW);
    if (r == 0 && !S_ISLNK(st->st_mode))
        r = sys_fchmodat(p->to, p->name, st->st_mode & 07777);
    auto_free char *from = text_format("/proc/self/fd/%d/%s", p->from, p->name);
    auto_free char *to = text_format("/proc/self/fd/%d/%s", p->to, p->name);
    if (r == 0)
        r = copy_attributes(from, to);
    return r < 0 ? r
                 : sys_utimensat(p->to, p->name, times, AT_SYMLINK_NOFOLLOW);
}

/* The second name of a file that is copied already. 1: it is linked. */
static int link_known(const struct pair *p, const struct stat *st)
{
    if (S_ISDIR(st->st_mode) || st->st_nlink < 2)
        return 0;
    struct known key = {.device = st->st_dev, .inode = st->st_ino};
    void *node = tfind(&key, &p->copy->seen, compare_known);
    if (node != NULL) {
        const struct known *known = *(struct known **)node;
        int r = sys_linkat(p->copy->top, known->path, p->to, p->name, 0);
        return r < 0 ? r : 1;
    }
    struct known *known = own_alloc(sizeof *known);
    *known = key;
    known->path = own_strdup(p->path);
    if (tsearch(known, &p->copy->seen, compare_known) == NULL)
        abort();
    return 0;
}

/* A user namespace has no devices. */
static bool is_skipped(int r, const struct stat *st)
{
    return r == -EPERM && (S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode));
}

static int copy_one(const struct pair *p)
{
    struct stat st;
    if (fstatat(p->from, p->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return -errno;
    int r = link_known(p, &st);
    if (r != 0)
        return r < 0 ? r : 0;
    for (size_t i = 0; i < sizeof copiers / sizeof *copiers; i++)
        if (copiers[i].type == (st.st_mode & S_IFMT))
            r = copiers[i].copy(p, &st);
    if (is_skipped(r, &st))
        return 0;
    return r < 0 ? r : copy_name_looks(p, &st);
}

/* Takes over no descriptor; fdopendir(3) gets one of its own. */
static int copy_entries(struct copy *copy, int from, int to, const char *path)
{
    if (copy->depth == COPY_DEEPEST)
        return -ELOOP;
    auto_fd int fd =
        sys_openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    if (fd < 0)
        return fd;
    auto_dir DIR *dir = fdopendir(fd);
    if (dir == NULL)
        return -errno;
    fd_take(&fd); /* dir owns it now */
    copy->depth++;
    int r = 0;
    struct dirent *entry;
    while (r == 0 && (entry = readdir(dir)) != NULL) {
        const char *name = entry->d_name;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
            continue;
        auto_free char *below =
            text_format("%s%s%s", path, path[0] != '\0' ? "/" : "", name);
        r = copy_one(&(struct pair){copy, from, to, name, below});
    }
    copy->depth--;
    return r;
}

int copy_tree(int from, int to, struct err *e)
{
    struct copy copy = {.top = to};
    int r = copy_entries(&copy, from, to, "");
    tdestroy(copy.seen, free_known);
    return r < 0 ? err_sys(e, r, "copy a directory's content") : 0;
}

int copy_looks(int from, int to, struct err *e)
{
    struct stat st;
    if (fstat(from, &st) < 0)
        return err_sys(e, errno, "stat");
    int r = copy_name_looks(&(struct pair){.from = from, .to = to, .name = "."},
                            &st);
    return r < 0 ? err_sys(e, r, "copy a directory's looks") : 0;
}
