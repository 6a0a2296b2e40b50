/*
 * ipam.h - which network, which address: choices over what is taken.
 *
 * Two networks that share addresses cannot both be reached, so a new one must
 * lie beside all that this machine has an address in or a route to
 * (link_nets); and two neighbours with one address take each other's packets.
 * Who remembers what is taken is the caller (leases.h). The private ranges to
 * choose from are those of RFC 1918, in the order in which Docker takes them,
 * and of RFC 4193.
 *
 *     struct ipam_pool pool = {.net = net, .gateway = gateway,
 *                              .taken = &ips, .last = leases.last};
 *     if (ipam_choose(&pool, &ip, &e) < 0) ...
 *
 * An address that was given back is not given out again until all others had
 * their turn: neighbours remember whose it was, and packets to its old owner
 * are still under way.
 *
 * Errors: -ENOSPC (none left), -EINVAL, -EADDRINUSE; the words are Docker's.
 * Pure: no system call. Fork-safe.
 */
#ifndef IPAM_H
#define IPAM_H

#include "err.h"
#include "ip.h"

/* The first of Docker's default pools that overlaps none of `taken`:
 * 172.17.0.0/16 to 172.31.0.0/16, then 192.168.0.0/20 to 192.168.240.0/20. */
int ipam_choose_net(const struct ip_nets *taken, struct ip_net *ret,
                    struct err *e);

/* A /64 in fd00::/8 whose other 56 bits are hexadecimal digits of the network's
 * id: unique without asking anybody, and the same whenever it is asked for. */
int ipam_choose_net6(const char *id, const struct ip_nets *taken,
                     struct ip_net *ret, struct err *e);

struct ipam_pool {
    struct ip_net net;
    struct ip_net range;     /* choose in here alone; family 0: the whole net */
    struct ip gateway;       /* family 0: none */
    const struct ips *taken; /* in any order; may be NULL */
    struct ip last;          /* the one given last; family 0: none */
};

/* The next free one behind `last`, going round. Never the gateway, nor the
 * first address, which means the network (or, with IPv6, any of its routers),
 * nor IPv4's last, which means everybody; a network of one or two addresses has
 * no such (RFC 3021). */
int ipam_choose(const struct ipam_pool *pool, struct ip *ret, struct err *e);

/* May `wanted` be had? 0; -EINVAL: it is not in the net; -EADDRINUSE. It need
 * not lie in the range. */
int ipam_check(const struct ipam_pool *pool, const struct ip *wanted,
               struct err *e);

#endif
