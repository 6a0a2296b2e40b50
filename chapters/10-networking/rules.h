/*
 * rules.h - who may talk to whom: the firewall's rules of one network.
 *
 * Each network has two tables of its own, `table inet mini-docker-ID` for what
 * the host forwards and `table bridge mini-docker-ID` for what the bridge does,
 * so whatever else there is of rules on this host is neither read nor changed,
 * and `delete table` takes ours away (nft(8); Docker does the same in shared
 * chains of iptables). They say what Docker's say:
 *
 *   into the network   only answers, and what came to a published port
 *   out of it          anything, with the host's address (masquerade)
 *   internal           neither
 *   published ports    the destination becomes the container's (DNAT), be the
 *                      sender outside, the host itself, or in another network
 *   icc=false          neighbours reach each other's published ports only
 *   guard              who sends from a container's link uses the addresses it
 *                      was given: MAC, IPv4 also in ARP, IPv6 also in
 *                      neighbour discovery; nothing but these three protocols
 *
 *     auto_free char *text = rules_text(&network);
 *     rules_apply(text, e);                    // the network comes up: 15 ms
 *     rules_add_member(nf, id, &web, e);       // a container does: 0.1 ms
 *     rules_delete_member(nf, id, &web, e);
 *     rules_remove(id, e);
 *
 * The text is applied by the program nft as one transaction: all of it or
 * nothing. Containers are no rules but elements of the tables' sets and maps,
 * which one message to the kernel adds or deletes (nfnetlink; `nf` is
 * netlink_open(.., NETLINK_NETFILTER, ..)). Who does not stand in the set of
 * links is not guarded: add the member before its link is up, and delete it
 * when that is gone. Applying the text again empties the sets.
 *
 * Two kinds of connections are left to the relay (forward.h), as by Docker:
 * those to 127.0.0.1 or ::1, and those from a network to its own published
 * ports. Where br_netfilter is loaded, what neighbours say to each other passes
 * the inet table as well: both ways the rules mean the same. Everything
 * concerns the network namespace of the caller, and of `nf`. The host has to
 * forward (net.ipv4.ip_forward), which is the caller's to set.
 *
 * Errors worth telling apart: -ENOENT (there is no nft), -EOPNOTSUPP (the
 * kernel has no nftables, or not all that is needed; Linux 5.6), -EPERM
 * (CAP_NET_ADMIN). Fork-safe.
 */
#ifndef RULES_H
#define RULES_H

#include "err.h"
#include "ip.h"
#include "netlink.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rules_network {
    char id[13];             /* the first 12 letters of its id */
    const char *bridge;      /* the bridge's name */
    struct ip_net net, net6; /* family 0: none */
    bool internal;           /* no way in or out */
    bool masquerade;         /* leave with the host's address */
    bool icc;                /* neighbours may talk to each other */
};

/* What `nft -f -` takes; the caller frees it. It replaces the tables, should
 * they be there, within the same transaction. */
char *rules_text(const struct rules_network *network);

/* Run nft with that text. 0 or -errno, with nft's own first line. */
int rules_apply(const char *text, struct err *e);

/* Both tables, with all that is in them; none is no error, nor a kernel
 * without nftables. 0 or -errno. */
int rules_remove(const char *id, struct err *e);

/* Are the rules still there? Anybody may say `nft flush ruleset`. 1 or 0. */
int rules_are_there(struct netlink *nf, const char *id);

/* A port of the host that leads to one of the container. Both addresses are
 * of one family; anything else is left to the relay. */
struct rules_port {
    struct ip host;   /* family 0, 0.0.0.0, [::]: every address */
    uint8_t protocol; /* IPPROTO_TCP, IPPROTO_UDP */
    uint16_t host_port;
    struct ip to;
    uint16_t port;
};

/* A container's end of the network. */
struct rules_member {
    const char *veth;  /* our end of its cable, of which frames come in; NULL:
                          it is about its ports alone */
    struct mac mac;    /* of the container's end */
    struct ip ip, ip6; /* family 0: none */
    struct ips more;   /* further addresses that it may use; borrowed */
    const struct rules_port *ports;
    size_t n_ports;
};

/* All of it or nothing. Adding what is there already is no error, nor is
 * deleting what is not; with its ports go the flows of datagrams that the
 * kernel remembers of them. -EEXIST: a port of the host leads elsewhere;
 * -ENOENT: the tables are gone. */
int rules_add_member(struct netlink *nf, const char *id,
                     const struct rules_member *member, struct err *e);
int rules_delete_member(struct netlink *nf, const char *id,
                        const struct rules_member *member, struct err *e);

#endif
