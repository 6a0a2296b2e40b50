/*
 * link.h - network devices: bridge, veth, macvlan; their addresses and routes.
 *
 * A *veth* is a cable: two devices, and what is sent into one comes out of the
 * other (veth(4)). A *bridge* is a switch: devices become its ports, and it
 * learns who is behind which (bridge(8)). A container is connected by a cable
 * of which one end lies in its namespace, called eth0, and the other is a port
 * of the network's bridge. A *macvlan* gives it a card of its own on a real
 * network instead.
 *
 *     link_add_bridge(nl, "md0", 0, e);
 *     link_find(nl, "md0", &bridge, e);
 *     link_add_address(nl, bridge.index, &gateway, e);
 *     link_add_veth(nl, &(struct link_veth){.name = "veth1", .peer = "eth0",
 *                   .bridge = bridge.index, .peer_ns = ns, .mac = mac}, e);
 *     link_setup(inside, &(struct link_setup){.name = "eth0",
 *                .address = address, .gateway = gateway.ip}, e);
 *
 * All work on a `struct netlink` of the namespace that the devices lie in.
 * Nobody owns a device: it lives until it is deleted, or its namespace ends. A
 * cable is gone with either of its ends. Names have 15 characters at most
 * (IFNAMSIZ - 1), no '/' and no blank, and -EINVAL else. Making one takes half
 * a millisecond; deleting one takes tens, in which the kernel waits until no
 * processor looks at it any more (and nobody else waits). A namespace that ends
 * deletes its devices behind our back, and the other ends of its cables.
 *
 * Errors name the device: "create veth1: File exists". Worth telling apart:
 * -EEXIST, -ENODEV, -EPERM (CAP_NET_ADMIN), -EOPNOTSUPP (the kernel has not
 * this kind). Fork-safe.
 */
#ifndef LINK_H
#define LINK_H

#include "err.h"
#include "ip.h"
#include "netlink.h"

#include <net/if.h>
#include <stdint.h>

struct link {
    unsigned int index;
    unsigned int master; /* index of the bridge that it is a port of, or 0 */
    unsigned int peer;   /* index of the other end, which may lie elsewhere */
    unsigned int flags;  /* IFF_UP ... (netdevice(7)) */
    uint32_t mtu;
    char name[IFNAMSIZ];
    char kind[16]; /* "bridge", "veth" ...; "" for lo and hardware */
    struct mac mac;
};

/* -ENODEV: there is none of that name. */
int link_find(struct netlink *nl, const char *name, struct link *ret,
              struct err *e);

/* Each device of the namespace. What `each` returns below 0 ends it. */
typedef int link_each(void *arg, const struct link *link);
int link_list(struct netlink *nl, link_each *each, void *arg, struct err *e);

/* A bridge that is up, with a card's address that it keeps: else it would be
 * the lowest of its ports', and change as they come and go. It forwards at once
 * (no spanning tree). `mtu` 0 is the kernel's 1500. */
int link_add_bridge(struct netlink *nl, const char *name, uint32_t mtu,
                    struct err *e);

struct link_veth {
    const char *name;    /* our end, up */
    unsigned int bridge; /* the bridge that it becomes a port of, or 0 */
    const char *peer;    /* the other end, down: "eth0" */
    int peer_ns;         /* the namespace where that lies, or -1: here */
    struct mac mac;      /* of the peer; all zeros: the kernel chooses */
    uint32_t mtu;        /* of both; 0: the kernel's 1500 */
};
/* Both ends, in one request: there is no moment in which half of it is there.
 * Our end has no IPv6 address: it is a port, and nobody to talk to. */
int link_add_veth(struct netlink *nl, const struct link_veth *veth,
                  struct err *e);

struct link_macvlan {
    const char *name;   /* in the namespace `ns` (-1: here), down */
    const char *parent; /* the device whose network it shares, here */
    int ns;
    struct mac mac; /* all zeros: the kernel chooses */
    uint32_t mode;  /* MACVLAN_MODE_BRIDGE ...; 0 is that */
};
int link_add_macvlan(struct netlink *nl, const struct link_macvlan *macvlan,
                     struct err *e);

int link_up(struct netlink *nl, unsigned int index, struct err *e);
/* -EBUSY: it is up, and the kernel older than 6.2. */
int link_rename(struct netlink *nl, unsigned int index, const char *name,
                struct err *e);
/* -ENODEV: it is not there. */
int link_delete(struct netlink *nl, const char *name, struct err *e);

/* `address` is an address with its network's bits. IPv6 is not tried out first
 * (RFC 4862, duplicate address detection takes a second): whoever gave it to us
 * knows that it is free. */
int link_add_address(struct netlink *nl, unsigned int index,
                     const struct ip_net *address, struct err *e);
/* To a network, NULL: to all, by a gateway; by none (NULL or family 0): it lies
 * behind the device itself. At least one of both is said. */
int link_add_route(struct netlink *nl, const struct ip_net *to,
                   const struct ip *gateway, unsigned int index, struct err *e);

/* The default route of the gateway's family, also where there is one. */
int link_set_way_out(struct netlink *nl, const struct ip *gateway,
                     unsigned int index, struct err *e);

/* Every network that an address or a route of this namespace has (appended to
 * `ret`): what new ones must not overlap. Default routes are left out, also the
 * ones that a VPN says in two halves, and what each machine has: loopback,
 * link-local, multicast. */
int link_nets(struct netlink *nl, struct ip_nets *ret, struct err *e);

struct link_setup {
    const char *name;                /* of the device */
    struct ip_net address, address6; /* family 0: none */
    struct ip gateway, gateway6;     /* family 0: none */
};
/* All that a container's end needs: up, its addresses, its default routes.
 * Without an IPv6 address it has none at all, not even a link-local one. `nl`
 * is of the container's namespace. */
int link_setup(struct netlink *nl, const struct link_setup *setup,
               struct err *e);

#endif
