#include "init.h"

#include "err.h"
#include "own.h"
#include "proc.h"
#include "sys.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    CODE_OUR_FAULT = 125,
    CODE_CANNOT_EXECUTE = 126,
    CODE_NOT_FOUND = 127,
};

/* Signals the kernel raises because of a mistake of our own code. Blocking
 * them would not stop the mistake; the kernel kills a process that has them
 * blocked. */
static const int faults[] = {
    SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT,
};

/* Everything that can be forwarded stays blocked for as long as we live, and
 * is fetched with sigwaitinfo(2). So nothing interrupts us anywhere, and a
 * signal that arrives before there is a child waits until there is one.
 *
 * It also lifts a rule of pid 1: signals it has no handler for are thrown
 * away (pid_namespaces(7)), except those that are blocked. */
static void block_signals(sigset_t *ret_ours, sigset_t *ret_before)
{
    sigfillset(ret_ours);
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
        sigdelset(ret_ours, faults[i]);
    sigprocmask(SIG_SETMASK, ret_ours, ret_before);
    /* If whoever started us ignored SIGCHLD, the kernel would reap our
     * children itself and their exit codes would be lost (wait(2)). */
    signal(SIGCHLD, SIG_DFL);
}

/* A process group of its own, so that ^C and ^Z reach the child and whatever
 * it starts and not us. It takes the terminal with it only where we have it:
 * then the signals that are still blocked include SIGTTOU, which
 * tcsetpgrp(3) raises in a background group. */
static void take_terminal(void)
{
    bool ours = tcgetpgrp(STDIN_FILENO) == getpgrp();
    setpgid(0, 0);
    if (ours)
        tcsetpgrp(STDIN_FILENO, getpgrp());
}

static void become_child(char *const argv[], const sigset_t *before)
{
    take_terminal();
    sigprocmask(SIG_SETMASK, before, NULL);
    execvp(argv[0], argv);
    int code = errno;
    dprintf(STDERR_FILENO, "init: exec %s: %s\n", argv[0], strerror(code));
    _exit(code == ENOENT ? CODE_NOT_FOUND : CODE_CANNOT_EXECUTE);
}

/*
 * Reap everybody who has ended. One SIGCHLD may stand for many children:
 * signals do not queue (signal(7)), so we ask until nobody is left. A child
 * that was stopped also raises SIGCHLD; it has not ended, and WEXITED alone
 * does not report it. *ret_code is set if `main_pid` is among the dead. */
static int reap(pid_t main_pid, int *ret_code, struct err *e)
{
    /* TODO lab 1.6: waitid(2) for anybody, WNOHANG, until there is nobody */
    return err_set(e, ENOSYS, "lab 1.6 is not written yet");
}

/*
 * The pid cannot have gone to a stranger: we are the only one to reap it, and
 * once we have, we forward no more. */
static int forward(pid_t main_pid, int signal, struct err *e)
{
    /* TODO lab 1.7: what arrives here is meant for the child */
    return err_set(e, ENOSYS, "lab 1.7 is not written yet");
}

static int serve(pid_t main_pid, const sigset_t *ours, struct err *e)
{
    int code = -1;
    while (code < 0) {
        int signal = sigwaitinfo(ours, NULL);
        if (signal < 0)
            continue; /* EINTR: stopped and continued by a tracer */
        int r = signal == SIGCHLD ? reap(main_pid, &code, e)
                                  : forward(main_pid, signal, e);
        if (r < 0)
            return r;
    }
    return code;
}

int init_run(char *const argv[])
{
    struct err e;
    sigset_t ours, before;
    block_signals(&ours, &before);
    /* Orphans go to pid 1 of their pid namespace. Where that is not us, we
     * can ask to be the one below it (prctl(2)). */
    if (getpid() != 1)
        sys_prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    auto_fd int pidfd = -1;
    int pid = proc_clone(0, -1, &pidfd, &e);
    if (pid == 0)
        become_child(argv, &before);
    int code = pid < 0 ? pid : serve(pid, &ours, &e);
    if (code >= 0)
        return code;
    dprintf(STDERR_FILENO, "init: %s\n", e.msg);
    return CODE_OUR_FAULT;
}
