/* A connection of the relay: two sockets, and a flow in each direction. See
 * forward_parts.h. */
#include "forward_parts.h"

#include "own.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

/* What a connection may need: two sockets and two pipes. And how many are
 * accepted before others have their turn. */
enum { DESCRIPTORS = 6, ACCEPTED_AT_ONCE = 64 };

enum { CLIENT, CONTAINER };
struct end {
    struct watched watched;
    struct connection *connection;
};
struct connection {
    struct end ends[2];
    struct flow flows[2]; /* by the end they come from */
    bool is_connecting, has_failed, is_ready, is_dead;
    struct connection *next_ready, *next_dead;
};

static void reset_on_close(int fd)
{
    struct linger now = {.l_onoff = 1, .l_linger = 0};
    if (fd >= 0)
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

/* The memory stays until the events that were fetched have been looked at. */
static void end_connection(struct relay *relay, struct connection *c,
                           bool is_reset)
{
    for (int i = 0; i < 2; i++) {
        if (is_reset)
            reset_on_close(c->ends[i].watched.fd);
        forward_flow_close(relay, &c->flows[i]);
    }
    own_close(&c->ends[CLIENT].watched.fd);
    own_close(&c->ends[CONTAINER].watched.fd);
    c->is_dead = true;
    c->next_dead = relay->dead;
    relay->dead = c;
}

static void go_on(struct relay *relay, struct connection *c)
{
    enum flow_state out = forward_flow_go_on(relay, &c->flows[CLIENT]);
    enum flow_state back = forward_flow_go_on(relay, &c->flows[CONTAINER]);
    bool has_more = out == FLOW_HAD_ITS_SHARE || back == FLOW_HAD_ITS_SHARE;
    if (out == FLOW_IS_BROKEN || back == FLOW_IS_BROKEN ||
        (c->has_failed && !has_more)) {
        end_connection(relay, c, true);
    } else if (c->flows[CLIENT].is_done && c->flows[CONTAINER].is_done) {
        end_connection(relay, c, false);
    } else if (has_more && !c->is_ready) {
        c->is_ready = true;
        c->next_ready = relay->ready;
        relay->ready = c;
    }
}

static bool is_connected(int fd)
{
    int failure = 0;
    socklen_t len = sizeof failure;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &failure, &len) == 0 &&
           failure == 0;
}

/* A reset is passed on after what came before it. Until the container has
 * taken the connection nothing is read of it. */
static void on_end(struct relay *relay, struct watched *watched,
                   uint32_t events)
{
    struct end *end = (struct end *)watched;
    struct connection *c = end->connection;
    if (c->is_dead)
        return;
    if ((events & EPOLLERR) != 0)
        c->has_failed = true;
    if (c->is_connecting && end == &c->ends[CONTAINER]) {
        if ((events & (EPOLLERR | EPOLLHUP)) == 0 && !is_connected(watched->fd))
            c->has_failed = true;
        c->is_connecting = false;
    }
    if (!c->is_connecting)
        go_on(relay, c);
    else if (c->has_failed)
        end_connection(relay, c, true);
}

static int connect_to(const struct forward *forward)
{
    int on = 1;
    struct sockaddr_storage to;
    socklen_t len = forward_address(&to, &forward->to, forward->port);
    auto_fd int fd =
        socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(fd, (struct sockaddr *)&to, len) < 0 && errno != EINPROGRESS)
        return -errno;
    return fd_take(&fd);
}

static void begin(struct relay *relay, const struct forward *forward, int fd)
{
    struct connection *c = own_alloc(sizeof *c);
    int fds[2] = {fd, connect_to(forward)};
    bool is_good = fds[CONTAINER] >= 0;
    c->is_connecting = true;
    for (int i = 0; i < 2; i++) {
        c->flows[i] = (struct flow){
            fds[i], fds[!i], {-1, -1},
              0, false, false
        };
        c->ends[i] = (struct end){
            {fds[i], on_end},
            c
        };
        is_good = is_good && forward_watch(relay, &c->ends[i].watched,
                                           EPOLLIN | EPOLLOUT | EPOLLET) == 0;
    }
    if (!is_good)
        end_connection(relay, c, true);
}

/* Whoever went away while he waited is no reason to stop (accept(2), "Error
 * handling"). */
static bool has_only_gone(int error)
{
    return error == ECONNABORTED || error == EINTR || error == EPERM;
}

void forward_tcp_on_listener(struct relay *relay, struct watched *watched,
                             uint32_t events)
{
    (void)events;
    const struct listener *listener = (struct listener *)watched;
    for (int i = 0; i < ACCEPTED_AT_ONCE; i++) {
        if (!forward_reserve(relay, DESCRIPTORS)) {
            forward_pause(relay);
            return;
        }
        int fd = accept4(watched->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd >= 0) {
            begin(relay, listener->forward, fd);
            continue;
        }
        int error = errno;
        forward_release(relay, DESCRIPTORS);
        if (error == EAGAIN)
            return;
        if (!has_only_gone(error)) {
            forward_pause(relay);
            return;
        }
    }
}

void forward_tcp_go_on(struct relay *relay)
{
    struct connection *c = relay->ready;
    relay->ready = NULL;
    while (c != NULL) {
        struct connection *next = c->next_ready;
        c->is_ready = false;
        if (!c->is_dead)
            go_on(relay, c);
        c = next;
    }
}

/* One that is on the list of those that go on is freed when it has left it. */
void forward_tcp_free_dead(struct relay *relay)
{
    struct connection *c = relay->dead;
    relay->dead = NULL;
    while (c != NULL) {
        struct connection *next = c->next_dead;
        if (c->is_ready) {
            c->next_dead = relay->dead;
            relay->dead = c;
        } else {
            free(c);
            forward_release(relay, DESCRIPTORS);
        }
        c = next;
    }
}
