/*
 * A group is a directory: made with mkdir(2), entered by writing to a file in
 * it, and gone with rmdir(2). On v1 it is several directories, one in each
 * hierarchy.
 */
#include "cg_parts.h"

#include "files.h"
#include "own.h"
#include "sys.h"

#include <dirent.h>
#include <errno.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

/* The path without the slashes around it. */
static size_t trim(const char **path)
{
    *path += strspn(*path, "/");
    size_t len = strlen(*path);
    while (len > 0 && (*path)[len - 1] == '/')
        len--;
    return len;
}

/* Names come from users (--cgroup-parent): none may climb out of the mount. */
int cg_check_path(const char *path, struct err *e)
{
    size_t all = trim(&path);
    for (const char *s = path; *s != '\0'; s += strspn(s, "/")) {
        size_t len = strcspn(s, "/");
        if ((len == 1 && s[0] == '.') ||
            (len == 2 && s[0] == '.' && s[1] == '.'))
            return err_set(e, EINVAL, "cgroup path %s: contains %.*s", path,
                           (int)len, s);
        s += len;
    }
    if (all == 0 || all >= sizeof((struct cg *)0)->path)
        return err_set(e, EINVAL, "cgroup path \"%s\": empty or too long",
                       path);
    return 0;
}

static int set_path(struct cg *cg, const char *path, struct err *e)
{
    *cg = (struct cg)CG_INIT;
    int r = cg_check_path(path, e);
    if (r < 0)
        return r;
    size_t len = trim(&path);
    memcpy(cg->path, path, len);
    cg->path[len] = '\0';
    return 0;
}

/* Open a hierarchy where mountinfo says it is mounted. Another mount may lie
 * over it: then what is found there is no cgroup file system. */
