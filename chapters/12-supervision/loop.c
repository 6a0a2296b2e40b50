#include "loop.h"

#include "own.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

/* How many events one epoll_wait(2) fetches. */
#define BATCH 32

/* One descriptor, in the table at its own number. */
struct watch {
    uint32_t serial; /* of this registration; 0: none */
    uint32_t events;
    bool is_always_ready;
    void (*ready)(void *arg, uint32_t events);
    void *arg;
};

struct timer {
    int id;
    int64_t due_ns;
    void (*due)(void *arg);
    void *arg;
};

struct loop {
    int epoll;
    bool is_stopped;
    struct watch *watches;
    int watches_n;
    uint32_t last_serial;
    int always_ready_n; /* of the watches that wait for something */
    int timerfd;
    struct timer *timers;
    size_t timers_n, timers_room;
    int last_id;
    int signalfd;
    void (*got)(void *arg, const struct signalfd_siginfo *info);
    void *got_arg;
    bool has_mask;
    sigset_t old_mask;
};

/* --- descriptors ---------------------------------------------------------- */

static struct watch *find_watch(const struct loop *loop, int fd)
{
    if (fd < 0 || fd >= loop->watches_n || loop->watches[fd].serial == 0)
        return NULL;
    return &loop->watches[fd];
}

static void make_room(struct loop *loop, int fd)
{
    if (fd < loop->watches_n)
        return;
    int n = fd + 16;
    loop->watches = own_grow(loop->watches, (size_t)n * sizeof *loop->watches);
    for (int i = loop->watches_n; i < n; i++)
        loop->watches[i] = (struct watch){0};
    loop->watches_n = n;
}

/* An event carries the number of the registration beside the descriptor's:
 * after close(2) the same descriptor may be somebody else's. */
static struct epoll_event make_event(const struct watch *watch, int fd)
{
    return (struct epoll_event){
        .events = watch->events,
        .data.u64 = (uint64_t)watch->serial << 32 | (uint32_t)fd,
    };
}

/* waiver: parameters: what to wait for, whom to call: one thought each */
int loop_add(struct loop *loop, int fd, uint32_t events,
             void (*ready)(void *arg, uint32_t events), void *arg,
             struct err *e)
{
    if (find_watch(loop, fd) != NULL)
        return err_sys(e, EEXIST, "watch descriptor %d", fd);
    struct watch watch = {loop->last_serial + 1, events, false, ready, arg};
    if (watch.serial == 0)
        watch.serial++;
    struct epoll_event event = make_event(&watch, fd);
    if (epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &event) < 0) {
        if (errno != EPERM)
            return err_sys(e, errno, "watch descriptor %d", fd);
        watch.is_always_ready = true;
        loop->always_ready_n += events != 0;
    }
    make_room(loop, fd);
    loop->watches[fd] = watch;
    loop->last_serial = watch.serial;
    return 0;
}

int loop_modify(struct loop *loop, int fd, uint32_t events, struct err *e)
{
    struct watch *watch = find_watch(loop, fd);
    if (watch == NULL)
        return err_sys(e, ENOENT, "watch descriptor %d", fd);
    if (watch->is_always_ready)
        loop->always_ready_n += (events != 0) - (watch->events != 0);
    watch->events = events;
    struct epoll_event event = make_event(watch, fd);
    if (!watch->is_always_ready &&
        epoll_ctl(loop->epoll, EPOLL_CTL_MOD, fd, &event) < 0)
        return err_sys(e, errno, "watch descriptor %d", fd);
    return 0;
}

void loop_remove(struct loop *loop, int fd)
{
    struct watch *watch = find_watch(loop, fd);
    if (watch == NULL)
        return;
    if (watch->is_always_ready)
        loop->always_ready_n -= watch->events != 0;
    else
        epoll_ctl(loop->epoll, EPOLL_CTL_DEL, fd, NULL);
    *watch = (struct watch){0};
}

/* --- timers --------------------------------------------------------------- */

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static struct timer *find_first(const struct loop *loop)
{
    struct timer *first = NULL;
    for (size_t i = 0; i < loop->timers_n; i++)
        if (first == NULL || loop->timers[i].due_ns < first->due_ns)
            first = &loop->timers[i];
    return first;
}

/* One timerfd for all: it is set to the first that is due. */
static void set_timerfd(const struct loop *loop)
{
    const struct timer *first = find_first(loop);
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
        __builtin_add_overflow(due_ns, now_ns(), &due_ns))
        return err_sys(e, EINVAL, "timer of %lld ms", (long long)after_ms);
    if (loop->timers_n == loop->timers_room) {
        loop->timers_room += 8;
        loop->timers =
            own_grow(loop->timers, loop->timers_room * sizeof *loop->timers);
    }
    loop->last_id = loop->last_id == INT32_MAX ? 1 : loop->last_id + 1;
    loop->timers[loop->timers_n++] =
        (struct timer){loop->last_id, due_ns, due, arg};
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
    int64_t now = now_ns();
    uint64_t expired;
    (void)events;
    ssize_t n = read(loop->timerfd, &expired, sizeof expired);
    for (size_t most = n > 0 ? loop->timers_n : 0; most > 0; most--) {
        struct timer *first = find_first(loop);
        if (first == NULL || first->due_ns > now || loop->is_stopped)
            break;
        struct timer timer = *first;
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

/* --- the loop ------------------------------------------------------------- */

int loop_open(struct loop **ret, struct err *e)
{
    struct loop *loop = own_alloc(sizeof *loop);
    loop->signalfd = -1;
    loop->timerfd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    int r = loop->timerfd < 0 || loop->epoll < 0
                ? err_sys(e, errno, "make an event loop")
                : loop_add(loop, loop->timerfd, EPOLLIN, call_due, loop, e);
    if (r < 0) {
        loop_close(loop);
        return r;
    }
    *ret = loop;
    return 0;
}

void loop_close(struct loop *loop)
{
    if (loop == NULL)
        return;
    if (loop->has_mask)
        sigprocmask(SIG_SETMASK, &loop->old_mask, NULL);
    own_close(&loop->signalfd);
    own_close(&loop->timerfd);
    own_close(&loop->epoll);
    free(loop->watches);
    free(loop->timers);
    free(loop);
}

static void call_always_ready(struct loop *loop)
{
    uint32_t newest = loop->last_serial;
    for (int fd = 0; fd < loop->watches_n && !loop->is_stopped; fd++) {
        const struct watch *watch = &loop->watches[fd];
        if (watch->is_always_ready && watch->events != 0 &&
            watch->serial <= newest)
            watch->ready(watch->arg, watch->events);
    }
}

int loop_run(struct loop *loop, struct err *e)
{
    struct epoll_event events[BATCH];
    loop->is_stopped = false;
    while (!loop->is_stopped) {
        int timeout_ms = loop->always_ready_n > 0 ? 0 : -1;
        int n = epoll_wait(loop->epoll, events, BATCH, timeout_ms);
        if (n < 0 && errno != EINTR)
            return err_sys(e, errno, "epoll_wait");
        for (int i = 0; i < n && !loop->is_stopped; i++) {
            struct watch *watch =
                find_watch(loop, (int)(uint32_t)events[i].data.u64);
            /* Removed by a function that was called before it? */
            if (watch != NULL && watch->serial == events[i].data.u64 >> 32)
                watch->ready(watch->arg, events[i].events);
        }
        if (loop->always_ready_n > 0)
            call_always_ready(loop);
    }
    return 0;
}

void loop_stop(struct loop *loop)
{
    loop->is_stopped = true;
}
