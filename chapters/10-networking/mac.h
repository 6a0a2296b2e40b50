/*
 * mac.h - the address of a network card: six bytes, written 02:42:ac:11:00:02.
 *
 * Frames carry it, and it means something on one switch only. Bit 1 of the
 * first byte says that somebody chose it, and no factory; bit 0 that it means a
 * group, which no card may be called (IEEE 802, "U/L" and "I/G" bits).
 *
 *     struct mac mac = mac_of_ip(&ip);
 *     char text[MAC_TEXT_LEN];
 *     puts(mac_format(&mac, text));
 *
 * Pure, but for mac_random. Fork-safe.
 */
#ifndef MAC_H
#define MAC_H

#include <stdbool.h>
#include <stdint.h>

struct ip;

struct mac {
    uint8_t bytes[6];
};

#define MAC_TEXT_LEN 18 /* with the end */

/* Six pairs of hexadecimal digits between colons, or between hyphens. 0 or
 * -EINVAL. */
int mac_parse(const char *text, struct mac *ret);
/* In small letters, into `ret`, which is returned. */
const char *mac_format(const struct mac *mac, char ret[MAC_TEXT_LEN]);
bool mac_equal(const struct mac *a, const struct mac *b);
/* All zeros: none was said. */
bool mac_is_none(const struct mac *mac);

/* 02:42 and the four bytes of an IPv4 address, the last four of an IPv6 one, as
 * Docker made it up to version 27: whoever gets the address again has the
 * card's address that its neighbours remember. The demo and tests use it;
 * containers get a random one and keep it (13-engine/endpoint.c). */
struct mac mac_of_ip(const struct ip *ip);

/* One that nobody sells, 02:42 and four bytes that nobody can foretell
 * (getrandom(2)). */
struct mac mac_random(void);

#endif
