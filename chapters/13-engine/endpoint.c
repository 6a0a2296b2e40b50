/* One plug: who it is in its network. */
#include "endpoint.h"

#include "events.h"
#include "field.h"
#include "own.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --link-local-ip: addresses beside the one that the network gives. */
static void read_more(struct endpoint *endpoint, const json_t *settings)
{
    auto_strv struct strv said = {0};
    struct ip ip;
    field_strings(settings, "IPAMConfig.LinkLocalIPs", &said);
    for (size_t i = 0; i < said.n; i++)
        if (ip_parse(said.v[i], &ip) == 0)
            ip_ips_add(&endpoint->more, &ip);
}

int endpoint_new(struct wiring *wiring, const char *network, json_t *settings,
                 struct endpoint **ret, struct err *e)
{
    json_t *doc = NULL;
    int r = network_load(wiring->engine, network, &doc, e);
    if (r < 0)
        return r;
    struct endpoint *endpoint = own_alloc(sizeof *endpoint);
    *endpoint = (struct endpoint){
        .network = doc,
        .settings = json_incref(settings),
        .priority = field_int(settings, "GwPriority", 0),
    };
    record_new_id(endpoint->id);
    snprintf(endpoint->veth, sizeof endpoint->veth, "veth%.7s", endpoint->id);
    const char *mac = field_string(settings, "MacAddress");
    if (mac == NULL || mac_parse(mac, &endpoint->mac) < 0)
        endpoint->mac = mac_random();
    read_more(endpoint, settings);
    *ret = endpoint;
    return 0;
}

void endpoint_free(struct endpoint **endpoint)
{
    if (*endpoint != NULL) {
        json_decref((*endpoint)->network);
        json_decref((*endpoint)->settings);
        ip_ips_done(&(*endpoint)->more);
    }
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

void endpoint_tell(const struct wiring *wiring, const json_t *network,
                   const char *action)
{
    events_of_network(
        wiring->engine, network, action,
        json_pack("{s:s}", "container", field_string(wiring->doc, "Id")));
}
