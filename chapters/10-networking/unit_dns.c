/* Messages of RFC 1035: what is asked, what is answered, what is not heard. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dns.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/* A message as a C string, with its length. */
#define BYTES(s) (const uint8_t *)(s), sizeof(s) - 1
#define HEAD "\x12\x34\x01\x00\0\1\0\0\0\0\0\0"
#define WEB "\3web\0"
#define A_IN "\0\1\0\1"
#define OPT(room, ttl) "\0\0\x29" room ttl "\0\0"

/* What it is, its bytes, what comes of it, and the name. */
#define ROW(what, bytes, r, name)                                              \
    {                                                                          \
        what, BYTES(bytes), r, name                                            \
    }
static const struct {
    const char *what;
    const uint8_t *bytes;
    size_t len;
    int r;
    const char *name; /* NULL: not looked at */
} messages[] = {
    ROW("a question", HEAD WEB A_IN, 0, "web"),
    ROW("the root", HEAD "\0" A_IN, 0, ""),
    ROW("two labels", HEAD "\3web\5front\0" A_IN, 0, "web.front"),
    ROW("case is kept", HEAD "\3wEb\0" A_IN, 0, "wEb"),
    ROW("a dot in a label", HEAD "\3w.b\0" A_IN, 0, "w\\046b"),
    ROW("zero in a label", HEAD "\3w\0b\0" A_IN, 0, "w\\000b"),
    ROW("a backslash", HEAD "\1\\\0" A_IN, 0, "\\092"),
    ROW("bytes behind it", HEAD WEB A_IN "xyz", 0, "web"),
    ROW("nothing", "", -EPROTO, NULL),
    ROW("half a header", "\x12\x34\x01\x00\0\1", -EPROTO, NULL),
    ROW("an answer", "\x12\x34\x81\x80\0\1\0\0\0\0\0\0" WEB A_IN, -EPROTO,
        NULL),
    ROW("another opcode", "\x12\x34\x28\0\0\1\0\0\0\0\0\0" WEB A_IN, DNS_NOTIMP,
        NULL),
    ROW("no question", "\x12\x34\1\0\0\0\0\0\0\0\0\0", DNS_FORMERR, NULL),
    ROW("two questions", "\x12\x34\1\0\0\2\0\0\0\0\0\0" WEB A_IN WEB A_IN,
        DNS_FORMERR, NULL),
    ROW("no name", HEAD, DNS_FORMERR, NULL),
    ROW("a name cut short", HEAD "\3we", DNS_FORMERR, NULL),
    ROW("a name without end", HEAD "\3web", DNS_FORMERR, NULL),
    ROW("half a type", HEAD WEB "\0", DNS_FORMERR, NULL),
    ROW("no class", HEAD WEB "\0\1", DNS_FORMERR, NULL),
    ROW("a pointer to itself", HEAD "\xc0\x0c" A_IN, DNS_FORMERR, NULL),
    ROW("a pointer to a label", HEAD "\1a\xc0\x0c" A_IN, DNS_FORMERR, NULL),
    ROW("an old label type", HEAD "\x41web\0" A_IN, DNS_FORMERR, NULL),
    ROW("records that are not there", "\x12\x34\1\0\0\1\0\1\0\0\0\0" WEB A_IN,
        DNS_FORMERR, NULL),
    ROW("65535 of each", "\x12\x34\1\0\0\1\xff\xff\xff\xff\xff\xff" WEB A_IN,
        DNS_FORMERR, NULL),
    ROW("data cut short",
        "\x12\x34\1\0\0\1\0\0\0\0\0\1" WEB A_IN "\0\0\x29\x10\0\0\0\0\0\0\4"
        "abc",
        DNS_FORMERR, NULL),
    ROW("a record's looping name",
        "\x12\x34\1\0\0\1\0\0\0\0\0\1" WEB A_IN
        "\xc0\x15\0\x29\x10\0\0\0\0\0\0\0",
        DNS_FORMERR, NULL),
    ROW("EDNS",
        "\x12\x34\1\0\0\1\0\0\0\0\0\1" WEB A_IN OPT("\4\xd0", "\0\0\x80\0"), 0,
        "web"),
    ROW("EDNS twice",
        "\x12\x34\1\0\0\1\0\0\0\0\0\2" WEB A_IN OPT("\4\xd0", "\0\0\0\0")
            OPT("\4\xd0", "\0\0\0\0"),
        DNS_FORMERR, NULL),
    ROW("EDNS of tomorrow",
        "\x12\x34\1\0\0\1\0\0\0\0\0\1" WEB A_IN OPT("\4\xd0", "\0\1\0\0"),
        DNS_BADVERS, "web"),
};

