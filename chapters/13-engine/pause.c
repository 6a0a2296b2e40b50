#include "pause.h"

#include "own.h"
#include "proc.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* The child: until nobody holds the other end any more. It is deaf to what a
 * terminal sends to all of its group, which ends the parent alone. */
static _Noreturn void guard(const struct pause *pause, int end)
{
    setsid();
    char byte;
    while (TEMP_FAILURE_RETRY(read(end, &byte, 1)) > 0)
        ;
    cg_thaw(&pause->cg, NULL);
    _exit(0);
}

static int start_guard(struct pause *pause, struct err *e)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return err_sys(e, errno, "pipe");
    auto_fd int read_end = ends[0], write_end = ends[1];
    int pid = proc_clone(0, -1, &pause->pidfd, e);
    if (pid == 0) {
        own_close(&write_end);
        guard(pause, read_end);
    }
    if (pid < 0)
        return pid;
    pause->pipe = fd_take(&write_end);
    return 0;
}

int pause_start(struct pause *pause, const char *group, struct err *e)
{
    int r = cg_open(&pause->cg, group, e);
    if (r < 0)
        return r == -ENOENT ? 0 : r;
    if (cg_is_frozen(&pause->cg))
        return 0;
    r = start_guard(pause, e);
    return r < 0 ? r : cg_freeze(&pause->cg, e);
}

void pause_end(struct pause *pause)
{
    own_close(&pause->pipe);
    /* If the guard was killed, nobody else is left to do it. */
    if (pause->pidfd >= 0 && proc_wait(pause->pidfd, NULL) != 0)
        cg_thaw(&pause->cg, NULL);
    own_close(&pause->pidfd);
    cg_done(&pause->cg);
}
