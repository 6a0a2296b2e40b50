/* The half of a plug that is in the kernel: its link, its routes, its rules. */
#include "endpoint.h"

#include "field.h"
#include "link.h"
#include "netlink.h"
#include "netns.h"
#include "own.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

const char *endpoint_option(const struct endpoint *endpoint, const char *name)
{
    return json_string_value(json_object_get(
        json_object_get(endpoint->settings, "DriverOpts"), name));
}

static bool has_name(const struct wiring *wiring, const char *name)
{
    for (size_t i = 0; i < wiring->n; i++)
        if (strcmp(wiring->v[i]->name, name) == 0)
            return true;
    return false;
}

void endpoint_choose_name(const struct wiring *wiring,
                          struct endpoint *endpoint)
{
    const char *wish = endpoint_option(endpoint, ENDPOINT_IFNAME);
    unsigned int number = 0;
    if (wish != NULL)
        snprintf(endpoint->name, sizeof endpoint->name, "%s", wish);
    else
        do
            snprintf(endpoint->name, sizeof endpoint->name, "eth%u", number++);
        while (has_name(wiring, endpoint->name));
}

/* --- the way out ---------------------------------------------------------- */

static bool leads_out(const struct endpoint *endpoint, int family)
{
    const struct ip *ip = family == AF_INET ? &endpoint->ip : &endpoint->ip6;
    struct network_pool pool;
    network_get_pool(endpoint->network, family, &pool);
    return ip->family != 0 && pool.gateway.family != 0 &&
           !field_bool(endpoint->network, "Internal");
}

/* What decides between two. */
struct way {
    int64_t priority;
    bool has_both; /* for IPv4 and IPv6 */
    const char *name;
};

/* As Docker chooses: the higher priority, then who has a way out for both
 * families, then the name that comes first. */
static bool goes_before(const struct way *a, const struct way *b)
{
    if (a->priority != b->priority)
        return a->priority > b->priority;
    if (a->has_both != b->has_both)
        return a->has_both;
    return strcmp(a->name, b->name) < 0;
}

struct endpoint *endpoint_way_out(const struct wiring *wiring, int family)
{
    struct endpoint *best = NULL;
    struct way best_way = {0};
    for (size_t i = 0; i < wiring->n; i++) {
        struct endpoint *other = wiring->v[i];
        struct way way = {
            .priority = other->priority,
            .has_both = leads_out(other, AF_INET) && leads_out(other, AF_INET6),
            .name = field_string(other->network, "Name"),
        };
        if (!leads_out(other, family) ||
            (best != NULL && !goes_before(&way, &best_way)))
            continue;
        best = other;
        best_way = way;
    }
    return best;
}

static bool has_text(const json_t *settings, const char *key)
{
    const char *text = field_string(settings, key);
    return text != NULL && text[0] != '\0';
}

/* The same from what was told of it. */
const char *engine_way_out(const json_t *container)
{
    struct way best = {0};
    const char *name;
    json_t *settings;
    json_object_foreach(wiring_networks(container), name, settings)
    {
        struct way way = {
            .priority = field_int(settings, "GwPriority", 0),
            .has_both = has_text(settings, "IPv6Gateway"),
            .name = name,
        };
        if (has_text(settings, "Gateway") &&
            (best.name == NULL || goes_before(&way, &best)))
            best = way;
    }
    return best.name;
}

static int lead_out(struct netlink *nl, const struct endpoint *endpoint,
                    int family, struct err *e)
{
    struct network_pool pool;
    struct link link;
    network_get_pool(endpoint->network, family, &pool);
    int r = link_find(nl, endpoint->name, &link, e);
    return r < 0 ? r : link_set_way_out(nl, &pool.gateway, link.index, e);
}

