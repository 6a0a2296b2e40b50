/* Addresses and routes. See link.h. */
#include "link.h"

#include "link_parts.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <string.h>

/* A route to more than a 256th of all addresses is a way out, and no network.
 */
enum { NET_BITS_MIN = 8 };

void link_begin_address(struct netlink *nl, unsigned int index,
                        const struct ip_net *address)
{
    char text[IP_NET_TEXT_LEN];
    const struct ip *ip = &address->ip;
    struct ip last = ip_net_last(address);
    struct ifaddrmsg *m =
        netlink_begin(nl, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, sizeof *m);
    m->ifa_family = (uint8_t)ip->family;
    m->ifa_prefixlen = (uint8_t)address->bits;
    m->ifa_index = index;
    netlink_put(nl, IFA_LOCAL, ip->bytes, ip_size(ip));
    netlink_put(nl, IFA_ADDRESS, ip->bytes, ip_size(ip));
    if (ip->family == AF_INET6)
        netlink_put_u32(nl, IFA_FLAGS, IFA_F_NODAD);
    else if (address->bits < 31)
        netlink_put(nl, IFA_BROADCAST, last.bytes, ip_size(&last));
    netlink_about(nl, "add address %s", ip_net_format(address, text));
}

int link_add_address(struct netlink *nl, unsigned int index,
                     const struct ip_net *address, struct err *e)
{
    link_begin_address(nl, index, address);
    return netlink_talk(nl, e);
}

void link_begin_route(struct netlink *nl, uint16_t flags,
                      const struct ip_net *to, const struct ip *gateway,
                      unsigned int index)
{
    char text[IP_NET_TEXT_LEN];
    bool has_gateway = gateway != NULL && gateway->family != 0;
    struct rtmsg *m =
        netlink_begin(nl, RTM_NEWROUTE, NLM_F_CREATE | flags, sizeof *m);
    m->rtm_family = (uint8_t)(has_gateway  ? gateway->family
                              : to != NULL ? to->ip.family
                                           : AF_INET);
    m->rtm_dst_len = to != NULL ? (uint8_t)to->bits : 0;
    m->rtm_table = RT_TABLE_MAIN;
    m->rtm_protocol = RTPROT_STATIC;
    m->rtm_scope = has_gateway ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK;
    m->rtm_type = RTN_UNICAST;
    if (to != NULL)
        netlink_put(nl, RTA_DST, to->ip.bytes, ip_size(&to->ip));
    if (has_gateway)
        netlink_put(nl, RTA_GATEWAY, gateway->bytes, ip_size(gateway));
    netlink_put_u32(nl, RTA_OIF, index);
    netlink_about(nl, "add route to %s",
                  to != NULL ? ip_net_format(to, text) : "all");
}

int link_add_route(struct netlink *nl, const struct ip_net *to,
                   const struct ip *gateway, unsigned int index, struct err *e)
{
    link_begin_route(nl, NLM_F_EXCL, to, gateway, index);
    return netlink_talk(nl, e);
}

int link_set_way_out(struct netlink *nl, const struct ip *gateway,
                     unsigned int index, struct err *e)
{
    link_begin_route(nl, NLM_F_REPLACE, NULL, gateway, index);
    return netlink_talk(nl, e);
}

int link_setup(struct netlink *nl, const struct link_setup *setup,
               struct err *e)
{
    struct link link;
    int r = link_find(nl, setup->name, &link, e);
    if (r < 0)
        return r;
    /* Before it is up: some kernels do both of one message the other way
     * round. */
    if (setup->address6.ip.family == 0)
        link_begin_silence(nl, setup->name);
    struct ifinfomsg *m = link_begin(nl, RTM_NEWLINK, 0);
    m->ifi_index = (int)link.index;
    m->ifi_flags = m->ifi_change = IFF_UP;
    netlink_about(nl, "bring up %s", setup->name);
    if (setup->address.ip.family != 0)
        link_begin_address(nl, link.index, &setup->address);
    if (setup->address6.ip.family != 0)
        link_begin_address(nl, link.index, &setup->address6);
    if (setup->gateway.family != 0)
        link_begin_route(nl, NLM_F_EXCL, NULL, &setup->gateway, link.index);
    if (setup->gateway6.family != 0)
        link_begin_route(nl, NLM_F_EXCL, NULL, &setup->gateway6, link.index);
    return netlink_talk(nl, e);
}

/* --- what is there -------------------------------------------------------- */

static void add_net(struct ip_nets *nets, int family, unsigned int bits,
                    const struct nlattr *address)
{
    size_t n;
    const void *bytes = netlink_bytes(address, &n);
    struct ip_net net = {ip_of(family, bytes, n), bits};
    static const struct ip_net everywhere[] = {
        {{AF_INET, {127}},         8  },
        {{AF_INET, {169, 254}},    16 },
        {{AF_INET, {224}},         4  },
        {{AF_INET6, {0xfe, 0x80}}, 10 },
        {{AF_INET6, {0xff}},       8  },
        {{AF_INET6, {[15] = 1}},   128},
    };
    bool is_net = net.ip.family != 0 && bits >= NET_BITS_MIN &&
                  bits <= 8 * ip_size(&net.ip);
    for (size_t i = 0; i < sizeof everywhere / sizeof *everywhere; i++)
        is_net = is_net && !ip_net_has(&everywhere[i], &net.ip);
    if (!is_net)
        return;
    ip_net_mask(&net);
    ip_nets_add(nets, &net);
}

static int see_address(void *arg, const struct nlmsghdr *m, struct err *e)
{
    (void)e;
    const struct ifaddrmsg *address = netlink_header(m, sizeof *address);
    const struct nlattr *a[IFA_LOCAL + 1];
    if (m->nlmsg_type != RTM_NEWADDR || address == NULL)
        return 0;
    netlink_attributes(m, sizeof *address, a, IFA_LOCAL + 1);
    /* On a line between two, IFA_ADDRESS is who is at its other end. */
    add_net(arg, address->ifa_family, address->ifa_prefixlen, a[IFA_ADDRESS]);
    return 0;
}

static int see_route(void *arg, const struct nlmsghdr *m, struct err *e)
{
    (void)e;
    const struct rtmsg *route = netlink_header(m, sizeof *route);
    const struct nlattr *a[RTA_DST + 1];
    if (m->nlmsg_type != RTM_NEWROUTE || route == NULL ||
        route->rtm_type != RTN_UNICAST)
        return 0;
    netlink_attributes(m, sizeof *route, a, RTA_DST + 1);
    add_net(arg, route->rtm_family, route->rtm_dst_len, a[RTA_DST]);
    return 0;
}

int link_nets(struct netlink *nl, struct ip_nets *ret, struct err *e)
{
    netlink_begin(nl, RTM_GETADDR, NLM_F_DUMP, sizeof(struct ifaddrmsg));
    netlink_about(nl, "list addresses");
    int r = netlink_dump(nl, see_address, ret, e);
    if (r < 0)
        return r;
    netlink_begin(nl, RTM_GETROUTE, NLM_F_DUMP, sizeof(struct rtmsg));
    netlink_about(nl, "list routes");
    return netlink_dump(nl, see_route, ret, e);
}
