/*
 * pasta.h - a network for who has no privilege: pasta(1), or slirp4netns(1).
 *
 * An ordinary user's container has a network namespace of its own, and nobody
 * may connect it to the host's: a cable needs CAP_NET_ADMIN at both ends. But
 * its own end may be anything, also a tap device, whose other end is a
 * descriptor: what the kernel sends there a process reads. That process is on
 * the host an ordinary program with ordinary sockets. It takes the container's
 * packets apart, calls connect(2) and send(2) for them, and makes packets of
 * what comes back. pasta (package passt) does that, or slirp4netns, which is
 * older, slower and knows IPv4's ports alone.
 *
 *     struct pasta wish = {.pid = pid, .dir = run_dir, .ports = v, .n = n};
 *     r = pasta_start(&wish, &pidfd, e);    // its network is up now
 *     ...
 *     proc_signal(pidfd, SIGTERM, NULL);    // when the container has ended
 *     proc_wait(pidfd, NULL);
 *
 * The container sees "eth0": with pasta it has the host's own address and
 * routes, with slirp4netns 10.0.2.100. It reaches what the host's user reaches,
 * but not what listens on the host's loopback. Published ports are sockets of
 * that process, so ports below 1024 need what they need for any user
 * (ip_unprivileged_port_start).
 *
 * The process is our child, dies with us and holds the namespace; the caller
 * owns its pidfd and waits for it. Errors worth telling apart: -ENOENT neither
 * program is installed; -EADDRINUSE a port is taken; other failures come with
 * the program's own line. Needs /dev/net/tun, and the rights over the namespace
 * that its maker has: called as root of the user namespace that owns it, or by
 * the user whose process `pid` is; and that one may be looked into (ptrace(2)),
 * as one may who has called execve since its rights have changed. Flush stdio
 * before.
 */
#ifndef PASTA_H
#define PASTA_H

#include "err.h"
#include "ip.h"
#include "text.h"

#include <sys/types.h>

struct pasta_port {
    struct ip host; /* family 0: all of the host's addresses */
    uint16_t host_port, port;
    uint8_t protocol; /* IPPROTO_TCP, IPPROTO_UDP */
};

struct pasta {
    pid_t pid;       /* whose network namespace it is */
    int ns;          /* or this descriptor of it, of one who is root of what
                      * owns it, and no process (pid 0) is in it yet */
    const char *dir; /* a directory for a FIFO or a socket, gone afterwards */
    struct ip dns; /* at which the host's first name server answers, or none */
    const struct pasta_port *ports;
    size_t n;
};

/* Is one of the two in PATH? */
bool pasta_is_there(void);
/* Start the one that is there, in PATH, and wait until the network is up. */
int pasta_start(const struct pasta *wish, int *ret_pidfd, struct err *e);

/* The two command lines, without the program's name. `netns` is the namespace
 * as a file, for one who has rights over it already; NULL: as the process,
 * whose user namespace is entered as well. pasta writes to `ready` when it is;
 * slirp4netns to descriptor `ready_fd`, and listens at `socket`. */
void pasta_args(const struct pasta *wish, const char *netns, const char *ready,
                struct strv *ret);
void pasta_slirp_args(const struct pasta *wish, const char *netns, int ready_fd,
                      const char *socket, struct strv *ret);
/* What slirp4netns is told about one port (JSON), and what it says of it: 0,
 * or -errno with its words. */
void pasta_slirp_request(const struct pasta_port *port, struct text *ret);
int pasta_slirp_reply(const char *reply, const struct pasta_port *port,
                      struct err *e);

#endif
