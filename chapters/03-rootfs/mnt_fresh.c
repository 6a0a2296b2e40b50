/*
 * Second reading: a new file system as a detached tree. mount(2) makes and
 * attaches one in a single call, and that is what mnt.c does as a rule. Here
 * are the four calls behind it, for what has to happen in between: filling a
 * tmpfs (tmpcopyup), a propagation, flags for a tree; and for places that have
 * no /proc through which mount(2) could name a descriptor.
 */
#include "mnt_tree.h"

#include "copy.h"
#include "own.h"
#include "sys.h"

#include <errno.h>
#include <string.h>

/* Flags that belong to the file system, not to the mount, and their names. */
static const struct {
    unsigned long flag;
    const char *name;
} super_flags[] = {
    {MS_RDONLY,      "ro"      },
    {MS_SYNCHRONOUS, "sync"    },
    {MS_DIRSYNC,     "dirsync" },
    {MS_MANDLOCK,    "mand"    },
    {MS_LAZYTIME,    "lazytime"},
};

/* "size=64m" is a key with a value, "nosymlinks" a flag. */
static int configure_word(int fs, char *word)
{
    char *value = strchr(word, '=');
    if (value == NULL)
        return sys_fsconfig(fs, FSCONFIG_SET_FLAG, word, NULL, 0);
    *value = '\0';
    return sys_fsconfig(fs, FSCONFIG_SET_STRING, word, value + 1, 0);
}

static int configure(int fs, const struct mnt *mount)
{
    auto_strv struct strv data = {0};
    strv_split(&data, mount->data, ',');
    int r = sys_fsconfig(fs, FSCONFIG_SET_STRING, "source", mount->source, 0);
    for (size_t i = 0; r >= 0 && i < data.n; i++)
        r = configure_word(fs, data.v[i]);
    for (size_t i = 0; i < sizeof super_flags / sizeof *super_flags; i++) {
        bool wanted = (mount->flags & super_flags[i].flag) != 0;
        /* A read-only tmpfs could not be filled: only its mount is made so. */
        if (super_flags[i].flag == MS_RDONLY && mount->copy_up)
            wanted = false;
        if (r >= 0 && wanted)
            r = sys_fsconfig(fs, FSCONFIG_SET_FLAG, super_flags[i].name, NULL,
                             0);
    }
    return r < 0 ? r : sys_fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
}

int mnt_fresh_open(const struct mnt *mount, int target, struct err *e)
{
    auto_fd int fs = sys_fsopen(mount->type, FSOPEN_CLOEXEC);
    int r = fs < 0 ? fs : configure(fs, mount);
    if (r < 0)
        return err_sys(e, r, "file system %s", mount->type);
    auto_fd int tree = sys_fsmount(fs, FSMOUNT_CLOEXEC, 0);
    if (tree < 0)
        return err_sys(e, tree, "file system %s", mount->type);
    if (mount->copy_up) {
        r = copy_tree(target, tree, e);
        if (r < 0)
            return r;
    }
    return fd_take(&tree);
}
