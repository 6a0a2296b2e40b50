/* Questions read. See dns.h. */
#include "dns.h"

#include "dns_bytes.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

/* What is left of a message to be read. */
struct reader {
    const uint8_t *at, *end;
};

static size_t left(const struct reader *in)
{
    return (size_t)(in->end - in->at);
}

/* A byte of a label as text: at most four characters. */
static size_t put_char(char *out, uint8_t byte)
{
    if (isgraph(byte) && byte != '.' && byte != '\\') {
        out[0] = (char)byte;
        return 1;
    }
    out[0] = '\\';
    out[1] = (char)('0' + byte / 100);
    out[2] = (char)('0' + byte / 10 % 10);
    out[3] = (char)('0' + byte % 10);
    return 4;
}

/* The name of a question. It is the first in its message, so there is nothing
 * yet that a pointer could mean: a length above 63 is an error. */
static bool read_name(struct reader *in, char ret[DNS_NAME_TEXT])
{
    const uint8_t *begin = in->at;
    char *out = ret;
    for (;;) {
        if (left(in) == 0)
            return false;
        size_t len = *in->at++;
        if (len == 0)
            break;
        if (len > DNS_LABEL_MOST || len > left(in))
            return false;
        if (in->at + len - begin >= DNS_NAME_MOST)
            return false;
        if (out != ret)
            *out++ = '.';
        for (; len > 0; len--)
            out += put_char(out, *in->at++);
    }
    *out = '\0';
    return true;
}

/* The name of a record is of no interest: past it, up to its end or a pointer,
 * which is its end as well. */
static bool skip_name(struct reader *in)
{
    while (left(in) > 0) {
        uint8_t len = *in->at++;
        if (len == 0)
            return true;
        bool is_pointer = (len & DNS_POINTER) == DNS_POINTER;
        size_t skip = is_pointer ? 1 : len;
        if ((len > DNS_LABEL_MOST && !is_pointer) || skip > left(in))
            return false;
        in->at += skip;
        if (is_pointer)
            return true;
    }
    return false;
}

static bool read_question(struct reader *in, struct dns_query *ret)
{
    const uint8_t *begin = in->at;
    if (!read_name(in, ret->name) || left(in) < 4)
        return false;
    ret->type = dns_u16(in->at);
    ret->class = dns_u16(in->at + 2);
    in->at += 4;
    ret->question = begin;
    ret->question_len = (size_t)(in->at - begin);
    return true;
}

/* OPT's own name is the root, and there is one at most (RFC 6891, 6.1.1). */
static int read_opt(const uint8_t *name, const uint8_t *head,
                    struct dns_query *ret)
{
    if (*name != 0 || ret->has_edns)
        return DNS_FORMERR;
    ret->has_edns = true;
    ret->udp_room = dns_u16(head + 2);
    ret->wants_dnssec = (dns_u16(head + 6) & DNS_OPT_DNSSEC) != 0;
    uint8_t version = head[5];
    return version == 0 ? 0 : DNS_BADVERS;
}

/* A query has no records but OPT, and TSIG for which we have no use. */
static int read_records(struct reader *in, unsigned int n,
                        struct dns_query *ret)
{
    int rcode = 0;
    for (; n > 0; n--) {
        const uint8_t *name = in->at;
        if (!skip_name(in) || left(in) < DNS_RECORD_HEAD)
            return DNS_FORMERR;
        const uint8_t *head = in->at;
        size_t data = dns_u16(head + 8);
        in->at += DNS_RECORD_HEAD;
        if (data > left(in))
            return DNS_FORMERR;
        in->at += data;
        if (dns_u16(head) == DNS_OPT)
            rcode = read_opt(name, head, ret);
        if (rcode == DNS_FORMERR)
            return rcode;
    }
    return rcode;
}

int dns_parse(const uint8_t *message, size_t len, struct dns_query *ret)
{
    struct reader in = {message, message + len};
    memset(ret, 0, sizeof *ret);
    /* One who answers answers lets two servers talk to each other for ever. */
    if (len < DNS_HEADER ||
        (dns_u16(message + DNS_AT_FLAGS) & DNS_FLAG_QR) != 0)
        return -EPROTO;
    ret->id = dns_u16(message + DNS_AT_ID);
    ret->flags = dns_u16(message + DNS_AT_FLAGS);
    in.at += DNS_HEADER;
    if ((ret->flags & DNS_FLAG_OPCODE) != 0)
        return DNS_NOTIMP;
    if (dns_u16(message + DNS_AT_QUESTIONS) != 1 || !read_question(&in, ret))
        return DNS_FORMERR;
    unsigned int n = dns_u16(message + DNS_AT_ANSWERS);
    n += dns_u16(message + DNS_AT_AUTHORITIES);
    n += dns_u16(message + DNS_AT_ADDITIONALS);
    return read_records(&in, n, ret);
}

size_t dns_room(const struct dns_query *query, size_t most)
{
    size_t room = DNS_UDP_ROOM;
    if (query->has_edns && query->udp_room > room)
        room = query->udp_room;
    return room < most ? room : most;
}
