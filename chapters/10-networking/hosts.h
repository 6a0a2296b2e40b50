/*
 * hosts.h - /etc/hosts of a container, as Docker writes it (hosts(5)).
 *
 * Before any name server is asked, the C library looks there. What it always
 * says of "localhost", what --add-host adds, and one line for each address
 * that the container has in a network:
 *
 *     127.0.0.1   localhost          (a tab between)
 *     ...
 *     10.0.0.7    registry
 *     172.18.0.2  c0ffee00c0ff
 *
 *     struct hosts hosts = {.hostname = "c0ffee00c0ff", .addresses = &ip, 1};
 *     auto_free char *text = hosts_text(&hosts);
 *
 * The file is written before the container starts and again with each network
 * that it joins or leaves. It is mounted into the container, so it is written
 * over and not replaced. Pure; fork-safe; what comes out is the caller's.
 */
#ifndef HOSTS_H
#define HOSTS_H

#include "err.h"
#include "ip.h"
#include "text.h"

#include <stdbool.h>

struct hosts {
    const char *base; /* what comes first; NULL: Docker's lines for localhost */
    bool no_ip6;      /* of these, leave out those for IPv6 */
    const char *hostname, *domain; /* domain: NULL or "": none */
    const struct ip *addresses;    /* the container's own */
    size_t n_addresses;
    const struct strv *extra; /* "NAME:ADDRESS" or "NAME=ADDRESS"; NULL: none */
};

/* The caller frees it. Extra hosts that hosts_split refuses are left out. */
char *hosts_text(const struct hosts *hosts);

/* What --add-host was given: "db:10.0.0.7", "db=10.0.0.7", "db=[fd00::7]". Of
 * an address that is `gateway_word` ("host-gateway"; NULL: of none) the caller
 * knows what it stands for; ret_ip->family is 0 then. The caller frees the
 * name. -EINVAL with Docker's words. */
int hosts_split(const char *spec, const char *gateway_word, char **ret_name,
                struct ip *ret_ip, struct err *e);

#endif
