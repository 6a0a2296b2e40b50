/* One plug: its lease, its link, its rules. */
#include "endpoint.h"

#include "events.h"
#include "field.h"
#include "link.h"
#include "netlink.h"
#include "netns.h"
#include "own.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int endpoint_new(struct wiring *wiring, const char *network, json_t *settings,
                 struct endpoint **ret, struct err *e)
{
    json_t *doc = NULL;
    int r = network_load(wiring->engine, network, &doc, e);
    if (r < 0)
        return r;
    struct endpoint *endpoint = own_alloc(sizeof *endpoint);
    *endpoint = (struct endpoint){.network = doc, .settings = settings};
    record_new_id(endpoint->id);
    snprintf(endpoint->veth, sizeof endpoint->veth, "veth%.7s", endpoint->id);
    const char *mac = field_string(settings, "MacAddress");
    if (mac == NULL || mac_parse(mac, &endpoint->mac) < 0)
        endpoint->mac = mac_random();
    *ret = endpoint;
    return 0;
}

void endpoint_free(struct endpoint **endpoint)
{
    if (*endpoint != NULL)
        json_decref((*endpoint)->network);
    own_free(endpoint);
}

/* --- the lease ------------------------------------------------------------ */

/* Who has an address of this family, and those that are kept free. */
static void list_taken(const struct endpoint *endpoint,
                       const struct leases *leases, int family, struct ips *ret)
{
    size_t i;
    const json_t *config;
    for (i = 0; i < leases->n; i++) {
        const struct lease *lease = &leases->v[i];
        const struct ip *ip = family == AF_INET ? &lease->ip : &lease->ip6;
        if (ip->family != 0)
            ip_ips_add(ret, ip);
    }
    json_array_foreach(field_get(endpoint->network, "IPAM.Config"), i, config)
    {
        const char *name;
        json_t *value;
        struct ip ip;
        json_object_foreach(json_object_get(config, "AuxiliaryAddresses"), name,
                            value) if (json_is_string(value) &&
                                       ip_parse(json_string_value(value),
                                                &ip) == 0) ip_ips_add(ret, &ip);
    }
}

static int choose(const struct endpoint *endpoint, const struct leases *leases,
                  int family, struct ip *ret, struct err *e)
{
    struct network_pool net;
    network_get_pool(endpoint->network, family, &net);
    if (net.net.ip.family == 0)
        return 0;
    auto_ips struct ips taken = {0};
    list_taken(endpoint, leases, family, &taken);
    struct ipam_pool pool = {
        .net = net.net,
        .range = net.range,
        .gateway = net.gateway,
        .taken = &taken,
        .last = family == AF_INET ? leases->last : leases->last6,
    };
    const char *wish = field_string(
        endpoint->settings, family == AF_INET ? "IPAMConfig.IPv4Address"
                                              : "IPAMConfig.IPv6Address");
    if (wish != NULL && wish[0] != '\0' && ip_parse(wish, ret) == 0)
        return ipam_check(&pool, ret, e);
    int r = ipam_choose(&pool, ret, e);
    return r != -ENOSPC
               ? r
               : err_set(e, ENOSPC,
                         "no available IPv%d addresses on this network's "
                         "address pools: %s (%s)",
                         family == AF_INET ? 4 : 6,
                         field_string(endpoint->network, "Name"),
                         field_string(endpoint->network, "Id"));
}

static void fill_lease(const struct wiring *wiring,
                       const struct endpoint *endpoint, struct lease *ret)
{
    const char *name = field_string(wiring->doc, "Name");
    *ret = (struct lease){
        .ip = endpoint->ip, .ip6 = endpoint->ip6, .mac = endpoint->mac};
    snprintf(ret->container, sizeof ret->container, "%s",
             field_string(wiring->doc, "Id"));
    snprintf(ret->endpoint, sizeof ret->endpoint, "%s", endpoint->id);
    snprintf(ret->veth, sizeof ret->veth, "%s", endpoint->veth);
    ret->name = (char *)(uintptr_t)(name + (name[0] == '/'));
    field_strings(endpoint->settings, "Aliases", &ret->aliases);
    const char *host = field_string(wiring->doc, "Config.Hostname");
    if (host != NULL && host[0] != '\0')
        strv_add(&ret->aliases, host);
}

