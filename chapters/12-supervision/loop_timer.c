/* Time and signals, as descriptors of the loop: loop.h. */
#include "loop_parts.h"

#include "own.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

int64_t loop_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static struct loop_timer *find_first(const struct loop *loop)
{
    struct loop_timer *first = NULL;
    for (size_t i = 0; i < loop->timers_n; i++)
        if (first == NULL || loop->timers[i].due_ns < first->due_ns)
            first = &loop->timers[i];
    return first;
}

/* One timerfd for all: it is set to the first that is due. */
static void set_timerfd(const struct loop *loop)
{
    const struct loop_timer *first = find_first(loop);
    struct itimerspec when = {0};
    if (first != NULL) {
        when.it_value.tv_sec = first->due_ns / 1000000000;
        when.it_value.tv_nsec = first->due_ns % 1000000000;
    }
    timerfd_settime(loop->timerfd, TFD_TIMER_ABSTIME, &when, NULL);
}

int loop_timer(struct loop *loop, int64_t after_ms, void (*due)(void *arg),
               void *arg, struct err *e)
{
    int64_t due_ns;
    if (after_ms < 0 || __builtin_mul_overflow(after_ms, 1000000, &due_ns) ||
        __builtin_add_overflow(due_ns, loop_now_ns(), &due_ns))
        return err_sys(e, EINVAL, "timer of %lld ms", (long long)after_ms);
    if (loop->timers_n == loop->timers_room) {
        loop->timers_room += 8;
        loop->timers =
            own_grow(loop->timers, loop->timers_room * sizeof *loop->timers);
    }
    loop->last_id = loop->last_id == INT32_MAX ? 1 : loop->last_id + 1;
    loop->timers[loop->timers_n++] =
        (struct loop_timer){loop->last_id, due_ns, due, arg};
    set_timerfd(loop);
    return loop->last_id;
}

void loop_cancel(struct loop *loop, int id)
{
    for (size_t i = 0; i < loop->timers_n; i++)
        if (loop->timers[i].id == id) {
            loop->timers[i] = loop->timers[--loop->timers_n];
            set_timerfd(loop);
            return;
        }
}

/* What was set while this runs waits for the next turn, so that a timer that
 * sets itself again at once does not keep everybody else waiting. */
static void call_due(void *arg, uint32_t events)
{
    struct loop *loop = arg;
    int64_t now = loop_now_ns();
    uint64_t expired;
    (void)events;
    ssize_t n = read(loop->timerfd, &expired, sizeof expired);
    for (size_t most = n > 0 ? loop->timers_n : 0; most > 0; most--) {
        struct loop_timer *first = find_first(loop);
        if (first == NULL || first->due_ns > now || loop->is_stopped)
            break;
        struct loop_timer timer = *first;
        *first = loop->timers[--loop->timers_n];
        timer.due(timer.arg);
    }
    set_timerfd(loop);
}

/* --- signals -------------------------------------------------------------- */

static void call_got(void *arg, uint32_t events)
{
    struct loop *loop = arg;
    struct signalfd_siginfo info;
    (void)events;
    while (!loop->is_stopped &&
           read(loop->signalfd, &info, sizeof info) == sizeof info)
        loop->got(loop->got_arg, &info);
}

int loop_signals(struct loop *loop, const sigset_t *set,
                 void (*got)(void *arg, const struct signalfd_siginfo *info),
                 void *arg, struct err *e)
{
    if (!loop->has_mask)
        sigprocmask(SIG_BLOCK, NULL, &loop->old_mask);
    loop->has_mask = true;
    sigprocmask(SIG_BLOCK, set, NULL);
    int fd = signalfd(loop->signalfd, set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd < 0)
        return err_sys(e, errno, "signalfd");
    loop->got = got;
    loop->got_arg = arg;
    if (fd == loop->signalfd)
        return 0;
    loop->signalfd = fd;
    return loop_add(loop, fd, EPOLLIN, call_got, loop, e);
}

/* --- both ----------------------------------------------------------------- */

int loop_timer_open(struct loop *loop, struct err *e)
{
    loop->signalfd = -1;
    loop->timerfd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (loop->timerfd < 0)
        return err_sys(e, errno, "timerfd");
    return loop_add(loop, loop->timerfd, EPOLLIN, call_due, loop, e);
}

void loop_timer_close(struct loop *loop)
{
    if (loop->has_mask)
        sigprocmask(SIG_SETMASK, &loop->old_mask, NULL);
    own_close(&loop->signalfd);
    own_close(&loop->timerfd);
    free(loop->timers);
}