static void what_is_asked_is_read_strictly(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++) {
        struct dns_query query;
        int r = dns_parse(messages[i].bytes, messages[i].len, &query);
        if (r != messages[i].r)
            fail_msg("%s: %d", messages[i].what, r);
        if (messages[i].name != NULL)
            assert_string_equal(query.name, messages[i].name);
    }
}

/* Every beginning of a message is read without a byte more. */
static void a_message_may_end_anywhere(void **state)
{
    (void)state;
    static const uint8_t whole[] =
        "\x12\x34\1\0\0\1\0\0\0\0\0\1" WEB A_IN OPT("\4\xd0", "\0\0\0\0");
    for (size_t len = 0; len < sizeof whole - 1; len++) {
        uint8_t part[sizeof whole];
        struct dns_query query;
        memcpy(part, whole, len);
        int r = dns_parse(part, len, &query);
        assert_int_equal(r, len < DNS_HEADER ? -EPROTO : DNS_FORMERR);
    }
}

/* Names have at most 255 bytes, labels 63. */
static void names_have_their_bounds(void **state)
{
    (void)state;
    for (size_t label = 61; label <= 66; label++) {
        uint8_t message[DNS_HEADER + 300] = HEAD;
        size_t len = DNS_HEADER;
        size_t sizes[] = {63, 63, 63, label - 2};
        for (size_t i = 0; i < 4; i++) {
            message[len++] = (uint8_t)sizes[i];
            memset(message + len, 'x', sizes[i]);
            len += sizes[i];
        }
        message[len++] = 0;
        memcpy(message + len, A_IN, 4);
        struct dns_query query;
        /* 3 * 64 + 1 + n + 1 <= 255 */
        int r = dns_parse(message, len + 4, &query);
        assert_int_equal(r, label - 2 <= 61 ? 0 : DNS_FORMERR);
    }
}

static struct dns_query ask(const char *opt)
{
    static uint8_t message[64];
    const uint8_t question[] = HEAD WEB A_IN;
    size_t len = sizeof question - 1;
    memcpy(message, question, len);
    if (opt != NULL) {
        message[11] = 1;
        memcpy(message + len, opt, 11);
        len += 11;
    }
    struct dns_query query;
    assert_int_equal(dns_parse(message, len, &query), 0);
    return query;
}

static struct dns_record address(const char *text)
{
    struct dns_record record = {.type = DNS_A};
    assert_int_equal(ip_parse(text, &record.ip), 0);
    if (record.ip.family == AF_INET6)
        record.type = DNS_AAAA;
    return record;
}

static void an_answer_is_what_rfc_1035_says_it_is(void **state)
{
    (void)state;
    struct dns_query query = ask(NULL);
    struct dns_record record = address("172.18.0.2");
    struct dns_answer answer = {.ttl_s = 600, .records = &record, .n = 1};
    uint8_t out[512];
    size_t len = dns_reply(&query, &answer, out, sizeof out);
    static const uint8_t expected[] =
        "\x12\x34\x81\x80\0\1\0\1\0\0\0\0" WEB A_IN "\xc0\x0c" A_IN
        "\0\0\2\x58\0\4\xac\x12\0\2";
    assert_int_equal(len, sizeof expected - 1);
    assert_memory_equal(out, expected, len);
}

static void what_cannot_be_read_is_answered_with_a_header(void **state)
{
    (void)state;
    struct dns_query query;
    static const uint8_t message[] = HEAD "\3we";
    int r = dns_parse(message, sizeof message - 1, &query);
    assert_int_equal(r, DNS_FORMERR);
    struct dns_answer answer = {.rcode = r};
    uint8_t out[512];
    assert_int_equal(dns_reply(&query, &answer, out, sizeof out), DNS_HEADER);
    assert_memory_equal(out, "\x12\x34\x81\x81\0\0\0\0\0\0\0\0", DNS_HEADER);
}

