/* The loop of the relay of ports: whose socket has news, and who waits for
 * room. See forward.h. */
#include "forward_parts.h"

#include "own.h"
#include "sys.h"

#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

/* Descriptors that are not for connections: the standard streams, listeners,
 * pipes that wait in the pool, and what the caller has open. */
enum { KEPT = 64 + 2 * POOL };
/* If nobody ends, whether there is room again has to be tried. */
enum { EVENTS = 64, RETRY_MS = 100 };

int forward_watch(struct relay *relay, struct watched *watched, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = watched};
    if (epoll_ctl(relay->epoll, EPOLL_CTL_ADD, watched->fd, &event) < 0)
        return -errno;
    return 0;
}

bool forward_reserve(struct relay *relay, size_t n)
{
    if (relay->room < n)
        return false;
    relay->room -= n;
    return true;
}

void forward_release(struct relay *relay, size_t n)
{
    relay->room += n;
}

static bool is_tcp(const struct listener *listener)
{
    return listener->forward->protocol == IPPROTO_TCP;
}

void forward_pause(struct relay *relay)
{
    if (relay->is_paused)
        return;
    for (size_t i = 0; i < relay->n_listeners; i++)
        if (is_tcp(&relay->listeners[i]))
            epoll_ctl(relay->epoll, EPOLL_CTL_DEL,
                      relay->listeners[i].watched.fd, NULL);
    relay->is_paused = true;
}

static void resume(struct relay *relay)
{
    for (size_t i = 0; i < relay->n_listeners; i++)
        if (is_tcp(&relay->listeners[i]))
            forward_watch(relay, &relay->listeners[i].watched, EPOLLIN);
    relay->is_paused = false;
}

/* As many as we may have. */
static size_t raise_limit(void)
{
    struct rlimit limit = {0};
    if (sys_prlimit64(0, RLIMIT_NOFILE, NULL, &limit) < 0)
        return KEPT;
    limit.rlim_cur = limit.rlim_max;
    sys_prlimit64(0, RLIMIT_NOFILE, &limit, NULL);
    sys_prlimit64(0, RLIMIT_NOFILE, NULL, &limit);
    return limit.rlim_cur;
}

static int add_listener(struct relay *relay, const struct forward *forward,
                        int fd)
{
    struct listener *listener = &relay->listeners[relay->n_listeners];
    listener->forward = forward;
    listener->watched.fd = fd;
    listener->watched.on_event =
        is_tcp(listener) ? forward_tcp_on_listener : forward_udp_on_listener;
    relay->n_listeners++;
    return forward_watch(relay, &listener->watched, EPOLLIN);
}

static int add_listeners(struct relay *relay, const struct forward *forwards,
                         size_t n)
{
    relay->listeners = own_alloc(2 * n * sizeof *relay->listeners);
    for (size_t i = 0; i < 2 * n; i++) {
        int fd = forwards[i / 2].listeners[i % 2];
        int r = fd < 0 ? 0 : add_listener(relay, &forwards[i / 2], fd);
        if (r < 0)
            return r;
    }
    return 0;
}

static int turn(struct relay *relay)
{
    struct epoll_event events[EVENTS];
    int timeout = forward_udp_expire(relay);
    if (relay->is_paused && (timeout < 0 || timeout > RETRY_MS))
        timeout = RETRY_MS;
    int n = epoll_wait(relay->epoll, events, EVENTS,
                       relay->ready != NULL ? 0 : timeout);
    if (n < 0 && errno != EINTR)
        return -errno;
    for (int i = 0; i < n; i++) {
        struct watched *watched = events[i].data.ptr;
        watched->on_event(relay, watched, events[i].events);
    }
    forward_tcp_go_on(relay);
    forward_tcp_free_dead(relay);
    forward_udp_free_forgotten(relay);
    if (relay->is_paused)
        resume(relay);
    return 0;
}

int forward_serve(const struct forward *forwards, size_t n, struct err *e)
{
    size_t limit = raise_limit();
    struct relay relay = {.room = limit > KEPT ? limit - KEPT : 0};
    signal(SIGPIPE, SIG_IGN); /* splice(2) has no MSG_NOSIGNAL */
    relay.epoll = epoll_create1(EPOLL_CLOEXEC);
    if (relay.epoll < 0)
        return err_sys(e, errno, "wait for connections");
    int r = add_listeners(&relay, forwards, n);
    while (r == 0)
        r = turn(&relay);
    free(relay.listeners);
    own_close(&relay.epoll);
    return err_sys(e, r, "wait for connections");
}
