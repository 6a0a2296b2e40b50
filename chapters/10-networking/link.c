/* Devices that are there: finding, listing, changing. See link.h. */
#include "link.h"

#include "link_parts.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>

struct ifinfomsg *link_begin(struct netlink *nl, uint16_t type, uint16_t flags)
{
    struct ifinfomsg *link;
    link = netlink_begin(nl, type, flags, sizeof *link);
    link->ifi_family = AF_UNSPEC;
    return link;
}

/* Counters take room and time, and nobody here reads them. */
static void ask_for_links(struct netlink *nl, uint16_t flags)
{
    link_begin(nl, RTM_GETLINK, flags);
    netlink_put_u32(nl, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
}

static int read_link(const struct nlmsghdr *m, struct link *ret)
{
    const struct ifinfomsg *info = netlink_header(m, sizeof *info);
    const struct nlattr *a[IFLA_LINKINFO + 1], *kind[IFLA_INFO_KIND + 1];
    if (m->nlmsg_type != RTM_NEWLINK || info == NULL || info->ifi_index <= 0)
        return -EBADMSG;
    netlink_attributes(m, sizeof *info, a, IFLA_LINKINFO + 1);
    netlink_nested(a[IFLA_LINKINFO], kind, IFLA_INFO_KIND + 1);
    *ret = (struct link){.index = (unsigned int)info->ifi_index,
                         .master = netlink_u32(a[IFLA_MASTER]),
                         .peer = netlink_u32(a[IFLA_LINK]),
                         .flags = info->ifi_flags,
                         .mtu = netlink_u32(a[IFLA_MTU])};
    netlink_text(a[IFLA_IFNAME], ret->name, sizeof ret->name);
    netlink_text(kind[IFLA_INFO_KIND], ret->kind, sizeof ret->kind);
    size_t n;
    const void *mac = netlink_bytes(a[IFLA_ADDRESS], &n);
    if (n == sizeof ret->mac.bytes)
        memcpy(ret->mac.bytes, mac, n);
    return 0;
}

static int find_it(void *arg, const struct nlmsghdr *m, struct err *e)
{
    return read_link(m, arg) < 0 ? err_sys(e, EBADMSG, "netlink: a link") : 0;
}

int link_find(struct netlink *nl, const char *name, struct link *ret,
              struct err *e)
{
    struct link link = {0};
    ask_for_links(nl, 0);
    netlink_put_text(nl, IFLA_IFNAME, name);
    netlink_about(nl, "find %s", name);
    int r = netlink_ask(nl, find_it, &link, e);
    if (r == 0 && link.index == 0)
        r = err_sys(e, ENODEV, "find %s", name);
    if (r == 0)
        *ret = link;
    return r;
}

struct list {
    link_each *each;
    void *arg;
};

static int list_it(void *arg, const struct nlmsghdr *m, struct err *e)
{
    const struct list *list = arg;
    struct link link;
    if (read_link(m, &link) < 0)
        return 0;
    int r = list->each(list->arg, &link);
    return r < 0 ? err_sys(e, r, "list links") : 0;
}

int link_list(struct netlink *nl, link_each *each, void *arg, struct err *e)
{
    struct list list = {each, arg};
    ask_for_links(nl, NLM_F_DUMP);
    netlink_about(nl, "list links");
    return netlink_dump(nl, list_it, &list, e);
}

static struct ifinfomsg *change(struct netlink *nl, unsigned int index)
{
    struct ifinfomsg *link = link_begin(nl, RTM_NEWLINK, 0);
    link->ifi_index = (int)index;
    return link;
}

int link_up(struct netlink *nl, unsigned int index, struct err *e)
{
    struct ifinfomsg *link = change(nl, index);
    link->ifi_flags = link->ifi_change = IFF_UP;
    netlink_about(nl, "bring up link %u", index);
    return netlink_talk(nl, e);
}

int link_rename(struct netlink *nl, unsigned int index, const char *name,
                struct err *e)
{
    change(nl, index);
    netlink_put_text(nl, IFLA_IFNAME, name);
    netlink_about(nl, "rename link %u to %s", index, name);
    return netlink_talk(nl, e);
}

int link_delete(struct netlink *nl, const char *name, struct err *e)
{
    link_begin(nl, RTM_DELLINK, 0);
    netlink_put_text(nl, IFLA_IFNAME, name);
    netlink_about(nl, "delete %s", name);
    return netlink_talk(nl, e);
}
