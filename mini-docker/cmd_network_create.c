/* mini-docker network create: a bridge that containers are plugged into. */
#include "request.h"

#include "field.h"
#include "ip.h"
#include "own.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* clang-format off */
static const struct option options[] = {
    {"attachable", 0, &option_bool, "Attachable",
     "Enable manual container attachment"},
    {"aux-address", 0, &option_map, "Cli.Auxiliary",
     "Auxiliary IPv4 or IPv6 addresses used by Network driver"},
    {"config-from", 0, &option_string, OPTION_NOT_YET,
     "The network from which to copy the configuration"},
    {"config-only", 0, &option_bool, OPTION_NOT_YET,
     "Create a configuration only network"},
    {"driver", 'd', &option_string, "Driver",
     "Driver to manage the Network (bridge, macvlan; default \"bridge\")"},
    {"gateway", 0, &option_list, "Cli.Gateway",
     "IPv4 or IPv6 Gateway for the master subnet"},
    {"ingress", 0, &option_bool, OPTION_NOT_YET,
     "Create swarm routing-mesh network"},
    {"internal", 0, &option_bool, "Internal",
     "Restrict external access to the network"},
    {"ip-range", 0, &option_list, "Cli.Range",
     "Allocate container ip from a sub-range"},
    {"ipam-driver", 0, &option_string, "IPAM.Driver",
     "IP Address Management Driver (default \"default\")"},
    {"ipam-opt", 0, &option_map, "IPAM.Options",
     "Set IPAM driver specific options"},
    {"ipv4", 0, &option_bool, "EnableIPv4",
     "Enable or disable IPv4 address assignment (default true)"},
    {"ipv6", 0, &option_bool, "EnableIPv6",
     "Enable or disable IPv6 address assignment"},
    {"label", 0, &request_label, "Labels", "Set metadata on a network"},
    {"opt", 'o', &option_map, "Options", "Set driver specific options"},
    {"scope", 0, &option_string, "Scope", "Control the network's scope"},
    {"subnet", 0, &option_list, "Cli.Subnet",
     "Subnet in CIDR format that represents a network segment"},
    {0},
};
/* clang-format on */

/* The subnet that an address, or a range, is said of: the one it lies in. */
static json_t *find_subnet(json_t *configs, const char *text)
{
    auto_free char *bare = text_format("%.*s", (int)strcspn(text, "/"), text);
    struct ip ip;
    struct ip_net net;
    size_t i;
    json_t *config;
    if (ip_parse(bare, &ip) < 0)
        return NULL;
    json_array_foreach(configs, i, config)
    {
        if (ip_net_parse(field_string(config, "Subnet"), &net) == 0 &&
            ip_net_has(&net, &ip))
            return config;
    }
    return NULL;
}

static int put_inside(json_t *configs, const json_t *doc, const char *path,
                      const char *member, struct err *e)
{
    auto_strv struct strv said = {0};
    field_strings(doc, path, &said);
    for (size_t i = 0; i < said.n; i++) {
        json_t *config = find_subnet(configs, said.v[i]);
        if (config == NULL)
            return err_set(e, EINVAL, "no matching subnet for %s %s",
                           strcmp(member, "Gateway") == 0 ? "gateway" : "range",
                           said.v[i]);
        json_object_set_new(config, member, json_string(said.v[i]));
    }
    return 0;
}

static int put_auxiliary(json_t *configs, json_t *said, struct err *e)
{
    const char *name;
    json_t *address;
    json_object_foreach(said, name, address)
    {
        json_t *config = find_subnet(configs, json_string_value(address));
        if (config == NULL)
            return err_set(e, EINVAL, "no matching subnet for aux-address %s",
                           json_string_value(address));
        doc_put(config, "AuxiliaryAddresses", name, json_incref(address));
    }
    return 0;
}

/* As many ranges, or gateways, as there are networks that they lie in. */
static int check_counts(const json_t *doc, size_t subnets, struct err *e)
{
    return json_array_size(field_get(doc, "Cli.Range")) > subnets ||
                   json_array_size(field_get(doc, "Cli.Gateway")) > subnets
               ? err_set(e, EINVAL,
                         "every ip-range or gateway must have a corresponding "
                         "subnet")
               : 0;
}

/* --subnet and what is said of each, which may come in any order. */
static int put_configs(json_t *doc, struct err *e)
{
    auto_strv struct strv subnets = {0};
    auto_doc json_t *auxiliary = doc_take(doc, "Cli.Auxiliary");
    json_t *configs = json_array();
    field_strings(doc, "Cli.Subnet", &subnets);
    for (size_t i = 0; i < subnets.n; i++)
        json_array_append_new(configs,
                              json_pack("{s:s}", "Subnet", subnets.v[i]));
    int r = check_counts(doc, subnets.n, e);
    if (r == 0)
        r = put_inside(configs, doc, "Cli.Range", "IPRange", e);
    if (r == 0)
        r = put_inside(configs, doc, "Cli.Gateway", "Gateway", e);
    if (r == 0)
        r = put_auxiliary(configs, auxiliary, e);
    doc_set(doc, "IPAM.Config", configs);
    json_object_del(doc, "Cli");
    return r;
}

static int run(struct call *call, struct err *e)
{
    auto_engine struct engine *engine = NULL;
    auto_doc json_t *network = NULL;
    doc_set(call->doc, "Name", json_string(call->operands.v[0]));
    int r = put_configs(call->doc, e);
    if (r == 0)
        r = engine_open(&engine, call->root, e);
    if (r == 0)
        r = engine_network_create(engine, call->doc, &network, e);
    if (r == 0)
        printf("%s\n", field_string(network, "Id"));
    return r;
}

const struct command command_network_create = {
    .name = "network create",
    .synopsis = "[OPTIONS] NETWORK",
    .summary = "Create a network",
    .options = options,
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