static void edns_is_answered_with_edns(void **state)
{
    (void)state;
    struct dns_query query = ask(OPT("\4\xd0", "\0\0\x80\0"));
    assert_true(query.wants_dnssec);
    assert_int_equal(dns_room(&query, 65535), 1232);
    assert_int_equal(dns_room(&query, 1000), 1000);
    struct dns_answer answer = {.rcode = DNS_BADVERS};
    uint8_t out[512];
    size_t len = dns_reply(&query, &answer, out, sizeof out);
    static const uint8_t expected[] =
        "\x12\x34\x81\x80\0\1\0\0\0\0\0\1" WEB A_IN OPT("\x10\0", "\1\0\x80\0");
    assert_int_equal(len, sizeof expected - 1);
    assert_memory_equal(out, expected, len);
}

/* 512 bytes hold 21 + 30 * 16 and no more; with OPT one less. */
static void what_does_not_fit_is_left_out_and_told(void **state)
{
    (void)state;
    struct dns_record records[40];
    for (size_t i = 0; i < 40; i++)
        records[i] = address("10.0.0.1");
    static const struct {
        const char *opt;
        size_t n, fit;
    } cases[] = {
        {NULL, 30, 30},
        {          NULL,  31, 30  },
        { OPT("\2\0",  "\0\0\0\0"),  30,   30},
        { OPT("\2\0",  "\0\0\0\0"),  31,   30},
        { OPT("\4\0",  "\0\0\0\0"),  40,   40},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct dns_query query = ask(cases[i].opt);
        struct dns_answer answer = {.records = records, .n = cases[i].n};
        uint8_t out[1024];
        size_t room = dns_room(&query, sizeof out);
        size_t len = dns_reply(&query, &answer, out, room);
        assert_true(len <= room);
        assert_int_equal(out[7], cases[i].fit);
        assert_int_equal((out[2] & 2) != 0, cases[i].fit < cases[i].n);
    }
}

static void answers_begin_where_they_are_told_to(void **state)
{
    (void)state;
    struct dns_record records[] = {address("10.0.0.1"), address("10.0.0.2"),
                                   address("10.0.0.3")};
    struct dns_query query = ask(NULL);
    for (size_t first = 0; first < 3; first++) {
        struct dns_answer answer = {.records = records, .n = 3, .first = first};
        uint8_t out[512];
        size_t len = dns_reply(&query, &answer, out, sizeof out);
        for (size_t i = 0; i < 3; i++)
            assert_int_equal(out[len - 1 - 16 * (2 - i)], (first + i) % 3 + 1);
    }
}

static void reversed_names_are_addresses(void **state)
{
    (void)state;
#define SIX "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f"
    static const struct {
        const char *name, *ip;
    } cases[] = {
        {"2.0.18.172.in-addr.arpa",   "172.18.0.2"},
        {"2.0.18.172.IN-ADDR.ARPA",   "172.18.0.2"},
        {SIX ".ip6.arpa",             "fd00::1"   },
        {"0.18.172.in-addr.arpa",     NULL        },
        {"1.2.0.18.172.in-addr.arpa", NULL        },
        {"256.0.18.172.in-addr.arpa", NULL        },
        {"02.0.18.172.in-addr.arpa",  NULL        },
        {"a.0.18.172.in-addr.arpa",   NULL        },
        {"..0.18.172.in-addr.arpa",   NULL        },
        {"2.0.18.172.in-addr.arpa.x", NULL        },
        {"2.0.18.172",                NULL        },
        {"1." SIX ".ip6.arpa",        NULL        },
        {"g" SIX ".ip6.arpa",         NULL        },
        {"",                          NULL        },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct ip ip;
        char text[IP_TEXT_LEN];
        bool is_one = dns_reverse(cases[i].name, &ip);
        assert_int_equal(is_one, cases[i].ip != NULL);
        if (is_one)
            assert_string_equal(ip_format(&ip, text), cases[i].ip);
    }
}

