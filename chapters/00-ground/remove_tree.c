/* Removing a tree: files.h, the part with recursion in it. */
#include "files.h"

#include "own.h"
#include "sys.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A tree deeper than this was made to exhaust our stack and descriptors. */
#define DEEPEST 4096

static int remove_entry(int dirfd, const char *name, dev_t device, int depth,
                        struct err *e);

static int remove_entries(DIR *dir, dev_t device, int depth, struct err *e)
{
    struct dirent *entry;
    while ((entry = readdir(dir)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        int r = remove_entry(dirfd(dir), entry->d_name, device, depth, e);
        if (r < 0)
            return r;
    }
    return 0;
}

static int remove_directory(int parent, const char *name, dev_t device,
                            int depth, struct err *e)
{
    if (depth > DEEPEST)
        return err_set(e, ELOOP, "remove %s: more than %d levels deep", name,
                       DEEPEST);
    int fd = sys_openat(parent, name,
                        O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
    if (fd < 0)
        return err_sys(e, fd, "open %s", name);
    struct stat st;
    if (fstat(fd, &st) < 0 || (device != 0 && st.st_dev != device)) {
        own_close(&fd);
        return err_set(e, EXDEV, "remove %s: something is mounted there", name);
    }
    auto_dir DIR *dir = fdopendir(fd);
    if (dir == NULL) {
        own_close(&fd);
        return err_sys(e, errno, "open %s", name);
    }
    return remove_entries(dir, st.st_dev, depth + 1, e);
}

static int remove_entry(int parent, const char *name, dev_t device, int depth,
                        struct err *e)
{
    /* Most entries are files: try that first. unlink(2) of a directory fails
     * with EISDIR on Linux. */
    int r = sys_unlinkat(parent, name, 0);
    if (r == -EISDIR || r == -EPERM) {
        r = remove_directory(parent, name, device, depth, e);
        if (r < 0)
            return r;
        r = sys_unlinkat(parent, name, AT_REMOVEDIR);
    }
    if (r < 0 && r != -ENOENT)
        return err_sys(e, r, "remove %s", name);
    return 0;
}

int files_remove_tree(int dirfd, const char *path, struct err *e)
{
    return remove_entry(dirfd, path, 0, 0, e);
}
