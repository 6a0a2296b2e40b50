/*
 * forward_parts.h - what the files of the relay know of each other. (A relay of
 * ports; chapter 12's is another, which carries a container's streams.)
 *
 *     forward.c         the loop: whose socket has news? who waits for room?
 *     forward_listen.c  sockets at the host's ports
 *     forward_tcp.c     a connection: two sockets and two flows between them
 *     forward_flow.c    one flow: socket, pipe, socket
 *     forward_udp.c     clients, each with a socket towards the container
 *
 * One thread, one epoll(7). Whatever is waited for is a `struct watched` with a
 * function of its own. Sockets of connections are watched edge-triggered: both
 * directions are told of once, when they change, and nothing has to be asked of
 * the kernel to wait for something else. So each flow goes on until the kernel
 * says "not now", or until it had its share: then it is put on a list, that
 * others get theirs.
 */
#ifndef FORWARD_PARTS_H
#define FORWARD_PARTS_H

#include "forward.h"

#include <stdbool.h>
#include <sys/socket.h>

struct relay;
struct watched {
    int fd;
    void (*on_event)(struct relay *relay, struct watched *watched,
                     uint32_t events);
};

struct listener {
    struct watched watched; /* first: a watched one is cast to its owner */
    const struct forward *forward;
};

/* Where bytes are on their way from one socket to the other. */
struct flow {
    int from, to;
    int pipe[2];             /* -1: it needs none now */
    unsigned int held;       /* bytes in it */
    bool has_ended, is_done; /* `from` said its last; `to` was told */
};

enum { POOL = 16, CLIENT_BUCKETS = 256 };

struct connection;
struct client;
struct relay {
    int epoll;
    struct listener *listeners;
    size_t n_listeners;
    size_t room;              /* descriptors that nobody has reserved */
    bool is_paused;           /* connections wait in the listeners' queues */
    struct connection *ready; /* had their share, but are not through */
    struct connection *dead;  /* freed when no event of them is left */
    int pool[POOL][2];        /* empty pipes */
    size_t n_pool;
    struct client *buckets[CLIENT_BUCKETS];
    struct client *oldest, *newest; /* by their last datagram */
    struct client *forgotten;
    size_t n_clients;
    char *datagram; /* room for the longest one */
};

/* forward.c */
int forward_watch(struct relay *relay, struct watched *watched,
                  uint32_t events);
/* Descriptors are reserved before they are made. */
bool forward_reserve(struct relay *relay, size_t n);
void forward_release(struct relay *relay, size_t n);
void forward_pause(struct relay *relay);

/* forward_listen.c: the address as the kernel wants it. */
socklen_t forward_address(struct sockaddr_storage *ret, const struct ip *ip,
                          uint16_t port);

/* forward_flow.c */
enum flow_state {
    FLOW_WAITS,
    FLOW_HAD_ITS_SHARE,
    FLOW_IS_BROKEN,
};
enum flow_state forward_flow_go_on(struct relay *relay, struct flow *flow);
void forward_flow_close(struct relay *relay, struct flow *flow);

/* forward_tcp.c */
void forward_tcp_on_listener(struct relay *relay, struct watched *watched,
                             uint32_t events);
void forward_tcp_go_on(struct relay *relay); /* those that are ready */
void forward_tcp_free_dead(struct relay *relay);

/* forward_udp.c */
void forward_udp_on_listener(struct relay *relay, struct watched *watched,
                             uint32_t events);
/* Forget who was silent for long; milliseconds until the next, -1: none. */
int forward_udp_expire(struct relay *relay);
void forward_udp_free_forgotten(struct relay *relay);

#endif
