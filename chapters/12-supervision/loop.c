#include "loop_parts.h"

#include "own.h"

#include <errno.h>
#include <stdlib.h>

/* How many events one epoll_wait(2) fetches. */
#define BATCH 32

static struct loop_watch *find_watch(const struct loop *loop, int fd)
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
        loop->watches[i] = (struct loop_watch){0};
    loop->watches_n = n;
}

/*
 * Tell the kernel what we wait for. For nothing means that it must not know the
 * descriptor at all: EPOLLHUP is reported to whoever waits for no events, again
 * and again, and the loop would spin while its owner has no use for it.
 */
static int set_events(struct loop *loop, int fd, uint32_t events)
{
    struct loop_watch *watch = &loop->watches[fd];
    bool was_set = watch->events != 0, is_set = events != 0;
    int op = !was_set ? EPOLL_CTL_ADD : is_set ? EPOLL_CTL_MOD : EPOLL_CTL_DEL;
    /* After close(2) the number may be another file's, whose owner shall not
     * get events of this one: so it travels with the registration's. */
    struct epoll_event event = {
        .events = events,
        .data.u64 = (uint64_t)watch->serial << 32 | (uint32_t)fd,
    };
    bool is_needed = (was_set || is_set) && !watch->is_always_ready;
    if (is_needed && epoll_ctl(loop->epoll, op, fd, &event) < 0) {
        if (op != EPOLL_CTL_ADD || errno != EPERM)
            return -errno;
        watch->is_always_ready = true;
    }
    if (watch->is_always_ready)
        loop->always_ready_n += is_set - was_set;
    watch->events = events;
    return 0;
}

/* waiver: parameters: what to wait for, whom to call: one thought each */
int loop_add(struct loop *loop, int fd, uint32_t events,
             void (*ready)(void *arg, uint32_t events), void *arg,
             struct err *e)
{
    if (fd < 0 || find_watch(loop, fd) != NULL)
        return err_sys(e, fd < 0 ? EBADF : EEXIST, "watch descriptor %d", fd);
    make_room(loop, fd);
    loop->last_serial += loop->last_serial == UINT32_MAX ? 2 : 1;
    loop->watches[fd] = (struct loop_watch){
        .serial = loop->last_serial, .ready = ready, .arg = arg};
    int r = set_events(loop, fd, events);
    if (r == 0)
        return 0;
    loop->watches[fd] = (struct loop_watch){0};
    return err_sys(e, r, "watch descriptor %d", fd);
}

int loop_modify(struct loop *loop, int fd, uint32_t events, struct err *e)
{
    int r =
        find_watch(loop, fd) == NULL ? -ENOENT : set_events(loop, fd, events);
    return r < 0 ? err_sys(e, r, "watch descriptor %d", fd) : 0;
}

void loop_remove(struct loop *loop, int fd)
{
    if (find_watch(loop, fd) == NULL)
        return;
    set_events(loop, fd, 0);
    loop->watches[fd] = (struct loop_watch){0};
}

int loop_open(struct loop **ret, struct err *e)
{
    struct loop *loop = own_alloc(sizeof *loop);
    loop->signalfd = loop->timerfd = -1;
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    int r =
        loop->epoll < 0 ? err_sys(e, errno, "epoll") : loop_timer_open(loop, e);
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
    loop_timer_close(loop);
    own_close(&loop->epoll);
    free(loop->watches);
    free(loop);
}

/* Call whoever an event is for, unless a function that was called before it, in
 * the same batch, has removed him. */
static void call_ready(struct loop *loop, const struct epoll_event *event)
{
    const struct loop_watch *watch =
        find_watch(loop, (int)(uint32_t)event->data.u64);
    if (watch != NULL && watch->serial == event->data.u64 >> 32 &&
        watch->events != 0)
        watch->ready(watch->arg, event->events);
}

/* Those that were there when we began. */
static void call_always_ready(struct loop *loop)
{
    uint32_t newest = loop->last_serial;
    for (int fd = 0; fd < loop->watches_n && !loop->is_stopped; fd++) {
        const struct loop_watch *watch = &loop->watches[fd];
        if (watch->is_always_ready && watch->events != 0 &&
            watch->serial <= newest)
            watch->ready(watch->arg, watch->events);
    }
}

/*
 * @lab 12.5 epoll_wait(2) for up to BATCH events, for ever, or not at all while
 * some are always ready; an interrupted one is no error; call_ready for each
 * event until is_stopped; then call_always_ready
 */
static int turn(struct loop *loop, struct err *e)
{
    struct epoll_event events[BATCH];
    int timeout_ms = loop->always_ready_n > 0 ? 0 : -1;
    int n = epoll_wait(loop->epoll, events, BATCH, timeout_ms);
    if (n < 0 && errno != EINTR)
        return err_sys(e, errno, "epoll_wait");
    for (int i = 0; i < n && !loop->is_stopped; i++)
        call_ready(loop, &events[i]);
    if (loop->always_ready_n > 0)
        call_always_ready(loop);
    return 0;
}

int loop_run(struct loop *loop, struct err *e)
{
    int r = 0;
    loop->is_stopped = false;
    while (r == 0 && !loop->is_stopped)
        r = turn(loop, e);
    return r;
}

void loop_stop(struct loop *loop)
{
    loop->is_stopped = true;
}
