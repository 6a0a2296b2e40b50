/* Second reading: a snapshot made for nothing but to see that it can be. */
#include "snap.h"

#include "files.h"
#include "own.h"
#include "sys.h"
#include "trial.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <unistd.h>

struct attempt {
    struct snap snap;
    int (*before)(struct err *e);
};

static int write_in(const char *dir, struct err *e)
{
    auto_free char *path = text_format("%s/file", dir);
    auto_fd int fd =
        sys_openat(AT_FDCWD, path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    return fd < 0 ? err_sys(e, fd, "create %s", path) : 0;
}

static int mount_and_write(void *arg, struct err *e)
{
    const struct attempt *attempt = arg;
    int r = attempt->before != NULL ? attempt->before(e) : 0;
    if (r < 0)
        return r;
    r = sys_unshare(CLONE_NEWNS);
    if (r == 0)
        r = sys_mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL);
    if (r < 0)
        return err_sys(e, r, "make a mount namespace");
    r = snap_mount(&attempt->snap, e);
    if (r < 0)
        return r;
    auto_free char *merged = text_format("%s/merged", attempt->snap.dir);
    return write_in(merged, e);
}

/* overlayfs makes directories without any permissions in "work": their owner
 * must give them back to see that they are empty, if he is not root. */
static void clean(const char *dir)
{
    static const char *const closed[] = {"snap/work/work",
                                         "snap/work/work/incompat",
                                         "snap/work/work/incompat/volatile"};
    auto_fd int fd = sys_openat(AT_FDCWD, dir, O_PATH | O_CLOEXEC, 0);
    for (size_t i = 0; i < sizeof closed / sizeof closed[0]; i++)
        sys_fchmodat(fd, closed[i], 0700);
    files_remove_tree(AT_FDCWD, dir, NULL);
}

int snap_try(const char *place, int (*before)(struct err *e), struct err *e)
{
    auto_free char *dir = text_format("%s/mini-docker-doctor.XXXXXX", place);
    if (mkdtemp(dir) == NULL)
        return err_sys(e, errno, "make a directory in %s", place);
    struct attempt attempt = {
        .before = before,
        .snap = {.dir = text_format("%s/snap", dir), .is_volatile = true}
    };
    auto_free char *lower = text_format("%s/lower", dir);
    strv_add(&attempt.snap.layers, lower);
    int r = sys_mkdirat(AT_FDCWD, lower, 0700);
    if (r < 0)
        err_sys(e, r, "mkdir %s", lower);
    if (r == 0)
        r = snap_create(&attempt.snap, e);
    if (r == 0)
        r = trial_run(0, mount_and_write, &attempt, e);
    snap_done(&attempt.snap);
    clean(dir);
    return r;
}
