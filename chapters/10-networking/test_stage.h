/*
 * test_stage.h - for tests: a small world of network namespaces, all made by
 * the test and gone with it.
 *
 *     A1 A2      B1 B2      I1 I2
 *      \ /        \ /        \ /
 *     net-a      net-b      net-i
 *        \_________|_________/
 *                HOST -------- ROUTER -------- OUTSIDE
 *               192.0.2.1   .2  198.51.100.1     .2
 *
 * Networks are 10.1, 10.2 and 10.3 (/16) and fd01 ... (/64); the host is .1 in
 * each, its containers .2 and .3. Everybody has routes to everybody: what does
 * not arrive was kept back by a rule, and by nothing else.
 */
#ifndef TEST_STAGE_H
#define TEST_STAGE_H

#include "contract.h"
#include "ip.h"
#include "link.h"
#include "netlink.h"
#include "netns.h"
#include "own.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum place { HOST, ROUTER, OUTSIDE, A1, A2, B1, B2, I1, I2, PLACES };

struct stage {
    int ns[PLACES];
    struct netlink *nl[PLACES];
};

static inline void must(int r, const struct err *e)
{
    ck_assert_msg(r >= 0, "%s", e->msg);
}

static inline void go_to(const struct stage *stage, enum place place)
{
    ck_assert_int_eq(setns(stage->ns[place], CLONE_NEWNET), 0);
}

static inline void set_sysctl(const char *name, const char *value)
{
    char path[128];
    snprintf(path, sizeof path, "/proc/sys/net/%s", name);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    ck_assert_msg(fd >= 0, "%s", path);
    ck_assert_int_eq(write(fd, value, strlen(value)), (ssize_t)strlen(value));
    close(fd);
}

static inline struct ip_net net_of(const char *text)
{
    struct ip_net net = {0};
    ck_assert_msg(ip_net_parse(text, &net) == 0, "%s", text);
    return net;
}

static inline struct ip ip_from(const char *text)
{
    struct ip ip = {0};
    ck_assert_msg(ip_parse(text, &ip) == 0, "%s", text);
    return ip;
}

static inline void make_place(struct stage *stage, enum place place)
{
    struct err e = {0};
    contract_needs(unshare(CLONE_NEWNET) == 0, "root");
    stage->ns[place] = netns_open(0, &e);
    must(stage->ns[place], &e);
    must(netlink_open(&stage->nl[place], NETLINK_ROUTE, -1, &e), &e);
    struct link lo;
    must(link_find(stage->nl[place], "lo", &lo, &e), &e);
    must(link_up(stage->nl[place], lo.index, &e), &e);
}

static inline unsigned int index_of(const struct stage *stage, enum place place,
                                    const char *name)
{
    struct err e = {0};
    struct link link;
    must(link_find(stage->nl[place], name, &link, &e), &e);
    return link.index;
}

static inline void give(const struct stage *stage, enum place place,
                        const char *link, const char *address)
{
    struct err e = {0};
    struct ip_net net = net_of(address);
    unsigned int index = index_of(stage, place, link);
    must(link_up(stage->nl[place], index, &e), &e);
    must(link_add_address(stage->nl[place], index, &net, &e), &e);
}

static inline void route(const struct stage *stage, enum place place,
                         const char *to, const char *gateway, const char *link)
{
    struct err e = {0};
    struct ip_net net = net_of(to);
    struct ip via = ip_from(gateway);
    must(link_add_route(stage->nl[place], &net, &via,
                        index_of(stage, place, link), &e),
         &e);
}

/* A cable between two places that are not containers. */
struct wire {
    enum place left, right;
    const char *left_name, *right_name;
    const char *left_ip[2], *right_ip[2];
};

static inline void lay(const struct stage *stage, const struct wire *wire)
{
    struct err e = {0};
    struct link_veth veth = {.name = wire->left_name,
                             .peer = wire->right_name,
                             .peer_ns = stage->ns[wire->right]};
    must(link_add_veth(stage->nl[wire->left], &veth, &e), &e);
    give(stage, wire->left, wire->left_name, "fe80::1/64");
    for (int i = 0; i < 2; i++) {
        give(stage, wire->left, wire->left_name, wire->left_ip[i]);
        give(stage, wire->right, wire->right_name, wire->right_ip[i]);
    }
}

