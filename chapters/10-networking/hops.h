/*
 * hops.h - what the kernel would do with a packet: which way it would go.
 *
 * A route is looked up, not sent: RTM_GETROUTE without NLM_F_DUMP
 * (rtnetlink(7), `ip route get`) gives the very answer that a packet to that
 * address would get in the network namespace of the socket.
 *
 *     struct hops_route route;
 *     if (hops_route(nl, &to, &route, e) == -ENETUNREACH) ...
 *
 * Needs no privilege. Fork-safe.
 */
#ifndef HOPS_H
#define HOPS_H

#include "err.h"
#include "ip.h"
#include "netlink.h"

#include <stdbool.h>

struct hops_route {
    bool is_local;     /* it is an address of this namespace itself */
    unsigned int link; /* index of the device that it leaves by */
    struct ip gateway; /* family 0: the target lies behind that device itself */
    struct ip source;  /* the address that we would have */
};

/* -ENETUNREACH, -EHOSTUNREACH: there is no way. */
int hops_route(struct netlink *nl, const struct ip *to, struct hops_route *ret,
               struct err *e);

#endif
