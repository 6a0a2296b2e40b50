/* The ports a container publishes: who listens, and what is told of it. */
#include "endpoint.h"

#include "field.h"
#include "files.h"
#include "own.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

/* --- what is asked for ---------------------------------------------------- */

/* "80/tcp" and {"HostIp", "HostPort"} as one word, as `-p` has it. */
static int add_binding(const char *port, const json_t *binding,
                       struct port_list *ret, struct err *e)
{
    const char *ip = field_string(binding, "HostIp");
    const char *host_port = field_string(binding, "HostPort");
    bool is_v6 = ip != NULL && strchr(ip, ':') != NULL;
    auto_free char *spec =
        text_format("%s%s%s:%s:%s", is_v6 ? "[" : "", ip != NULL ? ip : "",
                    is_v6 ? "]" : "", host_port != NULL ? host_port : "", port);
    return ports_parse(spec[0] == ':' ? spec + 1 : spec, ret, e);
}

static bool is_bound(const json_t *bindings, const char *port)
{
    return json_array_size(json_object_get(bindings, port)) > 0;
}

int wiring_list_ports(const json_t *doc, struct port_list *ret, struct err *e)
{
    json_t *bindings =
        (json_t *)(uintptr_t)field_get(doc, "HostConfig.PortBindings");
    const char *port;
    json_t *list, *exposed;
    json_object_foreach(bindings, port, list)
    {
        size_t i;
        const json_t *binding;
        json_array_foreach(list, i, binding)
        {
            int r = add_binding(port, binding, ret, e);
            if (r < 0)
                return r;
        }
    }
    if (!field_bool(doc, "HostConfig.PublishAllPorts"))
        return 0;
    exposed = (json_t *)(uintptr_t)field_get(doc, "Config.ExposedPorts");
    json_object_foreach(exposed, port, list)
    {
        int r = is_bound(bindings, port) ? 0 : add_binding(port, NULL, ret, e);
        if (r < 0)
            return r;
    }
    return 0;
}

/* --- who listens ---------------------------------------------------------- */

/* Is it a container of ours that has this port? */
static bool is_ours(struct engine *engine, const struct port *port)
{
    auto_strv struct strv ids = {0};
    record_ids_present(engine, &ids, NULL);
    for (size_t i = 0; i < ids.n; i++) {
        auto_free char *path = text_format("%s/wiring.json", ids.v[i]);
        auto_text struct text json = {0};
        if (files_read(engine->runfd, path, &json, NULL) < 0)
            continue;
        json_auto_t *note = json_loadb(json.s, json.len, 0, NULL);
        size_t j;
        const json_t *other;
        json_array_foreach(json_object_get(note, "Ports"), j, other)
        {
            int64_t number = field_int(other, "HostPort", 0);
            if (number >= port->host_first && number <= port->host_last &&
                field_int(other, "Protocol", 0) == port->protocol)
                return true;
        }
    }
    return false;
}

/* In Docker's words, which tell whether the other one is a container. */
static int refuse(const struct wiring *wiring, const struct port *port,
                  const struct err *why, struct err *e)
{
    const struct endpoint *endpoint = wiring->carrier;
    char ip[IP_TEXT_LEN];
    const char *host =
        port->host.family ? ip_format(&port->host, ip) : "0.0.0.0";
    auto_free char *reason =
        why->code == EADDRINUSE && is_ours(wiring->engine, port)
            ? text_format("Bind for %s:%u failed: port is already allocated",
                          host, port->host_first)
            : own_strdup(why->msg);
    return err_set(e, why->code,
                   "failed to set up container networking: driver failed "
                   "programming external connectivity on endpoint %s (%.12s): "
                   "%s",
                   field_string(wiring->doc, "Name") + 1, endpoint->id, reason);
}

static bool is_loopback(const struct ip *ip)
{
    static const struct ip one6 = {AF_INET6, {[15] = 1}};
    return ip->family == AF_INET
               ? ip->bytes[0] == 127
               : ip->family == AF_INET6 && ip_equal(ip, &one6);
}

/* Rules lead there what arrives from elsewhere; on loopback they see nothing,
 * and from IPv6 to IPv4 they lead nowhere: that is for who listens. */
static void add_rule(struct wiring *wiring, const struct port *port,
                     const struct forward *forward)
{
    if (is_loopback(&port->host) || port->host.family == AF_INET6)
        return;
    wiring->ports[wiring->n_ports++] = (struct rules_port){
        .host = port->host,
        .protocol = port->protocol,
        .host_port = forward->host_port,
        .to = forward->to,
        .port = port->port,
    };
}

static int listen_one(struct wiring *wiring, const struct port *port,
                      struct err *e)
{
    struct forward *forward = &wiring->forwards[wiring->n_forwards];
    struct err why = {0};
    int r = forward_listen(port, forward, &why);
    if (r < 0)
        return refuse(wiring, port, &why, e);
    forward->to = wiring->carrier->ip;
    forward->port = port->port;
    wiring->n_forwards++;
    add_rule(wiring, port, forward);
    return 0;
}

/* --- what is told --------------------------------------------------------- */

