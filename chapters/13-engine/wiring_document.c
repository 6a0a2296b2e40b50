/* What a container's document says of networks. */
#include "endpoint.h"

#include "field.h"
#include "own.h"

#include <errno.h>
#include <string.h>

const char *wiring_network_of(const char *mode)
{
    if (mode == NULL || mode[0] == '\0' || strcmp(mode, "default") == 0)
        return "bridge";
    if (strcmp(mode, "none") == 0 || strcmp(mode, "host") == 0 ||
        text_starts(mode, "container:"))
        return NULL;
    return mode;
}

json_t *wiring_networks(const json_t *doc)
{
    return json_object_get(json_object_get(doc, "NetworkSettings"), "Networks");
}

/* --- what was asked for --------------------------------------------------- */

/* The members of an EndpointConfig that are the user's; all of them are there,
 * as Docker has it. */
static json_t *copy_config(const json_t *given)
{
    static const char *const kept[] = {"IPAMConfig", "Links", "Aliases",
                                       "DriverOpts"};
    json_t *settings = json_object();
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        json_t *value = json_object_get(given, kept[i]);
        json_object_set_new(settings, kept[i],
                            value != NULL ? json_deep_copy(value)
                                          : json_null());
    }
    const char *mac = field_string(given, "MacAddress");
    json_object_set_new(settings, "MacAddress",
                        json_string(mac != NULL ? mac : ""));
    json_object_set_new(settings, "GwPriority",
                        json_integer(field_int(given, "GwPriority", 0)));
    return settings;
}

static int check_addresses(const json_t *network, const json_t *settings,
                           struct err *e)
{
    static const struct {
        const char *member;
        int family;
    } wishes[] = {
        {"IPAMConfig.IPv4Address", AF_INET },
        {"IPAMConfig.IPv6Address", AF_INET6},
    };
    for (size_t i = 0; i < 2; i++) {
        const char *text = field_string(settings, wishes[i].member);
        struct network_pool pool;
        struct ip ip;
        if (text == NULL || text[0] == '\0')
            continue;
        network_get_pool(network, wishes[i].family, &pool);
        if (ip_parse(text, &ip) < 0 || ip.family != wishes[i].family)
            return err_set(e, EINVAL, "invalid IPv%d address: %.64s",
                           wishes[i].family == AF_INET ? 4 : 6, text);
        if (!network_is_own(network))
            return err_set(e, EINVAL,
                           "user specified IP address is supported "
                           "on user defined networks only");
        if (pool.net.ip.family == 0 || !pool.is_given)
            return err_set(e, EINVAL,
                           "user specified IP address is supported only when "
                           "connecting to networks with user configured "
                           "subnets");
        if (!ip_net_has(&pool.net, &ip))
            return err_set(e, EINVAL,
                           "Invalid address %s: It does not belong to any of "
                           "this network's subnets",
                           text);
    }
    return 0;
}

static int check_more(const json_t *settings, struct err *e)
{
    size_t i;
    const json_t *text;
    struct ip ip;
    json_array_foreach(field_get(settings, "IPAMConfig.LinkLocalIPs"), i, text)
    {
        if (ip_parse(json_string_value(text), &ip) < 0)
            return err_set(e, EINVAL, "invalid link-local IP address: %.64s",
                           json_string_value(text));
    }
    return 0;
}

static int check_name(const char *name, struct err *e)
{
    bool good = name[0] != '\0' && strlen(name) < IFNAMSIZ &&
                strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
                strcmp(name, "lo") != 0 && strpbrk(name, "/: \t\n") == NULL;
    return good ? 0
                : err_set(e, EINVAL, "invalid interface name: \"%.64s\"", name);
}

/* "net.ipv4.conf.IFNAME.forwarding=1", and more behind commas: those of the
 * interface alone, of which there is no other way to ask for them. */
