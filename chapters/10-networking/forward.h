/*
 * forward.h - published ports without rules: a process that listens on the
 * host's port and passes on to the container's what it hears, and back.
 *
 * Rules of the firewall (rules.h) lead a packet that arrives at the host's port
 * straight to the container. They cannot do it for 127.0.0.1, whose packets the
 * kernel lets out of "lo" only if the whole host is opened for such addresses
 * (ip-sysctl: route_localnet), nor for a host without nftables, nor from IPv6
 * to a container that has IPv4 alone. Docker starts docker-proxy for these;
 * this is ours. It has a second use: the socket that it listens with reserves
 * the port, so that nobody else believes to have it.
 *
 *     struct forward web;
 *     if (forward_listen(&port, &web, e) < 0)    // -EADDRINUSE: told at once,
 *         return -1;                             // before the container starts
 *     web.to = address_of_the_container;
 *     if (fork() == 0)
 *         forward_serve(&web, 1, e);             // until it is killed
 *     forward_close(&web);
 *
 * TCP: each connection is passed on with splice(2), so that no byte is copied
 * to this process and back; a peer that does not read stops the other one
 * (back-pressure), the end of one direction is passed on (half-close), and a
 * reset becomes a reset. Nothing is read ahead but what a pipe holds. UDP: each
 * client gets a socket of its own towards the container, for 90 seconds after
 * its last datagram; answers come from the address that was asked.
 *
 * When descriptors run out, connections wait in the listener's queue until
 * others have ended; of UDP clients the one that was silent longest is
 * forgotten. Neither ends the process. When it dies, be it by SIGKILL, nothing
 * is left: it has sockets and pipes, and no more.
 *
 * The sockets belong to the network namespace of who calls. Ports below 1024
 * need CAP_NET_BIND_SERVICE there. Fork-safe; forward_serve is for a process of
 * its own (it ignores SIGPIPE and raises the limit on descriptors).
 */
#ifndef FORWARD_H
#define FORWARD_H

#include "err.h"
#include "ip.h"
#include "ports.h"

#include <stddef.h>
#include <stdint.h>

struct forward {
    int listeners[2];   /* IPv4, IPv6; -1: not listened on */
    uint8_t protocol;   /* IPPROTO_TCP, IPPROTO_UDP */
    uint16_t host_port; /* what was got */
    struct ip to;       /* the container's: set by the caller */
    uint16_t port;
};

/* Listen (TCP) or bind (UDP) as `port` asks; without an address on 0.0.0.0 and
 * on [::], or 0.0.0.0 alone where the kernel has no IPv6. The caller sets `to`
 * and closes. 0; -EADDRINUSE, -EADDRNOTAVAIL, -EACCES: the message names
 * address and port, as Docker's does. */
int forward_listen(const struct port *port, struct forward *ret, struct err *e);
void forward_close(struct forward *forward);

/* Pass on for ever. -errno only if it cannot go on. */
int forward_serve(const struct forward *forwards, size_t n, struct err *e);

#endif
