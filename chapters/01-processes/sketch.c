/*
 * sketch - a process that cannot be lost, and a pid 1 of twenty lines.
 *
 *     cc -Wall -Wextra -o sketch sketch.c
 *     sudo ./sketch sh -c 'echo I am $$; (sleep 0.1 &); sleep 0.3; exit 3'
 *
 * The parent makes a child with clone3(2), which hands over a pidfd with it:
 * a descriptor that means this process for ever, while a pid goes to the next
 * who asks. The child is pid 1 of a new pid namespace and so inherits every
 * orphan in it. It starts the command, passes signals on, reaps.
 */
#define _GNU_SOURCE
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* fork(2) with namespaces, and with a pidfd in the same moment. */
static pid_t clone_with_pidfd(uint64_t namespaces, int *pidfd)
{
    struct clone_args args = {
        .flags = CLONE_PIDFD | namespaces,
        .pidfd = (uint64_t)(uintptr_t)pidfd,
        .exit_signal = SIGCHLD,
    };
    return (pid_t)syscall(SYS_clone3, &args, sizeof args);
}

/* What a shell would put into $?. */
static int code_of(const siginfo_t *end)
{
    return end->si_code == CLD_EXITED ? end->si_status : 128 + end->si_status;
}

static int be_pid_1(char **argv)
{
    /* Blocked first, fetched later: no signal finds us unprepared. And pid 1
     * does not even get the signals that it neither handles nor blocks. */
    sigset_t all, none;
    sigfillset(&all);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &all, NULL);
    pid_t child = fork();
    if (child == 0) {
        sigprocmask(SIG_SETMASK, &none, NULL);
        execvp(argv[0], argv);
        perror(argv[0]);
        _exit(127);
    }
    for (;;) {
        int signal = sigwaitinfo(&all, NULL);
        if (signal != SIGCHLD) {
            kill(child, signal);
            continue;
        }
        /* One SIGCHLD may stand for many who ended. */
        siginfo_t end = {0};
        while (waitid(P_ALL, 0, &end, WEXITED | WNOHANG) == 0 && end.si_pid) {
            fprintf(stderr, "pid 1: reaped %d\n", end.si_pid);
            if (end.si_pid == child)
                return code_of(&end);
            end.si_pid = 0;
        }
    }
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return fprintf(stderr, "usage: sketch COMMAND...\n"), 125;
    int pidfd = -1;
    /* An ordinary user needs a user namespace for the others: chapter 02. */
    uint64_t user = geteuid() == 0 ? 0 : CLONE_NEWUSER;
    pid_t pid = clone_with_pidfd(CLONE_NEWPID | user, &pidfd);
    if (pid < 0)
        return perror("clone3"), 125;
    if (pid == 0)
        _exit(be_pid_1(argv + 1));
    fprintf(stderr, "outside: it is process %d, and pidfd %d\n", pid, pidfd);
    siginfo_t end;
    if (waitid(P_PIDFD, (id_t)pidfd, &end, WEXITED) < 0)
        return perror("waitid"), 125;
    fprintf(stderr, "outside: exit code %d\n", code_of(&end));
    return code_of(&end);
}
