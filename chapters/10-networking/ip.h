/*
 * ip.h - IPv4 and IPv6 addresses and networks, as values.
 *
 * An address is 4 or 16 bytes in network order, a network is an address and the
 * number of its leading bits that all its members share (RFC 4632, RFC 4291).
 *
 *     struct ip_net net;
 *     struct ip ip;
 *     ip_net_parse("172.18.0.0/16", &net);
 *     ip = ip_add(&net.ip, 2);                       // 172.18.0.2
 *     ip_net_has(&net, &ip);                         // true
 *     char text[IP_TEXT_LEN];
 *     puts(ip_format(&ip, text));
 *
 * One kind of struct for both families, because nearly everything that is done
 * with them is the same; family 0 means "none", and all zeros is none. An IPv4
 * address in IPv6's clothes (::ffff:10.0.0.1) is read as the IPv4 address that
 * it is, so that one address has one value. Texts are read whole or not at all:
 * no name, no zone, no octal, no missing parts (inet_pton(3)).
 *
 * Pure: no system call; only the two lists take memory. Fork-safe.
 */
#ifndef IP_H
#define IP_H

#include "mac.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ip {
    int family;        /* AF_INET, AF_INET6; 0: none */
    uint8_t bytes[16]; /* network order; IPv4 uses the first four */
};

struct ip_net {
    struct ip ip;      /* bits beyond `bits` may be set: an address in a net */
    unsigned int bits; /* 0..32, 0..128 */
};

#define IP_TEXT_LEN 46     /* with the end */
#define IP_NET_TEXT_LEN 50 /* "/128" as well */

/* 0 or -EINVAL. A network needs its "/bits"; its host bits are kept. */
int ip_parse(const char *text, struct ip *ret);
int ip_net_parse(const char *text, struct ip_net *ret);

/* As RFC 5952 writes them, into `ret`, which is returned. None is "". */
const char *ip_format(const struct ip *ip, char ret[IP_TEXT_LEN]);
const char *ip_net_format(const struct ip_net *net, char ret[IP_NET_TEXT_LEN]);

/* An address from `family`'s bytes as the kernel gives them. Another family
 * than those two, or fewer bytes than it has, gives none. */
struct ip ip_of(int family, const void *bytes, size_t n);
/* How many bytes it has: 4, 16 or 0. */
size_t ip_size(const struct ip *ip);

/* The same family and bytes. Two "none" are equal. */
bool ip_equal(const struct ip *a, const struct ip *b);
/* Is it in there? Never for another family, or none. */
bool ip_net_has(const struct ip_net *net, const struct ip *ip);
/* Has any address of one the other, too? */
bool ip_net_overlaps(const struct ip_net *a, const struct ip_net *b);

/* Host bits to zero: the network's own address. */
void ip_net_mask(struct ip_net *net);
/* Host bits to one: the last address; IPv4's for broadcasts. */
struct ip ip_net_last(const struct ip_net *net);
/* The n-th after it; behind the last one comes the first. */
struct ip ip_add(const struct ip *ip, uint64_t n);

/* Lists, which own their memory; all zeros is an empty one. */
struct ips {
    struct ip *v;
    size_t n;
};
struct ip_nets {
    struct ip_net *v;
    size_t n;
};
#define auto_ips __attribute__((cleanup(ip_ips_done)))
#define auto_ip_nets __attribute__((cleanup(ip_nets_done)))
void ip_ips_add(struct ips *list, const struct ip *ip);
void ip_ips_done(struct ips *list);
void ip_nets_add(struct ip_nets *list, const struct ip_net *net);
void ip_nets_done(struct ip_nets *list);

#endif
