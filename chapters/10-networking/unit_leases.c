/* The lines of a network's leases, and who is called what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "leases.h"

#include <errno.h>
#include <string.h>

#define HEAD "last 172.18.0.3 fd00::3\n"
#define WEB                                                                    \
    "3f2a00112233445566 9c1e veth3f2a 172.18.0.2 fd00::2 02:42:ac:12:00:02 "   \
    "web www,blog\n"
#define DB "81bc 0d5f - 172.18.0.3 - - db -\n"

static void what_was_read_is_written_the_same(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "last - -\n",
        HEAD,
        HEAD WEB,
        HEAD WEB DB,
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        auto_leases struct leases leases = {0};
        struct text out = {0};
        assert_int_equal(leases_parse(texts[i], &leases, NULL), 0);
        leases_format(&leases, &out);
        assert_string_equal(out.s, texts[i]);
        text_done(&out);
    }
}

static void an_empty_file_is_an_empty_network(void **state)
{
    (void)state;
    auto_leases struct leases leases = {0};
    assert_int_equal(leases_parse("", &leases, NULL), 0);
    assert_int_equal(leases.n, 0);
    assert_int_equal(leases.last.family, 0);
}

static void what_is_wrong_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"first - -\n",                           "line 1: wrong head"            },
        {"last -\n",                              "line 1: wrong head"            },
        {"last x -\n",                            "line 1: wrong address"         },
        {"last fd00::1 -\n",                      "line 1: wrong address"         },
        {"last - 10.0.0.1\n",                     "line 1: wrong address"         },
        {HEAD "a b\n",                            "line 2: wrong number of fields"},
        {HEAD WEB "\n" DB,                        "line 3: wrong number of fields"},
        {HEAD "x b v - - - n -\n",                "line 2: wrong container"       },
        {HEAD "a y v - - - n -\n",                "line 2: wrong endpoint"        },
        {HEAD "a b sixteen-and-more - - - n -\n", "line 2: wrong link"            },
        {HEAD "a b v fd00::1 - - n -\n",          "line 2: wrong IPv4"            },
        {HEAD "a b v - 1.2.3.4 - n -\n",          "line 2: wrong IPv6"            },
        {HEAD "a b v - - 02:42 n -\n",            "line 2: wrong MAC"             },
        {HEAD "a b v - - - - -\n",                "line 2: wrong name"            },
        {HEAD "a b v - - - a,b -\n",              "line 2: wrong name"            },
        {HEAD "a b v - - - n x,,y\n",             "line 2: wrong aliases"         },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct leases leases = {0};
        struct err e = {0};
        assert_int_equal(leases_parse(cases[i].text, &leases, &e), -EINVAL);
        assert_string_equal(e.msg, cases[i].message);
        assert_null(leases.v);
    }
}

static void the_newest_was_given_last(void **state)
{
    (void)state;
    auto_leases struct leases leases = {0};
    struct lease lease = {.container = "aa", .endpoint = "bb", .name = NULL};
    char name[] = "n";
    lease.name = name;
    for (int i = 1; i <= 9; i++) {
        lease.ip = ip_of(2, (uint8_t[]){10, 0, 0, (uint8_t)i}, 4);
        leases_add(&leases, &lease);
    }
    assert_int_equal(leases.last.bytes[3], 9);
    /* One who leaves changes nothing about it, nor about the others. */
    leases_remove(&leases, &leases.v[8]);
    leases_remove(&leases, &leases.v[0]);
    assert_int_equal(leases.last.bytes[3], 9);
    assert_int_equal(leases.n, 7);
    for (size_t i = 0; i < leases.n; i++)
        assert_int_equal(leases.v[i].ip.bytes[3], i + 2);
    for (int i = 0; i < 3; i++)
        leases_add(&leases, &lease);
    assert_int_equal(leases.n, 10);
}

static void all_are_found_by_what_is_theirs(void **state)
{
    (void)state;
    auto_leases struct leases leases = {0};
    assert_int_equal(leases_parse(HEAD WEB DB, &leases, NULL), 0);
    struct lease *web = &leases.v[0], *db = &leases.v[1];
    struct ip ip = {0};
    assert_ptr_equal(leases_find_container(&leases, "81bc"), db);
    assert_null(leases_find_container(&leases, "81b"));
    assert_ptr_equal(leases_find_endpoint(&leases, "9c1e"), web);
    assert_null(leases_find_endpoint(&leases, "81bc"));
    assert_null(leases_find_ip(&leases, &ip));
    ip_parse("172.18.0.3", &ip);
    assert_ptr_equal(leases_find_ip(&leases, &ip), db);
    ip_parse("fd00::2", &ip);
    assert_ptr_equal(leases_find_ip(&leases, &ip), web);
    auto_ips struct ips taken = {0};
    leases_taken(&leases, 10, &taken);
    assert_int_equal(taken.n, 1);
    leases_taken(&leases, 2, &taken);
    assert_int_equal(taken.n, 3);
}

static void one_answers_to_name_alias_and_short_id(void **state)
{
    (void)state;
    auto_leases struct leases leases = {0};
    assert_int_equal(leases_parse(HEAD WEB, &leases, NULL), 0);
    static const struct {
        const char *name;
        bool is_it;
    } cases[] = {
        {"web",                true },
        {"WEB",                true },
        {"www",                true },
        {"blog",               true },
        {"Blog",               true },
        {"3f2a00112233",       true },
        {"3F2A00112233",       true },
        {"3f2a0011223",        false},
        {"3f2a001122334",      false},
        {"3f2a00112233445566", false},
        {"we",                 false},
        {"webb",               false},
        {"www,blog",           false},
        {"",                   false},
        {"9c1e",               false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(leases_is_called(&leases.v[0], cases[i].name),
                         cases[i].is_it);
}

static void what_could_not_be_read_again_is_not_written(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "-", "a b", "a,b", "a\nb", "a\tb"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        auto_leases struct leases leases = {0};
        struct lease lease = {.container = "aa", .endpoint = "bb"};
        char name[] = "n";
        lease.name = name;
        strv_add(&lease.aliases, bad[i]);
        leases_add(&leases, &lease);
        strv_done(&lease.aliases);
        assert_int_equal(leases_write(-1, "x", &leases, NULL), -EINVAL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_read_is_written_the_same),
        cmocka_unit_test(an_empty_file_is_an_empty_network),
        cmocka_unit_test(what_is_wrong_is_told),
        cmocka_unit_test(the_newest_was_given_last),
        cmocka_unit_test(all_are_found_by_what_is_theirs),
        cmocka_unit_test(one_answers_to_name_alias_and_short_id),
        cmocka_unit_test(what_could_not_be_read_again_is_not_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
