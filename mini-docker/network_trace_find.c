/* Names, addresses and ports, looked up in the map. See
 * network_trace_parts.h. */
#include "network_trace_parts.h"

#include "own.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The address in "10.0.0.9/24". */
static struct ip_net read_address(const json_t *text)
{
    struct ip_net net = {0};
    if (!json_is_string(text) ||
        ip_net_parse(json_string_value(text), &net) < 0)
        return (struct ip_net){0};
    return net;
}

/* A network's Subnets are "10.0.0.0/24 by 10.0.0.1". */
static bool read_subnet(const json_t *text, struct ip_net *ret,
                        struct ip *ret_gateway)
{
    auto_strv struct strv words = {0};
    *ret_gateway = (struct ip){0};
    strv_split(&words, json_string_value(text), ' ');
    if (words.n > 2)
        ip_parse(words.v[2], ret_gateway);
    return words.n > 0 && ip_net_parse(words.v[0], ret) == 0;
}

const json_t *network_trace_find_net(const struct network_trace *trace,
                                     const struct ip *ip)
{
    size_t i, j;
    const json_t *network, *text;
    json_array_foreach(json_object_get(trace->map, "Networks"), i, network)
    {
        if (field_string(network, "Bridge") == NULL)
            continue;
        json_array_foreach(json_object_get(network, "Subnets"), j, text)
        {
            struct ip_net net;
            struct ip gateway;
            if (read_subnet(text, &net, &gateway) && ip_net_has(&net, ip))
                return network;
        }
    }
    return NULL;
}

bool network_trace_is_gateway(const json_t *network, const struct ip *ip)
{
    size_t i;
    const json_t *text;
    json_array_foreach(json_object_get(network, "Subnets"), i, text)
    {
        struct ip_net net;
        struct ip gateway;
        if (read_subnet(text, &net, &gateway) && ip_equal(&gateway, ip))
            return true;
    }
    return false;
}

const json_t *network_trace_find_ip(const json_t *network, const struct ip *ip)
{
    size_t i, j;
    const json_t *member, *text;
    json_array_foreach(json_object_get(network, "Containers"), i, member)
        json_array_foreach(json_object_get(member, "Addresses"), j, text)
    {
        struct ip_net net = read_address(text);
        if (ip_equal(&net.ip, ip))
            return member;
    }
    return NULL;
}

static const json_t *find_name(const json_t *network, const char *name)
{
    size_t i;
    const json_t *member;
    json_array_foreach(json_object_get(network, "Containers"), i, member)
    {
        if (field_is(member, "Name", name))
            return member;
    }
    return NULL;
}

static int find_address(struct network_trace *trace, const char *name,
                        struct err *e)
{
    size_t i;
    const json_t *network;
    json_array_foreach(json_object_get(trace->map, "Networks"), i, network)
    {
        const json_t *member = find_name(network, name);
        bool is_shared = find_name(network, trace->source) != NULL;
        if (member == NULL || (trace->to.family != 0 && !is_shared))
            continue;
        trace->to = read_address(
                        json_array_get(json_object_get(member, "Addresses"), 0))
                        .ip;
        if (is_shared)
            break;
    }
    return trace->to.family != 0
               ? 0
               : err_set(e, ENOENT,
                         "%s is no address, and no container that "
                         "runs in a network",
                         name);
}

int network_trace_parse(struct network_trace *trace, const char *target,
                        struct err *e)
{
    uint64_t port;
    const char *colon = strrchr(target, ':');
    const char *slash = colon != NULL ? strchr(colon, '/') : NULL;
    if (colon == NULL)
        return err_set(e, EINVAL, "%s: want DESTINATION:PORT", target);
    auto_free char *number =
        slash != NULL ? text_format("%.*s", (int)(slash - colon - 1), colon + 1)
                      : own_strdup(colon + 1);
    bool is_bracketed = target[0] == '[' && colon[-1] == ']';
    auto_free char *name =
        text_format("%.*s", (int)(colon - target) - 2 * is_bracketed,
                    target + is_bracketed);
    trace->protocol = slash != NULL ? slash + 1 : "tcp";
    if (text_to_u64(number, &port) < 0 || port == 0 || port > UINT16_MAX ||
        (strcmp(trace->protocol, "tcp") != 0 &&
         strcmp(trace->protocol, "udp") != 0))
        return err_set(e, EINVAL, "invalid port '%s'", colon + 1);
    trace->port = (unsigned int)port;
    return ip_parse(name, &trace->to) == 0 ? 0 : find_address(trace, name, e);
}

/* --- published ports ------------------------------------------------------ */

/* "127.0.0.1:8080 -> 80/tcp", "[::]:53 -> 53/udp", as the map has them. */
static bool fits(const struct network_trace *trace, const char *text,
                 unsigned int *ret_port)
{
    char host[IP_TEXT_LEN + 2], protocol[4];
    unsigned int port;
    static const struct ip any6 = {.family = AF_INET6};
    struct ip at;
    const char *arrow = strstr(text, " -> ");
    const char *colon = arrow;
    while (colon != NULL && colon > text && *colon != ':')
        colon--;
    if (colon == NULL ||
        sscanf(colon, ":%u -> %u/%3s", &port, ret_port, protocol) != 3)
        return false;
    bool is_bracketed = text[0] == '[';
    snprintf(host, sizeof host, "%.*s", (int)(colon - text) - 2 * is_bracketed,
             text + is_bracketed);
    if (ip_parse(host, &at) < 0 || port != trace->port ||
        strcmp(protocol, trace->protocol) != 0)
        return false;
    bool is_any =
        ip_equal(&at, &any6) || ip_equal(&at, &(struct ip){.family = AF_INET});
    return at.family == trace->to.family &&
           (is_any || ip_equal(&at, &trace->to));
}

bool network_trace_find_port(const struct network_trace *trace,
                             struct network_trace_port *ret)
{
    size_t i, j, k;
    json_t *network, *member, *text;
    json_array_foreach(json_object_get(trace->map, "Networks"), i, network)
        json_array_foreach(json_object_get(network, "Containers"), j, member)
            json_array_foreach(json_object_get(member, "Ports"), k, text)
    {
        *ret = (struct network_trace_port){network, member, 0};
        if (fits(trace, json_string_value(text), &ret->port))
            return true;
    }
    return false;
}
