/*
 * resolv.h - /etc/resolv.conf: where the C library asks for names
 * (resolv.conf(5)), and what becomes of the host's file for a container.
 *
 * A container cannot use the host's as it is. A name server at 127.0.0.53 is
 * another one seen from inside, and one who joins a network with names wants
 * our own server first. Docker's rules, which are ours:
 *
 *     RESOLV_HOST       --network host: the host's file
 *     RESOLV_PLAIN      the default bridge: without servers on loopback, and
 *                       8.8.8.8 and 8.8.4.4 where none is left
 *     RESOLV_INTERNAL   a network with names: "nameserver 127.0.0.11" and
 *                       "ndots:0"; the host's servers are whom that one asks
 *
 * and what --dns, --dns-search ("." alone: none) and --dns-option say comes in
 * the place of the host's.
 *
 *     auto_resolv struct resolv host = {0};
 *     resolv_read(text, &host);
 *     struct resolv_wish wish = {.kind = RESOLV_INTERNAL, .dns = &dns, ...};
 *     auto_free char *file = resolv_text(&host, &wish, &upstream);
 *
 * Reading never fails: what is no directive is kept as it is, as Docker does.
 * Pure; fork-safe. Everything that comes out is the caller's.
 */
#ifndef RESOLV_H
#define RESOLV_H

#include "text.h"

#include <stdbool.h>

#define RESOLV_INTERNAL_ADDRESS "127.0.0.11"

struct resolv {
    struct strv nameservers, search, options;
    struct strv other;   /* lines that are no directive of these */
    struct strv invalid; /* name servers that are no addresses */
};

#define auto_resolv __attribute__((cleanup(resolv_done)))
void resolv_read(const char *text, struct resolv *ret);
void resolv_done(struct resolv *resolv);

enum resolv_kind { RESOLV_HOST, RESOLV_PLAIN, RESOLV_INTERNAL };

struct resolv_wish {
    enum resolv_kind kind;
    bool has_ip6;     /* a server with an IPv6 address is reached from inside */
    const char *path; /* of the host's file, for the comment */
    const struct strv *dns, *search, *options; /* NULL or empty: the host's */
};

/* The container's file. To `upstream` (may be NULL) it adds whom the server on
 * 127.0.0.11 has to ask, RESOLV_INTERNAL alone. */
char *resolv_text(const struct resolv *host, const struct resolv_wish *wish,
                  struct strv *upstream);

#endif
