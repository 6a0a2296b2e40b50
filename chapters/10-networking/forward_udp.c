/* Datagrams: who asked is remembered, so that the answer finds him. See
 * forward_parts.h. */
#include "forward_parts.h"

#include "own.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

/* Docker's time after which a silent client is forgotten; how many there may
 * be; how many datagrams are passed on before others have their turn. */
enum { SILENT_MS = 90000, CLIENTS_MAX = 4096, AT_ONCE = 64 };
enum { DATAGRAM_MAX = 65536 };

/* Who sent, and to which of the host's addresses: an answer has to come from
 * there. */
struct route {
    union {
        struct sockaddr any;
        struct sockaddr_in four;
        struct sockaddr_in6 six;
        unsigned char bytes[sizeof(struct sockaddr_in6)];
    } from;
    socklen_t from_len;
    union {
        struct in_pktinfo four;
        struct in6_pktinfo six;
        unsigned char bytes[sizeof(struct in6_pktinfo)];
    } at;
};

struct client {
    struct watched watched; /* connected to the container */
    const struct listener *listener;
    struct route route;
    uint64_t last_ms;
    struct client *next; /* in its bucket */
    struct client *older, *newer;
};

/* Room for one control message of either family. */
union control {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(sizeof(struct in6_pktinfo))];
};

static uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static struct client **bucket_of(struct relay *relay, const struct route *route)
{
    uint32_t hash = 2166136261u; /* FNV-1a */
    for (size_t i = 0; i < route->from_len; i++)
        hash = (hash ^ route->from.bytes[i]) * 16777619u;
    return &relay->buckets[hash % CLIENT_BUCKETS];
}

static void unlink_age(struct relay *relay, struct client *c)
{
    *(c->older != NULL ? &c->older->newer : &relay->oldest) = c->newer;
    *(c->newer != NULL ? &c->newer->older : &relay->newest) = c->older;
}

static void link_newest(struct relay *relay, struct client *c)
{
    c->older = relay->newest;
    c->newer = NULL;
    *(c->older != NULL ? &c->older->newer : &relay->oldest) = c;
    relay->newest = c;
    c->last_ms = now_ms();
}

/* The memory stays until the events that were fetched have been looked at. */
static void forget(struct relay *relay, struct client *c)
{
    struct client **at = bucket_of(relay, &c->route);
    while (*at != NULL && *at != c)
        at = &(*at)->next;
    if (*at != NULL)
        *at = c->next;
    unlink_age(relay, c);
    own_close(&c->watched.fd);
    c->next = relay->forgotten;
    relay->forgotten = c;
    relay->n_clients--;
    forward_release(relay, 1);
}

void forward_udp_free_forgotten(struct relay *relay)
{
    while (relay->forgotten != NULL) {
        struct client *c = relay->forgotten;
        relay->forgotten = c->next;
        free(c);
    }
}

int forward_udp_expire(struct relay *relay)
{
    uint64_t now = now_ms();
    while (relay->oldest != NULL && relay->oldest->last_ms + SILENT_MS <= now)
        forget(relay, relay->oldest);
    return relay->oldest == NULL
               ? -1
               : (int)(relay->oldest->last_ms + SILENT_MS - now);
}

