#include "crew.h"

#include "own.h"
#include "proc.h"
#include "sys.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { TICK_MS = 100, MOST_AT_ONCE = 8 };

struct workers {
    const struct crew *crew;
    struct err *errors; /* one for each job, shared with it */
    struct pollfd running[MOST_AT_ONCE];
    size_t job[MOST_AT_ONCE];
    nfds_t n;
};

void *crew_share(size_t size)
{
    void *memory = mmap(NULL, size > 0 ? size : 1, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        abort(); /* out of memory */
    return memory;
}

void crew_unshare(void *memory, size_t size)
{
    munmap(memory, size > 0 ? size : 1);
}

static int start(struct workers *w, size_t job, struct err *e)
{
    pid_t parent = getpid();
    int pidfd = -1;
    fflush(NULL);
    int pid = proc_clone(0, -1, &pidfd, e);
    if (pid == 0) {
        struct err *error = &w->errors[job];
        int r = proc_die_with_parent(error);
        /* It may have died before we asked to be told. */
        if (r == 0 && getppid() != parent)
            r = err_set(error, ESRCH, "the parent has ended");
        if (r == 0)
            r = w->crew->work(w->crew->arg, job, error);
        _exit(r < 0 ? 1 : 0);
    }
    if (pid < 0)
        return pid;
    w->running[w->n] = (struct pollfd){.fd = pidfd, .events = POLLIN};
    w->job[w->n++] = job;
    return 0;
}

static int reap(struct workers *w, nfds_t i, struct err *e)
{
    auto_fd int pidfd = w->running[i].fd;
    size_t job = w->job[i];
    w->n--;
    w->running[i] = w->running[w->n];
    w->job[i] = w->job[w->n];
    int code = proc_wait(pidfd, e);
    if (code <= 0)
        return code;
    if (code > 128)
        return err_set(e, EIO,
                       "a process that did a part of it was killed by "
                       "signal %d",
                       code - 128);
    const struct err *error = &w->errors[job];
    return err_set(e, error->code != 0 ? error->code : EIO, "%s", error->msg);
}

static void stop_all(struct workers *w)
{
    for (nfds_t i = 0; i < w->n; i++)
        proc_signal(w->running[i].fd, SIGKILL, NULL);
    while (w->n > 0)
        reap(w, w->n - 1, NULL);
}

/* Wait until at least one may have ended, and take those that have. */
static int look(struct workers *w, struct err *e)
{
    int ready = poll(w->running, w->n, TICK_MS);
    if (ready < 0 && errno != EINTR)
        return err_sys(e, errno, "poll");
    int r = 0;
    for (nfds_t i = w->n; ready > 0 && r == 0 && i > 0; i--)
        if (w->running[i - 1].revents != 0)
            r = reap(w, i - 1, e);
    if (w->crew->tick != NULL)
        w->crew->tick(w->crew->arg);
    return r;
}

int crew_run(const struct crew *crew, struct err *e)
{
    size_t size = crew->count * sizeof(struct err);
    struct workers w = {.crew = crew, .errors = crew_share(size)};
    nfds_t most = crew->at_once > 0 ? crew->at_once : (nfds_t)proc_processors();
    if (most > MOST_AT_ONCE)
        most = MOST_AT_ONCE;
    size_t next = 0;
    int r = 0;
    while (r == 0 && (next < crew->count || w.n > 0)) {
        if (next < crew->count && w.n < most)
            r = start(&w, next++, e);
        else
            r = look(&w, e);
    }
    stop_all(&w);
    crew_unshare(w.errors, size);
    return r;
}