static void append(json_t *ports, const struct forward *forward, const char *ip)
{
    auto_free char *key = text_format("%u/%s", forward->port,
                                      ports_protocol_name(forward->protocol));
    json_t *list = json_object_get(ports, key);
    if (!json_is_array(list)) {
        list = json_array();
        json_object_set_new(ports, key, list);
    }
    json_array_append_new(list,
                          json_pack("{s:s, s:o}", "HostIp", ip, "HostPort",
                                    json_sprintf("%u", forward->host_port)));
}

static void tell_exposed(const json_t *doc, json_t *ports)
{
    const char *port;
    json_t *value;
    json_object_foreach(
        (json_t *)(uintptr_t)field_get(doc, "Config.ExposedPorts"), port, value)
        json_object_set_new(ports, port, json_null());
}

void wiring_tell_ports(json_t *doc, const struct port_list *asked,
                       const struct forward *forwards, size_t n)
{
    json_t *ports = json_object();
    tell_exposed(doc, ports);
    for (size_t i = 0; i < n; i++) {
        const struct ip *host = &asked->v[i].host;
        char ip[IP_TEXT_LEN];
        if (host->family != 0)
            append(ports, &forwards[i], ip_format(host, ip));
        if (host->family == 0 && forwards[i].listeners[0] >= 0)
            append(ports, &forwards[i], "0.0.0.0");
        if (host->family == 0 && forwards[i].listeners[1] >= 0)
            append(ports, &forwards[i], "::");
    }
    json_object_set_new(json_object_get(doc, "NetworkSettings"), "Ports",
                        ports);
}

/* --- by which network ----------------------------------------------------- */

/* By the one that leads out, as with Docker, if that has rules of ours. */
static struct endpoint *find_carrier(const struct wiring *wiring)
{
    struct endpoint *way = endpoint_way_out(wiring, AF_INET);
    return way != NULL && network_is(way->network, "bridge") ? way : NULL;
}

static void close_all(struct wiring *wiring)
{
    for (size_t i = 0; i < wiring->n_forwards; i++)
        forward_close(&wiring->forwards[i]);
    own_free(&wiring->forwards);
    own_free(&wiring->ports);
    wiring->n_forwards = wiring->n_ports = 0;
    wiring->carrier = NULL;
}

int wiring_listen(struct wiring *wiring, struct err *e)
{
    auto_ports struct port_list asked = {0};
    wiring->carrier = find_carrier(wiring);
    if (wiring->carrier == NULL)
        return 0; /* nobody could reach it, and, as with Docker, nobody says */
    int r = wiring_list_ports(wiring->doc, &asked, e);
    wiring->forwards = own_alloc(asked.n * sizeof *wiring->forwards + 1);
    wiring->ports = own_alloc(asked.n * sizeof *wiring->ports + 1);
    for (size_t i = 0; i < asked.n && r == 0; i++)
        r = listen_one(wiring, &asked.v[i], e);
    if (r == 0)
        wiring_tell_ports(wiring->doc, &asked, wiring->forwards, asked.n);
    return r;
}

/* As Docker has it: what is exposed, where it is in a network at all. */
static void tell_none(const struct wiring *wiring)
{
    json_t *ports = json_object();
    if (wiring->n > 0)
        tell_exposed(wiring->doc, ports);
    json_object_set_new(json_object_get(wiring->doc, "NetworkSettings"),
                        "Ports", ports);
}

/* Who listens stays, and so does who has the port; where it leads changes. */
static void lead_to(struct wiring *wiring, struct endpoint *carrier)
{
    wiring->carrier = carrier;
    for (size_t i = 0; i < wiring->n_forwards; i++)
        wiring->forwards[i].to = carrier->ip;
    for (size_t i = 0; i < wiring->n_ports; i++)
        wiring->ports[i].to = carrier->ip;
}

/* Who fails may have heard no answer of what is done: so all is done again that
 * was so before. */
static int take_rules_out(struct wiring *wiring, struct err *e)
{
    int r =
        wiring->carrier != NULL ? endpoint_carry_ports(wiring, false, e) : 0;
    if (r < 0)
        endpoint_carry_ports(wiring, true, NULL);
    return r;
}

/* Rules go before the note says that they are elsewhere, and come after it. */
int wiring_move_ports(struct wiring *wiring, struct err *e)
{
    struct endpoint *to = find_carrier(wiring);
    if (to == wiring->carrier && (to != NULL || wiring->n_forwards == 0))
        return 0;
    int r = take_rules_out(wiring, e);
    if (r < 0)
        return r;
    wiring_stop_relay(wiring); /* it leads where it led */
    if (to == NULL) {
        close_all(wiring);
        tell_none(wiring);
        return wiring_note(wiring, e);
    }
    if (wiring->n_forwards > 0)
        lead_to(wiring, to);
    else
        r = wiring_listen(wiring, e);
    if (r == 0)
        r = wiring_note(wiring, e);
    if (r == 0)
        r = endpoint_carry_ports(wiring, true, e);
    if (r < 0 && endpoint_carry_ports(wiring, false, NULL) == 0)
        close_all(wiring);
    return r;
}
