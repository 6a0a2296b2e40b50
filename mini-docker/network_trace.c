/* A packet's way, hop by hop. See network_trace.h. */
#include "network_trace.h"

#include "network_trace_parts.h"
#include "own.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

static void add_hop(struct network_trace *trace, const char *at,
                    const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void add_hop(struct network_trace *trace, const char *at,
                    const char *format, ...)
{
    char what[256];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    json_array_append_new(trace->hops,
                          json_pack("{s:s, s:s}", "At", at, "What", what));
}

/* Said once, at the end: nothing follows a verdict. */
static int decide(struct network_trace *trace, bool passes, const char *by)
{
    trace->passes = passes;
    trace->by = by;
    return 0;
}

static bool has_rules(const json_t *network)
{
    return network != NULL && field_is(network, "Rules", "in force");
}

/* --- the last stretch ----------------------------------------------------- */

/* Into a network from elsewhere: chain "inward" of its table. */
static int go_inward(struct network_trace *trace, const json_t *network,
                     bool is_published)
{
    const char *at = field_string(network, "Bridge");
    if (!has_rules(network)) {
        add_hop(trace, at, "no rules in force: nothing is held back");
        return decide(trace, true, "no rule");
    }
    if (is_published) {
        add_hop(trace, at, "chain inward: ct status dnat, accept");
        return decide(trace, true, "a published port");
    }
    add_hop(trace, at, "chain inward: drop \"not published\"");
    return decide(trace, false, "not published");
}

/* To a port of the host's own addresses. `from` is the network that it comes
 * from, or NULL: from the host itself. */
static int go_to_host(struct network_trace *trace, const json_t *from)
{
    struct network_trace_port port;
    if (!network_trace_find_port(trace, &port)) {
        add_hop(trace, "host",
                "an address of its own; nothing is published "
                "there");
        return decide(trace, true, "the host's own programs are not shielded");
    }
    const char *name = field_string(port.member, "Name");
    bool is_loopback = trace->to.family == AF_INET && trace->to.bytes[0] == 127;
    if (from == port.network || is_loopback || !has_rules(port.network)) {
        add_hop(trace, "host", "the relay listens, and connects to %s:%u", name,
                port.port);
        return decide(trace, true, "a published port, by the relay");
    }
    add_hop(trace, "host", "chain published: dnat to %s:%u", name, port.port);
    if (from == NULL)
        return decide(trace, true, "a published port");
    if (has_rules(from) && field_bool(from, "Internal")) {
        add_hop(trace, field_string(from, "Bridge"),
                "chain outward: drop \"internal\"");
        return decide(trace, false, "internal");
    }
    return go_inward(trace, port.network, true);
}

/* From one link of the host to another. */
static int go_through_host(struct network_trace *trace, const json_t *from,
                           const struct hops_route *route)
{
    char gateway[IP_TEXT_LEN];
    const json_t *to = network_trace_find_net(trace, &trace->to);
    if (has_rules(from) && field_bool(from, "Internal")) {
        add_hop(trace, field_string(from, "Bridge"),
                "chain outward: drop \"internal\"");
        return decide(trace, false, "internal");
    }
    if (to != NULL)
        return go_inward(trace, to, false);
    add_hop(trace, "host", "leaves by link %u%s%s", route->link,
            route->gateway.family != 0 ? " to " : "",
            ip_format(&route->gateway, gateway));
    if (has_rules(from))
        add_hop(trace, "host", "chain postrouting: %s",
                field_string(from, "Out"));
    return decide(trace, true, "the way out is open");
}

/* Between two of one bridge. */
static int go_across(struct network_trace *trace, const json_t *network)
{
    const char *at = field_string(network, "Bridge");
    const json_t *member = network_trace_find_ip(network, &trace->to);
    if (member == NULL) {
        add_hop(trace, at, "nobody has this address");
        return decide(trace, false, "no such neighbour");
    }
    if (has_rules(network) && !field_bool(network, "Icc")) {
        add_hop(trace, at, "chain neighbours: drop \"icc=false\"");
        return decide(trace, false, "icc=false");
    }
    add_hop(trace, at, "the bridge hands it to %s",
            field_string(member, "Name"));
    return decide(trace, true, "neighbours reach each other");
}

/* --- where it begins ------------------------------------------------------ */

static int on_host(struct network_trace *trace, const json_t *from,
                   struct err *e)
{
    struct hops_route route;
    auto_netlink struct netlink *nl = NULL;
    int r = netlink_open(&nl, NETLINK_ROUTE, -1, e);
    struct err why;
    if (r < 0)
        return r;
    r = hops_route(nl, &trace->to, &route, &why);
    if (r < 0) {
        add_hop(trace, "host", "%s", why.msg);
        return decide(trace, false, "no route");
    }
    if (route.is_local)
        return go_to_host(trace, from);
    if (from != NULL)
        return go_through_host(trace, from, &route);
    const json_t *to = network_trace_find_net(trace, &trace->to);
    add_hop(trace, "host", "leaves by %s",
            to != NULL ? field_string(to, "Bridge") : "its own route");
    return decide(trace, true, "nothing holds back the host itself");
}

/* What its kernel says in there, and then what its bridge says. */
static int from_container(struct network_trace *trace, const json_t *container,
                          struct err *e)
{
    struct hops_route route;
    struct err why;
    char source[IP_TEXT_LEN], gateway[IP_TEXT_LEN];
    const char *name = trace->source;
    auto_netlink struct netlink *nl = NULL;
    auto_fd int ns = netns_open((pid_t)field_int(container, "State.Pid", 0), e);
    int r = ns < 0 ? ns : netlink_open(&nl, NETLINK_ROUTE, ns, e);
    if (r < 0)
        return r;
    r = hops_route(nl, &trace->to, &route, &why);
    if (r < 0) {
        add_hop(trace, name, "%s", why.msg);
        return decide(trace, false, "no route");
    }
    bool has_gateway = route.gateway.family != 0;
    add_hop(trace, name, "from %s%s%s", ip_format(&route.source, source),
            has_gateway ? " by " : ", directly",
            ip_format(&route.gateway, gateway));
    if (route.is_local)
        return decide(trace, true, "it speaks to itself");
    const json_t *network = network_trace_find_net(trace, &route.source);
    if (network == NULL)
        return on_host(trace, NULL, e);
    const char *at = field_string(network, "Bridge");
    if (!field_bool(network, "Up")) {
        add_hop(trace, at, "the bridge is down, or gone");
        return decide(trace, false, "no bridge");
    }
    add_hop(trace, at,
            has_rules(network)
                ? "chain from_container: MAC and address are its own"
                : "no rules in force: nobody looks who sends");
    bool is_gateway = network_trace_is_gateway(network, &trace->to);
    return has_gateway || is_gateway ? on_host(trace, network, e)
                                     : go_across(trace, network);
}

int network_trace_make(struct engine *engine, const char *source,
                       const char *target, json_t **ret, struct err *e)
{
    auto_doc json_t *map = NULL, *container = NULL;
    char to[IP_TEXT_LEN];
    struct network_trace trace = {.engine = engine, .source = source};
    bool is_host = strcmp(source, "host") == 0;
    int r = network_map_make(engine, &map, NULL, e);
    trace.map = map;
    if (r == 0 && !is_host)
        r = engine_inspect(engine, source, false, &container, e);
    if (r == 0 && !is_host && field_int(container, "State.Pid", 0) == 0)
        r = err_set(e, EINVAL, "container %s is not running", source);
    if (r == 0)
        r = network_trace_parse(&trace, target, e);
    if (r < 0)
        return r;
    trace.hops = json_array();
    r = is_host ? on_host(&trace, NULL, e)
                : from_container(&trace, container, e);
    *ret = json_pack("{s:s, s:o, s:b, s:s, s:o}", "Source", source, "Target",
                     json_sprintf("%s:%u/%s", ip_format(&trace.to, to),
                                  trace.port, trace.protocol),
                     "Passes", trace.passes, "By",
                     trace.by != NULL ? trace.by : "", "Hops", trace.hops);
    return r;
}
