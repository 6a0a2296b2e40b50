/* What POST /networks/create asks for, completed; and how such documents are
 * read. */
#include "network.h"

#include "field.h"
#include "own.h"
#include "state.h"

#include <errno.h>
#include <string.h>

/* --- reading documents ---------------------------------------------------- */

bool network_is(const json_t *network, const char *driver)
{
    return field_is(network, "Driver", driver);
}

bool engine_network_is_predefined(const char *name)
{
    static const char *const names[] = {"bridge", "host", "none", "default"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

bool network_is_own(const json_t *network)
{
    return !engine_network_is_predefined(field_string(network, "Name"));
}

const char *network_option(const json_t *network, const char *name)
{
    return json_string_value(
        json_object_get(json_object_get(network, "Options"), name));
}

uint32_t network_mtu(const json_t *network)
{
    uint64_t mtu = 0;
    const char *text = network_option(network, NETWORK_MTU);
    return text != NULL && text_to_u64(text, &mtu) == 0 ? (uint32_t)mtu : 0;
}

bool network_option_bool(const json_t *network, const char *name, bool fallback)
{
    const char *value = network_option(network, name);
    return value == NULL || value[0] == '\0' ? fallback
                                             : strchr("fF0", value[0]) == NULL;
}

char *network_bridge(const json_t *network)
{
    const char *given = network_option(network, NETWORK_OPTION "name");
    return given != NULL && given[0] != '\0'
               ? own_strdup(given)
               : text_format("br-%.12s", field_string(network, "Id"));
}

static struct ip_net read_net(const json_t *config, const char *key)
{
    struct ip_net net = {0};
    const char *text = field_string(config, key);
    if (text == NULL || ip_net_parse(text, &net) < 0)
        return (struct ip_net){0};
    ip_net_mask(&net);
    return net;
}

void network_get_pool(const json_t *network, int family,
                      struct network_pool *ret)
{
    *ret = (struct network_pool){0};
    size_t i;
    const json_t *config;
    json_array_foreach(field_get(network, "IPAM.Config"), i, config)
    {
        struct ip_net net = read_net(config, "Subnet");
        if (net.ip.family != family || ret->net.ip.family != 0)
            continue;
        const char *gateway = field_string(config, "Gateway");
        ret->net = net;
        ret->range = read_net(config, "IPRange");
        ret->is_given = !field_bool(config, NETWORK_CHOSEN);
        if (gateway != NULL)
            ip_parse(gateway, &ret->gateway);
    }
}

/* --- completing ----------------------------------------------------------- */

/* One entry of IPAM.Config as it is kept: with a gateway, the first address
 * where none was asked for. */
static json_t *make_config(const json_t *given, const struct ip_net *net)
{
    char text[IP_NET_TEXT_LEN], gateway[IP_TEXT_LEN];
    struct ip first = ip_add(&net->ip, 1);
    json_t *config = json_object();
    json_object_set_new(config, "Subnet",
                        json_string(ip_net_format(net, text)));
    const char *range = field_string(given, "IPRange");
    if (range != NULL && range[0] != '\0')
        json_object_set_new(config, "IPRange", json_string(range));
    const char *said = field_string(given, "Gateway");
    json_object_set_new(config, "Gateway",
                        json_string(said != NULL && said[0] != '\0'
                                        ? said
                                        : ip_format(&first, gateway)));
    json_t *kept = json_object_get(given, "AuxiliaryAddresses");
    if (json_object_size(kept) > 0)
        json_object_set(config, "AuxiliaryAddresses", kept);
    if (given == NULL)
        json_object_set_new(config, NETWORK_CHOSEN, json_true());
    return config;
}

static int add_given(const json_t *request, const struct ip_nets *taken,
                     json_t *list, bool ret_has[2], struct err *e)
{
    size_t i;
    const json_t *config;
    json_array_foreach(field_get(request, "IPAM.Config"), i, config)
    {
        struct ip_net net = read_net(config, "Subnet");
        for (size_t t = 0; t < taken->n; t++)
            if (ip_net_overlaps(&net, &taken->v[t]))
                return err_set(e, EINVAL,
                               "invalid pool request: Pool overlaps with other "
                               "one on this address space");
        ret_has[net.ip.family == AF_INET6] = true;
        json_array_append_new(list, make_config(config, &net));
    }
    return 0;
}

/* What nobody chose is chosen for him. */
static int make_pools(const json_t *request, const char *id,
                      const struct ip_nets *taken, json_t *list, struct err *e)
{
    bool has[2] = {false, false};
    struct ip_net net;
    int r = add_given(request, taken, list, has, e);
    if (r == 0 && !has[0]) {
        r = ipam_choose_net(taken, &net, e);
        if (r == 0)
            json_array_insert_new(list, 0, make_config(NULL, &net));
    }
    if (r == 0 && !has[1] && field_bool(request, "EnableIPv6")) {
        r = ipam_choose_net6(id, taken, &net, e);
        if (r == 0)
            json_array_append_new(list, make_config(NULL, &net));
    }
    return r;
}

static json_t *object_or_empty(const json_t *request, const char *key)
{
    json_t *object = json_object_get(request, key);
    return json_is_object(object) ? json_deep_copy(object) : json_object();
}

int network_make_document(const json_t *request, const struct ip_nets *taken,
                          json_t **ret, struct err *e)
{
    char id[RECORD_ID_LEN + 1];
    record_new_id(id);
    const char *driver = field_string(request, "Driver");
    if (driver == NULL || driver[0] == '\0')
        driver = "bridge";
    json_t *pools = json_array();
    bool has_pool =
        strcmp(driver, "bridge") == 0 || strcmp(driver, "macvlan") == 0;
    int r = has_pool ? make_pools(request, id, taken, pools, e) : 0;
    if (r < 0) {
        json_decref(pools);
        return r;
    }
    json_t *ipam_options =
        object_or_empty(json_object_get(request, "IPAM"), "Options");
    *ret = json_pack(
        "{s:s, s:s, s:o, s:s, s:s, s:b, s:b, s:{s:s, s:o, s:o}, s:b, s:b, s:b, "
        "s:{s:s}, s:b, s:o, s:o}",
        "Name", field_string(request, "Name"), "Id", id, "Created", state_now(),
        "Scope", "local", "Driver", driver, "EnableIPv4", 1, "EnableIPv6",
        field_bool(request, "EnableIPv6"), "IPAM", "Driver", "default",
        "Options", ipam_options, "Config", pools, "Internal",
        field_bool(request, "Internal"), "Attachable",
        field_bool(request, "Attachable"), "Ingress", 0, "ConfigFrom",
        "Network", "", "ConfigOnly", 0, "Options",
        object_or_empty(request, "Options"), "Labels",
        object_or_empty(request, "Labels"));
    return 0;
}