static inline void make_bridge(const struct stage *stage, const char *name,
                               int n)
{
    struct err e = {0};
    char address[64];
    must(link_add_bridge(stage->nl[HOST], name, 0, &e), &e);
    snprintf(address, sizeof address, "10.%d.0.1/16", n);
    give(stage, HOST, name, address);
    snprintf(address, sizeof address, "fd0%d::1/64", n);
    give(stage, HOST, name, address);
}

/* `who` is "a1": on net-a, by our cable "veth-a1". */
static inline void connect_container(const struct stage *stage,
                                     enum place place, const char *who)
{
    struct err e = {0};
    char bridge[16], name[16], text[4][64];
    int net = who[0] == 'i' ? 3 : who[0] - 'a' + 1, n = who[1] - '0' + 1;
    snprintf(bridge, sizeof bridge, "net-%c", who[0]);
    snprintf(name, sizeof name, "veth-%s", who);
    snprintf(text[0], sizeof text[0], "10.%d.0.%d/16", net, n);
    snprintf(text[1], sizeof text[1], "fd0%d::%d/64", net, n);
    snprintf(text[2], sizeof text[2], "10.%d.0.1", net);
    snprintf(text[3], sizeof text[3], "fd0%d::1", net);
    struct link_setup setup = {.name = "eth0",
                               .address = net_of(text[0]),
                               .address6 = net_of(text[1]),
                               .gateway = ip_from(text[2]),
                               .gateway6 = ip_from(text[3])};
    struct link_veth veth = {.name = name,
                             .bridge = index_of(stage, HOST, bridge),
                             .peer = "eth0",
                             .peer_ns = stage->ns[place],
                             .mac = mac_of_ip(&setup.address.ip)};
    must(link_add_veth(stage->nl[HOST], &veth, &e), &e);
    must(link_setup(stage->nl[place], &setup, &e), &e);
}

static inline void make_router(const struct stage *stage, enum place place)
{
    go_to(stage, place);
    set_sysctl("ipv4/ip_forward", "1");
    set_sysctl("ipv6/conf/all/forwarding", "1");
}

static inline void make_stage(struct stage *stage)
{
    static const struct wire wires[] = {
        {HOST,
         ROUTER,  "wan",
         "lan",  {"192.0.2.1/24", "2001:db8:1::1/64"},
         {"192.0.2.2/24", "2001:db8:1::2/64"}   },
        {ROUTER,
         OUTSIDE, "wan",
         "eth0", {"198.51.100.1/24", "2001:db8:2::1/64"},
         {"198.51.100.2/24", "2001:db8:2::2/64"}},
    };
    static const char *const names[] = {"a1", "a2", "b1", "b2", "i1", "i2"};
    for (int place = 0; place < PLACES; place++)
        make_place(stage, (enum place)place);
    make_router(stage, HOST);
    make_router(stage, ROUTER);
    lay(stage, &wires[0]);
    lay(stage, &wires[1]);
    make_bridge(stage, "net-a", 1);
    make_bridge(stage, "net-b", 2);
    make_bridge(stage, "net-i", 3);
    for (int i = 0; i < 6; i++)
        connect_container(stage, (enum place)(A1 + i), names[i]);
    route(stage, HOST, "198.51.100.0/24", "192.0.2.2", "wan");
    route(stage, HOST, "2001:db8:2::/64", "2001:db8:1::2", "wan");
    route(stage, ROUTER, "10.0.0.0/8", "192.0.2.1", "lan");
    route(stage, ROUTER, "fd00::/8", "2001:db8:1::1", "lan");
    route(stage, OUTSIDE, "0.0.0.0/0", "198.51.100.1", "eth0");
    route(stage, OUTSIDE, "::/0", "2001:db8:2::1", "eth0");
    go_to(stage, HOST);
}

/* --- packets -------------------------------------------------------------- */

/* How long nothing has to come until it counts as kept back: the same paths
 * are tried without rules, and then it does come. */
enum { QUIET_MS = 60, COMES_MS = 10000, AGAIN_MS = 1000 };

