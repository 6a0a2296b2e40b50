/* What the engine tells of networks, and the commands' doors to them. */
#include "network.h"

#include "events.h"
#include "field.h"
#include "own.h"
#include "state.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

/* --- who is in it --------------------------------------------------------- */

static json_t *make_address(const struct ip *ip, unsigned int bits)
{
    char text[IP_TEXT_LEN];
    return ip->family == 0 ? json_string("")
                           : json_sprintf("%s/%u", ip_format(ip, text), bits);
}

static void put_members(const struct leases *leases, json_t *network)
{
    struct network_pool pool, pool6;
    network_get_pool(network, AF_INET, &pool);
    network_get_pool(network, AF_INET6, &pool6);
    json_t *members = json_object();
    for (size_t i = 0; i < leases->n; i++) {
        const struct lease *lease = &leases->v[i];
        char mac[MAC_TEXT_LEN];
        json_object_set_new(
            members, lease->container,
            json_pack("{s:s, s:s, s:s, s:o, s:o}", "Name", lease->name,
                      "EndpointID", lease->endpoint, "MacAddress",
                      mac_format(&lease->mac, mac), "IPv4Address",
                      make_address(&lease->ip, pool.net.bits), "IPv6Address",
                      make_address(&lease->ip6, pool6.net.bits)));
    }
    json_object_set_new(network, "Containers", members);
}

/* What is written down for ourselves alone. */
static void take_notes_out(json_t *network)
{
    size_t i;
    json_t *config;
    json_array_foreach(field_get(network, "IPAM.Config"), i, config)
        json_object_del(config, NETWORK_CHOSEN);
}

static int describe(struct engine *engine, const char *name, json_t **ret,
                    struct err *e)
{
    json_t *network = NULL;
    struct leases leases = {0};
    int r = network_load(engine, name, &network, e);
    if (r == 0)
        r = network_read_leases(engine, network, &leases, e);
    if (r == 0) {
        put_members(&leases, network);
        take_notes_out(network);
        *ret = json_incref(network);
    }
    leases_done(&leases);
    json_decref(network);
    return r;
}

int engine_network_inspect(struct engine *engine, const char *name,
                           json_t **ret, struct err *e)
{
    /* What dead owners left is in no network. */
    engine_sweep(engine, NULL);
    return describe(engine, name, ret, e);
}

int engine_networks(struct engine *engine, json_t **ret, struct strv *damaged,
                    struct err *e)
{
    auto_strv struct strv names = {0};
    json_t *list = json_array();
    engine_sweep(engine, NULL);
    int r = network_names(engine, &names, e);
    for (size_t i = 0; i < names.n && r == 0; i++) {
        json_t *network = NULL;
        struct err why = {0};
        int loaded = describe(engine, names.v[i], &network, &why);
        if (loaded == 0)
            json_array_append_new(list, network);
        else if (loaded != -ENOENT && damaged != NULL)
            strv_add(damaged, why.msg);
    }
    if (r == 0)
        *ret = json_incref(list);
    json_decref(list);
    return r;
}

int engine_network_create(struct engine *engine, const json_t *request,
                          json_t **ret, struct err *e)
{
    json_t *network = NULL;
    unsigned int index;
    bool bare;
    int r = network_create(engine, request, &network, e);
    if (r < 0)
        return r;
    /* As Docker: what cannot come up is not there. */
    auto_fd int lock = network_lock(engine, network, e);
    r = lock < 0 ? lock : network_up(engine, network, &index, &bare, e);
    if (r < 0) {
        network_unlink(engine, network, NULL);
        network_forget(engine, field_string(network, "Id"));
    } else {
        *ret = json_pack("{s:O, s:s}", "Id", json_object_get(network, "Id"),
                         "Warning", "");
    }
    json_decref(network);
    return r;
}

/* --- removed -------------------------------------------------------------- */

/* With the lock of all held; nobody is in it while its own lock is held. */
static int remove_one(struct engine *engine, const json_t *network,
                      struct err *e)
{
    struct leases leases = {0};
    const char *name = field_string(network, "Name");
    auto_fd int lock = network_lock(engine, network, e);
    int r = lock < 0 ? lock : network_read_leases(engine, network, &leases, e);
    if (r == 0 && leases.n > 0)
        r = err_set(e, EBUSY,
                    "error while removing network: network %s id %s has active "
                    "endpoints",
                    name, field_string(network, "Id"));
    leases_done(&leases);
    /* Killed in between, it is there and down: whoever needs it brings it up.
     * Nobody does before it is forgotten, for we have its lock. */
    if (r == 0)
        r = network_down(engine, network, e);
    if (r == 0)
        r = network_unlink(engine, network, e);
    if (r < 0)
        return r;
    network_forget(engine, field_string(network, "Id"));
    events_of_network(engine, network, "destroy", NULL);
    return 0;
}

int network_remove(struct engine *engine, const char *name, struct err *e)
{
    json_t *network = NULL;
    auto_fd int all = network_lock_all(engine, e);
    int r = all < 0 ? all : network_load(engine, name, &network, e);
    if (r == 0 && !network_is_own(network))
        r = err_set(e, EPERM,
                    "%s is a pre-defined network and cannot be removed",
                    field_string(network, "Name"));
    if (r == 0)
        r = network_check_user(engine, "rm", name, e);
    if (r == 0)
        r = remove_one(engine, network, e);
    json_decref(network);
    return r;
}

int engine_network_remove(struct engine *engine, const char *name,
                          struct err *e)
{
    engine_sweep(engine, NULL);
    return network_remove(engine, name, e);
}

/* A container that does not run keeps none, as with Docker. */
static int prune_one(struct engine *engine, const char *name,
                     const struct engine_prune *prune, json_t *gone,
                     struct err *e)
{
    json_t *network = NULL;
    struct err why = {0};
    if (network_load(engine, name, &network, NULL) < 0)
        return 0; /* damaged, or gone */
    /* Lists tell when a thing was made as a number. */
    json_object_set_new(
        network, "Created",
        json_integer(state_time(field_string(network, "Created"))));
    bool wanted = network_is_own(network) &&
                  (prune->wanted == NULL || prune->wanted(network, prune->arg));
    json_decref(network);
    int r = wanted ? network_remove(engine, name, &why) : 0;
    if (wanted && r == 0)
        json_array_append_new(gone, json_string(name));
    return r == 0 || r == -EBUSY || r == -ENOENT
               ? 0
               : err_set(e, -r, "%s", why.msg);
}

int engine_networks_prune(struct engine *engine,
                          const struct engine_prune *prune, json_t **ret,
                          struct err *e)
{
    auto_strv struct strv names = {0};
    json_t *gone = json_array();
    engine_sweep(engine, NULL);
    int r = network_names(engine, &names, e);
    for (size_t i = 0; i < names.n && r == 0; i++)
        r = prune_one(engine, names.v[i], prune, gone, e);
    if (r == 0)
        events_pruned(engine, "network", 0);
    if (r == 0)
        *ret = json_pack("{s:O}", "NetworksDeleted", gone);
    json_decref(gone);
    return r;
}
