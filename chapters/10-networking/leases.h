/*
 * leases.h - who is in a network: one line for each end that a container has.
 *
 * The file of a network is text, and is read by everybody who asks "whose is
 * this address?": the engine before it gives one away, the name server at each
 * change, and people. It lies in a run directory, which is memory, so a reboot
 * empties it together with the links that it tells of.
 *
 *     last 172.18.0.3 -
 *     3f2a... 9c1e... veth3f2a91c 172.18.0.2 - 02:42:ac:12:00:02 web www,blog
 *     81bc... 0d5f... veth81bc0d5 172.18.0.3 - 02:42:ac:12:00:03 db -
 *
 * The first line has the addresses given last, IPv4 and IPv6, so that the next
 * search begins after them; each other one has container, endpoint, the link's
 * name on our side, IPv4, IPv6, MAC, the container's name and its aliases. "-"
 * stands for none.
 *
 *     auto_leases struct leases leases = {0};
 *     r = leases_read(dirfd, "leases", &leases, e);    // -ENOENT: none yet
 *     leases_add(&leases, &(struct lease){...});
 *     r = leases_write(dirfd, "leases", &leases, e);
 *
 * A file is replaced as a whole (write, rename), so readers need no lock; who
 * reads, changes and writes holds one of his own. What leases_add is given is
 * copied; what leases_find_* return is borrowed until the next change. Errors
 * worth telling apart: -ENOENT, and -EINVAL with file and line for one that
 * somebody else has written. Needs no privilege; fork-safe.
 */
#ifndef LEASES_H
#define LEASES_H

#include "err.h"
#include "ip.h"
#include "text.h"

#include <net/if.h>

#define LEASES_ID_LEN 65 /* 64 hexadecimal digits and the end */
#define LEASES_SHORT_ID 12

struct lease {
    char container[LEASES_ID_LEN], endpoint[LEASES_ID_LEN];
    char veth[IFNAMSIZ]; /* "": the container's end is the only one */
    struct ip ip, ip6;   /* family 0: none */
    struct mac mac;      /* all zeros: none */
    char *name;
    struct strv aliases;
};

/* Zeros are a network in which nobody is. */
struct leases {
    struct lease *v;
    size_t n;
    struct ip last, last6; /* given last; family 0: none yet */
};

#define auto_leases __attribute__((cleanup(leases_done)))
void leases_done(struct leases *leases);

int leases_read(int dirfd, const char *path, struct leases *ret, struct err *e);
/* -EINVAL where a name or alias is empty or has a blank or a comma. */
int leases_write(int dirfd, const char *path, const struct leases *leases,
                 struct err *e);
/* The same without the file. -EINVAL: which line, and what is wrong with it;
 * `ret` is empty then. */
int leases_parse(const char *text, struct leases *ret, struct err *e);
void leases_format(const struct leases *leases, struct text *out);

/* A copy of `lease`, the newest, which is also the one given last. */
void leases_add(struct leases *leases, const struct lease *lease);
/* Forget one that leases_find_* returned. */
void leases_remove(struct leases *leases, struct lease *lease);

/* By whole id, by the container's name or an alias, by address of either
 * family. NULL: nobody's. */
struct lease *leases_find_container(const struct leases *leases,
                                    const char *id);
struct lease *leases_find_endpoint(const struct leases *leases, const char *id);
struct lease *leases_find_ip(const struct leases *leases, const struct ip *ip);

/* Add all addresses of AF_INET or AF_INET6 to `ret`: what ipam.h avoids. */
void leases_taken(const struct leases *leases, int family, struct ips *ret);

/* Does it answer to this name: its own, an alias, the first 12 digits of the
 * container's id? Upper and lower case are one, as everywhere in DNS. */
bool leases_is_called(const struct lease *lease, const char *name);

#endif
