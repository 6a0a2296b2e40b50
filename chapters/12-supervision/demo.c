/*
 * What chapter 12 adds: a process that holds none of our files, and that we
 * can still talk to, signal and follow to its end.
 *
 *     demo                     three scenes
 *     demo COMMAND [ARG...]    a command behind a relay
 *
 * MINI_DOCKER_TRACE=all shows the calls that go through the door.
 */
#include "own.h"
#include "proc.h"
#include "relay.h"
#include "trace.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* In the child: the pipes in place of our streams. */
static void become(const int ends[3], char **argv)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    for (int i = 0; i < 3; i++)
        if (dup2(ends[i], i) < 0)
            _exit(125);
    execvp(argv[0], argv);
    perror(argv[0]);
    _exit(127);
}

/* The command's exit code as a shell counts it, or -errno. */
static int follow(char **argv, struct err *e)
{
    struct relay relay = RELAY_INIT;
    auto_fd int pidfd = -1;
    int ends[3];
    fflush(stdout);
    int r = relay_open(&relay, RELAY_STDIN, ends, e);
    if (r < 0)
        return r;
    r = proc_clone(0, -1, &pidfd, e);
    if (r == 0)
        become(ends, argv);
    if (r > 0) {
        relay_started(&relay, pidfd);
        r = relay_run(&relay, e);
    }
    if (r == 0)
        r = proc_wait(pidfd, e);
    relay_close(&relay);
    return r;
}

static int follow_script(const char *script, struct err *e)
{
    auto_free char *text = own_strdup(script);
    char *argv[] = {(char[]){"sh"}, (char[]){"-c"}, text, NULL};
    return follow(argv, e);
}

static int show(const char *title, const char *script, struct err *e)
{
    printf("%s\n", title);
    int r = follow_script(script, e);
    if (r >= 0)
        printf("   exit code %d\n", r);
    return r;
}

static int scenes(struct err *e)
{
    int r = show("1. What it has for standard output, and what we have:",
                 "echo \"   it: $(readlink /proc/$$/fd/1)\"\n"
                 "echo \"   we: $(readlink /proc/$PPID/fd/1)\"",
                 e);
    if (r >= 0)
        r = show("2. It sends us a signal, which is passed on to it:",
                 "trap 'echo \"   caught TERM\"; exit 7' TERM\n"
                 "kill -TERM $PPID; while :; do :; done",
                 e);
    if (r >= 0)
        r = show("3. It ends, and leaves somebody who holds its streams:",
                 "echo '   last words'; sleep 3 & kill -KILL $$", e);
    return r < 0 ? r : 0;
}

int main(int argc, char **argv)
{
    struct err e;
    int r = trace_open(getenv("MINI_DOCKER_TRACE"), &e);
    if (r == 0)
        r = argc > 1 ? follow(argv + 1, &e) : scenes(&e);
    trace_close();
    if (r < 0)
        fprintf(stderr, "demo: %s\n", e.msg);
    return r < 0 ? 125 : r;
}
