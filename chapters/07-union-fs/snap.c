#include "snap.h"

#include "files.h"
#include "own.h"
#include "rootless.h"
#include "snap_copy.h"
#include "snap_many.h"
#include "sys.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

void snap_done(struct snap *snap)
{
    strv_done(&snap->layers);
    own_free(&snap->dir);
    own_free(&snap->target);
}

/* Give the upper directory the looks of the root directory below it. */
static int copy_looks(const struct snap *snap, int dirfd, struct err *e)
{
    struct stat st;
    if (snap->layers.n == 0)
        return err_set(e, EINVAL, "%s: no layers", snap->dir);
    if (stat(snap->layers.v[0], &st) < 0)
        return err_sys(e, errno, "stat %s", snap->layers.v[0]);
    int r = sys_fchownat(dirfd, "diff", st.st_uid, st.st_gid, 0);
    if (r == 0)
        r = sys_fchmodat(dirfd, "diff", st.st_mode & 07777);
    return r < 0 ? err_sys(e, r, "make %s/diff", snap->dir) : 0;
}

int snap_create(const struct snap *snap, struct err *e)
{
    int r = sys_mkdirat(AT_FDCWD, snap->dir, 0700);
    if (r < 0 && r != -EEXIST)
        return err_sys(e, r, "mkdir %s", snap->dir);
    auto_fd int dir =
        sys_openat(AT_FDCWD, snap->dir, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
    if (dir < 0)
        return err_sys(e, dir, "open %s", snap->dir);
    /* diff comes first: whoever makes it owns the snapshot. */
    static const char *const parts[] = {"diff", "work", "merged"};
    size_t made = 0, wanted = snap->target == NULL ? 3 : 2;
    for (r = 0; r == 0 && made < wanted; made += r == 0) {
        r = sys_mkdirat(dir, parts[made], 0700);
        if (r < 0)
            err_sys(e, r, "mkdir %s/%s", snap->dir, parts[made]);
    }
    if (r == 0 && snap->is_copy)
        r = snap_copy(snap, dir, e);
    if (r == 0)
        r = copy_looks(snap, dir, e);
    while (r < 0 && made > 0)
        files_remove_tree(dir, parts[--made], NULL);
    return r;
}

int snap_find(struct snap *snap, struct timespec *since, struct err *e)
{
    auto_free char *path = text_format("%s/" SNAP_COPIED, snap->dir);
    struct stat st = {0};
    snap->is_copy = lstat(path, &st) == 0;
    if (since != NULL)
        *since = st.st_ctim;
    return snap->is_copy || errno == ENOENT
               ? 0
               : err_sys(e, errno, "look at %s", path);
}

static int mount_copy(const struct snap *snap, const char *merged,
                      struct err *e)
{
    auto_free char *diff = text_format("%s/diff", snap->dir);
    int r = sys_mount(diff, merged, NULL, MS_BIND, NULL);
    return r < 0 ? err_sys(e, r, "bind %s to %s", diff, merged) : 0;
}

/* Options end at commas and layers at colons, unless a backslash is before. */
static void add_escaped(struct text *out, const char *path)
{
    for (; *path != '\0'; path++) {
        if (strchr(",:\\", *path) != NULL)
            text_addn(out, "\\", 1);
        text_addn(out, path, 1);
    }
}

static void add_layers(struct text *out, const struct snap *snap)
{
    text_add(out, "lowerdir=");
    for (size_t i = 0; i < snap->layers.n; i++) {
        if (i > 0)
            text_add(out, ":");
        add_escaped(out, snap->layers.v[i]);
    }
}

/* index, redirect_dir and metacopy, which a kernel may have on by default,
 * leave notes in the upper directory that make sense only together with these
 * very layers. Off, the upper directory is a complete layer. userxattr turns
 * the last two off itself, and refuses to be told. */
static void add_options(const struct snap *snap, struct strv *out)
{
    /* In a user namespace it may not write trusted.* attributes. */
    bool is_user = rootless_is_inside();
    strv_add(out, "index=off");
    if (is_user)
        strv_add(out, "userxattr");
    else
        strv_split(out, "redirect_dir=nofollow,metacopy=off", ',');
    if (snap->is_volatile)
        strv_add(out, "volatile");
}

int snap_mount(const struct snap *snap, struct err *e)
{
    auto_free char *merged = snap->target != NULL
                                 ? own_strdup(snap->target)
                                 : text_format("%s/merged", snap->dir);
    if (snap->is_copy)
        return mount_copy(snap, merged, e);
    auto_strv struct strv options = {0};
    add_options(snap, &options);
    auto_text struct text data = {0};
    add_layers(&data, snap);
    for (int i = 0; i < 2; i++) {
        text_add(&data, i == 0 ? ",upperdir=" : ",workdir=");
        add_escaped(&data, snap->dir);
        text_add(&data, i == 0 ? "/diff" : "/work");
    }
    for (size_t i = 0; i < options.n; i++)
        text_addf(&data, ",%s", options.v[i]);
    /* mount(2) takes one page of options, its end included. */
    if (data.len + 1 > (size_t)sysconf(_SC_PAGESIZE))
        return snap_mount_many(snap, &options, merged, e);
    int r = sys_mount("overlay", merged, "overlay", 0, data.s);
    return r < 0 ? err_sys(e, r, "mount overlay on %s", merged) : 0;
}

int snap_destroy(const struct snap *snap, struct err *e)
{
    auto_fd int dir =
        sys_openat(AT_FDCWD, snap->dir, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
    if (dir == -ENOENT)
        return 0;
    if (dir < 0)
        return err_sys(e, dir, "open %s", snap->dir);
    /* merged first, and only as an empty directory: were the overlay still
     * mounted there, removing the tree would go through it. */
    int r = sys_unlinkat(dir, "merged", AT_REMOVEDIR);
    if (r < 0 && r != -ENOENT)
        return err_sys(e, r, "remove %s/merged", snap->dir);
    r = files_remove_tree(dir, "gone", e);
    if (r == 0)
        r = sys_renameat2(dir, "diff", dir, "gone", 0);
    if (r < 0 && r != -ENOENT)
        return err_sys(e, r, "remove %s/diff", snap->dir);
    static const char *const rest[] = {"gone", "work", SNAP_COPIED};
    r = 0;
    for (size_t i = 0; r == 0 && i < sizeof rest / sizeof rest[0]; i++)
        r = files_remove_tree(dir, rest[i], e);
    return r < 0 ? err_add(e, "remove %s", snap->dir) : 0;
}
