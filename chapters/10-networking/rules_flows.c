/* Connections that the kernel remembers of a container that has gone. Second
 * reading. */
#include "rules_parts.h"

#include "text.h"

#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <string.h>

/* A datagram's rule is asked once per flow: later ones go where the first went,
 * also when the container is gone and its port leads to another. TCP would be
 * reset there; a client of UDP that always uses the same port may ask the old
 * address for ever. So flows of published ports are forgotten with the port. */
struct search {
    const struct rules_member *member;
    struct text found; /* the original tuples, as attributes */
};

/* The container's end, as it answers. */
static bool is_its_own(const struct nlattr *reply,
                       const struct rules_member *member)
{
    const struct nlattr *tuple[CTA_TUPLE_MAX + 1], *ip[CTA_IP_MAX + 1],
        *proto[CTA_PROTO_MAX + 1];
    netlink_nested(reply, tuple, CTA_TUPLE_MAX + 1);
    netlink_nested(tuple[CTA_TUPLE_IP], ip, CTA_IP_MAX + 1);
    netlink_nested(tuple[CTA_TUPLE_PROTO], proto, CTA_PROTO_MAX + 1);
    const struct nlattr *source =
        ip[CTA_IP_V4_SRC] != NULL ? ip[CTA_IP_V4_SRC] : ip[CTA_IP_V6_SRC];
    size_t n = 0, n_proto = 0;
    const void *bytes = netlink_bytes(source, &n);
    const uint8_t *number = netlink_bytes(proto[CTA_PROTO_NUM], &n_proto);
    struct ip from =
        ip_of(ip[CTA_IP_V4_SRC] != NULL ? AF_INET : AF_INET6, bytes, n);
    return n_proto > 0 && *number == IPPROTO_UDP && from.family != 0 &&
           (ip_equal(&from, &member->ip) || ip_equal(&from, &member->ip6));
}

static int note_flow(void *arg, const struct nlmsghdr *m, struct err *e)
{
    (void)e;
    struct search *search = arg;
    const struct nlattr *flow[CTA_MAX + 1];
    const struct nfgenmsg *head = netlink_header(m, sizeof *head);
    netlink_attributes(m, sizeof *head, flow, CTA_MAX + 1);
    size_t n = 0;
    const void *tuple = netlink_bytes(flow[CTA_TUPLE_ORIG], &n);
    if (head == NULL || n == 0 ||
        !is_its_own(flow[CTA_TUPLE_REPLY], search->member))
        return 0;
    uint16_t len = (uint16_t)n;
    text_addn(&search->found, &head->nfgen_family, 1);
    text_addn(&search->found, &len, sizeof len);
    text_addn(&search->found, tuple, n);
    return 0;
}

static void begin(struct netlink *nf, uint8_t family, uint16_t type,
                  uint16_t flags)
{
    type = (uint16_t)(NFNL_SUBSYS_CTNETLINK << 8 | type);
    struct nfgenmsg *head = netlink_begin(nf, type, flags, sizeof *head);
    head->nfgen_family = family;
    head->version = NFNETLINK_V0;
}

static bool publishes_udp(const struct rules_member *member)
{
    for (size_t i = 0; i < member->n_ports; i++)
        if (member->ports[i].protocol == IPPROTO_UDP)
            return true;
    return false;
}

/* What fails here is made good by time: a silent flow is forgotten anyway. */
void rules_forget_flows(struct netlink *nf, const struct rules_member *member)
{
    struct search search = {.member = member};
    if (!publishes_udp(member))
        return;
    begin(nf, AF_UNSPEC, IPCTNL_MSG_CT_GET, NLM_F_DUMP);
    netlink_dump(nf, note_flow, &search, NULL);
    for (size_t at = 0; at < search.found.len;) {
        uint16_t len;
        uint8_t family = (uint8_t)search.found.s[at];
        memcpy(&len, search.found.s + at + 1, sizeof len);
        at += 1 + sizeof len;
        begin(nf, family, IPCTNL_MSG_CT_DELETE, 0);
        netlink_put(nf, NLA_F_NESTED | CTA_TUPLE_ORIG, search.found.s + at,
                    len);
        netlink_talk(nf, NULL);
        at += len;
    }
    text_done(&search.found);
}
