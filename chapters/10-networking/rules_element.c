/* A container's addresses and ports, as elements of the rules' sets. See
 * rules.h. */
#include "rules_parts.h"

#include "own.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>

/* What stands in a set or map: parts one after the other, each padded to four
 * bytes, the kernel's register (nft(8), "Concatenations"). */
enum { BYTES_MAX = 48 };
struct packed {
    unsigned char bytes[BYTES_MAX];
    size_t len;
};

struct element {
    uint8_t family;
    const char *set;
    struct packed key;
    struct packed data; /* of a map; len 0: none */
};

/* The elements of one member; each port is one more. */
enum { GUARD_MAX = 10 };
struct elements {
    struct element *v;
    size_t n;
};

static void pack(struct packed *to, const void *part, size_t len)
{
    size_t padded = (len + 3) / 4 * 4;
    if (to->len + padded > BYTES_MAX)
        return;
    memcpy(to->bytes + to->len, part, len);
    to->len += padded;
}

static void pack_link(struct packed *to, const char *name)
{
    char padded[IFNAMSIZ] = "";
    size_t len = strnlen(name, IFNAMSIZ - 1);
    memcpy(padded, name, len);
    pack(to, padded, sizeof padded);
}

static void pack_port(struct packed *to, uint16_t port)
{
    uint16_t big = htons(port);
    pack(to, &big, sizeof big);
}

static struct packed *add(struct elements *list, uint8_t family,
                          const char *set)
{
    struct element *el = &list->v[list->n++];
    *el = (struct element){.family = family, .set = set};
    return &el->key;
}

/* The link's local address, as it follows from the MAC (RFC 4291, A). */
static struct ip link_local(const struct mac *mac)
{
    const uint8_t *m = mac->bytes;
    return (struct ip){
        AF_INET6,
        {0xfe, 0x80, 0, 0, 0, 0, 0, 0, m[0] ^ 2, m[1], m[2], 0xff, 0xfe, m[3],
          m[4], m[5]}
    };
}

/* Link and MAC, and an address that goes with them. */
static void add_own(struct elements *list, const struct rules_member *member,
                    const char *set, const struct ip *ip)
{
    if (ip != NULL && ip->family == 0)
        return;
    struct packed *key = add(list, NFPROTO_BRIDGE, set);
    pack_link(key, member->veth);
    pack(key, member->mac.bytes, sizeof member->mac.bytes);
    if (ip != NULL)
        pack(key, ip->bytes, ip_size(ip));
}

static void add_guard(struct elements *list, const struct rules_member *member)
{
    struct ip local = link_local(&member->mac);
    pack_link(add(list, NFPROTO_BRIDGE, "links"), member->veth);
    add_own(list, member, "macs", NULL);
    add_own(list, member, "own4", &member->ip);
    add_own(list, member, "own6", &local);
    add_own(list, member, "targets6", &local);
    add_own(list, member, "own6", &member->ip6);
    add_own(list, member, "targets6", &member->ip6);
    for (size_t i = 0; i < member->more.n; i++) {
        const struct ip *ip = &member->more.v[i];
        bool is_six = ip->family == AF_INET6;
        add_own(list, member, is_six ? "own6" : "own4", ip);
        if (is_six)
            add_own(list, member, "targets6", ip);
    }
}

static bool is_every(const struct ip *ip)
{
    static const uint8_t zero[16];
    return ip->family == 0 || memcmp(ip->bytes, zero, ip_size(ip)) == 0;
}

static void add_port(struct elements *list, const struct rules_port *port)
{
    bool is_six = port->to.family == AF_INET6, every = is_every(&port->host);
    static const char *const maps[2][2] = {
        {"one4", "every4"},
        {"one6", "every6"}
    };
    if (port->to.family == 0 ||
        (port->host.family != 0 && port->host.family != port->to.family))
        return;
    struct packed *key = add(list, NFPROTO_INET, maps[is_six][every]);
    if (!every)
        pack(key, port->host.bytes, ip_size(&port->host));
    pack(key, &port->protocol, sizeof port->protocol);
    pack_port(key, port->host_port);
    struct packed *data = &list->v[list->n - 1].data;
    pack(data, port->to.bytes, ip_size(&port->to));
    pack_port(data, port->port);
}

