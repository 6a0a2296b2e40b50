/* The network of an ordinary user's container: no bridge, but a process that
 * speaks for it (pasta.h). */
#include "wiring.h"

#include "field.h"
#include "netns.h"
#include "own.h"
#include "pasta.h"
#include "trace.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

const char *wiring_complaint(const struct engine *engine, const json_t *doc)
{
    const char *mode = field_string(doc, "HostConfig.NetworkMode");
    if (field_is(doc, "HostConfig.NetworkMode", "host") &&
        json_object_size(field_get(doc, "HostConfig.PortBindings")) > 0)
        return "Published ports are discarded when using host network mode";
    if (engine->user == 0 || wiring_network_of(mode) == NULL)
        return NULL;
    return pasta_is_there()
               ? NULL
               : "Without root there is no network but \"lo\": neither pasta "
                 "nor slirp4netns is installed (apt install passt)";
}

/* Find out which of the host's ports are free by listening there, for as long
 * as it takes to say so: it is the other process that has to listen. */
static int choose_ports(const struct port_list *asked, struct forward *forwards,
                        struct pasta_port *ports, struct err *e)
{
    int r = 0;
    size_t n = 0;
    for (; n < asked->n && r == 0; n++) {
        r = forward_listen(&asked->v[n], &forwards[n], e);
        ports[n] = (struct pasta_port){
            .host = asked->v[n].host,
            .host_port = forwards[n].host_port,
            .port = asked->v[n].port,
            .protocol = asked->v[n].protocol,
        };
        forwards[n].port = asked->v[n].port;
    }
    return r;
}

static int start(struct wiring *wiring, const struct port_list *asked,
                 struct err *e)
{
    struct forward *forwards = own_alloc(asked->n * sizeof *forwards + 1);
    struct pasta_port *ports = own_alloc(asked->n * sizeof *ports + 1);
    for (size_t i = 0; i < asked->n; i++)
        forwards[i].listeners[0] = forwards[i].listeners[1] = -1;
    int r = choose_ports(asked, forwards, ports, e);
    if (r == 0)
        wiring_tell_ports(wiring->doc, asked, forwards, asked->n);
    for (size_t i = 0; i < asked->n; i++)
        forward_close(&forwards[i]);
    auto_free char *dir = text_format("%s/%s", wiring->engine->run,
                                      field_string(wiring->doc, "Id"));
    struct pasta wish = {
        .ns = wiring->ns, .dir = dir, .ports = ports, .n = asked->n};
    int pidfd = 0;
    if (r == 0)
        r = pasta_start(&wish, &pidfd, e);
    if (r == 0)
        wiring_serves(wiring, &wiring->way_out, pidfd);
    own_free(&forwards);
    own_free(&ports);
    return r;
}

/* A machine that has no network itself, or no program to speak for others, is
 * no reason not to start, for one who asks for no port: its container has none
 * either. */
static int lead_out(struct wiring *wiring, struct err *e)
{
    auto_ports struct port_list asked = {0};
    int r = wiring_list_ports(wiring->doc, &asked, e);
    if (r < 0)
        return r;
    fflush(NULL);
    struct err why = {0};
    int ns = netns_new(e);
    if (ns < 0)
        return ns;
    wiring->ns = ns;
    r = start(wiring, &asked, &why);
    return r == 0 || asked.n == 0 ? 0 : err_set(e, -r, "%s", why.msg);
}

int wiring_lead_out_again(struct wiring *wiring, struct err *e)
{
    auto_ports struct port_list asked = {0};
    int r = wiring_list_ports(wiring->doc, &asked, e);
    fflush(NULL);
    return r < 0 ? r : start(wiring, &asked, e);
}

int wiring_lead_out(struct wiring *wiring, struct err *e)
{
    const char *mode = field_string(wiring->doc, "HostConfig.NetworkMode");
    const char *first = wiring_network_of(mode);
    if (first == NULL)
        return 0;
    if (!engine_network_is_predefined(first))
        return err_set(e, EPERM,
                       "network %s: bridges need root; an ordinary user has "
                       "--network default, host and none",
                       first);
    trace_step_begin("way out", "10", "a process that speaks for it outside");
    int r = lead_out(wiring, e);
    trace_step_end(r);
    return r;
}
