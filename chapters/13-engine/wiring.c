/* A container's network, from before its birth to after its end. */
#include "endpoint.h"

#include "field.h"
#include "files.h"
#include "link.h"
#include "netlink.h"
#include "netns.h"
#include "own.h"
#include "sys.h"
#include "trace.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *note_path(const json_t *doc)
{
    return text_format("%s/wiring.json", field_string(doc, "Id"));
}

/* All but what is left to be cut. */
static void clear(struct wiring *wiring)
{
    struct strv cables = wiring->cables;
    struct netlink *rules = wiring->rules;
    for (size_t i = 0; i < wiring->n; i++)
        endpoint_free(&wiring->v[i]);
    for (size_t i = 0; i < wiring->n_forwards; i++)
        forward_close(&wiring->forwards[i]);
    if (wiring->ns > 0)
        own_close(&wiring->ns);
    free(wiring->v);
    free(wiring->forwards);
    free(wiring->ports);
    free(wiring->dir);
    netns_name_done(&wiring->name);
    *wiring = (struct wiring){.cables = cables,
                              .rules = rules,
                              .serving = wiring->serving,
                              .arg = wiring->arg};
}

void wiring_done(struct wiring *wiring)
{
    clear(wiring);
    strv_done(&wiring->cables);
    netlink_done(&wiring->rules);
}

/* --- for whoever sweeps --------------------------------------------------- */

static json_t *note_endpoint(const struct wiring *wiring,
                             const struct endpoint *endpoint)
{
    char ip[IP_TEXT_LEN], ip6[IP_TEXT_LEN], mac[MAC_TEXT_LEN];
    json_t *more = json_array();
    for (size_t i = 0; i < endpoint->more.n; i++)
        json_array_append_new(more,
                              json_string(ip_format(&endpoint->more.v[i], ip)));
    return json_pack("{s:O, s:s, s:s, s:s, s:s, s:s, s:o, s:b, s:b}", "Network",
                     json_object_get(endpoint->network, "Id"), "EndpointID",
                     endpoint->id, "Veth", endpoint->veth, "IPAddress",
                     ip_format(&endpoint->ip, ip), "GlobalIPv6Address",
                     ip_format(&endpoint->ip6, ip6), "MacAddress",
                     mac_format(&endpoint->mac, mac), "More", more, "Bare",
                     endpoint->bare, "Carrier", wiring->carrier == endpoint);
}

static json_t *note_port(const struct rules_port *port)
{
    char host[IP_TEXT_LEN], to[IP_TEXT_LEN];
    return json_pack("{s:s, s:i, s:i, s:s, s:i}", "Host",
                     ip_format(&port->host, host), "Protocol", port->protocol,
                     "HostPort", port->host_port, "To",
                     ip_format(&port->to, to), "Port", port->port);
}

static json_t *note_inode(const struct netns_name_inode *inode)
{
    return json_pack("[I, I]", (json_int_t)inode->device,
                     (json_int_t)inode->number);
}

static json_t *note_name(const struct netns_name *name)
{
    return name->name == NULL ? json_null()
                              : json_pack("{s:s, s:o, s:o}", "Name", name->name,
                                          "File", note_inode(&name->file),
                                          "Namespace", note_inode(&name->ns));
}

int wiring_note(const struct wiring *wiring, struct err *e)
{
    json_t *endpoints = json_array(), *ports = json_array();
    for (size_t i = 0; i < wiring->n; i++)
        json_array_append_new(endpoints, note_endpoint(wiring, wiring->v[i]));
    for (size_t i = 0; i < wiring->n_ports; i++)
        json_array_append_new(ports, note_port(&wiring->ports[i]));
    json_auto_t *note =
        json_pack("{s:o, s:o, s:o}", "Endpoints", endpoints, "Ports", ports,
                  "Netns", note_name(&wiring->name));
    auto_free char *json = json_dumps(note, JSON_COMPACT);
    auto_free char *path = note_path(wiring->doc);
    return files_replace(wiring->engine->runfd, path, json, strlen(json), 0, e);
}

static void read_ip(const json_t *note, const char *key, struct ip *ret)
{
    const char *text = field_string(note, key);
    if (text == NULL || ip_parse(text, ret) < 0)
        *ret = (struct ip){0};
}

