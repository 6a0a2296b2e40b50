/*
 * ports.h - which ports are published: `-p` as Docker reads it.
 *
 *     -p 80                        80 of the container at a port that is free
 *     -p 8080:80                   at 8080 of every address of the host
 *     -p 127.0.0.1:8080:80/udp     at one address, UDP
 *     -p [::1]:8080:80             IPv6; the brackets may be left out
 *     -p 8000-8009:80              at the first of these that is free
 *     -p 8000-8009:80-89           each at its own
 *
 *     struct port_list list = {0};
 *     if (ports_parse("127.0.0.1:8080:80", &list, e) < 0)
 *         return -EINVAL;
 *     for (size_t i = 0; i < list.n; i++)
 *         forward_listen(&list.v[i], ...);                  // forward.h
 *     ports_done(&list);
 *
 * Pure: nothing is opened. The list belongs to the caller. Port 0 is none, on
 * neither side: who wants any free one leaves the host's port away. SCTP,
 * which Docker knows, is not known here.
 */
#ifndef PORTS_H
#define PORTS_H

#include "err.h"
#include "ip.h"

#include <stddef.h>
#include <stdint.h>

/* One port of a container, and where it is wanted. */
struct port {
    struct ip host; /* family 0: every address, of both families */
    uint16_t host_first, host_last; /* the first free one of these; 0: any */
    uint16_t port;                  /* the container's */
    uint8_t protocol;               /* IPPROTO_TCP, IPPROTO_UDP */
};

struct port_list {
    struct port *v;
    size_t n;
};

#define auto_ports __attribute__((cleanup(ports_done)))

/* Append what `spec` says, a range as one port after the other. 0; -EINVAL in
 * Docker's words ("Invalid containerPort: 80x"), and then the list is as it
 * was. */
int ports_parse(const char *spec, struct port_list *ret, struct err *e);
void ports_add(struct port_list *list, const struct port *port);
void ports_done(struct port_list *list);

/* "80/tcp", as `--expose` and EXPOSE have it, ranges as above: what -P
 * publishes. 0 or -EINVAL. */
int ports_parse_exposed(const char *spec, struct port_list *ret, struct err *e);

/* "tcp", "udp"; NULL for any other number of IPPROTO_*. */
const char *ports_protocol_name(uint8_t protocol);

#endif
