/* A process that stays when we go: it keeps a container, or one that was
 * executed in it. */
#include "keeper.h"

#include "own.h"
#include "proc.h"
#include "sys.h"
#include "talk.h"
#include "trace.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

/* Of our descriptors it needs few; another's end of a pipe among them would
 * keep its reader waiting for as long as the container runs. */
void keeper_close_but(const int *kept, size_t n)
{
    int first = 3;
    for (;;) {
        int next = -1;
        for (size_t i = 0; i < n; i++)
            if (kept[i] >= first && (next < 0 || kept[i] < next))
                next = kept[i];
        if (next != first)
            sys_close_range((unsigned int)first,
                            next < 0 ? ~0u : (unsigned int)next - 1, 0);
        if (next < 0)
            return;
        first = next + 1;
    }
}

/* What a daemon does first, daemon(7): no terminal, no signals, no streams, no
 * place of the caller's. A trace goes on to where it went. */
static void become_keeper(const struct engine *engine, int lock, int client)
{
    const int kept[] = {client, lock, engine->rootfd, engine->runfd,
                        engine->images.root};
    sigset_t none;
    sys_setsid();
    for (int signal = 1; signal < NSIG; signal++)
        sigaction(signal, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
    sigaction(SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    int null = sys_openat(AT_FDCWD, "/dev/null", O_RDWR | O_CLOEXEC, 0);
    for (int i = 0; i < 3 && null >= 0; i++)
        sys_dup3(null, i, 0);
    if (!trace_is_on())
        keeper_close_but(kept, sizeof kept / sizeof kept[0]);
    (void)!chdir("/");
}

int keeper_start(const struct engine *engine, int lock,
                 void (*work)(void *arg, int client), void *arg, struct err *e)
{
    int pair[2];
    int r = talk_pair(pair, e);
    if (r < 0)
        return r;
    auto_fd int pidfd = -1;
    fflush(NULL);
    trace_step_begin("keeper", "13", "somebody who stays with it to its end");
    r = proc_clone(0, -1, &pidfd, e);
    if (r == 0) {
        become_keeper(engine, lock, pair[1]);
        work(arg, pair[1]);
        _exit(0);
    }
    trace_step_end(r);
    own_close(&pair[1]);
    if (r < 0)
        own_close(&pair[0]);
    return r < 0 ? r : pair[0];
}