static void read_endpoint(struct wiring *wiring, const json_t *note)
{
    struct endpoint *endpoint = NULL;
    const char *network = field_string(note, "Network");
    const char *mac = field_string(note, "MacAddress");
    /* Of a network that is gone, nothing is left. */
    if (network == NULL ||
        endpoint_new(wiring, network, NULL, &endpoint, NULL) < 0)
        return;
    snprintf(endpoint->id, sizeof endpoint->id, "%s",
             field_string(note, "EndpointID"));
    snprintf(endpoint->veth, sizeof endpoint->veth, "%s",
             field_string(note, "Veth"));
    read_ip(note, "IPAddress", &endpoint->ip);
    read_ip(note, "GlobalIPv6Address", &endpoint->ip6);
    if (mac != NULL)
        mac_parse(mac, &endpoint->mac);
    auto_strv struct strv more = {0};
    struct ip ip;
    field_strings(note, "More", &more);
    for (size_t i = 0; i < more.n; i++)
        if (ip_parse(more.v[i], &ip) == 0)
            ip_ips_add(&endpoint->more, &ip);
    endpoint->bare = field_bool(note, "Bare");
    endpoint->taken = true;
    if (field_bool(note, "Carrier"))
        wiring->carrier = endpoint;
    wiring->v[wiring->n++] = endpoint;
}

static struct netns_name_inode read_inode(const json_t *note, const char *key)
{
    const json_t *numbers = json_object_get(note, key);
    return (struct netns_name_inode){
        (uint64_t)json_integer_value(json_array_get(numbers, 0)),
        (uint64_t)json_integer_value(json_array_get(numbers, 1)),
    };
}

static void read_name(const json_t *note, struct netns_name *ret)
{
    const char *name = field_string(note, "Name");
    if (name == NULL)
        return;
    *ret = (struct netns_name){
        .name = own_strdup(name),
        .file = read_inode(note, "File"),
        .ns = read_inode(note, "Namespace"),
    };
}

static void read_note(struct wiring *wiring, const json_t *note)
{
    const json_t *endpoints = json_object_get(note, "Endpoints");
    const json_t *ports = json_object_get(note, "Ports");
    wiring->v = own_alloc(json_array_size(endpoints) * sizeof *wiring->v + 1);
    wiring->ports =
        own_alloc(json_array_size(ports) * sizeof *wiring->ports + 1);
    size_t i;
    const json_t *item;
    json_array_foreach(endpoints, i, item) read_endpoint(wiring, item);
    read_name(json_object_get(note, "Netns"), &wiring->name);
    json_array_foreach(ports, i, item)
    {
        struct rules_port *port = &wiring->ports[wiring->n_ports++];
        *port = (struct rules_port){
            .protocol = (uint8_t)field_int(item, "Protocol", 0),
            .host_port = (uint16_t)field_int(item, "HostPort", 0),
            .port = (uint16_t)field_int(item, "Port", 0),
        };
        read_ip(item, "Host", &port->host);
        read_ip(item, "To", &port->to);
    }
}

/* The beginning of a list of leases, of whose owner was killed over it. */
static void clear_beginnings(struct engine *engine, const json_t *network)
{
    auto_free char *path =
        text_format("networks/%s", field_string(network, "Id"));
    auto_fd int lock = network_lock(engine, network, NULL);
    if (lock >= 0)
        files_remove_beginnings(engine->runfd, path);
}

int wiring_sweep(struct engine *engine, const char *id, struct err *e)
{
    auto_text struct text json = {0};
    json_auto_t *doc = json_pack("{s:s}", "Id", id);
    auto_free char *path = note_path(doc);
    if (files_read(engine->runfd, path, &json, NULL) < 0)
        return 0; /* it had none */
    json_auto_t *note = json_loadb(json.s, json.len, 0, NULL);
    struct wiring wiring = {.engine = engine, .doc = doc};
    read_note(&wiring, note);
    for (size_t i = 0; i < wiring.n; i++)
        clear_beginnings(engine, wiring.v[i]->network);
    int r = wiring_undo(&wiring, e);
    wiring_done(&wiring);
    return r;
}

/* --- before its birth ----------------------------------------------------- */

/* One for each network that the document names. */
static int list_endpoints(struct wiring *wiring, struct err *e)
{
    if (wiring->engine->user != 0)
        return wiring_lead_out(wiring, e);
    json_t *networks = wiring_networks(wiring->doc);
    const char *mode = field_string(wiring->doc, "HostConfig.NetworkMode");
    wiring->v = own_alloc(json_object_size(networks) * sizeof *wiring->v + 1);
    const char *name;
    json_t *settings;
    json_object_foreach(networks, name, settings)
    {
        if (wiring_network_of(name) == NULL || wiring_network_of(mode) == NULL)
            continue; /* "host", "none" */
        struct endpoint *endpoint = NULL;
        int r = endpoint_new(wiring, name, settings, &endpoint, e);
        if (r < 0)
            return r;
        endpoint_choose_name(wiring, endpoint);
        wiring->v[wiring->n++] = endpoint;
    }
    return 0;
}