static void names_of_records_are_checked(void **state)
{
    (void)state;
    char label[70];
    memset(label, 'a', sizeof label);
    for (size_t n = 1; n < sizeof label; n++) {
        label[n] = '\0';
        assert_int_equal(dns_is_name(label), n <= 63);
        label[n] = 'a';
    }
    static const char *const none[] = {"", ".", "a..b", ".a", "a."};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        assert_false(dns_is_name(none[i]));
    assert_true(dns_is_name("web_1.my.net"));
}

static void only_the_answer_to_our_question_is_heard(void **state)
{
    (void)state;
    struct dns_query query = ask(NULL);
#define REPLY(id, flags, n) id flags "\0" n "\0\0\0\0\0\0"
#define ANSWER(what, bytes, r)                                                 \
    {                                                                          \
        what, BYTES(bytes), r                                                  \
    }
    static const struct {
        const char *what;
        const uint8_t *bytes;
        size_t len;
        int r;
    } cases[] = {
        ANSWER("it", REPLY("ab", "\x81\x80", "\1") WEB A_IN, 0),
        ANSWER("its failure", REPLY("ab", "\x81\x82", "\1") WEB A_IN, 2),
        ANSWER("other letters", REPLY("ab", "\x81\x80", "\1") "\3WEB\0" A_IN,
               0),
        ANSWER("a bare failure", REPLY("ab", "\x81\x82", "\0"), 2),
        ANSWER("a bare success", REPLY("ab", "\x81\x80", "\0"), -EPROTO),
        ANSWER("another id", REPLY("ac", "\x81\x80", "\1") WEB A_IN, -EPROTO),
        ANSWER("a question", REPLY("ab", "\x01\x80", "\1") WEB A_IN, -EPROTO),
        ANSWER("another opcode", REPLY("ab", "\x91\x80", "\1") WEB A_IN,
               -EPROTO),
        ANSWER("another name", REPLY("ab", "\x81\x80", "\1") "\3wec\0" A_IN,
               -EPROTO),
        ANSWER("another type", REPLY("ab", "\x81\x80", "\1") WEB "\0\x1c\0\1",
               -EPROTO),
        ANSWER("another class", REPLY("ab", "\x81\x80", "\1") WEB "\0\1\0\3",
               -EPROTO),
        ANSWER("two questions", REPLY("ab", "\x81\x80", "\2") WEB A_IN WEB A_IN,
               -EPROTO),
        ANSWER("a question cut", REPLY("ab", "\x81\x80", "\1") WEB "\0\1",
               -EPROTO),
        ANSWER("half a header", "ab\x81\x80", -EPROTO),
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int r = dns_check(cases[i].bytes, cases[i].len, 'a' << 8 | 'b', &query);
        if (r != cases[i].r)
            fail_msg("%s: %d", cases[i].what, r);
    }
}

static void an_answer_of_others_becomes_ours(void **state)
{
    (void)state;
    struct dns_query query = ask(NULL);
    uint8_t reply[600] = "ab\x81\x80\0\1\0\1\0\0\0\0\3WEB\0" A_IN;
    dns_adopt(reply, &query);
    assert_memory_equal(reply, "\x12\x34\x81\x80", 4);
    assert_memory_equal(reply + DNS_HEADER, WEB A_IN, 9);
    assert_int_equal(dns_truncate(reply, 600, 600), 600);
    assert_int_equal(dns_truncate(reply, 600, 512), DNS_HEADER + 9);
    assert_memory_equal(reply, "\x12\x34\x83\x80\0\1\0\0\0\0\0\0" WEB A_IN, 21);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_asked_is_read_strictly),
        cmocka_unit_test(a_message_may_end_anywhere),
        cmocka_unit_test(names_have_their_bounds),
        cmocka_unit_test(an_answer_is_what_rfc_1035_says_it_is),
        cmocka_unit_test(what_cannot_be_read_is_answered_with_a_header),
        cmocka_unit_test(edns_is_answered_with_edns),
        cmocka_unit_test(what_does_not_fit_is_left_out_and_told),
        cmocka_unit_test(answers_begin_where_they_are_told_to),
        cmocka_unit_test(reversed_names_are_addresses),
        cmocka_unit_test(names_of_records_are_checked),
        cmocka_unit_test(only_the_answer_to_our_question_is_heard),
        cmocka_unit_test(an_answer_of_others_becomes_ours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