static int check_sysctls(const char *all, struct err *e)
{
    static const char *const begins[] = {"net.ipv4.conf.", "net.ipv4.neigh.",
                                         "net.ipv6.conf.", "net.ipv6.neigh.",
                                         "net.mpls.conf."};
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyz0123456789_-IFNAME.";
    auto_strv struct strv said = {0};
    strv_split(&said, all, ',');
    for (size_t i = 0; i < said.n; i++) {
        const char *one = said.v[i];
        bool good = false;
        for (size_t j = 0; j < sizeof begins / sizeof begins[0]; j++) {
            size_t len = strlen(begins[j]);
            good |= text_starts(one, begins[j]) &&
                    text_starts(one + len, "IFNAME.") &&
                    one[len + strlen("IFNAME.")] != '\0' &&
                    strstr(one, "..") == NULL &&
                    one[strspn(one, letters)] == '=';
        }
        if (!good)
            return err_set(e, EINVAL,
                           "invalid sysctl of an interface: \"%.64s\": want "
                           "net.X.Y.IFNAME.Z=VALUE",
                           one);
    }
    return 0;
}

/* Ones that nothing would be done with are refused, as those of networks. */
static int check_options(const json_t *settings, struct err *e)
{
    static const struct {
        const char *name;
        int (*check)(const char *value, struct err *e);
    } known[] = {
        {ENDPOINT_IFNAME,  check_name   },
        {ENDPOINT_SYSCTLS, check_sysctls},
    };
    const char *name;
    json_t *value;
    json_object_foreach(json_object_get(settings, "DriverOpts"), name, value)
    {
        size_t i = 0;
        while (i < 2 && strcmp(known[i].name, name) != 0)
            i++;
        if (i == 2)
            return err_set(e, EINVAL, "unknown endpoint option: %.64s", name);
        int r = known[i].check(json_string_value(value), e);
        if (r < 0)
            return r;
    }
    return 0;
}

static int check_endpoint(const json_t *network, const json_t *settings,
                          struct err *e)
{
    struct mac mac;
    const char *text = field_string(settings, "MacAddress");
    if (text != NULL && text[0] != '\0' && mac_parse(text, &mac) < 0)
        return err_set(e, EINVAL, "invalid MAC address: %.64s", text);
    if (json_array_size(json_object_get(settings, "Aliases")) > 0 &&
        !network_is_own(network))
        return err_set(e, EINVAL,
                       "network-scoped alias is supported only for containers "
                       "in user defined networks");
    int r = check_addresses(network, settings, e);
    if (r == 0)
        r = check_more(settings, e);
    return r < 0 ? r : check_options(settings, e);
}

static int add_endpoint(struct engine *engine, json_t *networks,
                        const char *name, const json_t *config, struct err *e)
{
    json_t *network = NULL;
    int r = network_load(engine, name, &network, e);
    if (r < 0)
        return r;
    json_t *settings = copy_config(config);
    r = check_endpoint(network, settings, e);
    if (r == 0)
        json_object_set(networks, field_string(network, "Name"), settings);
    json_decref(settings);
    json_decref(network);
    return r;
}

int wiring_add_settings(struct engine *engine, json_t *doc, const char *network,
                        const json_t *config, struct err *e)
{
    return add_endpoint(engine, wiring_networks(doc), network, config, e);
}

/* The network of the mode comes first, whatever the request's order is: its
 * interface is eth0. "default" and the name of the mode mean the same. */
int wiring_document(struct engine *engine, json_t *doc, const json_t *request,
                    struct err *e)
{
    const char *mode = field_string(doc, "HostConfig.NetworkMode");
    const char *first = wiring_network_of(mode);
    json_t *given = json_object_get(
        json_object_get(request, "NetworkingConfig"), "EndpointsConfig");
    json_t *networks = json_object();
    int r = wiring_check_sandbox(engine, doc, e);
    if (r == 0 && first != NULL) {
        const json_t *config = json_object_get(given, first);
        if (config == NULL && mode != NULL)
            config = json_object_get(given, mode);
        r = add_endpoint(engine, networks, first, config, e);
    } else if (mode != NULL && !text_starts(mode, "container:")) {
        const json_t *config = json_object_get(given, mode);
        json_object_set_new(networks, mode, copy_config(NULL));
        if (r == 0 && config != NULL)
            r = add_endpoint(engine, networks, mode, config, e);
    }
    const char *name;
    json_t *config;
    json_object_foreach(given, name, config)
    {
        const char *network = wiring_network_of(name);
        if (r == 0 && first != NULL && network != NULL &&
            json_object_get(networks, network) == NULL)
            r = add_endpoint(engine, networks, network, config, e);
    }
    json_object_set_new(
        doc, "NetworkSettings",
        json_pack("{s:o, s:{}}", "Networks", networks, "Ports"));
    wiring_tell_gone(doc);
    return r;
}

/* --- what it got ---------------------------------------------------------- */