static inline socklen_t fill_address(struct sockaddr_storage *ret,
                                     const char *text, uint16_t port)
{
    struct ip ip = ip_from(text);
    *ret = (struct sockaddr_storage){.ss_family = (sa_family_t)ip.family};
    if (ip.family == AF_INET) {
        struct sockaddr_in *four = (void *)ret;
        four->sin_port = htons(port);
        memcpy(&four->sin_addr, ip.bytes, 4);
        return sizeof *four;
    }
    struct sockaddr_in6 *six = (void *)ret;
    six->sin6_port = htons(port);
    memcpy(&six->sin6_addr, ip.bytes, 16);
    return sizeof *six;
}

static inline const char *text_of(const struct sockaddr_storage *at,
                                  char ret[INET6_ADDRSTRLEN])
{
    const void *bytes =
        at->ss_family == AF_INET
            ? (const void *)&((const struct sockaddr_in *)(const void *)at)
                  ->sin_addr
            : &((const struct sockaddr_in6 *)(const void *)at)->sin6_addr;
    return inet_ntop(at->ss_family, bytes, ret, INET6_ADDRSTRLEN);
}

static inline bool comes(int fd, int ms)
{
    struct pollfd at = {.fd = fd, .events = POLLIN};
    return poll(&at, 1, ms) == 1;
}

/* From whom to where, and who should hear it there, as coming from whom. */
struct path {
    enum place from;
    const char *to;
    uint16_t port;
    enum place at;
    uint16_t at_port;
    int type; /* SOCK_STREAM, SOCK_DGRAM */
    bool passes;
    const char *seen_as; /* NULL: no matter */
};

static inline int socket_at(const struct stage *stage, enum place place,
                            int family, int type)
{
    struct err e = {0};
    int fd =
        netns_socket(stage->ns[place], family, type | SOCK_NONBLOCK, 0, &e);
    must(fd, &e);
    return fd;
}

static inline int listen_at(const struct stage *stage, const struct path *path)
{
    bool is_six = strchr(path->to, ':') != NULL;
    struct sockaddr_storage at;
    socklen_t len = fill_address(&at, is_six ? "::" : "0.0.0.0", path->at_port);
    int fd = socket_at(stage, path->at, at.ss_family, path->type), on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    ck_assert_int_eq(bind(fd, (void *)&at, len), 0);
    if (path->type == SOCK_STREAM)
        ck_assert_int_eq(listen(fd, 8), 0);
    return fd;
}

/* Say something until an answer comes. A datagram may be lost on the way, while
 * neighbours are still looked for: it is sent again now and then. */
static inline bool is_heard(const struct path *path, int from, int to, int ms,
                            const struct sockaddr_storage *at)
{
    if (path->type == SOCK_STREAM)
        return comes(to, ms);
    do {
        sendto(from, "x", 1, 0, (const void *)at, at == NULL ? 0 : sizeof *at);
        if (comes(to, ms < AGAIN_MS ? ms : AGAIN_MS))
            return true;
        ms -= AGAIN_MS;
    } while (ms > 0);
    return false;
}

/* What the server heard is answered, and the answer has to be one to what was
 * asked. */
static inline bool is_answered(const struct path *path, int server, int client,
                               char seen_as[INET6_ADDRSTRLEN])
{
    struct sockaddr_storage from = {0};
    socklen_t len = sizeof from;
    char c = 'x';
    int fd = server;
    if (path->type == SOCK_STREAM)
        fd = accept(server, (void *)&from, &len);
    else
        recvfrom(server, &c, 1, 0, (void *)&from, &len);
    text_of(&from, seen_as);
    bool is_sent = fd == server || send(fd, &c, 1, MSG_NOSIGNAL) == 1;
    if (fd != server)
        close(fd);
    return is_sent && is_heard(path, server, client, COMES_MS, &from) &&
           recv(client, &c, 1, 0) == 1;
}

static inline bool passes(const struct stage *stage, const struct path *path,
                          int ms, char seen_as[INET6_ADDRSTRLEN])
{
    struct sockaddr_storage to;
    socklen_t len = fill_address(&to, path->to, path->port);
    auto_fd int server = listen_at(stage, path);
    auto_fd int client = socket_at(stage, path->from, to.ss_family, path->type);
    seen_as[0] = '\0';
    int r = connect(client, (void *)&to, len);
    if (r < 0 && errno != EINPROGRESS)
        return false;
    return is_heard(path, client, server, ms, NULL) &&
           is_answered(path, server, client, seen_as);
}

#endif
