/* Can what POST /networks/create asks for be done at all? */
#include "network.h"

#include "field.h"

#include <ctype.h>
#include <errno.h>
#include <net/if.h>
#include <string.h>

static int check_name(const char *name, struct err *e)
{
    if (name == NULL || name[0] == '\0')
        return err_set(e, EINVAL, "invalid network name: name is empty");
    if (engine_network_is_predefined(name))
        return err_set(e, EPERM,
                       "operation is not permitted on predefined %s network",
                       name);
    bool good = isalnum((unsigned char)name[0]);
    for (const char *s = name; *s != '\0'; s++)
        good &= isalnum((unsigned char)*s) || strchr("_.-", *s) != NULL;
    if (!good)
        return err_set(e, EINVAL,
                       "invalid network name: \"%.64s\": only "
                       "\"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed",
                       name);
    return strlen(name) > 200
               ? err_sys(e, ENAMETOOLONG, "network %.32s...", name)
               : 0;
}

/* Words that mean something, and what is wrong with those that are not built;
 * `other` is of all others. */
struct choice {
    const char *path;
    struct {
        const char *word;
        int code; /* 0: it can be had */
        const char *complaint;
    } words[5];
    const char *other;
};

static int choose(const struct choice *choice, const json_t *request,
                  struct err *e)
{
    const char *said = field_string(request, choice->path);
    if (said == NULL || said[0] == '\0')
        return 0;
    for (size_t i = 0; choice->words[i].word != NULL; i++)
        if (strcmp(choice->words[i].word, said) == 0)
            return choice->words[i].code == 0
                       ? 0
                       : err_set(e, choice->words[i].code, "%s",
                                 choice->words[i].complaint);
    return err_set(e, ENOENT, choice->other, said);
}

/* clang-format off */
static int check_choices(const json_t *request, struct err *e)
{
    static const char no_plugin[] = "plugin \"%.64s\" not found";
    static const char no_swarm[] = "This node is not a swarm manager.";
    static const struct choice choices[] = {
        {"Scope", {{"local", 0, NULL},
                   {"swarm", EINVAL, "cannot create a swarm scoped network "
                                     "when swarm is not active"}}, no_swarm},
        {"Driver", {{"bridge", 0, NULL},
                    {"macvlan", 0, NULL},
                    {"host", EPERM,
                     "only one instance of \"host\" network is allowed"},
                    {"null", EPERM,
                     "only one instance of \"null\" network is allowed"}},
         no_plugin},
        {"IPAM.Driver", {{"default", 0, NULL},
                         {"null", EINVAL, "ipv4 pool is empty"}}, no_plugin},
    };
    int r = field_is(request, "Driver", "overlay")
                ? err_set(e, EINVAL, no_swarm)
                : 0;
    for (size_t i = 0; i < sizeof choices / sizeof choices[0] && r == 0; i++)
        r = choose(&choices[i], request, e);
    return r;
}
/* clang-format on */

/* --- options -------------------------------------------------------------- */

static int check_bridge(const char *key, const char *value, struct err *e)
{
    (void)key;
    return strlen(value) >= IFNAMSIZ || strchr(value, '/') != NULL
               ? err_set(e, EINVAL, "invalid interface name: %.64s", value)
               : 0;
}

static int check_bool(const char *key, const char *value, struct err *e)
{
    static const char *const words[] = {"1",    "t",     "T",     "true",
                                        "TRUE", "True",  "0",     "f",
                                        "F",    "false", "FALSE", "False"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(words[i], value) == 0)
            return 0;
    return err_set(e, EINVAL,
                   "failed to parse %s value: %.64s (strconv.ParseBool: "
                   "parsing \"%.64s\": invalid syntax)",
                   key, value, value);
}

static int check_address(const char *key, const char *value, struct err *e)
{
    struct ip ip;
    return ip_parse(value, &ip) == 0
               ? 0
               : err_set(e, EINVAL, "failed to parse %s value: %.64s (nil ip)",
                         key, value);
}

/* What every link can have: 68 is the least of IPv4's (RFC 791). */
static int check_mtu(const char *key, const char *value, struct err *e)
{
    enum { LEAST = 68, MOST = 65535 };
    int64_t mtu;
    if (text_to_i64(value, &mtu) < 0)
        return err_set(e, EINVAL,
                       "failed to parse %s value: %.64s (strconv.Atoi: parsing "
                       "\"%.64s\": invalid syntax)",
                       key, value, value);
    return mtu < LEAST || mtu > MOST
               ? err_set(e, EINVAL, "invalid MTU number: %.64s", value)
               : 0;
}

static int check_parent(const char *key, const char *value, struct err *e)
{
    (void)key;
    return strcmp(value, "lo") == 0
               ? err_set(e, EINVAL,
                         "loopback interface is not a valid macvlan parent "
                         "link")
               : 0;
}

static int check_macvlan_mode(const char *key, const char *value, struct err *e)
{
    (void)key;
    return value[0] == '\0' || strcmp(value, "bridge") == 0
               ? 0
               : err_set(e, EINVAL,
                         "requested macvlan mode '%.64s' is not valid, "
                         "'bridge' mode is the macvlan driver default",
                         value);
}

/* What our drivers know; others' options are refused, for what they promise
 * would not be kept. */
