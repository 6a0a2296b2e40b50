/* Messages of the domain name system (chapter 10): a question, and what
 * somebody claims to be its answer. What we answer fits, is an answer to that
 * question, and no question; an answer that is accepted has been asked for. */
#include "dns.h"
#include "fuzz.h"

#include <errno.h>

/* An answer to a question that was read, with as many records as that names. */
static void answer(const struct dns_query *query, int rcode)
{
    static uint8_t out[4096];
    struct dns_record records[40];
    size_t n = query->type % 41, room = dns_room(query, sizeof out);
    struct dns_query again;
    for (size_t i = 0; i < n; i++)
        records[i] = (struct dns_record){
            .type = i % 3 == 0 ? DNS_PTR : DNS_A,
            .ip = ip_of(2, &query->class, 4),
            .name = "web.front",
        };
    struct dns_answer given = {rcode, 600, records, n, n > 0 ? n - 1 : 0};
    size_t len = dns_reply(query, &given, out, room);
    fuzz_must(len >= DNS_HEADER && len <= room && room >= DNS_UDP_ROOM);
    fuzz_must(dns_parse(out, len, &again) == -EPROTO);
    if (query->question_len > 0)
        fuzz_must(dns_check(out, len, query->id, query) == (rcode & 15));
    out[2] &= 0x7f; /* as if it had been a question */
    int r = dns_parse(out, len, &again);
    if (query->question_len > 0 && (query->flags & 0x7800) == 0)
        fuzz_must(r == 0 || r == DNS_BADVERS);
    if (r == 0)
        fuzz_must(strcmp(again.name, query->name) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    size_t len, reply_len;
    auto_free char *message = fuzz_part_sized(&in, &len);
    auto_free char *reply = fuzz_part_sized(&in, &reply_len);
    uint8_t *exact = own_alloc(len + 1); /* no byte behind it is read */
    struct dns_query query;
    struct ip ip;
    memcpy(exact, message, len);
    exact = own_grow(exact, len > 0 ? len : 1);
    int r = dns_parse(exact, len, &query);
    fuzz_must(r == -EPROTO || (r >= 0 && r <= DNS_BADVERS));
    fuzz_must(strlen(query.name) < sizeof query.name);
    dns_reverse(query.name, &ip);
    if (r >= 0)
        answer(&query, r);
    if (r == 0 &&
        dns_check((uint8_t *)reply, reply_len, query.id, &query) >= 0) {
        dns_adopt((uint8_t *)reply, &query);
        size_t cut = dns_truncate((uint8_t *)reply, reply_len, DNS_UDP_ROOM);
        fuzz_must(cut <= DNS_UDP_ROOM && cut <= reply_len);
    }
    free(exact);
    return 0;
}
