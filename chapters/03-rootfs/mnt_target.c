/* Opening, and where needed making, a place inside the container's root. */
#include "mnt_target.h"

#include "files.h"
#include "own.h"
#include "sys.h"
#include "text.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A path on its way from names to a place. */
struct walk {
    int rootfd;
    int dir;          /* how far we are, open */
    struct text done; /* the same as text, free of links: "usr/lib" */
    char *rest;       /* names still to come */
    int links;        /* followed so far */
};

/* As many as the kernel follows, path_resolution(7). */
#define MAX_LINKS 40

const char *mnt_target_name(int target, char name[MNT_TARGET_NAME_SIZE])
{
    snprintf(name, MNT_TARGET_NAME_SIZE, "/proc/self/fd/%d", target);
    return name;
}

/* No link on the way is followed. One as the last name is opened itself,
 * openat2(2), so that we look at it; if one appears where there was none,
 * someone is racing us and the call fails. */
static int open_beneath(int dir, const char *path)
{
    struct open_how how = {
        .flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
    };
    return sys_openat2(dir, path, &how, sizeof how);
}

/* Cut the next name off what is still to come; NULL at the end. The caller
 * frees it. */
static char *next_name(struct walk *w)
{
    size_t skip = strspn(w->rest, "/");
    size_t len = strcspn(w->rest + skip, "/");
    if (len == 0)
        return NULL;
    char *name = text_format("%.*s", (int)len, w->rest + skip);
    memmove(w->rest, w->rest + skip + len, strlen(w->rest + skip + len) + 1);
    return name;
}

static bool at_end(const struct walk *w)
{
    return w->rest[strspn(w->rest, "/")] == '\0';
}

/* Be where `done` says, from the root. */
static int start_over(struct walk *w)
{
    own_close(&w->dir);
    w->dir = open_beneath(w->rootfd, w->done.len > 0 ? w->done.s : ".");
    return w->dir;
}

/* ".." is the textual parent, since the text holds no links; and that of the
 * root is the root. Asking the kernel for ".." would lead out of it. */
static int step_up(struct walk *w)
{
    while (w->done.len > 0 && w->done.s[w->done.len - 1] != '/')
        w->done.s[--w->done.len] = '\0';
    if (w->done.len > 0)
        w->done.s[--w->done.len] = '\0';
    return start_over(w);
}

/* A link is replaced by its text; an absolute one starts over at the root,
 * which is the container's. */
static int step_through(struct walk *w, int link)
{
    char text[PATH_MAX];
    ssize_t len = readlinkat(link, "", text, sizeof text);
    if (len < 0)
        return -errno;
    if (++w->links > MAX_LINKS)
        return -ELOOP;
    char *rest = text_format("%.*s/%s", (int)len, text, w->rest);
    own_free(&w->rest);
    w->rest = rest;
    if (len == 0 || text[0] != '/')
        return 0;
    text_clear(&w->done);
    return start_over(w);
}

static int make(int dir, const char *name, enum mnt_missing missing)
{
    int r = missing == MNT_MISSING_FILE
                ? sys_mknodat(dir, name, S_IFREG | 0644, 0)
                : sys_mkdirat(dir, name, 0755);
    return r == -EEXIST ? 0 : r; /* another was faster: as good */
}

/* One name further. >= 0, or -errno. */
static int step(struct walk *w, const char *name, enum mnt_missing missing)
{
    auto_fd int fd = open_beneath(w->dir, name);
    if (fd == -ENOENT) {
        int r = make(w->dir, name, at_end(w) ? missing : MNT_MISSING_DIR);
        if (r < 0)
            return r;
        fd = open_beneath(w->dir, name);
    }
    struct stat st;
    if (fd < 0)
        return fd;
    if (fstat(fd, &st) < 0)
        return -errno;
    if (S_ISLNK(st.st_mode))
        return step_through(w, fd);
    text_addf(&w->done, "%s%s", w->done.len > 0 ? "/" : "", name);
    own_close(&w->dir);
    w->dir = fd_take(&fd);
    return 0;
}

static int walk_all(struct walk *w, enum mnt_missing missing)
{
    int r = start_over(w);
    char *name;
    while (r >= 0 && (name = next_name(w)) != NULL) {
        if (strcmp(name, "..") == 0)
            r = step_up(w);
        else if (strcmp(name, ".") != 0)
            r = step(w, name, missing);
        own_free(&name);
    }
    return r < 0 ? r : fd_take(&w->dir);
}

/* Name by name, as the kernel resolves, but making what is missing: also
 * where a dangling link points (/etc/resolv.conf -> ../run/...), inside. */
static int walk_and_make(int rootfd, const char *path, enum mnt_missing missing)
{
    struct walk w = {.rootfd = rootfd, .dir = -1, .rest = own_strdup(path)};
    mode_t before = umask(022);
    int r = walk_all(&w, missing);
    umask(before);
    own_close(&w.dir);
    own_free(&w.rest);
    text_done(&w.done);
    return r;
}

/* Nearly always everything is there, and one call does it. */
int mnt_target_open(int rootfd, const char *path, enum mnt_missing missing,
                    struct err *e)
{
    int fd = files_open_in(rootfd, path, O_PATH, 0, e);
    if (fd != -ENOENT || missing == MNT_MISSING_FAIL)
        return fd;
    fd = walk_and_make(rootfd, path, missing);
    return fd < 0 ? err_sys(e, fd, "create mount point %s", path) : fd;
}

int mnt_target_open_parent(int rootfd, const char *path, struct err *e)
{
    const char *slash = strrchr(path, '/');
    auto_free char *parent =
        text_format("%.*s/", slash != NULL ? (int)(slash - path) : 0, path);
    return mnt_target_open(rootfd, parent, MNT_MISSING_DIR, e);
}
