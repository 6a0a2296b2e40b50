/* Plugging a container into a network, and out of it, whether it runs or not:
 * docker network connect and disconnect. */
#include "endpoint.h"

#include "field.h"
#include "netns.h"
#include "own.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static json_t *settings_of(const json_t *doc, const char *network)
{
    return json_object_get(wiring_networks(doc), network);
}

static struct endpoint *find(const struct wiring *wiring, const char *network)
{
    for (size_t i = 0; i < wiring->n; i++)
        if (field_is(wiring->v[i]->network, "Name", network))
            return wiring->v[i];
    return NULL;
}

/* --- in ------------------------------------------------------------------- */

static void append(struct wiring *wiring, struct endpoint *endpoint)
{
    wiring->v = own_grow(wiring->v, (wiring->n + 1) * sizeof *wiring->v);
    wiring->v[wiring->n++] = endpoint;
}

static void drop(struct wiring *wiring, struct endpoint *endpoint)
{
    size_t i = 0;
    while (wiring->v[i] != endpoint)
        i++;
    memmove(&wiring->v[i], &wiring->v[i + 1],
            (wiring->n - i - 1) * sizeof *wiring->v);
    wiring->n--;
    endpoint_free(&endpoint);
}

/* What follows from who is in which network: routes, ports, files, processes.
 */
static int settle(struct wiring *wiring, int ns, struct err *e)
{
    int r = endpoint_lead_out(wiring, ns, e);
    if (r == 0)
        r = wiring_move_ports(wiring, e);
    if (r == 0)
        r = wiring_write_files(wiring, e);
    /* Also after a failure: whom it had serves it still. */
    int served = wiring_serve(wiring, ns, r < 0 ? NULL : e);
    return r < 0 ? r : served;
}

/* Where this fails, the plug is in its place as far as others know, and can be
 * pulled again: each step may be repeated. */
static int unplug(struct wiring *wiring, struct endpoint *endpoint,
                  struct err *e)
{
    int r = endpoint->plugged ? endpoint_cut(endpoint, e) : 0;
    if (r == 0 && endpoint->taken)
        r = endpoint_unrule(wiring, endpoint, e);
    if (r == 0)
        r = endpoint_give_back(wiring, endpoint, e);
    if (r < 0)
        return r;
    if (wiring->carrier == endpoint)
        wiring->carrier = NULL;
    drop(wiring, endpoint);
    wiring_note(wiring, NULL); /* what it says too much harms nobody */
    return 0;
}

static int plug(struct wiring *wiring, const char *network, pid_t pid,
                struct err *e)
{
    struct endpoint *endpoint = NULL;
    auto_fd int ns = netns_open(pid, e);
    int r = ns < 0
                ? ns
                : endpoint_new(wiring, network,
                               settings_of(wiring->doc, network), &endpoint, e);
    if (r < 0)
        return r;
    endpoint->is_late = true;
    endpoint_choose_name(wiring, endpoint);
    append(wiring, endpoint);
    r = endpoint_take(wiring, endpoint, e);
    if (r == 0)
        r = endpoint_plug(wiring, endpoint, ns, e);
    if (r == 0)
        r = settle(wiring, ns, e);
    if (r < 0 && unplug(wiring, endpoint, NULL) == 0)
        settle(wiring, ns, NULL);
    return r;
}

static int refuse_host(struct err *e)
{
    return err_set(e, EINVAL,
                   "container cannot be disconnected from host network or "
                   "connected to host network");
}

/* Do the two go together: what it is in, and this network? Who has left "none"
 * may go anywhere. */
static int check_mode(const json_t *doc, const json_t *network, struct err *e)
{
    const char *mode = field_string(doc, "HostConfig.NetworkMode");
    bool is_host = mode != NULL && strcmp(mode, "host") == 0;
    if (network_is(network, "host") && !is_host)
        return refuse_host(e);
    if (is_host || (mode != NULL && text_starts(mode, "container:")))
        return err_set(e, EINVAL,
                       "container sharing network namespace with another "
                       "container or host cannot be connected to any other "
                       "network");
    if (settings_of(doc, "none") != NULL ||
        (network_is(network, "null") &&
         json_object_size(wiring_networks(doc)) > 0))
        return err_set(e, EINVAL,
                       "container cannot be connected to multiple networks "
                       "with one of the networks in private (none) mode");
    return 0;
}

static int connect_it(struct wiring *wiring, const json_t *network,
                      const json_t *ask, pid_t pid, struct err *e)
{
    json_t *doc = wiring->doc;
    const char *name = field_string(network, "Name");
    bool is_there = settings_of(doc, name) != NULL;
    int r = is_there && pid != 0
                ? err_set(e, EEXIST,
                          "endpoint with name %s already exists in network %s",
                          field_string(doc, "Name") + 1, name)
                : 0;
    if (r == 0 && !is_there)
        r = check_mode(doc, network, e);
    /* In the place of what it was to be there, if it does not run. */
    if (r == 0)
        r = wiring_add_settings(wiring->engine, doc, name,
                                json_object_get(ask, "config"), e);
    if (r < 0 || pid == 0 || network_is(network, "null"))
        return r;
    r = plug(wiring, name, pid, e);
    if (r < 0)
        json_object_del(wiring_networks(doc), name);
    else
        wiring_tell(wiring);
    return r;
}

/* --- out ------------------------------------------------------------------ */

static int disconnect_it(struct wiring *wiring, const json_t *network,
                         const json_t *ask, pid_t pid, struct err *e)
{
    json_t *doc = wiring->doc;
    const char *name = field_string(network, "Name");
    struct endpoint *endpoint = find(wiring, name);
    (void)ask;
    if (network_is(network, "host") &&
        field_is(doc, "HostConfig.NetworkMode", "host"))
        return refuse_host(e);
    if (settings_of(doc, name) == NULL)
        return err_set(e, ENOENT,
                       "container %s is not connected to %snetwork %s",
                       field_string(doc, "Id"), pid != 0 ? "" : "the ", name);
    bool is_live = endpoint != NULL && pid != 0;
    auto_fd int ns = is_live ? netns_open(pid, e) : -1;
    int r = !is_live ? 0 : ns < 0 ? ns : unplug(wiring, endpoint, e);
    if (r < 0)
        return r;
    json_object_del(wiring_networks(doc), name);
    r = is_live ? settle(wiring, ns, e) : 0;
    if (pid != 0)
        wiring_tell(wiring);
    return r;
}

/* By force, of a network that is not there any more: it may be named still by
 * who did not run when it went. */
static int forget(struct wiring *wiring, const char *network, struct err *e)
{
    return json_object_del(wiring_networks(wiring->doc), network) == 0
               ? 0
               : err_set(e, ENOENT,
                         "container %s is not connected to the network %s",
                         field_string(wiring->doc, "Id"), network);
}

int wiring_change(struct wiring *wiring, const json_t *ask, pid_t pid,
                  struct err *e)
{
    bool connects = field_is(ask, "do", "connect");
    json_t *network = NULL;
    int r =
        network_load(wiring->engine, field_string(ask, "network"), &network, e);
    if (r == -ENOENT && field_bool(ask, "force"))
        return forget(wiring, field_string(ask, "network"), e);
    if (r == 0)
        r = network_check_user(wiring->engine, field_string(ask, "do"),
                               field_string(network, "Name"), e);
    if (r == 0)
        r = (connects ? connect_it : disconnect_it)(wiring, network, ask, pid,
                                                    e);
    if (r == 0)
        endpoint_tell(wiring, network, connects ? "connect" : "disconnect");
    json_decref(network);
    return r;
}