int cg_open_hierarchy(const struct cg_hierarchy *h)
{
    auto_fd int fd =
        sys_openat(AT_FDCWD, h->mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    if (fd < 0)
        return fd;
    struct statfs fs;
    if (fstatfs(fd, &fs) < 0)
        return -errno;
    long magic = h->version == 2 ? CGROUP2_SUPER_MAGIC : CGROUP_SUPER_MAGIC;
    return fs.f_type == magic ? fd_take(&fd) : -ENOENT;
}

static int open_group(int root, const char *path)
{
    return sys_openat(root, path,
                      O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
}

/* Without privilege, or where a container sees its hierarchies read-only,
 * a hierarchy cannot be used and is left out: that alone is no error. */
static bool out_of_reach(int r)
{
    return r == -EACCES || r == -EPERM || r == -EROFS || r == -ENOENT;
}

/* mkdir, with the groups above when they are missing. They can vanish again
 * under our hands if someone tidies up empty groups: hence the rounds. */
static int make_directory(int root, const char *path)
{
    const char *slash = strrchr(path, '/');
    auto_free char *parent =
        slash == NULL ? NULL : text_format("%.*s", (int)(slash - path), path);
    int r = sys_mkdirat(root, path, 0755);
    for (int round = 0; r == -ENOENT && parent != NULL && round < 8; round++) {
        r = files_mkdirs(root, parent, 0755, NULL);
        if (r == 0)
            r = sys_mkdirat(root, path, 0755);
    }
    return r;
}

/*
 * Make the group in one hierarchy. 1 if it was made, 0 if the hierarchy is out
 * of reach. With `adopt` it may be there.
 *
 * @lab 4.1 mkdir in the hierarchy, keep the directory open, prepare it
 */
static int make_in(struct cg *cg, size_t i, bool adopt, struct err *e)
{
    const struct cg_hierarchy *h = &cg->layout.v[i];
    auto_fd int root = cg_open_hierarchy(h);
    if (root < 0)
        return out_of_reach(root) ? 0 : err_sys(e, root, "open %s", h->mount);
    int r = make_directory(root, cg->path);
    if (out_of_reach(r))
        return 0;
    if (r == -EEXIST && adopt)
        r = 0;
    if (r < 0)
        return err_sys(e, r, "mkdir %s/%s", h->mount, cg->path);
    cg->dirs[i] = open_group(root, cg->path);
    if (cg->dirs[i] < 0) {
        sys_unlinkat(root, cg->path, AT_REMOVEDIR);
        return err_sys(e, cg->dirs[i], "open %s/%s", h->mount, cg->path);
    }
    if (h->version == 2)
        r = cg_enable_controllers(cg, root, cg->dirs[i], e);
    else if (cg->layout.where[CG_CPUSET] == (int)i)
        r = cg_copy_cpuset(cg, root, cg->dirs[i], e);
    return r < 0 ? r : 1;
}

/* Take back a group that was only half made; nobody can be in it yet. */
static void unmake(struct cg *cg)
{
    for (size_t i = 0; i < cg->layout.n; i++) {
        if (cg->dirs[i] < 0)
            continue;
        auto_fd int root = cg_open_hierarchy(&cg->layout.v[i]);
        if (root >= 0)
            sys_unlinkat(root, cg->path, AT_REMOVEDIR);
    }
    cg_done(cg);
}

int cg_make(struct cg *ret, const char *path, bool adopt, struct err *e)
{
    int r = set_path(ret, path, e);
    if (r == 0)
        r = cg_detect(&ret->layout, e);
    int made = 0;
    for (size_t i = 0; r >= 0 && i < ret->layout.n; i++) {
        r = make_in(ret, i, adopt, e);
        made += r > 0;
    }
    if (r >= 0 && made == 0)
        r = cg_check_writable(e) < 0
                ? -EACCES
                : err_set(e, EACCES, "no cgroup hierarchy can be written");
    if (r < 0) {
        unmake(ret);
        err_add(e, "create cgroup %s", path);
        return r;
    }
    return 0;
}

int cg_create(struct cg *ret, const char *path, struct err *e)
{
    return cg_make(ret, path, false, e);
}

/* Open the group in one hierarchy. 0: it is not there, or nothing of that
 * hierarchy can be seen. To go on without one that is there would leave a
 * process out of its limits, or the group behind for ever. */
static int open_in(struct cg *cg, size_t i, struct err *e)
{
    const struct cg_hierarchy *h = &cg->layout.v[i];
    char path[sizeof h->mount + sizeof cg->path + 1];
    auto_fd int root = cg_open_hierarchy(h);
    int r = root < 0 ? root : open_group(root, cg->path);
    if (r >= 0) {
        cg->dirs[i] = r;
        if (h->version == 2)
            cg_check_controllers(cg, r);
        return 1;
    }
    snprintf(path, sizeof path, "%s/%s", h->mount, cg->path);
    if (r == -ENOENT || access(path, F_OK) < 0)
        return 0;
    return err_sys(e, r, "open %s", path);
}

int cg_open(struct cg *ret, const char *path, struct err *e)
{
    int r = set_path(ret, path, e);
    if (r == 0)
        r = cg_detect(&ret->layout, e);
    int found = 0;
    for (size_t i = 0; r >= 0 && i < ret->layout.n; i++) {
        r = open_in(ret, i, e);
        found += r > 0;
    }
    if (r < 0) {
        cg_done(ret);
        err_add(e, "open cgroup %s", path);
        return r;
    }
    if (found == 0)
        return err_set(e, ENOENT, "no such cgroup: %s", path);
    return 0;
}

void cg_done(struct cg *cg)
{
    for (size_t i = 0; i < CG_MAX_HIERARCHIES; i++) {
        own_close(&cg->dirs[i]);
        cg->dirs[i] = -1;
    }
}

int cg_dir(const struct cg *cg, enum cg_controller controller)
{
    int where = cg->layout.where[controller];
    return where < 0 || (size_t)where >= cg->layout.n ? -1 : cg->dirs[where];
}

int cg_version(const struct cg *cg, enum cg_controller controller)
{
    int dir = cg_dir(cg, controller);
    return dir < 0 ? 0 : cg->layout.v[cg->layout.where[controller]].version;
}

int cg_clone_fd(const struct cg *cg)
{
    int v2 = cg_v2_index(&cg->layout);
    return v2 < 0 ? -1 : cg->dirs[v2];
}
