/* Hiding and write-protecting what the kernel shows in /proc and /sys. */
#include "root.h"

#include "files.h"
#include "mnt_target.h"
#include "mnt_tree.h"
#include "own.h"
#include "sys.h"

#include <errno.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* What must be found below a path. If something else is, the path was
 * redirected, and the real file would stay open (CVE-2025-31133). */
static const struct {
    const char *below;
    unsigned long type; /* statfs(2), f_type */
} kernel_views[] = {
    {"/proc/",         PROC_SUPER_MAGIC   },
    {"/sys/",          SYSFS_MAGIC        },
    {"/sys/",          SECURITYFS_MAGIC   },
    {"/sys/",          DEBUGFS_MAGIC      },
    {"/sys/",          TRACEFS_MAGIC      },
    {"/sys/fs/cgroup", TMPFS_MAGIC        }, /* holds the v1 mounts */
    {"/sys/fs/cgroup", CGROUP_SUPER_MAGIC },
    {"/sys/fs/cgroup", CGROUP2_SUPER_MAGIC},
};

static int check_view(int fd, const char *path, struct err *e)
{
    struct statfs fs;
    if (fstatfs(fd, &fs) < 0)
        return err_sys(e, errno, "statfs %s", path);
    bool is_view = false;
    for (size_t i = 0; i < sizeof kernel_views / sizeof *kernel_views; i++) {
        if (!text_starts(path, kernel_views[i].below))
            continue;
        if (kernel_views[i].type == (unsigned long)fs.f_type)
            return 0;
        is_view = true;
    }
    if (!is_view)
        return 0; /* a path of the image itself */
    return err_set(e, EXDEV, "%s is not what the kernel shows there", path);
}

/* Descriptor of what is to be hidden, or -ENOENT if there is nothing. */
static int open_view(int rootfd, const char *path, struct err *e)
{
    auto_fd int fd = mnt_target_open(rootfd, path, MNT_MISSING_FAIL, e);
    if (fd < 0)
        return fd;
    int r = check_view(fd, path, e);
    return r < 0 ? r : fd_take(&fd);
}

/*
 * The container's /dev is made from its image in part, so what is at /dev/null
 * is looked at before it is trusted: a link put there would make us bind a
 * file of the image's choice over /proc/kcore, and leave it readable.
 */
static int open_null(int rootfd, struct err *e)
{
    auto_fd int fd =
        files_open_in(rootfd, "/dev/null", O_PATH | O_NOFOLLOW, 0, e);
    struct stat st;
    if (fd < 0)
        return fd;
    if (fstat(fd, &st) < 0)
        return err_sys(e, errno, "stat /dev/null");
    if (!S_ISCHR(st.st_mode) || st.st_rdev != makedev(1, 3))
        return err_set(e, ENODEV, "/dev/null is not the null device");
    return fd_take(&fd);
}

static int mask_file(int rootfd, int target, struct err *e)
{
    auto_fd int null = open_null(rootfd, e);
    if (null < 0)
        return null;
    auto_fd int tree = mnt_tree_clone(null, "", false, e);
    if (tree < 0)
        return tree;
    int r = mnt_tree_attach(tree, target);
    return r < 0 ? err_sys(e, r, "attach /dev/null") : 0;
}

static int mask_dir(int target, struct err *e)
{
    char name[MNT_TARGET_NAME_SIZE];
    int r = sys_mount("tmpfs", mnt_target_name(target, name), "tmpfs",
                      MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=755");
    return r < 0 ? err_sys(e, r, "mount an empty tmpfs") : 0;
}

/*
 * Nothing there is fine: lists of such paths are the same on all kernels. */
int root_mask(int rootfd, const char *path, struct err *e)
{
    /* TODO lab 3.6: open and check it, then mask_dir or mask_file by what it
     * is */
    return err_set(e, ENOSYS, "lab 3.6 is not written yet");
}

int root_make_readonly(int rootfd, const char *path, struct err *e)
{
    auto_fd int target = open_view(rootfd, path, e);
    if (target == -ENOENT || target == -ENOTDIR)
        return 0;
    if (target < 0)
        return err_add(e, "make %s read-only", path);
    /* With all that is mounted below, such as /proc/sys/fs/binfmt_misc. */
    auto_fd int tree = mnt_tree_clone(target, "", true, e);
    const struct mnt readonly = {.rec_set = MOUNT_ATTR_RDONLY};
    int r = tree < 0 ? tree : mnt_tree_attach_as(tree, target, &readonly, e);
    return r < 0 ? err_add(e, "make %s read-only", path) : 0;
}

int root_set_readonly(int rootfd, struct err *e)
{
    const struct mnt readonly = {.flags = MS_RDONLY};
    int r = mnt_tree_attach_as(rootfd, -1, &readonly, e);
    return r < 0 ? err_add(e, "make the root read-only") : 0;
}