/* Choose and write down: first for whoever sweeps, then for all. */
static int take(struct wiring *wiring, struct endpoint *endpoint,
                struct leases *leases, struct err *e)
{
    if (leases_find_container(leases, field_string(wiring->doc, "Id")) != NULL)
        return err_set(e, EEXIST,
                       "endpoint with name %s already exists in network %s",
                       field_string(wiring->doc, "Name") + 1,
                       field_string(endpoint->network, "Name"));
    int r = choose(endpoint, leases, AF_INET, &endpoint->ip, e);
    if (r == 0 && field_bool(endpoint->network, "EnableIPv6"))
        r = choose(endpoint, leases, AF_INET6, &endpoint->ip6, e);
    if (r < 0)
        return r;
    struct lease lease;
    fill_lease(wiring, endpoint, &lease);
    leases_add(leases, &lease);
    strv_done(&lease.aliases);
    endpoint->taken = true;
    r = wiring_note(wiring, e);
    return r < 0 ? r
                 : network_write_leases(wiring->engine, endpoint->network,
                                        leases, e);
}

int endpoint_take(struct wiring *wiring, struct endpoint *endpoint,
                  struct err *e)
{
    auto_leases struct leases leases = {0};
    const char *name = field_string(endpoint->network, "Name");
    json_t *again = NULL;
    auto_fd int lock = network_lock(wiring->engine, endpoint->network, e);
    /* It may have been removed while we waited. */
    int r = lock < 0 ? lock : network_load(wiring->engine, name, &again, e);
    if (r == 0 && !field_is(again, "Id", field_string(endpoint->network, "Id")))
        r = err_set(e, ENOENT, "network %s not found", name);
    json_decref(again);
    if (r == 0)
        r = network_up(wiring->engine, endpoint->network, &endpoint->bridge,
                       &endpoint->bare, e);
    if (r == 0)
        r = network_read_leases(wiring->engine, endpoint->network, &leases, e);
    return r < 0 ? r : take(wiring, endpoint, &leases, e);
}

int endpoint_give_back(struct wiring *wiring, struct endpoint *endpoint,
                       struct err *e)
{
    auto_leases struct leases leases = {0};
    if (!endpoint->taken)
        return 0;
    auto_fd int lock = network_lock(wiring->engine, endpoint->network, e);
    int r = lock < 0 ? lock
                     : network_read_leases(wiring->engine, endpoint->network,
                                           &leases, e);
    struct lease *lease =
        r < 0 ? NULL : leases_find_endpoint(&leases, endpoint->id);
    if (lease != NULL) {
        leases_remove(&leases, lease);
        r = network_write_leases(wiring->engine, endpoint->network, &leases, e);
    }
    endpoint->taken = r < 0;
    return r;
}

/* --- the link and its rules ----------------------------------------------- */

static void fill_member(const struct wiring *wiring,
                        const struct endpoint *endpoint,
                        struct rules_member *ret)
{
    /* Ports lead to the first of its networks. */
    bool has_ports = wiring->n > 0 && wiring->v[0] == endpoint;
    *ret = (struct rules_member){
        .veth = endpoint->veth,
        .mac = endpoint->mac,
        .ip = endpoint->ip,
        .ip6 = endpoint->ip6,
        .ports = has_ports ? wiring->ports : NULL,
        .n_ports = has_ports ? wiring->n_ports : 0,
    };
}

static bool has_rules(const struct endpoint *endpoint)
{
    return !endpoint->bare && network_is(endpoint->network, "bridge");
}

static int change_rules(struct wiring *wiring, struct endpoint *endpoint,
                        bool add, struct err *e)
{
    auto_netlink struct netlink *nf = NULL;
    struct rules_member member;
    char id[13];
    if (!has_rules(endpoint))
        return 0;
    fill_member(wiring, endpoint, &member);
    snprintf(id, sizeof id, "%.12s", field_string(endpoint->network, "Id"));
    int r = netlink_open(&nf, NETLINK_NETFILTER, -1, e);
    return r < 0 ? r
           : add ? rules_add_member(nf, id, &member, e)
                 : rules_delete_member(nf, id, &member, e);
}

