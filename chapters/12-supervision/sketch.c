/*
 * A relay by raw system calls: a child whose standard streams are pipes, and a
 * loop that carries bytes and signals until the child has ended.
 *     cc -Wall -Wextra -o sketch sketch.c && ./sketch COMMAND [ARG...]
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void must(long result, const char *what)
{
    if (result < 0) {
        perror(what);
        exit(125);
    }
}

/* One direction: what was read and not yet written. */
struct channel {
    int from, to;
    ssize_t full;
    char bytes[4096]; /* a pipe with any room at all takes so many at once */
} channels[3] = {{.from = 0}, {.to = 1}, {.to = 2}};

static void carry(struct channel *c)
{
    ssize_t n = c->full > 0 ? write(c->to, c->bytes, (size_t)c->full)
                            : read(c->from, c->bytes, sizeof c->bytes);
    c->full = c->full > 0 ? 0 : n;
    if (n > 0)
        return;
    close(c->to); /* end of file, or nobody listens: pass that on, too */
    c->from = c->to = -1;
    c->full = 0;
}

static int start(char **argv, const sigset_t *mask)
{
    int ends[3][2];
    for (int i = 0; i < 3; i++)
        must(pipe2(ends[i], O_CLOEXEC), "pipe");
    pid_t pid = fork();
    must(pid, "fork");
    for (int i = 0; i < 3; i++) {
        int theirs = i == 0 ? 0 : 1;
        if (pid == 0)
            dup2(ends[i][theirs], i);
        /* As long as we held it, no end of file would ever be seen. */
        close(ends[i][theirs]);
        *(i == 0 ? &channels[i].to : &channels[i].from) = ends[i][!theirs];
    }
    if (pid > 0) /* its number is its own until we have waited for it */
        return (int)syscall(SYS_pidfd_open, pid, 0);
    sigprocmask(SIG_SETMASK, mask, NULL);
    signal(SIGPIPE, SIG_DFL);
    must(execvp(argv[1], argv + 1), argv[1]);
    return -1;
}

int main(int argc, char **argv)
{
    sigset_t set, old;
    siginfo_t end;
    struct signalfd_siginfo info;
    if (argc < 2)
        return 2;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    /* Before the child exists, so that none is lost on the way to it. */
    sigprocmask(SIG_BLOCK, &set, &old);
    signal(SIGPIPE, SIG_IGN);
    int signals = signalfd(-1, &set, SFD_CLOEXEC), busy = 1;
    int child = start(argv, &old);
    struct pollfd fds[5] = {[3].fd = child, [4].fd = signals};
    fds[3].events = fds[4].events = POLLIN;
    /* The child's end counts when there is nothing left to carry. */
    while (busy || !fds[3].revents || channels[1].full || channels[2].full) {
        for (int i = 0; i < 3; i++) {
            int full = channels[i].full > 0;
            fds[i].fd = full ? channels[i].to : channels[i].from;
            fds[i].events = full ? POLLOUT : POLLIN;
        }
        must(poll(fds, 5, -1), "poll");
        for (int i = busy = 0; i < 3; i++)
            if (fds[i].revents != 0 && ++busy)
                carry(&channels[i]);
        if (fds[4].revents != 0 && read(signals, &info, sizeof info) > 0)
            syscall(SYS_pidfd_send_signal, child, info.ssi_signo, NULL, 0);
    }
    must(waitid(P_PIDFD, (id_t)child, &end, WEXITED), "waitid");
    return end.si_status + (end.si_code == CLD_EXITED ? 0 : 128);
}
