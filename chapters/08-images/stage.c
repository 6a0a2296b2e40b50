#include "stage.h"

#include "files.h"
#include "own.h"
#include "sys.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>

#define PREFIX "import-"

/* Remove what its maker cannot have any more: a lock that is free. */
static int clear_dead(int tmp, const char *name, struct err *e)
{
    auto_fd int dir = sys_openat(
        tmp, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
    if (dir < 0 || sys_flock(dir, LOCK_EX | LOCK_NB) < 0)
        return 0;
    return files_remove_tree(tmp, name, e);
}

static int clear_all_dead(int tmp, struct err *e)
{
    auto_fd int fd =
        sys_openat(tmp, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    auto_dir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (dir == NULL)
        return err_sys(e, fd < 0 ? fd : errno, "open tmp");
    fd_take(&fd);
    struct dirent *entry;
    int r = 0;
    while (r == 0 && (entry = readdir(dir)) != NULL)
        if (text_starts(entry->d_name, PREFIX))
            r = clear_dead(tmp, entry->d_name, e);
    return r;
}

static int make(struct stage *stage, int tmp, struct err *e)
{
    uint64_t random;
    if (getrandom(&random, sizeof random, 0) != sizeof random)
        return err_sys(e, errno, "getrandom");
    snprintf(stage->path, sizeof stage->path, "tmp/" PREFIX "%016llx",
             (unsigned long long)random);
    const char *name = stage->path + strlen("tmp/");
    int r = sys_mkdirat(tmp, name, 0700);
    if (r < 0)
        return err_sys(e, r, "mkdir %s", stage->path);
    auto_fd int dir = sys_openat(
        tmp, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
    r = dir < 0 ? dir : sys_flock(dir, LOCK_EX | LOCK_NB);
    if (r < 0) {
        sys_unlinkat(tmp, name, AT_REMOVEDIR);
        return err_sys(e, r, "lock %s", stage->path);
    }
    stage->dir = fd_take(&dir);
    return 0;
}

/* Clear away what is dead. The lock, on the open directory `tmp`. */
static int lock_and_clear(int tmp, struct err *e)
{
    /* Between mkdir and flock a directory looks like a dead one's: this lock
     * keeps two makers from seeing each other there. */
    auto_fd int lock = files_lock(tmp, "lock", 0, e);
    int r = lock < 0 ? lock : clear_all_dead(tmp, e);
    return r < 0 ? r : fd_take(&lock);
}

void stage_sweep(int root)
{
    auto_fd int tmp = sys_openat(root, "tmp", O_PATH | O_CLOEXEC, 0);
    auto_fd int lock = tmp < 0 ? -1 : lock_and_clear(tmp, NULL);
    (void)lock;
}

int stage_open(struct stage *stage, int root, struct err *e)
{
    *stage = (struct stage){.root = root, .dir = -1};
    int r = files_mkdirs(root, "tmp", 0700, e);
    if (r < 0)
        return r;
    auto_fd int tmp = sys_openat(root, "tmp", O_PATH | O_CLOEXEC, 0);
    if (tmp < 0)
        return err_sys(e, tmp, "open tmp");
    auto_fd int lock = lock_and_clear(tmp, e);
    return lock < 0 ? lock : make(stage, tmp, e);
}

void stage_close(struct stage *stage)
{
    if (stage->dir < 0)
        return;
    files_remove_tree(stage->root, stage->path, NULL);
    own_close(&stage->dir);
}