static void put_ip(json_t *settings, const char *key, const struct ip *ip)
{
    char text[IP_TEXT_LEN];
    json_object_set_new(settings, key, json_string(ip_format(ip, text)));
}

/* The names that answer to it in the network: as Docker, its own, its short
 * id, its aliases, its host's name. */
static json_t *make_names(const json_t *doc, const json_t *settings)
{
    const char *name = field_string(doc, "Name");
    const char *host = field_string(doc, "Config.Hostname");
    const char *id = field_string(doc, "Id");
    auto_strv struct strv names = {0};
    if (name != NULL)
        strv_add(&names, name + (name[0] == '/'));
    field_strings(settings, "Aliases", &names);
    strv_addf(&names, "%.12s", id);
    if (host != NULL && strncmp(host, id, 12) != 0)
        strv_add(&names, host);
    return field_list(&names);
}

static void tell_endpoint(const json_t *doc, const struct endpoint *endpoint)
{
    json_t *settings = endpoint->settings;
    struct network_pool pool, pool6;
    char mac[MAC_TEXT_LEN];
    network_get_pool(endpoint->network, AF_INET, &pool);
    network_get_pool(endpoint->network, AF_INET6, &pool6);
    bool internal = field_bool(endpoint->network, "Internal");
    static const struct ip none;
    json_object_set_new(settings, "MacAddress",
                        json_string(mac_format(&endpoint->mac, mac)));
    json_object_set(settings, "NetworkID",
                    json_object_get(endpoint->network, "Id"));
    json_object_set_new(settings, "EndpointID", json_string(endpoint->id));
    put_ip(settings, "Gateway", internal ? &none : &pool.gateway);
    put_ip(settings, "IPAddress", &endpoint->ip);
    json_object_set_new(settings, "IPPrefixLen",
                        json_integer(endpoint->ip.family ? pool.net.bits : 0));
    put_ip(settings, "IPv6Gateway",
           internal || endpoint->ip6.family == 0 ? &none : &pool6.gateway);
    put_ip(settings, "GlobalIPv6Address", &endpoint->ip6);
    json_object_set_new(
        settings, "GlobalIPv6PrefixLen",
        json_integer(endpoint->ip6.family ? pool6.net.bits : 0));
    if (network_is_own(endpoint->network))
        json_object_set_new(settings, "DNSNames", make_names(doc, settings));
}

/* What Docker tells twice of the default bridge. */
static const char *const told_twice[] = {
    "EndpointID", "Gateway",     "GlobalIPv6Address", "GlobalIPv6PrefixLen",
    "IPAddress",  "IPPrefixLen", "IPv6Gateway",       "MacAddress",
};

static void tell_twice(json_t *doc)
{
    json_t *all = json_object_get(doc, "NetworkSettings");
    const json_t *bridge = field_get(all, "Networks.bridge");
    for (size_t i = 0; i < sizeof told_twice / sizeof told_twice[0]; i++) {
        json_t *value = json_object_get(bridge, told_twice[i]);
        bool is_number = text_ends(told_twice[i], "Len");
        json_object_set_new(all, told_twice[i],
                            value != NULL ? json_incref(value)
                            : is_number   ? json_integer(0)
                                          : json_string(""));
    }
}

void wiring_tell(struct wiring *wiring)
{
    for (size_t i = 0; i < wiring->n; i++)
        tell_endpoint(wiring->doc, wiring->v[i]);
    tell_twice(wiring->doc);
}

void wiring_tell_gone(json_t *doc)
{
    static const char *const texts[] = {
        "NetworkID", "EndpointID",  "Gateway",
        "IPAddress", "IPv6Gateway", "GlobalIPv6Address",
    };
    json_t *all = json_object_get(doc, "NetworkSettings");
    const char *name;
    json_t *settings;
    json_object_foreach(wiring_networks(doc), name, settings)
    {
        for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
            json_object_set_new(settings, texts[i], json_string(""));
        json_object_set_new(settings, "IPPrefixLen", json_integer(0));
        json_object_set_new(settings, "GlobalIPv6PrefixLen", json_integer(0));
        json_object_set_new(settings, "DNSNames", json_null());
    }
    json_object_set_new(all, "Ports", json_object());
    json_object_set_new(all, "SandboxID", json_string(""));
    json_object_set_new(all, "SandboxKey", json_string(""));
    tell_twice(doc);
}
