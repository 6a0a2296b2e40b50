/*
 * network_trace_parts.h - inside network_trace: a packet, and what the map says
 * about addresses.
 *
 * Only network_trace*.c include this.
 */
#ifndef NETWORK_TRACE_PARTS_H
#define NETWORK_TRACE_PARTS_H

#include "doc.h"
#include "field.h"
#include "hops.h"
#include "netns.h"
#include "network_map.h"

#include <sys/socket.h>

struct network_trace {
    struct engine *engine;
    const json_t *map; /* network_map.h */
    const char *source;
    struct ip to;
    unsigned int port;
    const char *protocol; /* "tcp", "udp" */
    json_t *hops;
    bool passes;
    const char *by;
};

/* "web:80", "10.0.0.1:80/udp", "[fd00::1]:80". A name's address is that in a
 * network which the source is in, too, or else its first. */
int network_trace_parse(struct network_trace *trace, const char *target,
                        struct err *e);

/* The network of the map that has this address in it, or NULL. */
const json_t *network_trace_find_net(const struct network_trace *trace,
                                     const struct ip *ip);
/* Who has it in that network, or NULL. */
const json_t *network_trace_find_ip(const json_t *network, const struct ip *ip);
bool network_trace_is_gateway(const json_t *network, const struct ip *ip);

/* Whose published port the packet knocks at. */
struct network_trace_port {
    const json_t *network, *member; /* borrowed of the map */
    unsigned int port;
};
bool network_trace_find_port(const struct network_trace *trace,
                             struct network_trace_port *ret);

#endif