static int add_link(const struct endpoint *endpoint, const char *name, int ns,
                    struct err *e)
{
    auto_netlink struct netlink *nl = NULL;
    int r = netlink_open(&nl, NETLINK_ROUTE, -1, e);
    if (r < 0)
        return r;
    if (network_is(endpoint->network, "macvlan")) {
        struct link_macvlan macvlan = {
            .name = name,
            .parent = network_option(endpoint->network, "parent"),
            .ns = ns,
            .mac = endpoint->mac,
        };
        return link_add_macvlan(nl, &macvlan, e);
    }
    struct link_veth veth = {
        .name = endpoint->veth,
        .bridge = endpoint->bridge,
        .peer = name,
        .peer_ns = ns,
        .mac = endpoint->mac,
        .mtu = network_mtu(endpoint->network),
    };
    return link_add_veth(nl, &veth, e);
}

/* The interface in the container. */
static void put_name(const struct endpoint *endpoint, char ret[IFNAMSIZ])
{
    snprintf(ret, IFNAMSIZ, "eth%u", endpoint->number);
}

/* Only the first network that leads anywhere is the way out. */
static bool is_way_out(const struct wiring *wiring,
                       const struct endpoint *endpoint)
{
    for (size_t i = 0; i < wiring->n; i++)
        if (!field_bool(wiring->v[i]->network, "Internal"))
            return wiring->v[i] == endpoint;
    return false;
}

static int set_up(const struct wiring *wiring, const struct endpoint *endpoint,
                  const char *name, int ns, struct err *e)
{
    auto_netlink struct netlink *nl = NULL;
    struct network_pool pool, pool6;
    network_get_pool(endpoint->network, AF_INET, &pool);
    network_get_pool(endpoint->network, AF_INET6, &pool6);
    struct link_setup setup = {
        .name = name,
        .address = {endpoint->ip,  pool.net.bits },
        .address6 = {endpoint->ip6, pool6.net.bits},
    };
    if (is_way_out(wiring, endpoint)) {
        setup.gateway = pool.gateway;
        if (endpoint->ip6.family != 0)
            setup.gateway6 = pool6.gateway;
    }
    int r = netlink_open(&nl, NETLINK_ROUTE, ns, e);
    return r < 0 ? r : link_setup(nl, &setup, e);
}

int endpoint_lead_out(struct wiring *wiring, int ns, struct err *e)
{
    auto_netlink struct netlink *nl = NULL;
    for (size_t i = 0; i < wiring->n; i++) {
        const struct endpoint *endpoint = wiring->v[i];
        struct network_pool pool;
        struct link link;
        char name[IFNAMSIZ];
        if (!is_way_out(wiring, endpoint))
            continue;
        network_get_pool(endpoint->network, AF_INET, &pool);
        put_name(endpoint, name);
        struct err why = {0};
        int r = netlink_open(&nl, NETLINK_ROUTE, ns, &why);
        if (r == 0)
            r = link_find(nl, name, &link, &why);
        if (r == 0)
            r = link_add_route(nl, NULL, &pool.gateway, link.index, &why);
        return r < 0 && r != -EEXIST ? err_set(e, -r, "%s", why.msg) : 0;
    }
    return 0;
}

int endpoint_plug(struct wiring *wiring, struct endpoint *endpoint, int ns,
                  struct err *e)
{
    char name[IFNAMSIZ];
    put_name(endpoint, name);
    /* The rules first: not one packet passes without. */
    struct err why = {0};
    int r = change_rules(wiring, endpoint, true, &why);
    if (r == -EEXIST && engine_sweep(wiring->engine, NULL) == 0) {
        why.code = 0;
        r = change_rules(wiring, endpoint, true, &why);
    }
    if (r < 0)
        return err_set(e, -r, "%s", why.msg);
    r = add_link(endpoint, name, ns, e);
    endpoint->plugged = r == 0;
    return r < 0 ? r : set_up(wiring, endpoint, name, ns, e);
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

int endpoint_unrule(struct wiring *wiring, struct endpoint *endpoint,
                    struct err *e)
{
    return change_rules(wiring, endpoint, false, e);
}

void endpoint_tell(const struct wiring *wiring, const json_t *network,
                   const char *action)
{
    events_of_network(
        wiring->engine, network, action,
        json_pack("{s:s}", "container", field_string(wiring->doc, "Id")));
}
