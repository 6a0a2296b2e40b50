/* mini-docker network connect and disconnect: plug a container into a network,
 * and out of it, whether it runs or not. */
#include "request.h"

#include "field.h"
#include "own.h"

/* clang-format off */
static const struct option connect_options[] = {
    {"alias", 0, &option_list, "Aliases",
     "Add network-scoped alias for the container"},
    {"driver-opt", 0, &option_map, "DriverOpts", "Driver options for the network "
     "(com.docker.network.endpoint.ifname, ....sysctls)"},
    {"gw-priority", 0, &option_int, "GwPriority",
     "Highest gw-priority provides the default gateway"},
    {"ip", 0, &option_string, "IPAMConfig.IPv4Address",
     "IPv4 address (e.g., \"172.30.100.104\")"},
    {"ip6", 0, &option_string, "IPAMConfig.IPv6Address",
     "IPv6 address (e.g., \"2001:db8::33\")"},
    {"link", 0, &request_link, "Links", "Add link to another container"},
    {"link-local-ip", 0, &option_list, "IPAMConfig.LinkLocalIPs",
     "Add a link-local address for the container"},
    {0},
};

static const struct option disconnect_options[] = {
    {"force", 'f', &option_bool, "Force",
     "Force the container to disconnect from a network"},
    {0},
};
/* clang-format on */

static int run_connect(struct call *call, struct err *e)
{
    auto_engine struct engine *engine = NULL;
    int r = engine_open(&engine, call->root, e);
    return r < 0 ? r
                 : engine_network_connect(engine, call->operands.v[0],
                                          call->operands.v[1], call->doc, e);
}

static int run_disconnect(struct call *call, struct err *e)
{
    auto_engine struct engine *engine = NULL;
    int r = engine_open(&engine, call->root, e);
    return r < 0 ? r
                 : engine_network_disconnect(engine, call->operands.v[0],
                                             call->operands.v[1],
                                             field_bool(call->doc, "Force"), e);
}

const struct command command_network_connect = {
    .name = "network connect",
    .synopsis = "[OPTIONS] NETWORK CONTAINER",
    .summary = "Connect a container to a network",
    .options = connect_options,
    .min_operands = 2,
    .max_operands = 2,
    .run = run_connect,
};

const struct command command_network_disconnect = {
    .name = "network disconnect",
    .synopsis = "[OPTIONS] NETWORK CONTAINER",
    .summary = "Disconnect a container from a network",
    .options = disconnect_options,
    .min_operands = 2,
    .max_operands = 2,
    .run = run_disconnect,
};
