/* Detached mounts: open_tree, mount_setattr, move_mount. See mnt_tree.h. */
#include "mnt_tree.h"

#include "sys.h"

#include <errno.h>

/* Flags of mount(2) and what mount_setattr(2) calls them. All of these belong
 * to one mount; the others (sync, mand ...) to the whole file system. */
static const struct {
    unsigned long flag;
    unsigned long set, clear;
} attributes[] = {
    {MS_RDONLY,      MOUNT_ATTR_RDONLY,      0                },
    {MS_NOSUID,      MOUNT_ATTR_NOSUID,      0                },
    {MS_NODEV,       MOUNT_ATTR_NODEV,       0                },
    {MS_NOEXEC,      MOUNT_ATTR_NOEXEC,      0                },
    {MS_NODIRATIME,  MOUNT_ATTR_NODIRATIME,  0                },
    {MS_NOSYMFOLLOW, MOUNT_ATTR_NOSYMFOLLOW, 0                },
    {MS_NOATIME,     MOUNT_ATTR_NOATIME,     MOUNT_ATTR__ATIME},
    {MS_STRICTATIME, MOUNT_ATTR_STRICTATIME, MOUNT_ATTR__ATIME},
    {MS_RELATIME,    MOUNT_ATTR_RELATIME,    MOUNT_ATTR__ATIME},
};

int mnt_tree_clone(int dirfd, const char *path, bool recursive, struct err *e)
{
    unsigned int flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH;
    int tree =
        sys_open_tree(dirfd, path, flags | (recursive ? AT_RECURSIVE : 0));
    if (tree < 0)
        return err_sys(e, tree, "bind %s", *path != '\0' ? path : "it");
    return tree;
}

int mnt_tree_attach(int tree, int target)
{
    return sys_move_mount(tree, "", target, "",
                          MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
}

int mnt_tree_change(int tree, const struct mount_attr *attr, bool recursive)
{
    if (attr->attr_set == 0 && attr->attr_clr == 0 && attr->propagation == 0)
        return 0;
    struct mount_attr copy = *attr;
    return sys_mount_setattr(tree, "",
                             AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0),
                             &copy, sizeof copy);
}

/*
 * Flags are only ever added, never cleared, unless a word asks for it: a mount
 * that came from a more privileged mount namespace has its nosuid, nodev,
 * noexec and time flags locked (mount_namespaces(7)), and EPERM would follow.
 */
static struct mount_attr own_change(const struct mnt *mount)
{
    struct mount_attr attr = {0};
    for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++) {
        if ((mount->flags & attributes[i].flag) == 0)
            continue;
        attr.attr_set |= attributes[i].set;
        attr.attr_clr |= attributes[i].clear;
    }
    if ((mount->flags & MS_REMOUNT) != 0 && (mount->flags & MS_RDONLY) == 0)
        attr.attr_clr |= MOUNT_ATTR_RDONLY;
    if ((mount->propagation & MS_REC) == 0)
        attr.propagation = mount->propagation;
    return attr;
}

static struct mount_attr tree_change(const struct mnt *mount)
{
    return (struct mount_attr){
        .attr_set = mount->rec_set,
        .attr_clr = mount->rec_clear,
        .propagation = (mount->propagation & MS_REC) != 0
                           ? mount->propagation & ~(unsigned long)MS_REC
                           : 0,
    };
}

static int change_all(int tree, const struct mnt *mount,
                      int (*change)(int, const struct mount_attr *, bool))
{
    struct mount_attr own = own_change(mount), whole = tree_change(mount);
    int r = change(tree, &own, false);
    return r < 0 ? r : change(tree, &whole, true);
}

int mnt_tree_attach_as(int tree, int target, const struct mnt *mount,
                       struct err *e)
{
    int changed = change_all(tree, mount, mnt_tree_change);
    if (changed < 0 && changed != -ENOSYS)
        return err_sys(e, changed, "set the flags of the mount");
    int r = target >= 0 ? mnt_tree_attach(tree, target) : 0;
    if (r < 0)
        return err_sys(e, r, "attach the mount");
    if (changed == -ENOSYS)
        r = change_all(tree, mount, mnt_old_change);
    return r < 0 ? err_sys(e, r, "set the flags of the mount") : 0;
}
