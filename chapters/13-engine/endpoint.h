/*
 * endpoint.h - a plug: one container in one network.
 *
 * It has an address there, written among the network's leases (leases.h), and
 * a link: a cable from the container's namespace to the network's bridge, or a
 * macvlan of its own.
 *
 *     endpoint_new(wiring, "front", settings, &endpoint, &e);
 *     endpoint_choose_name(wiring, endpoint);       // eth0
 *     endpoint_take(wiring, endpoint, &e);          // an address is its own
 *     endpoint_plug(wiring, endpoint, ns, &e);      // packets go to and fro
 *     endpoint_cut(endpoint, &e);
 *     endpoint_unrule(wiring, endpoint, &e);
 *     endpoint_give_back(wiring, endpoint, &e);
 *     endpoint_free(&endpoint);
 *
 * Of all plugs of a container one is its way out, and carries its ports: the
 * "gateway endpoint". Which one that is may change with each that comes or
 * goes.
 *
 * Errors in Docker's words; worth telling apart: -EADDRINUSE, -ENOSPC: no
 * address is free; -EEXIST: it is in this network already; -ENOENT: there is no
 * such network. Only 13-engine includes this.
 */
#ifndef ENDPOINT_H
#define ENDPOINT_H

#include "wiring.h"

#include <net/if.h>

/* What Docker calls the options of an endpoint. */
#define ENDPOINT_OPTION "com.docker.network.endpoint."
#define ENDPOINT_IFNAME ENDPOINT_OPTION "ifname"
#define ENDPOINT_SYSCTLS ENDPOINT_OPTION "sysctls"
/* Which word of a sysctl stands for the interface. */
enum { ENDPOINT_SYSCTL_PLACE = 3 };

struct endpoint {
    json_t *network;
    json_t *settings; /* its member of NetworkSettings.Networks; owned */
    char id[RECORD_ID_LEN + 1];
    char veth[IFNAMSIZ], name[IFNAMSIZ]; /* our end; the container's: eth0 */
    unsigned int bridge; /* index of the bridge, or of macvlan's parent */
    struct ip ip, ip6;   /* family 0: none */
    struct ips more;     /* --link-local-ip */
    struct mac mac;
    int64_t priority; /* of its gateway: --gw-priority */
    bool taken;       /* its lease is written */
    bool plugged;     /* it has had a link */
    bool bare;        /* there are no rules */
    bool is_late;     /* it comes to a container that runs */
};

/* An option of its own, of --driver-opt; NULL: not said. */
const char *endpoint_option(const struct endpoint *endpoint, const char *name);
/* How its interface is called; of one that the wiring does not have yet. */
void endpoint_choose_name(const struct wiring *wiring,
                          struct endpoint *endpoint);
/* Take an address, under the network's lock, with the network up. Noted in
 * wiring.json before it is a lease. */
int endpoint_take(struct wiring *wiring, struct endpoint *endpoint,
                  struct err *e);
/* The lease; nothing where none is taken. */
int endpoint_give_back(struct wiring *wiring, struct endpoint *endpoint,
                       struct err *e);
/* Put a link into the network namespace `ns`, and its rules in place. */
int endpoint_plug(const struct wiring *wiring, struct endpoint *endpoint,
                  int ns, struct err *e);
/* The kernel takes its time over a link, some 10 ms, and takes it by itself
 * when the namespace ends: cut it where that lives on. The one end goes, and
 * the other with it; a macvlan is alone, and stays. */
int endpoint_cut(const struct endpoint *endpoint, struct err *e);
/* Its rules go, after the link: they guard that. The way to them stays open in
 * `wiring`. */
int endpoint_unrule(struct wiring *wiring, const struct endpoint *endpoint,
                    struct err *e);
/* Which of them leads out, for a family; NULL: none. */
struct endpoint *endpoint_way_out(const struct wiring *wiring, int family);
/* The default routes, where who has them may have changed. */
int endpoint_lead_out(const struct wiring *wiring, int ns, struct err *e);
/* The rules of published ports alone, at wiring->carrier: in place, or gone. */
int endpoint_carry_ports(const struct wiring *wiring, bool carry,
                         struct err *e);
/* A new one in the network of that name, with a random id, from which the name
 * of its link follows; `settings` are shared and may be NULL. The caller frees
 * it. */
int endpoint_new(struct wiring *wiring, const char *network, json_t *settings,
                 struct endpoint **ret, struct err *e);
void endpoint_free(struct endpoint **endpoint);

/* Write down that the container was plugged into a network, "connect", or out
 * of it, "disconnect". */
void endpoint_tell(const struct wiring *wiring, const json_t *network,
                   const char *action);

#endif
