/*
 * Hearing of it when the kernel kills for memory.
 */
#include "cg_parts.h"

#include "files.h"
#include "own.h"
#include "sys.h"

#include <errno.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>

/* Second reading: v1 counts up an eventfd(2) when told which one and for which
 * file, by "eventfd-number file-number". */
static int watch_v1(int dir, struct err *e)
{
    auto_fd int control =
        sys_openat(dir, "memory.oom_control", O_RDONLY | O_CLOEXEC, 0);
    if (control < 0)
        return err_sys(e, control, "open memory.oom_control");
    auto_fd int events = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (events < 0)
        return err_sys(e, errno, "eventfd");
    char pair[32];
    snprintf(pair, sizeof pair, "%d %d", events, control);
    int r = files_write(dir, "cgroup.event_control", pair, e);
    return r < 0 ? r : fd_take(&events);
}

/* v2: the kernel marks memory.events as modified when a number in it changes.
 * Other numbers change too: who wakes up compares oom_kills. */
static int watch_v2(int dir, struct err *e)
{
    auto_fd int events = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (events < 0)
        return err_sys(e, errno, "inotify_init");
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d/memory.events", dir);
    if (inotify_add_watch(events, path, IN_MODIFY) < 0)
        return err_sys(e, errno, "watch memory.events");
    return fd_take(&events);
}

int cg_watch_oom(const struct cg *cg, struct err *e)
{
    int dir = cg_dir(cg, CG_MEMORY);
    int r = dir < 0 ? err_set(e, EOPNOTSUPP, "no memory controller here")
            : cg_version(cg, CG_MEMORY) == 1 ? watch_v1(dir, e)
                                             : watch_v2(dir, e);
    return r < 0 ? err_add(e, "watch %s for OOM", cg->path) : r;
}