static struct elements elements_of(const struct rules_member *member)
{
    struct elements list = {0};
    list.v = own_alloc((GUARD_MAX + 2 * member->more.n + member->n_ports) *
                       sizeof *list.v);
    if (member->veth != NULL)
        add_guard(&list, member);
    for (size_t i = 0; i < member->n_ports; i++)
        add_port(&list, &member->ports[i]);
    return list;
}

static void put_value(struct netlink *nf, uint16_t type,
                      const struct packed *packed)
{
    size_t at = netlink_nest(nf, type);
    netlink_put(nf, NFTA_DATA_VALUE, packed->bytes, packed->len);
    netlink_unnest(nf, at);
}

static void put_element(struct netlink *nf, const char *table, uint16_t type,
                        const struct element *el)
{
    uint16_t flags = type == NFT_MSG_NEWSETELEM ? NLM_F_CREATE : 0;
    rules_begin(nf, el->family, type, flags);
    netlink_put_text(nf, NFTA_SET_ELEM_LIST_TABLE, table);
    netlink_put_text(nf, NFTA_SET_ELEM_LIST_SET, el->set);
    size_t list = netlink_nest(nf, NFTA_SET_ELEM_LIST_ELEMENTS);
    size_t one = netlink_nest(nf, NFTA_LIST_ELEM);
    put_value(nf, NFTA_SET_ELEM_KEY, &el->key);
    if (el->data.len > 0)
        put_value(nf, NFTA_SET_ELEM_DATA, &el->data);
    netlink_unnest(nf, one);
    netlink_unnest(nf, list);
}

static int change(struct netlink *nf, const char *table, uint16_t type,
                  const struct elements *list, struct err *e)
{
    rules_begin_batch(nf);
    for (size_t i = 0; i < list->n; i++)
        put_element(nf, table, type, &list->v[i]);
    return rules_end_batch(nf, e);
}

/* What it is called in errors. */
static const char *name_of(const struct rules_member *member)
{
    return member->veth != NULL ? member->veth : "ports";
}

/* @lab 10.3 the member's elements in one batch, all or none; name him in the
 * error */
int rules_add_member(struct netlink *nf, const char *id,
                     const struct rules_member *member, struct err *e)
{
    char table[32];
    rules_table_name(id, table);
    struct elements list = elements_of(member);
    int r = change(nf, table, NFT_MSG_NEWSETELEM, &list, e);
    own_free(&list.v);
    if (r == -EBUSY)
        r = -EEXIST;
    return r < 0 ? err_sys(e, r, "add %s to the rules of network %s",
                           name_of(member), id)
                 : 0;
}

/* Mostly all of it is there. If not, one after the other, so that what is
 * missing keeps nothing else from going. */
int rules_delete_member(struct netlink *nf, const char *id,
                        const struct rules_member *member, struct err *e)
{
    char table[32];
    rules_table_name(id, table);
    struct elements list = elements_of(member);
    int r = change(nf, table, NFT_MSG_DELSETELEM, &list, e);
    for (size_t i = 0; r == -ENOENT && i < list.n; i++) {
        struct elements one = {&list.v[i], 1};
        int r1 = change(nf, table, NFT_MSG_DELSETELEM, &one, e);
        r = r1 == 0 ? -ENOENT : r1;
    }
    own_free(&list.v);
    rules_forget_flows(nf, member);
    return r < 0 && r != -ENOENT
               ? err_add(e, "delete %s from the rules of network %s",
                         name_of(member), id)
               : 0;
}
