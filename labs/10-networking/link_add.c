/* Making devices. See link.h. */
#include "link.h"

#include "link_parts.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <string.h>
#include <unistd.h>

static struct ifinfomsg *begin_new(struct netlink *nl, const char *name)
{
    struct ifinfomsg *link =
        link_begin(nl, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
    netlink_about(nl, "create %s", name);
    return link;
}

/* Make what was begun. An answer that is lost leaves nothing behind either. */
static int make(struct netlink *nl, const char *name, struct err *e)
{
    int r = netlink_talk(nl, e);
    if (r < 0 && !netlink_is_refused(nl))
        link_delete(nl, name, NULL);
    return r;
}

static void put_mtu(struct netlink *nl, uint32_t mtu)
{
    if (mtu != 0)
        netlink_put_u32(nl, IFLA_MTU, mtu);
}

static void put_mac(struct netlink *nl, const struct mac *mac)
{
    if (!mac_is_none(mac))
        netlink_put(nl, IFLA_ADDRESS, mac->bytes, sizeof mac->bytes);
}

/* Without IPv6 (ipv6.disable=1) the kernel refuses to hear of it, and makes no
 * such address either. */
void link_begin_silence(struct netlink *nl, const char *name)
{
    if (access("/proc/net/if_inet6", F_OK) < 0)
        return;
    link_begin(nl, RTM_NEWLINK, 0);
    netlink_put_text(nl, IFLA_IFNAME, name);
    size_t all = netlink_nest(nl, IFLA_AF_SPEC);
    size_t ipv6 = netlink_nest(nl, AF_INET6);
    netlink_put_u8(nl, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
    netlink_unnest(nl, ipv6);
    netlink_unnest(nl, all);
    netlink_about(nl, "keep %s from IPv6", name);
}

int link_add_bridge(struct netlink *nl, const char *name, uint32_t mtu,
                    struct err *e)
{
    struct mac mac = mac_random();
    struct ifinfomsg *link = begin_new(nl, name);
    link->ifi_flags = link->ifi_change = IFF_UP;
    netlink_put_text(nl, IFLA_IFNAME, name);
    put_mac(nl, &mac);
    put_mtu(nl, mtu);
    size_t info = netlink_nest(nl, IFLA_LINKINFO);
    netlink_put_text(nl, IFLA_INFO_KIND, "bridge");
    netlink_unnest(nl, info);
    return make(nl, name, e);
}

static void put_peer(struct netlink *nl, const struct link_veth *veth)
{
    size_t peer = netlink_nest(nl, VETH_INFO_PEER);
    netlink_put_header(nl, sizeof(struct ifinfomsg));
    netlink_put_text(nl, IFLA_IFNAME, veth->peer);
    if (veth->peer_ns >= 0)
        netlink_put_u32(nl, IFLA_NET_NS_FD, (uint32_t)veth->peer_ns);
    put_mac(nl, &veth->mac);
    put_mtu(nl, veth->mtu);
    netlink_unnest(nl, peer);
}

/* The kernel makes both ends or none. How our end treats IPv6 can be said of a
 * device that is there, before it comes up: hence a second message. */
int link_add_veth(struct netlink *nl, const struct link_veth *veth,
                  struct err *e)
{
    /* TODO lab 10.2: one message with both ends, nested as rtnetlink(7) wants
     * it; one that brings our end up; and no end stays if that fails */
    return err_set(e, ENOSYS, "lab 10.2 is not written yet");
}

int link_add_macvlan(struct netlink *nl, const struct link_macvlan *macvlan,
                     struct err *e)
{
    struct link parent;
    int r = link_find(nl, macvlan->parent, &parent, e);
    if (r < 0)
        return err_add(e, "create %s", macvlan->name);
    begin_new(nl, macvlan->name);
    netlink_put_text(nl, IFLA_IFNAME, macvlan->name);
    netlink_put_u32(nl, IFLA_LINK, parent.index);
    if (macvlan->ns >= 0)
        netlink_put_u32(nl, IFLA_NET_NS_FD, (uint32_t)macvlan->ns);
    put_mac(nl, &macvlan->mac);
    size_t info = netlink_nest(nl, IFLA_LINKINFO);
    netlink_put_text(nl, IFLA_INFO_KIND, "macvlan");
    size_t data = netlink_nest(nl, IFLA_INFO_DATA);
    netlink_put_u32(nl, IFLA_MACVLAN_MODE,
                    macvlan->mode != 0 ? macvlan->mode : MACVLAN_MODE_BRIDGE);
    netlink_unnest(nl, data);
    netlink_unnest(nl, info);
    /* What lies in another namespace ends with that; here the name may be
     * somebody else's. */
    return macvlan->ns >= 0 ? netlink_talk(nl, e) : make(nl, macvlan->name, e);
}
