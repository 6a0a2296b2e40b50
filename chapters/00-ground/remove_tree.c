/*
 * Removing a tree: files.h, the part with recursion in it.
 *
 * Trees come from containers, and a container may well make one that is a
 * million levels deep. So the recursion stops at DEEPEST levels, which bounds
 * stack and descriptors: a directory found there is renamed up into the top
 * directory, and the top is read again until nothing is moved any more.
 */
#include "files.h"

#include "own.h"
#include "sys.h"

#include <errno.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* One descriptor and one stack frame for each level. */
#define DEEPEST 32

struct removal {
    int top;        /* the tree's own directory; -1 before it is open */
    dev_t device;   /* the file system that we stay on */
    unsigned moved; /* directories brought up to the top, ever */
};

static int remove_entry(struct removal *rm, int parent, const char *name,
                        int depth, struct err *e);

static int remove_entries(struct removal *rm, DIR *dir, int depth,
                          struct err *e)
{
    struct dirent *entry;
    while ((entry = readdir(dir)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        int r = remove_entry(rm, dirfd(dir), entry->d_name, depth, e);
        if (r < 0)
            return r;
    }
    return 0;
}

/* Bring the directory to the top, under a name that is free there. */
static int move_up(struct removal *rm, int parent, const char *name,
                   struct err *e)
{
    char fresh[32];
    int r;
    do {
        snprintf(fresh, sizeof fresh, "deep.%u", rm->moved++);
        r = sys_renameat2(parent, name, rm->top, fresh, RENAME_NOREPLACE);
    } while (r == -EEXIST);
    return r < 0 ? err_sys(e, r, "remove %s", name) : 0;
}

/* The top is read until a pass moves nothing to it. */
static int remove_contents(struct removal *rm, DIR *dir, int depth,
                           struct err *e)
{
    if (depth > 0)
        return remove_entries(rm, dir, depth + 1, e);
    rm->top = dirfd(dir);
    unsigned before;
    do {
        before = rm->moved;
        rewinddir(dir);
        int r = remove_entries(rm, dir, 1, e);
        if (r < 0)
            return r;
    } while (rm->moved != before);
    return 0;
}

static int remove_directory(struct removal *rm, int parent, const char *name,
                            int depth, struct err *e)
{
    auto_fd int fd = sys_openat(
        parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
    if (fd < 0)
        return err_sys(e, fd, "open %s", name);
    struct stat st;
    if (fstat(fd, &st) < 0)
        return err_sys(e, errno, "stat %s", name);
    if (depth == 0)
        rm->device = st.st_dev;
    if (st.st_dev != rm->device)
        return err_set(e, EXDEV, "remove %s: something is mounted there", name);
    auto_dir DIR *dir = fdopendir(fd);
    if (dir == NULL)
        return err_sys(e, errno, "open %s", name);
    fd_take(&fd); /* dir owns it now */
    return remove_contents(rm, dir, depth, e);
}

static int remove_entry(struct removal *rm, int parent, const char *name,
                        int depth, struct err *e)
{
    /* Most entries are files: try that first. Linux answers EISDIR where
     * unlink(2) meets a directory; many of these are empty. */
    int r = sys_unlinkat(parent, name, 0);
    if (r == -EISDIR)
        r = sys_unlinkat(parent, name, AT_REMOVEDIR);
    bool in_use = r == -ENOTEMPTY || r == -EBUSY; /* EBUSY: a mount point */
    if (in_use && depth == DEEPEST)
        return move_up(rm, parent, name, e);
    if (in_use) {
        r = remove_directory(rm, parent, name, depth, e);
        if (r < 0)
            return r;
        r = sys_unlinkat(parent, name, AT_REMOVEDIR);
    }
    /* A read-only file system says so before it looks for the name. */
    struct stat st;
    if (r == -EROFS && fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return 0;
    if (r < 0 && r != -ENOENT)
        return err_sys(e, r, "remove %s", name);
    return 0;
}

int files_remove_tree(int dirfd, const char *path, struct err *e)
{
    enum { TRIES = 100 };
    int r = -ENOTEMPTY;
    /* Who wants to lock it may make the lock anew just before it goes. */
    for (int i = 0; i < TRIES && r == -ENOTEMPTY; i++) {
        struct removal rm = {.top = -1};
        r = remove_entry(&rm, dirfd, path, 0, e);
    }
    return r;
}