/* Back to the client, from the address that it asked. */
static void answer(const struct client *c, char *bytes, size_t len)
{
    union control control = {0};
    struct iovec piece = {bytes, len};
    struct sockaddr_in6 to;
    memcpy(&to, &c->route.from, c->route.from_len);
    struct msghdr message = {
        .msg_name = &to,
        .msg_namelen = c->route.from_len,
        .msg_iov = &piece,
        .msg_iovlen = 1,
        .msg_control = &control,
        .msg_controllen = sizeof control,
    };
    struct cmsghdr *info = CMSG_FIRSTHDR(&message);
    bool is_six = c->route.from.any.sa_family == AF_INET6;
    size_t size = is_six ? sizeof c->route.at.six : sizeof c->route.at.four;
    info->cmsg_level = is_six ? IPPROTO_IPV6 : IPPROTO_IP;
    info->cmsg_type = is_six ? IPV6_PKTINFO : IP_PKTINFO;
    info->cmsg_len = CMSG_LEN(size);
    memcpy(CMSG_DATA(info), &c->route.at, size);
    message.msg_controllen = CMSG_SPACE(size);
    sendmsg(c->listener->watched.fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* An error is an ICMP message about what was sent before: the next may pass. */
static void on_client(struct relay *relay, struct watched *watched,
                      uint32_t events)
{
    (void)events;
    struct client *c = (struct client *)watched;
    if (watched->fd < 0)
        return; /* forgotten a moment ago */
    for (int i = 0; i < AT_ONCE; i++) {
        ssize_t n = recv(watched->fd, relay->datagram, DATAGRAM_MAX, 0);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (n >= 0)
            answer(c, relay->datagram, (size_t)n);
    }
    unlink_age(relay, c);
    link_newest(relay, c);
}

static int connect_to(const struct forward *forward)
{
    struct sockaddr_storage to;
    socklen_t len = forward_address(&to, &forward->to, forward->port);
    auto_fd int fd =
        socket(to.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, len) < 0)
        return -errno;
    return fd_take(&fd);
}

/* Who was silent longest makes room. NULL: this datagram is lost, as on any
 * network. */
static struct client *add(struct relay *relay, const struct listener *listener,
                          const struct route *route)
{
    if (relay->oldest != NULL && relay->n_clients == CLIENTS_MAX)
        forget(relay, relay->oldest);
    if (!forward_reserve(relay, 1)) {
        if (relay->oldest == NULL)
            return NULL;
        forget(relay, relay->oldest);
        forward_reserve(relay, 1);
    }
    auto_fd int fd = connect_to(listener->forward);
    struct client *c = own_alloc(sizeof *c);
    c->watched = (struct watched){fd, on_client};
    if (fd < 0 || forward_watch(relay, &c->watched, EPOLLIN) < 0) {
        free(c);
        forward_release(relay, 1);
        return NULL;
    }
    fd_take(&fd);
    c->listener = listener;
    c->route = *route;
    struct client **bucket = bucket_of(relay, route);
    c->next = *bucket;
    *bucket = c;
    relay->n_clients++;
    link_newest(relay, c);
    return c;
}

static bool is_same(const struct route *a, const struct route *b)
{
    return a->from_len == b->from_len &&
           memcmp(a->from.bytes, b->from.bytes, a->from_len) == 0 &&
           memcmp(a->at.bytes, b->at.bytes, sizeof a->at.bytes) == 0;
}

static struct client *find(struct relay *relay, const struct listener *listener,
                           const struct route *route)
{
    struct client *c = *bucket_of(relay, route);
    while (c != NULL && (c->listener != listener || !is_same(&c->route, route)))
        c = c->next;
    if (c == NULL)
        return add(relay, listener, route);
    unlink_age(relay, c);
    link_newest(relay, c);
    return c;
}

/* The address that was asked, out of the control message. Which interface it
 * came by is not kept: the answer goes where routes lead. */
static void read_control(struct msghdr *message, struct route *route)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c != NULL;
         c = CMSG_NXTHDR(message, c)) {
        if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
            struct in_pktinfo info;
            memcpy(&info, CMSG_DATA(c), sizeof info);
            route->at.four.ipi_spec_dst = info.ipi_spec_dst;
        } else if (c->cmsg_level == IPPROTO_IPV6 &&
                   c->cmsg_type == IPV6_PKTINFO) {
            struct in6_pktinfo info;
            memcpy(&info, CMSG_DATA(c), sizeof info);
            route->at.six.ipi6_addr = info.ipi6_addr;
            if (IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr))
                route->at.six.ipi6_ifindex = info.ipi6_ifindex;
        }
    }
}

static ssize_t receive(struct relay *relay, int fd, struct route *route)
{
    union control control;
    struct iovec piece = {relay->datagram, DATAGRAM_MAX};
    memset(route, 0, sizeof *route);
    struct msghdr message = {
        .msg_name = &route->from,
        .msg_namelen = sizeof route->from,
        .msg_iov = &piece,
        .msg_iovlen = 1,
        .msg_control = &control,
        .msg_controllen = sizeof control,
    };
    ssize_t n = recvmsg(fd, &message, MSG_DONTWAIT);
    if (n < 0)
        return -errno;
    route->from_len = message.msg_namelen;
    read_control(&message, route);
    return n;
}

void forward_udp_on_listener(struct relay *relay, struct watched *watched,
                             uint32_t events)
{
    (void)events;
    const struct listener *listener = (struct listener *)watched;
    if (relay->datagram == NULL)
        relay->datagram = own_room(DATAGRAM_MAX);
    for (int i = 0; i < AT_ONCE; i++) {
        struct route route;
        ssize_t n = receive(relay, watched->fd, &route);
        if (n == -EAGAIN)
            return;
        struct client *c = n >= 0 ? find(relay, listener, &route) : NULL;
        if (c != NULL)
            send(c->watched.fd, relay->datagram, (size_t)n,
                 MSG_DONTWAIT | MSG_NOSIGNAL);
    }
}
