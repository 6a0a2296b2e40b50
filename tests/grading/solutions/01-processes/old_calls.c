/* The calls of before clone3, pidfds and waitid, wherever they will do. */

/* @lab 1.1 */
int proc_clone(uint64_t flags, int cgroup_fd, int *ret_pidfd, struct err *e)
{
    struct clone_args args;
    int pidfd = -1, pid;
    memset(&args, 0, sizeof args);
    args.flags = flags | CLONE_PIDFD;
    args.exit_signal = flags & CLONE_PARENT ? 0 : SIGCHLD;
    args.pidfd = (uint64_t)(uintptr_t)&pidfd;
    if (cgroup_fd < 0 && (pid = proc_clone_old(&args, &pidfd)) != -ENOSYS)
        goto done;
    if (cgroup_fd >= 0) {
        args.flags |= CLONE_INTO_CGROUP;
        args.cgroup = (uint64_t)cgroup_fd;
    }
    pid = sys_clone3(&args, sizeof args);
done:
    if (pid > 0)
        *ret_pidfd = pidfd;
    return pid < 0 ? err_sys(e, pid, "clone") : pid;
}

/* @lab 1.6 */
static int reap(pid_t main_pid, int *ret_code, struct err *e)
{
    int status;
    pid_t pid;
    (void)e;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        if (pid == main_pid && WIFEXITED(status))
            *ret_code = WEXITSTATUS(status);
        else if (pid == main_pid)
            *ret_code = 128 + WTERMSIG(status);
    return 0;
}

/* @lab 1.7 */
static int forward(pid_t main_pid, int signal, struct err *e)
{
    if (kill(main_pid, signal) < 0 && errno != ESRCH)
        return err_sys(e, errno, "send %d to the child", signal);
    return 0;
}
