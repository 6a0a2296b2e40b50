/*
 * endpoint.h - a plug: one container in one network.
 *
 * It has an address there, written among the network's leases (leases.h), and
 * a link: a cable from the container's namespace to the network's bridge, or a
 * macvlan of its own.
 *
 *     endpoint_new(wiring, "front", settings, &endpoint, &e);
 *     endpoint_take(wiring, endpoint, &e);          // an address is its own
 *     endpoint_plug(wiring, endpoint, ns, &e);      // packets go to and fro
 *     endpoint_cut(endpoint, &e);
 *     endpoint_unrule(wiring, endpoint, &e);
 *     endpoint_give_back(wiring, endpoint, &e);
 *     endpoint_free(&endpoint);
 *
 * Errors in Docker's words; worth telling apart: -EADDRINUSE, -ENOSPC: no
 * address is free; -EEXIST: it is in this network already; -ENOENT: there is no
 * such network. Only 13-engine includes this.
 */
#ifndef ENDPOINT_H
#define ENDPOINT_H

#include "wiring.h"

struct endpoint {
    json_t *network;
    json_t *settings; /* its member of NetworkSettings.Networks; borrowed */
    char id[RECORD_ID_LEN + 1];
    char veth[16];       /* our end; the other is eth0, eth1 ... */
    unsigned int number; /* of that */
    unsigned int bridge; /* index of the bridge, or of macvlan's parent */
    struct ip ip, ip6;   /* family 0: none */
    struct mac mac;
    bool taken;   /* its lease is written */
    bool plugged; /* it has had a link */
    bool bare;    /* there are no rules */
};

/* Take an address, under the network's lock, with the network up; the caller
 * has set `number`, N of ethN. Noted in wiring.json before it is a lease. */
int endpoint_take(struct wiring *wiring, struct endpoint *endpoint,
                  struct err *e);
/* The lease; nothing where none is taken. */
int endpoint_give_back(struct wiring *wiring, struct endpoint *endpoint,
                       struct err *e);
/* Put a link into the network namespace `ns`, and its rules in place. */
int endpoint_plug(struct wiring *wiring, struct endpoint *endpoint, int ns,
                  struct err *e);
/* The kernel takes its time over a link, some 10 ms, and takes it by itself
 * when the namespace ends: cut it where that lives on. The one end goes, and
 * the other with it; a macvlan is alone, and stays. */
int endpoint_cut(const struct endpoint *endpoint, struct err *e);
/* Its rules go, after the link: they guard that. */
int endpoint_unrule(struct wiring *wiring, struct endpoint *endpoint,
                    struct err *e);
/* Of all that is plugged in: the default route goes by the first network that
 * leads out, now that the one which had it may be gone. */
int endpoint_lead_out(struct wiring *wiring, int ns, struct err *e);
/* A new one in the network of that name, with a random id, from which the name
 * of its link follows; `settings` are borrowed and may be NULL. The caller
 * frees it. */
int endpoint_new(struct wiring *wiring, const char *network, json_t *settings,
                 struct endpoint **ret, struct err *e);
void endpoint_free(struct endpoint **endpoint);

/* Write down that the container was plugged into a network, "connect", or out
 * of it, "disconnect". */
void endpoint_tell(const struct wiring *wiring, const json_t *network,
                   const char *action);

#endif