int endpoint_lead_out(const struct wiring *wiring, int ns, struct err *e)
{
    static const int families[] = {AF_INET, AF_INET6};
    auto_netlink struct netlink *nl = NULL;
    int r = netlink_open(&nl, NETLINK_ROUTE, ns, e);
    for (size_t i = 0; i < 2 && r == 0; i++) {
        const struct endpoint *way = endpoint_way_out(wiring, families[i]);
        r = way != NULL ? lead_out(nl, way, families[i], e) : 0;
    }
    return r;
}

/* --- rules ---------------------------------------------------------------- */

static void fill_member(const struct wiring *wiring,
                        const struct endpoint *endpoint,
                        struct rules_member *ret)
{
    bool has_ports = wiring->carrier == endpoint;
    *ret = (struct rules_member){
        .veth = endpoint->veth,
        .mac = endpoint->mac,
        .ip = endpoint->ip,
        .ip6 = endpoint->ip6,
        .more = endpoint->more,
        .ports = has_ports ? wiring->ports : NULL,
        .n_ports = has_ports ? wiring->n_ports : 0,
    };
}

static int change_rules(struct netlink **nf, const struct endpoint *endpoint,
                        const struct rules_member *member, bool add,
                        struct err *e)
{
    char id[13];
    if (endpoint->bare || !network_is(endpoint->network, "bridge"))
        return 0;
    snprintf(id, sizeof id, "%.12s", field_string(endpoint->network, "Id"));
    int r = *nf == NULL ? netlink_open(nf, NETLINK_NETFILTER, -1, e) : 0;
    return r < 0 ? r
           : add ? rules_add_member(*nf, id, member, e)
                 : rules_delete_member(*nf, id, member, e);
}

static int try_to_add(const struct endpoint *endpoint,
                      const struct rules_member *member, struct err *e)
{
    auto_netlink struct netlink *nf = NULL;
    return change_rules(&nf, endpoint, member, true, e);
}

/* What is in the way may be a dead owner's. */
static int add_rules(const struct wiring *wiring,
                     const struct endpoint *endpoint,
                     const struct rules_member *member, struct err *e)
{
    struct err why = {0};
    int r = try_to_add(endpoint, member, &why);
    if (r == -EEXIST && engine_sweep(wiring->engine, NULL) == 0) {
        why.code = 0;
        r = try_to_add(endpoint, member, &why);
    }
    return r < 0 ? err_set(e, -r, "%s", why.msg) : 0;
}

int endpoint_unrule(struct wiring *wiring, const struct endpoint *endpoint,
                    struct err *e)
{
    struct rules_member member;
    fill_member(wiring, endpoint, &member);
    int r = change_rules(&wiring->rules, endpoint, &member, false, e);
    if (r < 0)
        netlink_done(
            &wiring->rules); /* nobody knows what is still on the way */
    return r;
}

int endpoint_carry_ports(const struct wiring *wiring, bool carry, struct err *e)
{
    struct rules_member member;
    if (wiring->n_ports == 0)
        return 0;
    fill_member(wiring, wiring->carrier, &member);
    member.veth = NULL;
    if (carry)
        return add_rules(wiring, wiring->carrier, &member, e);
    auto_netlink struct netlink *nf = NULL;
    return change_rules(&nf, wiring->carrier, &member, false, e);
}

/* --- the link ------------------------------------------------------------- */

static int add_link(const struct endpoint *endpoint, int ns, struct err *e)
{
    auto_netlink struct netlink *nl = NULL;
    int r = netlink_open(&nl, NETLINK_ROUTE, -1, e);
    if (r < 0)
        return r;
    if (network_is(endpoint->network, "macvlan")) {
        struct link_macvlan macvlan = {
            .name = endpoint->name,
            .parent = network_option(endpoint->network, "parent"),
            .ns = ns,
            .mac = endpoint->mac,
        };
        return link_add_macvlan(nl, &macvlan, e);
    }
    struct link_veth veth = {
        .name = endpoint->veth,
        .bridge = endpoint->bridge,
        .peer = endpoint->name,
        .peer_ns = ns,
        .mac = endpoint->mac,
        .mtu = network_mtu(endpoint->network),
    };
    return link_add_veth(nl, &veth, e);
}

