/* A network's half in the kernel: its bridge and its rules come and go. */
#include "network.h"

#include "field.h"
#include "files.h"
#include "link.h"
#include "netlink.h"
#include "own.h"
#include "rules.h"
#include "sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The name of the bridge, if it is ours and not one that somebody had already.
 */
#define MADE "made"

static char *run_path(const json_t *network, const char *name)
{
    return text_format("networks/%s/%s", field_string(network, "Id"), name);
}

char *network_leases_path(const struct engine *engine, const json_t *network)
{
    return text_format("%s/networks/%s/leases", engine->run,
                       field_string(network, "Id"));
}

int network_lock(struct engine *engine, const json_t *network, struct err *e)
{
    auto_free char *dir = run_path(network, ".");
    int r = files_mkdirs(engine->runfd, dir, 0700, e);
    auto_free char *path = run_path(network, "lock");
    return r < 0 ? r : files_lock(engine->runfd, path, 0, e);
}

int network_read_leases(const struct engine *engine, const json_t *network,
                        struct leases *ret, struct err *e)
{
    auto_free char *path = network_leases_path(engine, network);
    struct err why = {0};
    int r = leases_read(AT_FDCWD, path, ret, &why);
    return r < 0 && r != -ENOENT ? err_set(e, -r, "%s", why.msg) : 0;
}

int network_write_leases(const struct engine *engine, const json_t *network,
                         const struct leases *leases, struct err *e)
{
    auto_free char *path = network_leases_path(engine, network);
    return leases_write(AT_FDCWD, path, leases, e);
}

/* --- what is taken -------------------------------------------------------- */

static void add_pools(const json_t *network, struct ip_nets *ret)
{
    static const int families[] = {AF_INET, AF_INET6};
    for (size_t i = 0; i < 2; i++) {
        struct network_pool pool;
        network_get_pool(network, families[i], &pool);
        if (pool.net.ip.family != 0)
            ip_nets_add(ret, &pool.net);
    }
}

int network_taken(struct engine *engine, struct ip_nets *ret, struct err *e)
{
    auto_netlink struct netlink *nl = NULL;
    auto_strv struct strv names = {0};
    int r = netlink_open(&nl, NETLINK_ROUTE, -1, e);
    if (r == 0)
        r = link_nets(nl, ret, e);
    /* While the first three are being made there are no others. */
    if (r < 0 || faccessat(engine->runfd, "networks/bridge.json", F_OK, 0) < 0)
        return r;
    r = network_names(engine, &names, e);
    for (size_t i = 0; i < names.n && r == 0; i++) {
        json_t *network = NULL;
        if (network_load(engine, names.v[i], &network, NULL) == 0)
            add_pools(network, ret);
        json_decref(network);
    }
    return r;
}

/* --- up ------------------------------------------------------------------- */

/* A kernel that passes nothing on between its links is no router. */
static int let_pass(const char *file, struct err *e)
{
    auto_text struct text now = {0};
    int r = files_read(AT_FDCWD, file, &now, e);
    if (r < 0 || now.s[0] != '0')
        return r < 0 ? r : 0;
    return files_write(AT_FDCWD, file, "1", e);
}

static int make_bridge(struct engine *engine, struct netlink *nl,
                       const json_t *network, const char *bridge, struct err *e)
{
    auto_free char *made = run_path(network, MADE);
    int r = files_replace(engine->runfd, made, bridge, strlen(bridge), 0, e);
    if (r == 0)
        r = link_add_bridge(nl, bridge, network_mtu(network), e);
    return r;
}

/* The gateway's address lies on the bridge: the host is the router. */
static int add_gateways(struct netlink *nl, const json_t *network,
                        unsigned int index, struct err *e)
{
    static const struct {
        int family;
        const char *forwarding;
    } families[] = {
        {AF_INET,  "/proc/sys/net/ipv4/ip_forward"         },
        {AF_INET6, "/proc/sys/net/ipv6/conf/all/forwarding"},
    };
    for (size_t i = 0; i < 2; i++) {
        struct network_pool pool;
        network_get_pool(network, families[i].family, &pool);
        if (pool.gateway.family == 0)
            continue;
        struct ip_net address = {pool.gateway, pool.net.bits};
        struct err why = {0};
        int r = link_add_address(nl, index, &address, &why);
        if (r < 0 && r != -EEXIST) /* it is there since the last time */
            return err_set(e, -r, "%s", why.msg);
        r = let_pass(families[i].forwarding, e);
        if (r < 0)
            return r;
    }
    return 0;
}

/* New rules have empty sets. Whoever is in the network already, because
 * somebody took the old ones away, is guarded again; his published ports are
 * the relay's alone until he starts anew. */
