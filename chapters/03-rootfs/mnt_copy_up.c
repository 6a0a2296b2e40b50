/*
 * Second reading: tmpcopyup. A tmpfs hides what its mount point held; with
 * this option it begins as a copy of it: directories, files, links and nodes
 * with their modes and owners. Nothing is followed, everything is done in
 * directories that are open.
 */
#include "mnt_tree.h"

#include "own.h"
#include "sys.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/sendfile.h>
#include <unistd.h>

/* One name in two directories. */
struct pair {
    int from, to;
    const char *name;
};

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

static int copy_tree(int from, int to);

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
    return copy_tree(from, to);
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

static int copy_one(const struct pair *p)
{
    struct stat st;
    if (fstatat(p->from, p->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return -errno;
    int r = 0;
    for (size_t i = 0; i < sizeof copiers / sizeof *copiers; i++)
        if (copiers[i].type == (st.st_mode & S_IFMT))
            r = copiers[i].copy(p, &st);
    if (r == 0)
        r = sys_fchownat(p->to, p->name, st.st_uid, st.st_gid,
                         AT_SYMLINK_NOFOLLOW);
    /* After the owner: chown(2) takes the set-user-ID bit away. */
    if (r == 0 && !S_ISLNK(st.st_mode))
        r = sys_fchmodat(p->to, p->name, st.st_mode & 07777);
    return r;
}

/* Takes over no descriptor; fdopendir(3) gets one of its own. */
static int copy_tree(int from, int to)
{
    int fd = sys_openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    if (fd < 0)
        return fd;
    auto_dir DIR *dir = fdopendir(fd);
    int r = 0;
    struct dirent *entry;
    while (r == 0 && (entry = readdir(dir)) != NULL) {
        const char *name = entry->d_name;
        if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0)
            r = copy_one(&(struct pair){from, to, name});
    }
    return r;
}

int mnt_copy_up(int from, int to, struct err *e)
{
    int r = copy_tree(from, to);
    return r < 0 ? err_sys(e, r, "copy what the tmpfs hides") : 0;
}
