/*
 * demo - what chapter 01 is good for: starting a process, holding on to it,
 * learning how it ended, and being the one who cleans up.
 *
 *     demo                     three scenes
 *     demo COMMAND [ARG...]    run a command below our own pid 1
 */
#include "init.h"
#include "own.h"
#include "proc.h"
#include "talk.h"
#include "trace.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { HELLO = 1 };

static int failed(const struct err *e)
{
    fprintf(stderr, "demo: %s\n", e->msg);
    return 125;
}

/* Scene 1: a pidfd goes on meaning the same process after its end. */
static int hold_on(struct err *e)
{
    auto_fd int pidfd = -1;
    fflush(stdout);
    int pid = proc_clone(0, -1, &pidfd, e);
    if (pid == 0)
        for (;;)
            pause();
    if (pid < 0)
        return pid;
    printf("1. process %d is alive, and we hold pidfd %d\n", pid, pidfd);
    int r = proc_signal(pidfd, SIGTERM, e);
    int code = r < 0 ? r : proc_wait(pidfd, e);
    if (code < 0)
        return code;
    printf("   SIG%s ended it: exit code %d\n", proc_signal_name(SIGTERM),
           code);
    r = proc_signal(pidfd, SIGTERM, e);
    printf("   once more: %s (its number may be another's by now)\n",
           r < 0 ? e->msg : "it lives?");
    return 0;
}

/* Scene 2: a child fails and says why, across the process border. */
static int hear_why(struct err *e)
{
    int pair[2];
    auto_fd int pidfd = -1;
    int r = talk_pair(pair, e);
    if (r < 0)
        return r;
    auto_fd int ours = pair[0], theirs = pair[1];
    fflush(stdout);
    r = proc_clone(0, -1, &pidfd, e);
    if (r == 0) {
        struct talk_message message = {.kind = HELLO};
        err_sys(&message.err, ENOENT, "mount /proc");
        _exit(talk_send(theirs, &message, e) < 0 ? 1 : 0);
    }
    struct talk_message message;
    if (r > 0)
        r = talk_receive(ours, &message, e);
    if (r == 0)
        printf("2. the child said: %s\n", message.err.msg);
    return r < 0 ? r : proc_wait(pidfd, e);
}

/* Scene 3: five orphans for our init to reap. `ps` sees none of them left. */
static int reap(void)
{
    printf("3. orphans under our init:\n");
    fflush(stdout);
    char *argv[] = {(char[]){"sh"}, (char[]){"-c"},
                    (char[]){"for i in 1 2 3 4 5; do (sh -c : &); done\n"
                             "ps -o pid,ppid,stat,args --ppid $PPID; exit 7"},
                    NULL};
    return init_run(argv);
}

int main(int argc, char *argv[])
{
    struct err e;
    if (trace_open(getenv("MINI_DOCKER_TRACE"), &e) < 0)
        return failed(&e);
    if (argc > 1)
        return init_run(argv + 1);
    if (hold_on(&e) < 0 || hear_why(&e) < 0)
        return failed(&e);
    printf("   exit code %d\n", reap());
    return 0;
}
