/*
 * Second reading: kernels 5.6 to 5.11, which have open_tree and openat2 but
 * not mount_setattr(2). There a mount gets its flags after it was attached,
 * by mount(2) with MS_REMOUNT | MS_BIND. That call replaces all flags, so the
 * ones in force are read first and kept; in a user namespace they are locked,
 * and leaving one out is EPERM.
 */
#include "mnt_target.h"
#include "mnt_tree.h"
#include "sys.h"

#include <errno.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>

/* What statfs(2) reports, what mount(2) takes, what mount_setattr(2) says. */
static const struct {
    unsigned long reported, flag, attribute;
} flags_in_force[] = {
    {ST_RDONLY,     MS_RDONLY,      MOUNT_ATTR_RDONLY     },
    {ST_NOSUID,     MS_NOSUID,      MOUNT_ATTR_NOSUID     },
    {ST_NODEV,      MS_NODEV,       MOUNT_ATTR_NODEV      },
    {ST_NOEXEC,     MS_NOEXEC,      MOUNT_ATTR_NOEXEC     },
    {ST_NOATIME,    MS_NOATIME,     MOUNT_ATTR_NOATIME    },
    {ST_NODIRATIME, MS_NODIRATIME,  MOUNT_ATTR_NODIRATIME },
    {ST_RELATIME,   MS_RELATIME,    0                     },
    {0,             MS_STRICTATIME, MOUNT_ATTR_STRICTATIME},
};

static int remount(int tree, const char *name, const struct mount_attr *attr)
{
    struct statfs fs;
    if (fstatfs(tree, &fs) < 0)
        return -errno;
    unsigned long flags = MS_REMOUNT | MS_BIND;
    unsigned long in_force = (unsigned long)fs.f_flags;
    if ((attr->attr_clr & MOUNT_ATTR__ATIME) != 0)
        in_force &= ~(unsigned long)(ST_NOATIME | ST_RELATIME);
    for (size_t i = 0; i < sizeof flags_in_force / sizeof *flags_in_force;
         i++) {
        unsigned long attribute = flags_in_force[i].attribute;
        bool keep = (in_force & flags_in_force[i].reported) != 0 &&
                    (attr->attr_clr & attribute) == 0;
        if (keep || (attr->attr_set & attribute) != 0)
            flags |= flags_in_force[i].flag;
    }
    return sys_mount(NULL, name, NULL, flags, NULL);
}

int mnt_old_change(int tree, const struct mount_attr *attr, bool recursive)
{
    bool flags = attr->attr_set != 0 || attr->attr_clr != 0;
    if (flags && recursive)
        return -ENOSYS; /* rro and its like: one call could not do it */
    char name[MNT_TARGET_NAME_SIZE];
    int r = flags ? remount(tree, mnt_target_name(tree, name), attr) : 0;
    if (r < 0 || attr->propagation == 0)
        return r;
    return sys_mount(NULL, mnt_target_name(tree, name), NULL,
                     attr->propagation | (recursive ? MS_REC : 0), NULL);
}
