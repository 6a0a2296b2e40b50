/* Sockets at the host's ports. See forward.h. */
#include "forward_parts.h"

#include "own.h"

#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Docker's own number of connections that may wait, and so many times both
 * families have to agree on a port that the kernel chose for one. */
enum { BACKLOG = 4096, TRIES = 64 };

static const struct ip every[2] = {{.family = AF_INET}, {.family = AF_INET6}};

socklen_t forward_address(struct sockaddr_storage *ret, const struct ip *ip,
                          uint16_t port)
{
    *ret = (struct sockaddr_storage){.ss_family = (sa_family_t)ip->family};
    if (ip->family == AF_INET) {
        struct sockaddr_in *four = (struct sockaddr_in *)ret;
        four->sin_port = htons(port);
        memcpy(&four->sin_addr, ip->bytes, sizeof four->sin_addr);
        return sizeof *four;
    }
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)ret;
    six->sin6_port = htons(port);
    memcpy(&six->sin6_addr, ip->bytes, sizeof six->sin6_addr);
    return sizeof *six;
}

/* The port lies at the same place in both families' addresses. */
static uint16_t port_of(int fd)
{
    struct sockaddr_in6 at = {0};
    socklen_t len = sizeof at;
    if (getsockname(fd, (struct sockaddr *)&at, &len) < 0)
        return 0;
    return ntohs(at.sin6_port);
}

static int set(int fd, int level, int option)
{
    int on = 1;
    return setsockopt(fd, level, option, &on, sizeof on);
}

/* A datagram's answer must come from the address it was sent to, so that is
 * asked for. TCP may listen again while connections of the last listener still
 * linger (SO_REUSEADDR); two listeners at once it does not allow. The other two
 * options go over to each connection: what was read is sent on at once, and a
 * client that vanished without a word is found out. */
static int prepare(int fd, int family, uint8_t protocol)
{
    if (family == AF_INET6 && set(fd, IPPROTO_IPV6, IPV6_V6ONLY) < 0)
        return -1;
    if (protocol == IPPROTO_TCP)
        return set(fd, SOL_SOCKET, SO_REUSEADDR) < 0 ||
                       set(fd, SOL_SOCKET, SO_KEEPALIVE) < 0
                   ? -1
                   : set(fd, IPPROTO_TCP, TCP_NODELAY);
    return family == AF_INET6 ? set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO)
                              : set(fd, IPPROTO_IP, IP_PKTINFO);
}

/* A socket, or -errno. */
static int listen_at(const struct ip *ip, uint8_t protocol, uint16_t port)
{
    struct sockaddr_storage at;
    socklen_t len = forward_address(&at, ip, port);
    int type = protocol == IPPROTO_TCP ? SOCK_STREAM : SOCK_DGRAM;
    auto_fd int fd =
        socket(ip->family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
    if (fd < 0 || prepare(fd, ip->family, protocol) < 0 ||
        bind(fd, (struct sockaddr *)&at, len) < 0 ||
        (type == SOCK_STREAM && listen(fd, BACKLOG) < 0))
        return -errno;
    return fd_take(&fd);
}

/* A kernel without IPv6, or one in which it is switched off. */
static bool lacks_ipv6(int r)
{
    return r == -EAFNOSUPPORT || r == -EADDRNOTAVAIL || r == -EPROTONOSUPPORT;
}

/* Both families at one port: what 0 gave the first is asked of the second. */
static int listen_everywhere(struct forward *forward, uint16_t port)
{
    int four = listen_at(&every[0], forward->protocol, port);
    if (four < 0)
        return four;
    forward->listeners[0] = four;
    forward->host_port = port_of(four);
    int six = listen_at(&every[1], forward->protocol, forward->host_port);
    if (six >= 0 || lacks_ipv6(six)) {
        forward->listeners[1] = six >= 0 ? six : -1;
        return 0;
    }
    own_close(&forward->listeners[0]);
    return six;
}

static int listen_on(struct forward *forward, const struct ip *ip,
                     uint16_t port)
{
    if (ip->family == 0)
        return listen_everywhere(forward, port);
    int fd = listen_at(ip, forward->protocol, port);
    if (fd < 0)
        return fd;
    forward->listeners[ip->family == AF_INET6] = fd;
    forward->host_port = port_of(fd);
    return 0;
}

/* Docker's words, which begin with a small letter like all of Go's; only the
 * container's address is not known yet. */
static int refuse(struct err *e, int r, const struct port *port)
{
    char address[IP_TEXT_LEN] = "0.0.0.0", range[16] = "", why[64];
    if (port->host.family != 0)
        ip_format(&port->host, address);
    if (port->host_last != port->host_first)
        snprintf(range, sizeof range, "-%u", port->host_last);
    snprintf(why, sizeof why, "%s", strerror(-r));
    why[0] = (char)tolower((unsigned char)why[0]);
    bool is_six = port->host.family == AF_INET6;
    return err_set(e, r, "failed to bind host port for %s%s%s:%u%s/%s: %s",
                   is_six ? "[" : "", address, is_six ? "]" : "",
                   port->host_first, range, ports_protocol_name(port->protocol),
                   why);
}

int forward_listen(const struct port *port, struct forward *ret, struct err *e)
{
    *ret = (struct forward){
        .listeners = {-1, -1},
          .protocol = port->protocol, .port = port->port
    };
    unsigned int first = port->host_first, last = port->host_last;
    unsigned int tries = first != 0 ? last - first + 1 : TRIES;
    int r = -EADDRINUSE;
    for (unsigned int i = 0; i < tries && r == -EADDRINUSE; i++)
        r = listen_on(ret, &port->host, (uint16_t)(first == 0 ? 0 : first + i));
    return r < 0 ? refuse(e, r, port) : 0;
}

void forward_close(struct forward *forward)
{
    own_close(&forward->listeners[0]);
    own_close(&forward->listeners[1]);
}
