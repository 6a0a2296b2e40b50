/* Steps of chapter 01: what the process has open. */
#include "steps.h"

#include "proc.h"
#include "sys.h"

#include <errno.h>
#include <sys/stat.h>

/* A socket of ours where a standard stream has to go, or one that would stay
 * open among those that shall (keep_fds), moves up. */
static int move_up(int *fd, int first, struct err *e)
{
    if (*fd <= 0 || *fd >= first)
        return 0;
    int moved = fcntl(*fd, F_DUPFD_CLOEXEC, first);
    if (moved < 0)
        return err_sys(e, errno, "descriptor %d", *fd);
    if (*fd >= 3 && fcntl(*fd, F_SETFD, FD_CLOEXEC) < 0)
        return err_sys(e, errno, "descriptor %d", *fd);
    *fd = moved;
    return 0;
}

/*
 * Pipes made for the container become its user's: a program that opens
 * /dev/stdout anew, as many write their logs, needs more than the descriptor.
 * Where a user namespace does not know the pipe's owner we may not, and it
 * stays as it is.
 */
static int give_stream(int fd, uid_t uid, struct err *e)
{
    struct stat st;
    if (fstat(fd, &st) < 0 || !S_ISFIFO(st.st_mode) || st.st_uid == uid)
        return 0;
    int r = sys_fchownat(fd, "", uid, (gid_t)-1, AT_EMPTY_PATH);
    return r < 0 && r != -EPERM && r != -EINVAL
               ? err_sys(e, r, "give standard stream %d to its user", fd)
               : 0;
}

int ctr_in_stdio(struct ctr *ctr, struct err *e)
{
    struct ctr_options *options = &ctr->options;
    int *const ours[] = {&ctr->talk, &options->start_socket,
                         &options->console_socket, &options->notify_socket};
    int first = 3 + (int)ctr->spec->process.keep_fds;
    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++) {
        int r = move_up(ours[i], first, e);
        if (r < 0)
            return r;
    }
    /* Copies above 2 first: a stream may lie where another one has to go. */
    int copies[3] = {-1, -1, -1};
    for (int i = 0; i < 3; i++) {
        if (ctr->options.stdio[i] < 0)
            continue;
        copies[i] = fcntl(ctr->options.stdio[i], F_DUPFD_CLOEXEC, 3);
        if (copies[i] < 0)
            return err_sys(e, errno, "standard stream %d", i);
    }
    for (int i = 0; i < 3; i++) {
        if (copies[i] < 0)
            continue;
        int r = sys_dup3(copies[i], i, 0);
        if (r < 0)
            return err_sys(e, r, "standard stream %d", i);
        r = give_stream(i, ctr->spec->process.uid, e);
        if (r < 0)
            return r;
    }
    /* Everything else closes at execve: a descriptor that leads to the host
     * would be a way out (CVE-2024-21626). What shall stay, stays as it is:
     * descriptors of ours among them are close-on-exec from birth. */
    return proc_close_on_exec_from(first, e);
}
