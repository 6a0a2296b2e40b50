/* Everything is looked at before it is taken. */

/* @lab 1.2 */
#include <poll.h>

int proc_wait(int pidfd, struct err *e)
{
    siginfo_t info = {0};
    struct pollfd ended = {.fd = pidfd, .events = POLLIN};
    int r;
    do {
        poll(&ended, 1, -1);
        r = sys_waitid(P_PIDFD, pidfd, &info, WEXITED | WNOHANG);
    } while (r == -EINTR || (r == 0 && info.si_pid == 0));
    return r < 0 ? err_sys(e, r, "wait for a process") : proc_exit_code(&info);
}

/* @lab 1.4 */
int talk_receive(int fd, struct talk_message *ret, struct err *e)
{
    ssize_t size;
    char none;
    do
        size = recv(fd, &none, sizeof none, MSG_PEEK | MSG_TRUNC);
    while (size < 0 && (errno == EINTR || errno == ECONNRESET));
    if (size == 0)
        return err_set(e, EPIPE, "nobody is there any more");
    if (size < 0)
        return err_sys(e, errno, "look for a message");
    if (size != sizeof *ret) {
        recv(fd, &none, sizeof none, 0);
        return err_set(e, EPROTO, "a message of %zd bytes", size);
    }
    if (recv(fd, ret, sizeof *ret, 0) != size)
        return err_sys(e, errno, "receive");
    char *text = ret->err.msg;
    text[sizeof ret->err.msg - 1] = '\0';
    return 0;
}

/* @lab 1.6 */
static int reap(pid_t main_pid, int *ret_code, struct err *e)
{
    for (;;) {
        siginfo_t seen = {0}, taken = {0};
        int r = sys_waitid(P_ALL, 0, &seen, WEXITED | WNOHANG | WNOWAIT);
        if (r == -ECHILD || (r == 0 && seen.si_pid == 0))
            return 0;
        if (r == 0)
            r = sys_waitid(P_PID, seen.si_pid, &taken, WEXITED);
        if (r < 0)
            return err_sys(e, r, "wait for a child");
        if (taken.si_pid == main_pid)
            *ret_code = proc_exit_code(&taken);
    }
}
