/* Into a root of its own, and the door locked behind us. */
#include "root.h"

#include "mnt.h"
#include "mnt_tree.h"
#include "own.h"
#include "sys.h"

#include <errno.h>
#include <unistd.h>

static int is_mount_point(int fd, struct err *e)
{
    struct statx stx;
    if (statx(fd, "", AT_EMPTY_PATH, 0, &stx) < 0)
        return err_sys(e, errno, "statx");
    return (stx.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

/*
 * Second reading. With the tree left shared (docker's rshared root), what is
 * mounted on the new root would appear on the host as well, and pivot_root(2)
 * refuses a shared parent. The mount that holds `dir` leaves its peers.
 */
static int isolate_parent(int dir, struct err *e)
{
    auto_fd int at = sys_openat(dir, ".", O_PATH | O_CLOEXEC, 0);
    int found;
    while ((found = at < 0 ? at : is_mount_point(at, e)) == 0) {
        int up = sys_openat(at, "..", O_PATH | O_CLOEXEC, 0);
        own_close(&at);
        at = up;
    }
    if (found < 0)
        return err_set(e, -found, "find the mount that holds the root");
    struct mount_attr attr = {.propagation = MS_PRIVATE};
    int r = mnt_tree_change(at, &attr, false);
    return r < 0 ? err_sys(e, r, "make the root's parent private") : 0;
}

/* Mount a directory on itself: pivot_root(2) wants a mount point. */
static int bind_on_itself(int dir, struct err *e)
{
    auto_fd int tree = mnt_tree_clone(dir, "", true, e);
    if (tree < 0)
        return tree;
    const struct mnt as_it_is = {.propagation = MS_PRIVATE};
    int r = mnt_tree_attach_as(tree, dir, &as_it_is, e);
    return r < 0 ? r : fd_take(&tree);
}

/*
 * The order matters: as long as "/" is shared, every mount we make shows up on
 * the host; so that ends first.
 * @lab 3.4 propagation of "/" first, then open the path, then bind if needed
 */
int root_prepare(const char *path, unsigned long propagation, struct err *e)
{
    if (propagation == 0)
        propagation = MS_SLAVE | MS_REC;
    int r = mnt_set_propagation("/", propagation, e);
    if (r < 0)
        return r;
    auto_fd int dir =
        sys_openat(AT_FDCWD, path, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
    if (dir < 0)
        return err_sys(e, dir, "open root %s", path);
    if ((propagation & MS_SHARED) != 0 && isolate_parent(dir, e) < 0)
        return err_add(e, "root %s", path);
    r = is_mount_point(dir, e);
    if (r > 0)
        return fd_take(&dir);
    if (r == 0)
        r = bind_on_itself(dir, e);
    return r < 0 ? err_add(e, "root %s", path) : r;
}

/* Cut the old root's ties first: unmounting a shared tree unmounts it for all
 * its peers, and one of them is the host. */
static int leave_old_root(int old_root)
{
    struct mount_attr attr = {.propagation = MS_SLAVE};
    int r = mnt_tree_change(old_root, &attr, true);
    if (r == -ENOSYS)
        r = mnt_old_change(old_root, &attr, true);
    if (r >= 0)
        r = sys_fchdir(old_root);
    return r < 0 ? r : sys_umount2(".", MNT_DETACH);
}

/*
 * pivot_root(".", ".") puts the old root on top of the new one at "/", so no
 * directory has to exist for it (pivot_root(2), "pivot_root(".", ".")").
 * Detached, it lives on only in descriptors that are still open.
 * @lab 3.5 fchdir, pivot_root, detach the old root, chdir to "/"
 */
int root_enter(int rootfd, struct err *e)
{
    auto_fd int old_root =
        sys_openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
    if (old_root < 0)
        return err_sys(e, old_root, "open /");
    int r = sys_fchdir(rootfd);
    if (r < 0)
        return err_sys(e, r, "enter the new root");
    r = sys_pivot_root(".", ".");
    if (r < 0)
        return err_sys(e, r, "pivot_root");
    r = leave_old_root(old_root);
    if (r < 0)
        return err_sys(e, r, "detach the old root");
    r = sys_chdir("/");
    return r < 0 ? err_sys(e, r, "chdir to /") : 0;
}

/* Those of the host that are no part of what we enter. Where one cannot be
 * unmounted, for it came locked into a user namespace, nothing was to be had
 * by it either. */
static int hide_kernel_views(void)
{
    static const char *const views[] = {"/proc", "/sys"};
    for (size_t i = 0; i < sizeof views / sizeof views[0]; i++) {
        int r = sys_umount2(views[i], MNT_DETACH);
        if (r < 0 && r != -EINVAL && r != -ENOENT && r != -EPERM)
            return r;
    }
    return 0;
}

int root_enter_moved(int rootfd, struct err *e)
{
    /* What we unmount must not be unmounted for the host. */
    int r = mnt_set_propagation("/", MS_SLAVE | MS_REC, e);
    if (r < 0)
        return r;
    r = sys_fchdir(rootfd);
    if (r == 0)
        r = hide_kernel_views();
    if (r == 0)
        r = sys_mount(".", "/", NULL, MS_MOVE, NULL);
    if (r < 0)
        return err_sys(e, r, "move the new root");
    r = sys_chroot(".");
    if (r == 0)
        r = sys_chdir("/");
    return r < 0 ? err_sys(e, r, "chroot") : 0;
}
