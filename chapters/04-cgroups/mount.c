/*
 * What the container sees at /sys/fs/cgroup: this machine's hierarchies, whose
 * root, in a cgroup namespace, is its own group; cgroup_namespaces(7).
 */
#include "cg_parts.h"

#include "files.h"
#include "own.h"
#include "sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

#define SAFE (MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RELATIME)

/* Mount on a directory by descriptor: what it refers to cannot be exchanged
 * for a symbolic link under our hands. */
static int mount_on(int dir, const char *name, const char *type,
                    unsigned long flags, const char *data)
{
    char target[192];
    snprintf(target, sizeof target, "/proc/self/fd/%d%s%s", dir,
             name[0] != '\0' ? "/" : "", name);
    return sys_mount(type, target, type, flags, data);
}

/* Second reading: without a cgroup namespace of its own a process sees the
 * whole machine's groups in a new mount. Then its own group has to be bound. */
static bool sees_others(void)
{
    auto_text struct text text = {0};
    if (files_read(AT_FDCWD, "/proc/self/cgroup", &text, NULL) < 0)
        return false;
    auto_strv struct strv lines = {0};
    strv_split(&lines, text.s, '\n');
    for (size_t i = 0; i < lines.n; i++) {
        const char *path = strchr(lines.v[i], '/');
        if (path != NULL && path[1] != '\0')
            return true;
    }
    return false;
}

/* Second reading: where several hierarchies go, and how. */
struct several {
    const struct cg *cg;
    int dir;
    unsigned long flags;
    bool bound; /* they would show others' groups if mounted anew */
};

static int bind_group(const struct several *to, const struct cg_hierarchy *h,
                      const char *name)
{
    auto_free char *group = text_format("%s/%s", h->mount, to->cg->path);
    char target[192];
    snprintf(target, sizeof target, "/proc/self/fd/%d/%s", to->dir, name);
    int r = sys_mount(group, target, NULL, MS_BIND, NULL);
    return r < 0 ? r
                 : sys_mount(NULL, target, NULL,
                             to->flags | MS_REMOUNT | MS_BIND, NULL);
}

/* Second reading: joint controllers ("cpu,cpuacct") are found under each
 * single name too. */
static void link_names(int dir, const char *controllers, const char *name)
{
    auto_strv struct strv words = {0};
    strv_split(&words, controllers, ',');
    for (size_t i = 0; words.n > 1 && i < words.n; i++)
        if (strcmp(words.v[i], name) != 0)
            sys_symlinkat(name, dir, words.v[i]);
}

/* Second reading: one hierarchy in its directory, named as on the host. (v2's
 * path may be that of a delegated group; beside v1 its name is always this.) */
static int mount_hierarchy(const struct several *to,
                           const struct cg_hierarchy *h, struct err *e)
{
    const char *slash = strrchr(h->mount, '/');
    const char *name = slash == NULL ? h->mount : slash + 1;
    if (h->version == 2)
        name = "unified";
    int r = sys_mkdirat(to->dir, name, 0755);
    if (r >= 0 && to->bound)
        r = bind_group(to, h, name);
    else if (r >= 0 && h->version == 2)
        r = mount_on(to->dir, name, "cgroup2", to->flags, NULL);
    else if (r >= 0)
        r = mount_on(to->dir, name, "cgroup", to->flags, h->controllers);
    if (r < 0)
        return err_sys(e, r, "mount the %s hierarchy", name);
    link_names(to->dir, h->controllers, name);
    return 0;
}

/* Second reading: a tmpfs that holds one directory per hierarchy, closed for
 * writing once it is complete. */
static int mount_several(const struct cg *cg, int rootfd, const char *target,
                         unsigned long flags, struct err *e)
{
    auto_fd int dir = files_open_in(rootfd, target, O_PATH | O_DIRECTORY, 0, e);
    if (dir < 0)
        return dir;
    int r = mount_on(dir, "", "tmpfs", SAFE, "mode=755");
    if (r < 0)
        return err_sys(e, r, "mount tmpfs on %s", target);
    /* `dir` is what lies under the mount; open the mount itself. */
    auto_fd int top = files_open_in(rootfd, target, O_PATH | O_DIRECTORY, 0, e);
    if (top < 0)
        return top;
    struct several to = {
        .cg = cg, .dir = top, .flags = flags, .bound = sees_others()};
    for (size_t i = 0; i < cg->layout.n; i++) {
        const struct cg_hierarchy *h = &cg->layout.v[i];
        r = cg->dirs[i] < 0 ? 0 : mount_hierarchy(&to, h, e);
        if (r < 0)
            return r;
    }
    r = mount_on(top, "", "tmpfs", flags | MS_REMOUNT | MS_BIND, NULL);
    return r < 0 ? err_sys(e, r, "make %s read-only", target) : 0;
}

/* v2 alone: one mount, and the container's root group is its own. */
static int mount_unified(int rootfd, const char *target, unsigned long flags,
                         struct err *e)
{
    auto_fd int dir = files_open_in(rootfd, target, O_PATH | O_DIRECTORY, 0, e);
    if (dir < 0)
        return dir;
    int r = mount_on(dir, "", "cgroup2", flags, NULL);
    return r < 0 ? err_sys(e, r, "mount cgroup2 on %s", target) : 0;
}

int cg_mount(const struct cg *cg, int rootfd, const char *target, bool writable,
             struct err *e)
{
    unsigned long flags = SAFE | (writable ? 0 : MS_RDONLY);
    if (cg->layout.n == 1 && cg->layout.v[0].version == 2)
        return mount_unified(rootfd, target, flags, e);
    return mount_several(cg, rootfd, target, flags, e);
}
