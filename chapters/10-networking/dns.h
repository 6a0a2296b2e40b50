/*
 * dns.h - messages of the domain name system: questions read, answers written.
 *
 * A message is a header of 12 bytes, a question, and records (RFC 1035, 4.1). A
 * name in it is labels, each behind its length, up to one of length zero; in
 * records the rest of a name may be a pointer to where it stood before, which
 * is how messages that never end are made. Nothing here follows a pointer.
 *
 *     struct dns_query query;
 *     int r = dns_parse(bytes, len, &query);      // what is asked?
 *     if (r >= 0) {
 *         struct dns_answer answer = {.rcode = r, .records = v, .n = n};
 *         len = dns_reply(&query, &answer, out, dns_room(&query, sizeof out));
 *         send(fd, out, len, 0);
 *     }
 *
 * Anybody can send such a message, so nothing in it is believed: dns_parse is
 * total, reads no byte twice, and says of what is wrong which answer it
 * deserves. Names come out as text, "web.front", without the last dot; a byte
 * of a label that is a dot itself, or no printable character, as \DDD (RFC
 * 1035, 5.1), so that two texts are equal only if the names are.
 *
 * EDNS (RFC 6891): who sends an OPT record gets one; longer answers than 512
 * bytes by UDP only for them. What does not fit is left out, and the bit TC
 * tells the client to ask again by TCP.
 *
 * Pure: no allocation, no system call. Fork-safe.
 */
#ifndef DNS_H
#define DNS_H

#include "ip.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    DNS_HEADER = 12,
    DNS_NAME_TEXT = 1021, /* 255 bytes of which each is \DDD, and the end */
    DNS_UDP_ROOM = 512,   /* without EDNS */
    DNS_EDNS_ROOM = 4096, /* what we take ourselves */
    DNS_MOST = 65535,
};

enum dns_type {
    DNS_A = 1,
    DNS_PTR = 12,
    DNS_AAAA = 28,
    DNS_OPT = 41,
    DNS_IXFR = 251,
    DNS_AXFR = 252,
    DNS_ANY = 255,
};

enum { DNS_IN = 1 }; /* the class of the internet */

enum dns_rcode {
    DNS_NOERROR = 0,
    DNS_FORMERR = 1,
    DNS_SERVFAIL = 2,
    DNS_NXDOMAIN = 3,
    DNS_NOTIMP = 4,
    DNS_REFUSED = 5,
    DNS_BADVERS = 16, /* its upper bits travel in OPT */
};

struct dns_query {
    uint16_t id, flags;
    uint16_t type, class;
    char name[DNS_NAME_TEXT];
    const uint8_t *question; /* borrowed: name, type and class as they came */
    size_t question_len;     /* 0: it could not be read */
    bool has_edns, wants_dnssec;
    uint16_t udp_room; /* what the client takes, EDNS alone */
};

/* What a message asks. 0; a DNS_* code > 0 that is the answer it deserves (more
 * than one question or none, cut short, another opcode ...); or -EPROTO: not to
 * be answered at all, because it is an answer itself or has no header. */
int dns_parse(const uint8_t *message, size_t len, struct dns_query *ret);

struct dns_record {
    uint16_t type;    /* DNS_A, DNS_AAAA, DNS_PTR */
    struct ip ip;     /* of the first two */
    const char *name; /* of DNS_PTR: "web.front" */
};

struct dns_answer {
    int rcode;
    uint32_t ttl_s;
    const struct dns_record *records; /* all of the name that was asked for */
    size_t n;
    size_t first; /* < n: with which to begin; the rest follow round */
};

/* Write the answer to `query`: its bytes. `room` >= 512. */
size_t dns_reply(const struct dns_query *query, const struct dns_answer *answer,
                 uint8_t *ret, size_t room);
/* How long an answer by UDP may be, at most `most`. */
size_t dns_room(const struct dns_query *query, size_t most);
/* Can a name be in a message at all: labels of 1 to 63 bytes, 255 in all? */
bool dns_is_name(const char *name);

/* Which address "2.0.18.172.in-addr.arpa", "...ip6.arpa" is about. False: none,
 * or a part of one. */
bool dns_reverse(const char *name, struct ip *ret);

/* Of an answer that came from elsewhere: its code (>= 0, without OPT's bits) if
 * it has this id and answers `query`'s question; else -EPROTO. An answer with
 * an error and without a question counts. */
int dns_check(const uint8_t *reply, size_t len, uint16_t id,
              const struct dns_query *query);
/* Make it the answer to `query` itself: its id, and the letters of its question
 * as they were. What dns_check has accepted. */
void dns_adopt(uint8_t *reply, const struct dns_query *query);
/* Cut one longer than `room` down to the question, with TC. Its length. */
size_t dns_truncate(uint8_t *reply, size_t len, size_t room);

void dns_set_id(uint8_t *message, uint16_t id);

#endif