/* Addresses that no gateway of ours leads to, with the bits that RFC 3927 and
 * RFC 4291 give such networks. */
static int add_more(struct netlink *nl, const struct endpoint *endpoint,
                    struct err *e)
{
    struct link link;
    int r = endpoint->more.n == 0 ? 0 : link_find(nl, endpoint->name, &link, e);
    for (size_t i = 0; i < endpoint->more.n && r == 0; i++) {
        const struct ip *ip = &endpoint->more.v[i];
        struct ip_net address = {*ip, ip->family == AF_INET ? 16 : 64};
        r = link_add_address(nl, link.index, &address, e);
    }
    return r;
}

/* "net.ipv4.conf.IFNAME.log_martians=1": the name is known now. */
static int set_sysctl(const struct endpoint *endpoint, const char *said, int ns,
                      struct err *e)
{
    auto_strv struct strv words = {0};
    auto_text struct text path = {0};
    const char *equals = strchr(said, '=');
    auto_free char *key = text_format("%.*s", (int)(equals - said), said);
    strv_split(&words, key, '.');
    text_add(&path, "/proc/sys");
    for (size_t i = 0; i < words.n; i++)
        text_addf(&path, "/%s",
                  i == ENDPOINT_SYSCTL_PLACE ? endpoint->name : words.v[i]);
    return netns_set(ns, path.s, equals + 1, e);
}

static int set_sysctls(const struct endpoint *endpoint, int ns, struct err *e)
{
    auto_strv struct strv said = {0};
    const char *all = endpoint_option(endpoint, ENDPOINT_SYSCTLS);
    if (all != NULL)
        strv_split(&said, all, ',');
    int r = 0;
    for (size_t i = 0; i < said.n && r == 0; i++)
        r = set_sysctl(endpoint, said.v[i], ns, e);
    return r;
}

static int set_up(const struct wiring *wiring, const struct endpoint *endpoint,
                  int ns, struct err *e)
{
    auto_netlink struct netlink *nl = NULL;
    struct network_pool pool, pool6;
    network_get_pool(endpoint->network, AF_INET, &pool);
    network_get_pool(endpoint->network, AF_INET6, &pool6);
    struct link_setup setup = {
        .name = endpoint->name,
        .address = {endpoint->ip,  pool.net.bits },
        .address6 = {endpoint->ip6, pool6.net.bits},
    };
    /* One that comes later finds routes there: endpoint_lead_out. */
    if (!endpoint->is_late && endpoint_way_out(wiring, AF_INET) == endpoint)
        setup.gateway = pool.gateway;
    if (!endpoint->is_late && endpoint_way_out(wiring, AF_INET6) == endpoint)
        setup.gateway6 = pool6.gateway;
    int r = netlink_open(&nl, NETLINK_ROUTE, ns, e);
    if (r == 0)
        r = link_setup(nl, &setup, e);
    if (r == 0)
        r = add_more(nl, endpoint, e);
    return r < 0 ? r : set_sysctls(endpoint, ns, e);
}

int endpoint_plug(const struct wiring *wiring, struct endpoint *endpoint,
                  int ns, struct err *e)
{
    struct rules_member member;
    fill_member(wiring, endpoint, &member);
    /* The rules first: not one packet passes without. */
    int r = add_rules(wiring, endpoint, &member, e);
    if (r == 0)
        r = add_link(endpoint, ns, e);
    endpoint->plugged = r == 0;
    return r < 0 ? r : set_up(wiring, endpoint, ns, e);
}

int endpoint_cut(const struct endpoint *endpoint, struct err *e)
{
    auto_netlink struct netlink *nl = NULL;
    struct err why = {0};
    if (network_is(endpoint->network, "macvlan"))
        return 0;
    int r = netlink_open(&nl, NETLINK_ROUTE, -1, &why);
    if (r == 0)
        r = link_delete(nl, endpoint->veth, &why);
    return r < 0 && r != -ENODEV ? err_set(e, -r, "%s", why.msg) : 0;
}
