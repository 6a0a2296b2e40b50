/* Names of network namespaces. See netns_name.h. Second reading. */
#include "netns_name.h"

#include "own.h"
#include "sys.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>

void netns_name_done(struct netns_name *name)
{
    own_free(&name->name);
    if (name->fd > 0)
        own_close(&name->fd);
    *name = (struct netns_name){0};
}

int netns_name_check(const char *name, struct err *e)
{
    bool good = name[0] != '\0' && strchr(name, '/') == NULL &&
                strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
                strlen(name) <= NAME_MAX;
    return good ? 0
                : err_set(e, EINVAL,
                          "invalid name of a network namespace: \"%.64s\"",
                          name);
}

static struct netns_name_inode inode_of(const struct stat *st)
{
    return (struct netns_name_inode){st->st_dev, st->st_ino};
}

static bool is_same(const struct netns_name_inode *a,
                    const struct netns_name_inode *b)
{
    return a->device == b->device && a->number == b->number;
}

/* The directory, as a mount that others see changes of. Two who make it one at
 * once would mount it twice; the lock is iproute2's, too. */
static int share_directory(struct err *e)
{
    int r = sys_mkdirat(AT_FDCWD, NETNS_NAME_DIR, 0755);
    if (r < 0 && r != -EEXIST)
        return err_sys(e, r, "mkdir " NETNS_NAME_DIR);
    auto_fd int lock = sys_openat(AT_FDCWD, NETNS_NAME_DIR,
                                  O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    r = lock < 0 ? lock : sys_flock(lock, LOCK_EX);
    if (r == 0)
        r = sys_mount("", NETNS_NAME_DIR, "none", MS_SHARED | MS_REC, NULL);
    if (r == -EINVAL) { /* it is no mount yet */
        r = sys_mount(NETNS_NAME_DIR, NETNS_NAME_DIR, "none", MS_BIND | MS_REC,
                      NULL);
        if (r == 0)
            r = sys_mount("", NETNS_NAME_DIR, "none", MS_SHARED | MS_REC, NULL);
    }
    return r < 0 ? err_sys(e, r, "share " NETNS_NAME_DIR) : 0;
}

int netns_name_open(const char *name, int ns, struct netns_name *ret,
                    struct err *e)
{
    struct stat file, namespace;
    int r = netns_name_check(name, e);
    if (r == 0)
        r = share_directory(e);
    if (r < 0)
        return r;
    auto_fd int fd = sys_openat(AT_FDCWD, NETNS_NAME_DIR,
                                O_TMPFILE | O_WRONLY | O_CLOEXEC, 0);
    if (fd < 0)
        return err_sys(e, fd, "make a file in " NETNS_NAME_DIR);
    if (fstat(fd, &file) < 0 || fstat(ns, &namespace) < 0)
        return err_sys(e, errno, "network namespace %s", name);
    *ret = (struct netns_name){
        .name = own_strdup(name),
        .file = inode_of(&file),
        .ns = inode_of(&namespace),
        .fd = fd_take(&fd),
    };
    return 0;
}

int netns_name_add(struct netns_name *name, int ns, struct err *e)
{
    auto_free char *path = text_format(NETNS_NAME_DIR "/%s", name->name);
    auto_free char *file = text_format("/proc/self/fd/%d", name->fd);
    auto_free char *from = text_format("/proc/self/fd/%d", ns);
    int r = sys_linkat(AT_FDCWD, file, AT_FDCWD, path, AT_SYMLINK_FOLLOW);
    if (r == -EEXIST)
        return err_set(e, EEXIST, "network namespace %s is there already",
                       path);
    if (r == 0)
        own_close(&name->fd);
    if (r == 0)
        r = sys_mount(from, path, "none", MS_BIND, NULL);
    return r < 0 ? err_sys(e, r, "name network namespace %s", path) : 0;
}

int netns_name_remove(const struct netns_name *name, struct err *e)
{
    struct stat st;
    if (name->name == NULL)
        return 0;
    auto_free char *path = text_format(NETNS_NAME_DIR "/%s", name->name);
    int r = lstat(path, &st) < 0 ? -errno : 0;
    struct netns_name_inode found = inode_of(&st);
    if (r == 0 && is_same(&found, &name->ns)) {
        r = sys_umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW);
        if (r == 0)
            r = lstat(path, &st) < 0 ? -errno : 0;
        found = inode_of(&st);
    }
    if (r == 0 && is_same(&found, &name->file))
        r = sys_unlinkat(AT_FDCWD, path, 0);
    return r < 0 && r != -ENOENT ? err_sys(e, r, "remove %s", path) : 0;
}
