/* Which way a packet would go. See hops.h. */
#include "hops.h"

#include <linux/rtnetlink.h>

static struct ip ip_from(int family, const struct nlattr *attribute)
{
    size_t n;
    const void *bytes = netlink_bytes(attribute, &n);
    return ip_of(family, bytes, n);
}

static int read_route(void *arg, const struct nlmsghdr *m, struct err *e)
{
    (void)e;
    struct hops_route *ret = arg;
    const struct rtmsg *route = netlink_header(m, sizeof *route);
    const struct nlattr *a[RTA_PREFSRC + 1];
    if (m->nlmsg_type != RTM_NEWROUTE || route == NULL)
        return 0;
    netlink_attributes(m, sizeof *route, a, RTA_PREFSRC + 1);
    ret->is_local = route->rtm_type == RTN_LOCAL;
    ret->link = netlink_u32(a[RTA_OIF]);
    ret->gateway = ip_from(route->rtm_family, a[RTA_GATEWAY]);
    ret->source = ip_from(route->rtm_family, a[RTA_PREFSRC]);
    return 0;
}

int hops_route(struct netlink *nl, const struct ip *to, struct hops_route *ret,
               struct err *e)
{
    char text[IP_TEXT_LEN];
    struct rtmsg *m = netlink_begin(nl, RTM_GETROUTE, 0, sizeof *m);
    m->rtm_family = (unsigned char)to->family;
    m->rtm_dst_len = (unsigned char)(8 * ip_size(to));
    netlink_put(nl, RTA_DST, to->bytes, ip_size(to));
    netlink_about(nl, "route to %s", ip_format(to, text));
    *ret = (struct hops_route){0};
    return netlink_ask(nl, read_route, ret, e);
}