static int check_option(const char *key, const char *value, struct err *e)
{
    static const struct {
        const char *name;
        int (*check)(const char *key, const char *value, struct err *e);
    } known[] = {
        {NETWORK_OPTION "name",                       check_bridge      },
        {NETWORK_OPTION "enable_icc",                 check_bool        },
        {NETWORK_OPTION "enable_ip_masquerade",       check_bool        },
        {NETWORK_OPTION "host_binding_ipv4",          check_address     },
        {NETWORK_OPTION "default_bridge",             check_bool        },
        {NETWORK_MTU,                                 check_mtu         },
        {"com.docker.network.container_iface_prefix", NULL              },
        {"parent",                                    check_parent      },
        {"macvlan_mode",                              check_macvlan_mode},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(known[i].name, key) == 0)
            return known[i].check == NULL ? 0 : known[i].check(key, value, e);
    return err_set(e, EINVAL, "unknown network option: %.64s", key);
}

static int check_options(const json_t *request, struct err *e)
{
    const char *key;
    json_t *value;
    int r = 0;
    json_object_foreach(json_object_get(request, "Options"), key, value)
    {
        const char *text = json_string_value(value);
        if (r == 0)
            r = check_option(key, text != NULL ? text : "", e);
    }
    if (r == 0 && network_is(request, "macvlan") &&
        network_option(request, "parent") == NULL)
        r = err_set(e, EINVAL,
                    "a macvlan network needs a parent interface: "
                    "-o parent=NAME");
    return r;
}

/* --- pools ---------------------------------------------------------------- */

/* An address in the network: gateway, or one that is kept free. */
static int check_inside(const json_t *config, const char *key,
                        const struct ip_net *net, struct err *e)
{
    const char *text = field_string(config, key);
    struct ip ip;
    if (text == NULL || text[0] == '\0')
        return 0;
    if (ip_parse(text, &ip) < 0)
        return err_set(e, EINVAL, "invalid %s address: %.64s",
                       strcmp(key, "Gateway") == 0 ? "gateway" : key, text);
    return ip_net_has(net, &ip)
               ? 0
               : err_set(e, EINVAL, "no matching subnet for gateway %s", text);
}

/* Network, gateway and the host's own are three addresses. */
static bool has_room(const json_t *config, const struct ip_net *net)
{
    const char *gateway = field_string(config, "Gateway");
    unsigned int bits = (unsigned int)ip_size(&net->ip) * 8;
    return net->bits + 1 < bits || (gateway != NULL && gateway[0] != '\0');
}

static int check_config(const json_t *config, struct ip_net *ret, struct err *e)
{
    const char *subnet = field_string(config, "Subnet");
    const char *range = field_string(config, "IPRange");
    struct ip_net net, part;
    if (subnet == NULL || subnet[0] == '\0')
        return err_set(e, EINVAL,
                       "every ip-range or gateway must have a "
                       "corresponding subnet");
    if (strchr(subnet, '/') == NULL || ip_net_parse(subnet, &net) < 0)
        return err_set(e, EINVAL,
                       "Invalid subnet %.64s : invalid CIDR address: %.64s",
                       subnet, subnet);
    struct ip_net masked = net;
    ip_net_mask(&masked);
    char right[IP_NET_TEXT_LEN];
    if (!ip_equal(&net.ip, &masked.ip))
        return err_set(e, EINVAL,
                       "invalid network config: invalid subnet %s: it should "
                       "be %s",
                       subnet, ip_net_format(&masked, right));
    if (range != NULL && range[0] != '\0') {
        if (strchr(range, '/') == NULL || ip_net_parse(range, &part) < 0)
            return err_set(e, EINVAL, "invalid CIDR address: %.64s", range);
        if (part.bits < net.bits || !ip_net_has(&net, &part.ip))
            return err_set(e, EINVAL, "no matching subnet for range %s", range);
    }
    *ret = net;
    return has_room(config, &net)
               ? check_inside(config, "Gateway", &net, e)
               : err_set(e, ENOSPC,
                         "failed to allocate gateway (): No available "
                         "addresses on this pool");
}

/* A bridge has one address of a family; and no two pools of a network may
 * overlap. `net` is that of configs[n]. */
static int check_others(const json_t *request, size_t n,
                        const struct ip_net *net, struct err *e)
{
    const json_t *configs = field_get(request, "IPAM.Config");
    bool is_bridge = !network_is(request, "macvlan");
    for (size_t i = 0; i < n; i++) {
        struct ip_net other;
        ip_net_parse(field_string(json_array_get(configs, i), "Subnet"),
                     &other);
        if (ip_net_overlaps(net, &other))
            return err_set(e, EINVAL,
                           "multiple overlapping subnet configuration is not "
                           "supported");
        if (is_bridge && other.ip.family == net->ip.family)
            return err_set(e, EINVAL,
                           "bridge driver doesn't support multiple subnets");
    }
    return 0;
}

static int check_pools(const json_t *request, struct err *e)
{
    size_t i;
    const json_t *config;
    json_array_foreach(field_get(request, "IPAM.Config"), i, config)
    {
        struct ip_net net = {.bits = 0};
        int r = check_config(config, &net, e);
        if (r == 0)
            r = check_others(request, i, &net, e);
        if (r < 0)
            return r;
    }
    return 0;
}

int network_check(const json_t *request, struct err *e)
{
    int r = check_name(field_string(request, "Name"), e);
    if (r == 0)
        r = check_choices(request, e);
    if (r == 0)
        r = check_options(request, e);
    return r < 0 ? r : check_pools(request, e);
}

int network_check_user(const struct engine *engine, const char *what,
                       const char *name, struct err *e)
{
    return engine->user == 0
               ? 0
               : err_set(e, EPERM,
                         "network %s %s needs root: without, there are bridge, "
                         "host and none, as each container was made with",
                         what, name);
}
