/*
 * dns_bytes.h - the numbers in a message, and where they stand (RFC 1035, 4.1).
 *
 * Only dns*.c include this. All numbers are big-endian.
 */
#ifndef DNS_BYTES_H
#define DNS_BYTES_H

#include <stdint.h>

/* Offsets in the header. */
enum {
    DNS_AT_ID = 0,
    DNS_AT_FLAGS = 2,
    DNS_AT_QUESTIONS = 4,
    DNS_AT_ANSWERS = 6,
    DNS_AT_AUTHORITIES = 8,
    DNS_AT_ADDITIONALS = 10,
};

/* The second 16 bits of the header. */
enum {
    DNS_FLAG_QR = 0x8000,
    DNS_FLAG_OPCODE = 0x7800,
    DNS_FLAG_TC = 0x0200,
    DNS_FLAG_RD = 0x0100,
    DNS_FLAG_RA = 0x0080,
    DNS_FLAG_CD = 0x0010,
    DNS_FLAG_RCODE = 0x000f,
};

/* OPT has the class's place for the room, and the time-to-live's for eight more
 * bits of the code, a version and flags. */
enum {
    DNS_OPT_LEN = 11,
    DNS_OPT_DNSSEC = 0x8000,
    DNS_RECORD_HEAD = 10, /* type, class, ttl and length, after the name */
    DNS_LABEL_MOST = 63,
    DNS_NAME_MOST = 255,
    DNS_POINTER = 0xc0, /* both bits in a length: a pointer */
};

static inline uint16_t dns_u16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static inline void dns_put_u16(uint8_t *at, unsigned int n)
{
    at[0] = (uint8_t)(n >> 8);
    at[1] = (uint8_t)n;
}

#endif
