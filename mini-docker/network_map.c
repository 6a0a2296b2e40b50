/* The map as a document: from the engine, and from the kernel. See
 * network_map.h. */
#include "network_map.h"

#include "doc.h"
#include "field.h"
#include "link.h"
#include "own.h"
#include "rules.h"

#include <errno.h>
#include <string.h>

#define BRIDGE_OPTION "com.docker.network.bridge."

/* Where the kernel is asked. Either may be NULL: then it cannot be. */
struct probes {
    struct netlink *route, *filter;
};

/* An option of a network. Their names have dots, so field_string does not find
 * them. */
static const char *option_of(const json_t *network, const char *name)
{
    return json_string_value(
        json_object_get(json_object_get(network, "Options"), name));
}

static bool is_switched_off(const json_t *network, const char *name)
{
    const char *value = option_of(network, name);
    return value != NULL && strcmp(value, "false") == 0;
}

/* As the engine names them (network_bridge). */
static char *bridge_of(const json_t *network)
{
    const char *name = option_of(network, BRIDGE_OPTION "name");
    return name != NULL && name[0] != '\0'
               ? own_strdup(name)
               : text_format("br-%.12s", field_string(network, "Id"));
}

/* --- who is in it --------------------------------------------------------- */

static void add_ports(const json_t *container, json_t *list)
{
    const char *port;
    json_t *bindings;
    const json_t *ports = field_get(container, "NetworkSettings.Ports");
    json_object_foreach((json_t *)(uintptr_t)ports, port, bindings)
    {
        size_t i;
        const json_t *at;
        json_array_foreach(bindings, i, at)
        {
            const char *ip = field_string(at, "HostIp");
            bool is_v6 = ip != NULL && strchr(ip, ':') != NULL;
            json_array_append_new(
                list, json_sprintf("%s%s%s:%s -> %s", is_v6 ? "[" : "",
                                   ip != NULL ? ip : "", is_v6 ? "]" : "",
                                   field_string(at, "HostPort"), port));
        }
    }
}

/* Ports are told of the network by which they are reached. */
static json_t *make_member(struct engine *engine, const json_t *network,
                           const char *id, const json_t *plug)
{
    static const char *const families[] = {"IPv4Address", "IPv6Address"};
    auto_doc json_t *container = NULL;
    json_t *addresses = json_array(), *ports = json_array();
    for (size_t i = 0; i < 2; i++) {
        const char *address = field_string(plug, families[i]);
        if (address != NULL && address[0] != '\0')
            json_array_append_new(addresses, json_string(address));
    }
    /* It may have ended since: then nothing of it is published. */
    const char *way_out =
        engine_inspect(engine, id, false, &container, NULL) == 0
            ? engine_way_out(container)
            : NULL;
    if (way_out != NULL && field_is(network, "Name", way_out))
        add_ports(container, ports);
    return json_pack("{s:O, s:s, s:o, s:O, s:o}", "Name",
                     json_object_get(plug, "Name"), "Id", id, "Addresses",
                     addresses, "Mac", json_object_get(plug, "MacAddress"),
                     "Ports", ports);
}

static json_t *make_members(struct engine *engine, const json_t *network)
{
    const char *id;
    json_t *plug;
    json_t *list = json_array();
    json_object_foreach(json_object_get(network, "Containers"), id, plug)
        json_array_append_new(list, make_member(engine, network, id, plug));
    return list;
}

/* --- the network ---------------------------------------------------------- */

static json_t *make_subnets(const json_t *network)
{
    size_t i;
    const json_t *config;
    json_t *list = json_array();
    json_array_foreach(field_get(network, "IPAM.Config"), i, config)
    {
        const char *subnet = field_string(config, "Subnet");
        const char *gateway = field_string(config, "Gateway");
        if (subnet != NULL)
            json_array_append_new(list,
                                  json_sprintf("%s%s%s", subnet,
                                               gateway != NULL ? " by " : "",
                                               gateway != NULL ? gateway : ""));
    }
    return list;
}

/* What its rules say (rules.h), in words. */
static void put_rules(json_t *map, const json_t *network, const char *state)
{
    bool is_internal = field_bool(network, "Internal");
    bool hides =
        !is_switched_off(network, BRIDGE_OPTION "enable_ip_masquerade");
    bool icc = !is_switched_off(network, BRIDGE_OPTION "enable_icc");
    doc_set(map, "Rules", json_string(state));
    doc_set(map, "Icc", json_boolean(icc));
    doc_set(map, "In",
            json_string(is_internal ? "nothing"
                                    : "answers, and what comes to a published "
                                      "port"));
    doc_set(map, "Out",
            json_string(is_internal ? "nothing"
                        : hides     ? "everything, with the host's address"
                                    : "everything, with its own address"));
    doc_set(map, "Neighbours",
            json_string(icc ? "reach each other"
                            : "reach each other's published ports alone"));
}

static json_t *make_network(struct engine *engine, const json_t *network,
                            const struct probes *probes)
{
    char id[13];
    struct link link;
    static const char *const same[] = {"Name", "Id", "Driver", "Internal"};
    json_t *map = json_object();
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        doc_set(map, same[i], json_incref(json_object_get(network, same[i])));
    doc_set(map, "Subnets", make_subnets(network));
    doc_set(map, "Containers", make_members(engine, network));
    if (!field_is(network, "Driver", "bridge")) {
        const char *parent = option_of(network, "parent");
        if (parent != NULL)
            doc_set(map, "Parent", json_string(parent));
        return map;
    }
    auto_free char *bridge = bridge_of(network);
    snprintf(id, sizeof id, "%.12s", field_string(network, "Id"));
    bool is_up = probes->route != NULL &&
                 link_find(probes->route, bridge, &link, NULL) == 0 &&
                 (link.flags & IFF_UP) != 0;
    bool has_rules =
        probes->filter != NULL && rules_are_there(probes->filter, id) == 1;
    doc_set(map, "Bridge", json_string(bridge));
    doc_set(map, "Up", json_boolean(is_up));
    put_rules(map, network,
              has_rules ? "in force"
              : is_up   ? "missing"
                        : "none");
    return map;
}

int network_map_make(struct engine *engine, json_t **ret, struct strv *damaged,
                     struct err *e)
{
    auto_doc json_t *networks = NULL;
    auto_netlink struct netlink *route = NULL, *filter = NULL;
    int r = engine_networks(engine, &networks, damaged, e);
    if (r < 0)
        return r;
    netlink_open(&route, NETLINK_ROUTE, -1, NULL);
    netlink_open(&filter, NETLINK_NETFILTER, -1, NULL);
    struct probes probes = {route, filter};
    json_t *list = json_array();
    size_t i;
    const json_t *network;
    json_array_foreach(networks, i, network)
        json_array_append_new(list, make_network(engine, network, &probes));
    *ret = json_pack("{s:o}", "Networks", list);
    return 0;
}
