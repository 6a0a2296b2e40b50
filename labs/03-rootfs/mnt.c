/* One mount, made through descriptors. */
#include "mnt.h"

#include "files.h"
#include "mnt_target.h"
#include "mnt_tree.h"
#include "own.h"
#include "sys.h"

#include <errno.h>
#include <linux/magic.h>
#include <string.h>
#include <unistd.h>

static bool is_type(const struct mnt *mount, const char *type)
{
    return strcmp(mount->type, type) == 0;
}

/*
 * An image may hold a symbolic link where /proc should be. Mounting where it
 * leads would leave the container's /proc to the image, and with it every
 * check that is made there (CVE-2023-27561).
 */
static int refuse_link(int rootfd, const struct mnt *mount, struct err *e)
{
    auto_fd int place =
        files_open_in(rootfd, mount->target, O_PATH | O_NOFOLLOW, 0, NULL);
    struct stat st;
    if (place < 0 || fstat(place, &st) < 0 || !S_ISLNK(st.st_mode))
        return 0; /* missing is fine: it will be made */
    return err_set(e, ELOOP, "the image has a symbolic link there");
}

/* A link that leads a mount into /proc would let it forge what the kernel
 * says; only a target that is plainly written so may lie there. */
static int refuse_hidden_proc(int target, const struct mnt *mount,
                              struct err *e)
{
    struct statfs fs;
    if (fstatfs(target, &fs) < 0)
        return err_sys(e, errno, "statfs");
    if (fs.f_type != PROC_SUPER_MAGIC || is_type(mount, "proc") ||
        text_starts(mount->target, "/proc/") ||
        strcmp(mount->target, "/proc") == 0)
        return 0;
    return err_set(e, ELOOP, "a symbolic link leads it into /proc");
}

static int open_target(int rootfd, const struct mnt *mount,
                       enum mnt_missing missing, struct err *e)
{
    bool kernel_view = is_type(mount, "proc") || is_type(mount, "sysfs");
    int r = kernel_view ? refuse_link(rootfd, mount, e) : 0;
    if (r < 0)
        return r;
    auto_fd int target = mnt_target_open(rootfd, mount->target, missing, e);
    if (target < 0)
        return target;
    r = refuse_hidden_proc(target, mount, e);
    return r < 0 ? r : fd_take(&target);
}

/*
 * A file or directory that is elsewhere too. `ready` is its clone, if somebody
 * has made one already, and -1 if not. */
static int make_bind(int rootfd, const struct mnt *mount, int ready,
                     struct err *e)
{
    /* TODO lab 3.2: clone the source, unless ready; open the target to match
     * it; attach with flags */
    return err_set(e, ENOSYS, "lab 3.2 is not written yet");
}

/* Is one mount(2) enough, or is there something to do to the mount before it
 * may be seen? */
static bool is_plain(const struct mnt *mount)
{
    return !mount->copy_up && mount->propagation == 0 && mount->rec_set == 0 &&
           mount->rec_clear == 0;
}

static int make_detached(int target, const struct mnt *mount, struct err *e)
{
    auto_fd int tree = mnt_fresh_open(mount, target, e);
    return tree < 0 ? tree : mnt_tree_attach_as(tree, target, mount, e);
}

/*
 * A new file system: tmpfs, proc, sysfs, mqueue ... One mount(2) onto the
 * target's descriptor takes 9 us where fsopen(2) and its followers take 17,
 * and a container has a dozen of these. */
static int make_file_system(int rootfd, const struct mnt *mount, struct err *e)
{
    /* TODO lab 3.3: open_target, then sys_mount on mnt_target_name of it */
    return err_set(e, ENOSYS, "lab 3.3 is not written yet");
}

/* Options for what is mounted already: "remount", or a propagation alone. */
static int change_existing(int rootfd, const struct mnt *mount, struct err *e)
{
    auto_fd int target = open_target(rootfd, mount, MNT_MISSING_FAIL, e);
    if (target < 0)
        return target;
    bool whole_fs = (mount->flags & (MS_REMOUNT | MS_BIND)) == MS_REMOUNT;
    char name[MNT_TARGET_NAME_SIZE];
    int r = whole_fs ? sys_mount(NULL, mnt_target_name(target, name), NULL,
                                 mount->flags, mount->data)
                     : 0;
    if (r < 0)
        return err_sys(e, r, "remount");
    return mnt_tree_attach_as(target, -1, mount, e); /* it is attached */
}

int mnt_make(int rootfd, const struct mnt *mount, struct err *e)
{
    int r;
    if (mnt_is_change(mount))
        r = change_existing(rootfd, mount, e);
    else if ((mount->flags & MS_BIND) != 0)
        r = mount->mapped || mount->mapped_below
                ? err_set(e, ENOTSUP, "nobody has mapped its ids")
                : make_bind(rootfd, mount, -1, e);
    else
        r = make_file_system(rootfd, mount, e);
    return r < 0 ? err_add(e, "mount %s", mount->target) : 0;
}

int mnt_make_mapped(int rootfd, const struct mnt *mount, int tree,
                    struct err *e)
{
    int r = make_bind(rootfd, mount, tree, e);
    return r < 0 ? err_add(e, "mount %s", mount->target) : 0;
}

int mnt_open_mapped(const struct mnt *mount, int userns, struct err *e)
{
    bool all = (mount->flags & MS_REC) != 0;
    auto_fd int tree = mnt_tree_clone(AT_FDCWD, mount->source, all, e);
    if (tree < 0)
        return tree;
    const struct mount_attr attr = {.attr_set = MOUNT_ATTR_IDMAP,
                                    .userns_fd = (uint64_t)userns};
    int r = mnt_tree_change(tree, &attr, mount->mapped_below);
    if (r == -ENOSYS || r == -EINVAL)
        return err_set(e, ENOTSUP,
                       "%s: the kernel or its file system cannot map ids",
                       mount->source);
    return r < 0 ? err_sys(e, r, "map the ids of %s", mount->source)
                 : fd_take(&tree);
}

int mnt_set_propagation(const char *path, unsigned long propagation,
                        struct err *e)
{
    int r = sys_mount(NULL, path, NULL, propagation, NULL);
    return r < 0 ? err_sys(e, r, "set the propagation of %s", path) : 0;
}
