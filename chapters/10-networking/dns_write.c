/* Answers written, and those of others made ours. */
#include "dns.h"

#include "dns_bytes.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

/* A message that grows; what finds no room is not begun. */
struct writer {
    uint8_t *v;
    size_t len, room;
};

static bool put(struct writer *out, const void *bytes, size_t n)
{
    if (n > out->room - out->len)
        return false;
    memcpy(out->v + out->len, bytes, n);
    out->len += n;
    return true;
}

/* The labels of a text. Its bytes, or 0 where it is no name. */
static size_t make_name(const char *name, uint8_t ret[DNS_NAME_MOST])
{
    size_t at = 0;
    for (;;) {
        size_t len = strcspn(name, ".");
        if (len == 0 || len > DNS_LABEL_MOST ||
            at + 1 + len + 1 > DNS_NAME_MOST)
            return 0;
        ret[at] = (uint8_t)len;
        memcpy(ret + at + 1, name, len);
        at += 1 + len;
        name += len;
        if (*name == '\0')
            break;
        name++;
    }
    ret[at] = 0;
    return at + 1;
}

bool dns_is_name(const char *name)
{
    uint8_t bytes[DNS_NAME_MOST];
    return make_name(name, bytes) > 0;
}

/* The name of every record of ours is the question's, which always stands right
 * behind the header: a pointer of two bytes instead of the name. */
static bool put_record(struct writer *out, const struct dns_record *record,
                       uint32_t ttl_s)
{
    uint8_t name[DNS_NAME_MOST];
    const void *data = record->ip.bytes;
    size_t n = ip_size(&record->ip);
    if (record->type == DNS_PTR) {
        n = make_name(record->name, name);
        data = name;
    }
    uint8_t head[2 + DNS_RECORD_HEAD] = {DNS_POINTER, DNS_HEADER};
    dns_put_u16(head + 2, record->type);
    dns_put_u16(head + 4, DNS_IN);
    dns_put_u16(head + 6, ttl_s >> 16);
    dns_put_u16(head + 8, ttl_s);
    dns_put_u16(head + 10, (unsigned int)n);
    if (sizeof head + n > out->room - out->len)
        return false;
    return put(out, head, sizeof head) && put(out, data, n);
}

static void put_opt(struct writer *out, const struct dns_query *query,
                    int rcode)
{
    uint8_t opt[DNS_OPT_LEN] = {0};
    dns_put_u16(opt + 1, DNS_OPT);
    dns_put_u16(opt + 3, DNS_EDNS_ROOM);
    opt[5] = (uint8_t)(rcode >> 4);
    dns_put_u16(opt + 7, query->wants_dnssec ? DNS_OPT_DNSSEC : 0);
    put(out, opt, sizeof opt);
}

/* Header, question, as many records as fit, OPT if there was one. */
size_t dns_reply(const struct dns_query *query, const struct dns_answer *answer,
                 uint8_t *ret, size_t room)
{
    struct writer out = {ret, DNS_HEADER, room};
    unsigned int flags = DNS_FLAG_QR | DNS_FLAG_RA;
    flags |= query->flags & (DNS_FLAG_OPCODE | DNS_FLAG_RD | DNS_FLAG_CD);
    flags |= (unsigned int)answer->rcode & DNS_FLAG_RCODE;
    memset(ret, 0, DNS_HEADER);
    if (query->question_len > 0)
        put(&out, query->question, query->question_len);
    if (query->has_edns)
        out.room -= DNS_OPT_LEN;
    size_t n = 0;
    for (; n < answer->n; n++) {
        size_t which = (answer->first + n) % answer->n;
        if (!put_record(&out, &answer->records[which], answer->ttl_s))
            break;
    }
    if (n < answer->n)
        flags |= DNS_FLAG_TC;
    if (query->has_edns) {
        out.room += DNS_OPT_LEN;
        put_opt(&out, query, answer->rcode);
    }
    dns_put_u16(ret + DNS_AT_ID, query->id);
    dns_put_u16(ret + DNS_AT_FLAGS, flags);
    dns_put_u16(ret + DNS_AT_QUESTIONS, query->question_len > 0);
    dns_put_u16(ret + DNS_AT_ANSWERS, (unsigned int)n);
    dns_put_u16(ret + DNS_AT_ADDITIONALS, query->has_edns);
    return out.len;
}

/* Equal but for the case of letters. The lengths of labels are below 64, so
 * they are no letters; type and class are compared exactly. */
static bool is_same_question(const uint8_t *a, const struct dns_query *query)
{
    size_t name = query->question_len - 4;
    for (size_t i = 0; i < name; i++)
        if (tolower(a[i]) != tolower(query->question[i]))
            return false;
    return memcmp(a + name, query->question + name, 4) == 0;
}

/* Is this the answer to what we asked, and not a forger's? */
int dns_check(const uint8_t *reply, size_t len, uint16_t id,
              const struct dns_query *query)
{
    if (len < DNS_HEADER || dns_u16(reply + DNS_AT_ID) != id)
        return -EPROTO;
    unsigned int flags = dns_u16(reply + DNS_AT_FLAGS);
    if ((flags & DNS_FLAG_QR) == 0 || (flags & DNS_FLAG_OPCODE) != 0)
        return -EPROTO;
    int rcode = flags & DNS_FLAG_RCODE;
    unsigned int questions = dns_u16(reply + DNS_AT_QUESTIONS);
    if (questions == 0 && rcode != DNS_NOERROR)
        return rcode;
    if (questions != 1 || len - DNS_HEADER < query->question_len ||
        !is_same_question(reply + DNS_HEADER, query))
        return -EPROTO;
    return rcode;
}

void dns_adopt(uint8_t *reply, const struct dns_query *query)
{
    dns_put_u16(reply + DNS_AT_ID, query->id);
    if (dns_u16(reply + DNS_AT_QUESTIONS) == 1)
        memcpy(reply + DNS_HEADER, query->question, query->question_len);
}

size_t dns_truncate(uint8_t *reply, size_t len, size_t room)
{
    if (len <= room)
        return len;
    unsigned int flags = dns_u16(reply + DNS_AT_FLAGS);
    dns_put_u16(reply + DNS_AT_FLAGS, flags | DNS_FLAG_TC);
    memset(reply + DNS_AT_ANSWERS, 0, DNS_HEADER - DNS_AT_ANSWERS);
    if (dns_u16(reply + DNS_AT_QUESTIONS) != 1)
        return DNS_HEADER;
    const uint8_t *at = reply + DNS_HEADER;
    while (*at != 0)
        at += 1 + *at;
    return (size_t)(at + 1 + 4 - reply);
}

void dns_set_id(uint8_t *message, uint16_t id)
{
    dns_put_u16(message + DNS_AT_ID, id);
}