static int take_all(struct wiring *wiring, struct err *e)
{
    for (size_t i = 0; i < wiring->n; i++) {
        int r = endpoint_take(wiring, wiring->v[i], e);
        if (r < 0)
            return r;
    }
    return 0;
}

static int prepare(struct wiring *wiring, struct err *e)
{
    int r = list_endpoints(wiring, e);
    if (r == 0)
        r = take_all(wiring, e);
    if (r == 0)
        r = wiring_listen(wiring, e);
    if (r == 0 && wiring->n_ports > 0)
        r = wiring_note(wiring, e);
    if (r == 0) {
        wiring_tell(wiring);
        r = wiring_write_files(wiring, e);
    }
    return r;
}

int wiring_prepare(struct wiring *wiring, struct engine *engine, json_t *doc,
                   const char *dir, struct err *e)
{
    struct err why = {0};
    int r = -EADDRINUSE;
    trace_step_begin("addresses", "10", "who it is in its networks");
    /* What is taken may be a dead owner's. */
    for (int tries = 0; tries < 2 && (r == -EADDRINUSE || r == -ENOSPC);
         tries++) {
        if (tries > 0)
            engine_sweep(engine, NULL);
        wiring->engine = engine;
        wiring->doc = doc;
        wiring->dir = own_strdup(dir);
        why.code = 0;
        r = prepare(wiring, &why);
        if (r < 0)
            wiring_undo(wiring, NULL);
    }
    trace_step_end(r);
    return r < 0 ? err_set(e, -r, "%s", why.msg) : 0;
}

/* --- at its gate ---------------------------------------------------------- */

int wiring_connect(struct wiring *wiring, pid_t pid, struct err *e)
{
    int opened = wiring_open_sandbox(wiring, pid, e);
    if (opened < 0 || wiring->n == 0)
        return opened;
    trace_step_begin("links", "10", "cables from its namespace to the bridges");
    auto_fd int ns = netns_open(pid, e);
    int r = ns < 0 ? ns : 0;
    for (size_t i = 0; i < wiring->n && r == 0; i++)
        r = endpoint_plug(wiring, wiring->v[i], ns, e);
    if (r == 0)
        r = wiring_serve(wiring, ns, e);
    trace_step_end(r);
    for (size_t i = 0; i < wiring->n && r == 0; i++)
        endpoint_tell(wiring, wiring->v[i]->network, "connect");
    return r;
}

/* --- after its end -------------------------------------------------------- */

/* The links go with its namespace. */
int wiring_undo(struct wiring *wiring, struct err *e)
{
    wiring_stop_serving(wiring);
    int result = netns_name_remove(&wiring->name, e);
    for (size_t i = 0; i < wiring->n; i++) {
        struct endpoint *endpoint = wiring->v[i];
        int unruled = endpoint->taken ? endpoint_unrule(wiring, endpoint,
                                                        result == 0 ? e : NULL)
                                      : 0;
        result = result == 0 ? unruled : result;
        int given =
            endpoint_give_back(wiring, endpoint, result == 0 ? e : NULL);
        result = result == 0 ? given : result;
        if (endpoint->plugged) {
            endpoint_tell(wiring, endpoint->network, "disconnect");
            strv_add(&wiring->cables, endpoint->veth);
        }
    }
    if (result == 0 && (wiring->n > 0 || wiring->name.name != NULL)) {
        auto_free char *path = note_path(wiring->doc);
        sys_unlinkat(wiring->engine->runfd, path, 0);
    }
    clear(wiring);
    return result;
}

/* Another container may share its namespace, which then lives on; what is left
 * in there must not speak with an address that somebody else has by now. */
void wiring_cut_cables(struct wiring *wiring)
{
    auto_netlink struct netlink *nl = NULL;
    if (wiring->cables.n > 0 && netlink_open(&nl, NETLINK_ROUTE, -1, NULL) == 0)
        for (size_t i = 0; i < wiring->cables.n; i++)
            link_delete(nl, wiring->cables.v[i], NULL);
    netlink_done(&wiring->rules);
}
