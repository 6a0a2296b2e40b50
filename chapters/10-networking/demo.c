/*
 * demo - a network of two: a bridge, two namespaces with a cable each, and a
 * shell or a command in the first of them.
 *
 *     demo [COMMAND [ARG...]]      as root
 *
 * The bridge lies in a namespace of its own, which plays the host. All of it is
 * gone when the command ends.
 */
#include "link.h"
#include "netlink.h"
#include "netns.h"
#include "ns.h"
#include "own.h"
#include "proc.h"

#include <stdio.h>
#include <unistd.h>

enum { BOXES = 2 };

static int print(void *arg, const struct link *link)
{
    char mac[MAC_TEXT_LEN];
    (void)arg;
    printf("%u: %-5s %-6s %s, port of %u\n", link->index, link->name,
           link->kind, mac_format(&link->mac, mac), link->master);
    return 0;
}

/* Nobody lives in it: our descriptor keeps it. */
static int make_namespace(struct err *e)
{
    auto_fd int home = netns_open(0, e);
    int r = home < 0 ? home : ns_unshare(NS_BIT(NS_NET), e);
    auto_fd int ns = r < 0 ? r : netns_open(0, e);
    r = ns < 0 ? ns : ns_join(home, NS_NET, e);
    return r < 0 ? r : fd_take(&ns);
}

/* One more box on the bridge: a namespace, a cable, an address. */
static int add_box(struct netlink *nl, unsigned int bridge,
                   const struct ip_net *gateway, int number, struct err *e)
{
    char name[] = "veth?";
    name[4] = (char)('0' + number);
    auto_fd int ns = make_namespace(e);
    auto_netlink struct netlink *inside = NULL;
    struct ip_net address = {ip_add(&gateway->ip, (uint64_t)number),
                             gateway->bits};
    struct link_veth veth = {.name = name,
                             .bridge = bridge,
                             .peer = "eth0",
                             .peer_ns = ns,
                             .mac = mac_of_ip(&address.ip)};
    struct link_setup setup = {
        .name = "eth0", .address = address, .gateway = gateway->ip};
    if (ns < 0 || link_add_veth(nl, &veth, e) < 0 ||
        netlink_open(&inside, NETLINK_ROUTE, ns, e) < 0 ||
        link_setup(inside, &setup, e) < 0)
        return -e->code;
    return fd_take(&ns);
}

static int run(char *const command[], struct err *e)
{
    struct link bridge;
    struct ip_net gateway;
    auto_netlink struct netlink *nl = NULL;
    auto_fd int pidfd = -1;
    int boxes[BOXES];
    if (ip_net_parse("172.18.0.1/16", &gateway) < 0 ||
        ns_unshare(NS_BIT(NS_NET), e) < 0 ||
        netlink_open(&nl, NETLINK_ROUTE, -1, e) < 0 ||
        link_add_bridge(nl, "md0", 0, e) < 0 ||
        link_find(nl, "md0", &bridge, e) < 0 ||
        link_add_address(nl, bridge.index, &gateway, e) < 0)
        return -1;
    for (int i = 0; i < BOXES; i++)
        if ((boxes[i] = add_box(nl, bridge.index, &gateway, i + 1, e)) < 0)
            return -1;
    link_list(nl, print, NULL, NULL);
    fflush(stdout);
    int pid = proc_clone(0, -1, &pidfd, e);
    if (pid == 0 && ns_join(boxes[0], NS_NET, e) == 0 && ns_loopback_up(e) == 0)
        execvp(command[0], command);
    if (pid == 0)
        _exit(127);
    return pid < 0 ? pid : proc_wait(pidfd, e); /* while we hold the cables */
}

int main(int argc, char *argv[])
{
    struct err e;
    char *shell[] = {(char[]){"sh"}, NULL};
    int code = run(argc > 1 ? argv + 1 : shell, &e);
    if (code < 0)
        fprintf(stderr, "demo: %s\n", e.msg);
    return code < 0 ? 125 : code;
}