static int add_members(const struct engine *engine, const json_t *network,
                       struct netlink *nf, const char *id, struct err *e)
{
    auto_leases struct leases leases = {0};
    int r = network_read_leases(engine, network, &leases, e);
    for (size_t i = 0; i < leases.n && r == 0; i++) {
        const struct lease *lease = &leases.v[i];
        struct rules_member member = {.veth = lease->veth,
                                      .mac = lease->mac,
                                      .ip = lease->ip,
                                      .ip6 = lease->ip6};
        if (lease->veth[0] != '\0')
            r = rules_add_member(nf, id, &member, e);
    }
    return r;
}

static int add_rules(const struct engine *engine, const json_t *network,
                     const char *bridge, struct err *e)
{
    auto_netlink struct netlink *nf = NULL;
    struct network_pool pool, pool6;
    network_get_pool(network, AF_INET, &pool);
    network_get_pool(network, AF_INET6, &pool6);
    struct rules_network rules = {
        .bridge = bridge,
        .net = pool.net,
        .net6 = pool6.net,
        .internal = field_bool(network, "Internal"),
        .masquerade = network_option_bool(
            network, NETWORK_OPTION "enable_ip_masquerade", true),
        .icc = network_option_bool(network, NETWORK_OPTION "enable_icc", true),
    };
    memcpy(rules.id, field_string(network, "Id"), sizeof rules.id - 1);
    int r = netlink_open(&nf, NETLINK_NETFILTER, -1, e);
    if (r < 0 || rules_are_there(nf, rules.id))
        return r;
    auto_free char *text = rules_text(&rules);
    r = rules_apply(text, e);
    if (r == 0)
        r = add_members(engine, network, nf, rules.id, e);
    if (r < 0) /* so that the next one begins anew */
        rules_remove(rules.id, NULL);
    return r;
}

static int up_macvlan(struct netlink *nl, const json_t *network,
                      unsigned int *ret_index, struct err *e)
{
    const char *name = network_option(network, "parent");
    struct link parent;
    int r = link_find(nl, name, &parent, e);
    *ret_index = r < 0 ? 0 : parent.index;
    return r == -ENODEV
               ? err_set(e, ENODEV,
                         "-o parent interface was not found on the host: %s",
                         name)
               : r;
}

int network_up(struct engine *engine, const json_t *network,
               unsigned int *ret_index, bool *ret_bare, struct err *e)
{
    auto_netlink struct netlink *nl = NULL;
    *ret_bare = false;
    int r = netlink_open(&nl, NETLINK_ROUTE, -1, e);
    if (r < 0)
        return r;
    if (network_is(network, "macvlan"))
        return up_macvlan(nl, network, ret_index, e);
    auto_free char *bridge = network_bridge(network);
    struct link link;
    if (link_find(nl, bridge, &link, NULL) == -ENODEV)
        r = make_bridge(engine, nl, network, bridge, e);
    if (r == 0)
        r = link_find(nl, bridge, &link, e);
    if (r == 0 && strcmp(link.kind, "bridge") != 0)
        r = err_set(e, EEXIST, "existing interface %s is not a bridge", bridge);
    if (r == 0)
        r = add_gateways(nl, network, link.index, e);
    if (r < 0)
        return err_add(e, "network %s", field_string(network, "Name"));
    *ret_index = link.index;
    struct err why = {0};
    r = add_rules(engine, network, bridge, &why);
    /* Only bridges that somebody made have a promise to keep. */
    *ret_bare = r == -EOPNOTSUPP || r == -EPROTONOSUPPORT || r == -ENOENT;
    if (r == 0 || (*ret_bare && !network_is_own(network)))
        return 0;
    return err_set(e, -r, "network %s: %s", field_string(network, "Name"),
                   why.msg);
}

/* What is left in the kernel of the network with this id, whose bridge, if it
 * is ours, is named in its run directory. */
static int take_down(struct engine *engine, const char *id, struct err *e)
{
    auto_netlink struct netlink *nl = NULL;
    auto_free char *path = text_format("networks/%s/" MADE, id);
    auto_text struct text bridge = {0};
    auto_free char *beginning = text_format("%.12s", id);
    struct err why = {0};
    rules_remove(beginning, NULL);
    if (files_read(engine->runfd, path, &bridge, NULL) <= 0)
        return 0;
    int r = netlink_open(&nl, NETLINK_ROUTE, -1, &why);
    if (r == 0)
        r = link_delete(nl, bridge.s, &why);
    return r < 0 && r != -ENODEV ? err_set(e, -r, "%s", why.msg) : 0;
}

int network_down(struct engine *engine, const json_t *network, struct err *e)
{
    return network_is(network, "bridge")
               ? take_down(engine, field_string(network, "Id"), e)
               : 0;
}

void network_forget(struct engine *engine, const char *id)
{
    auto_free char *dir = text_format("networks/%s", id);
    if (take_down(engine, id, NULL) == 0)
        files_remove_tree(engine->runfd, dir, NULL);
}
