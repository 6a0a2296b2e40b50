#include "trial.h"

#include "own.h"
#include "proc.h"
#include "talk.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

enum { DONE = 1 };

static _Noreturn void be_child(int talk, int (*act)(void *arg, struct err *e),
                               void *arg)
{
    struct talk_message message = {.kind = DONE};
    proc_die_with_parent(NULL);
    if (act != NULL)
        message.value = act(arg, &message.err);
    talk_send(talk, &message, NULL);
    _exit(0);
}

/* A child that was killed by somebody else closes its end, too. */
static int hear(int talk, int pidfd, struct err *e)
{
    struct pollfd end = {.fd = talk, .events = POLLIN};
    int n;
    do
        n = poll(&end, 1, TRIAL_MS);
    while (n < 0 && errno == EINTR);
    if (n == 0) {
        proc_signal(pidfd, SIGKILL, NULL);
        return err_set(e, ETIMEDOUT, "no answer within %d ms", TRIAL_MS);
    }
    struct talk_message message;
    int r = talk_receive(talk, &message, e);
    if (r < 0 || message.value >= 0)
        return r;
    return message.err.code != 0
               ? err_set(e, message.err.code, "%s", message.err.msg)
               : err_sys(e, message.value, "try it");
}

int trial_run(uint64_t flags, int (*act)(void *arg, struct err *e), void *arg,
              struct err *e)
{
    int pair[2];
    int r = talk_pair(pair, e);
    if (r < 0)
        return r;
    auto_fd int ours = pair[0], theirs = pair[1];
    auto_fd int pidfd = -1;
    int pid = proc_clone(flags, -1, &pidfd, e);
    if (pid == 0) {
        own_close(&ours);
        be_child(theirs, act, arg);
    }
    own_close(&theirs);
    if (pid < 0)
        return pid;
    r = hear(ours, pidfd, e);
    proc_wait(pidfd, NULL);
    return r;
}
