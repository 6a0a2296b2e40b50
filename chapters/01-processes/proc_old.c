/* Second reading: clone and close-on-exec for kernels and seccomp filters
 * without the newer calls. See proc_old.h. */
#include "proc_old.h"

#include "own.h"
#include "sys.h"

#include <errno.h>
#include <linux/sched.h>
#include <stdlib.h>

/* In clone(2) the lowest byte of the flags is the exit signal, so flags that
 * came later have no room there: CLONE_NEWTIME is one of those bits. */
int proc_clone_old(const struct clone_args *args, int *ret_pidfd)
{
    if ((args->flags & (CLONE_INTO_CGROUP | CLONE_NEWTIME)) != 0)
        return -ENOSYS;
    /* The third argument is where CLONE_PIDFD puts the descriptor. */
    return sys_clone((unsigned long)(args->flags | args->exit_signal), NULL,
                     ret_pidfd, NULL, 0);
}

int proc_close_on_exec_old(int first)
{
    auto_dir DIR *dir = opendir("/proc/self/fd");
    if (dir == NULL)
        return -errno;
    struct dirent *entry;
    while ((entry = readdir(dir)) != NULL) {
        char *end;
        long fd = strtol(entry->d_name, &end, 10);
        if (*end != '\0' || fd < first)
            continue;
        if (fcntl((int)fd, F_SETFD, FD_CLOEXEC) < 0)
            return -errno;
    }
    return 0;
}
