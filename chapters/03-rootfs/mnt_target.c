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
    struct text done; /* resolved, free of links: "usr/lib", "" is the root */
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

/* Open `name` in the resolved directory, or that itself if NULL. It held no
 * link when we looked; if one is there now, someone is racing us, and
 * RESOLVE_NO_SYMLINKS makes the call fail. A link as the last name is opened
 * itself, openat2(2). */
static int open_below(const struct walk *w, const char *name)
{
    auto_free char *path =
        text_format("./%s/%s", w->done.s, name != NULL ? name : "");
    /* A slash at the end would refuse files. */
    for (size_t n = strlen(path); n > 1 && path[n - 1] == '/'; n--)
        path[n - 1] = '\0';
    struct open_how how = {
        .flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
    };
    return sys_openat2(w->rootfd, path, &how, sizeof how);
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

/* ".." of what is resolved is its textual parent, as it holds no links. */
static void step_up(struct walk *w)
{
    while (w->done.len > 0 && w->done.s[w->done.len - 1] != '/')
        w->done.s[--w->done.len] = '\0';
    if (w->done.len > 0)
        w->done.s[--w->done.len] = '\0';
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
    if (text[0] == '/')
        text_clear(&w->done);
    char *rest = text_format("%.*s/%s", (int)len, text, w->rest);
    own_free(&w->rest);
    w->rest = rest;
    return 0;
}

static int make(const struct walk *w, const char *name,
                enum mnt_missing missing)
{
    auto_fd int parent = open_below(w, NULL);
    if (parent < 0)
        return parent;
    int r = missing == MNT_MISSING_FILE
                ? sys_mknodat(parent, name, S_IFREG | 0644, 0)
                : sys_mkdirat(parent, name, 0755);
    return r == -EEXIST ? 0 : r; /* another was faster: as good */
}

/* One name further. A descriptor of it, or -errno. */
static int step(struct walk *w, const char *name, enum mnt_missing missing)
{
    auto_fd int fd = open_below(w, name);
    if (fd == -ENOENT && missing != MNT_MISSING_FAIL) {
        int r = make(w, name, at_end(w) ? missing : MNT_MISSING_DIR);
        if (r < 0)
            return r;
        fd = open_below(w, name);
    }
    if (fd < 0)
        return fd;
    struct stat st;
    if (fstat(fd, &st) < 0)
        return -errno;
    if (S_ISLNK(st.st_mode))
        return step_through(w, fd);
    text_addf(&w->done, "%s%s", w->done.len > 0 ? "/" : "", name);
    return 0;
}

/* Name by name, as the kernel resolves, but making what is missing: also
 * where a dangling link points (/etc/resolv.conf -> ../run/...), inside. */
static int walk_and_make(int rootfd, const char *path, enum mnt_missing missing)
{
    struct walk w = {.rootfd = rootfd, .rest = own_strdup(path)};
    text_add(&w.done, "");
    mode_t before = umask(022);
    int r = 0;
    char *name;
    while (r >= 0 && (name = next_name(&w)) != NULL) {
        if (strcmp(name, "..") == 0)
            step_up(&w);
        else if (strcmp(name, ".") != 0)
            r = step(&w, name, missing);
        own_free(&name);
    }
    umask(before);
    if (r >= 0)
        r = open_below(&w, NULL);
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
