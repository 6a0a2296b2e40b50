/* Addresses chosen, ports and leases read: what needs no network. */
#include "contract.h"
#include "ipam.h"
#include "leases.h"
#include "own.h"
#include "ports.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

static struct err why;

static struct ip ip(const char *text)
{
    struct ip parsed;
    ck_assert_int_eq(ip_parse(text, &parsed), 0);
    return parsed;
}

/* A network of six addresses, its gateway in the middle, one taken. */
START_TEST(lab_10_1_addresses_go_round)
{
    auto_ips struct ips taken = {0};
    struct ip busy = ip("10.0.0.2");
    ip_ips_add(&taken, &busy);
    struct ipam_pool pool = {.gateway = ip("10.0.0.4"), .taken = &taken};
    static const char *const turns[] = {"10.0.0.1", "10.0.0.3", "10.0.0.5",
                                        "10.0.0.6", "10.0.0.1"};
    ck_assert_int_eq(ip_net_parse("10.0.0.0/29", &pool.net), 0);
    for (size_t i = 0; i < sizeof turns / sizeof turns[0]; i++) {
        char text[IP_TEXT_LEN];
        struct ip given = {0};
        ck_assert_int_eq(ipam_choose(&pool, &given, &why), 0);
        ck_assert_str_eq(ip_format(&given, text), turns[i]);
        pool.last = given;
    }
    for (size_t i = 1; i < 4; i++) {
        busy = ip(turns[i]);
        ip_ips_add(&taken, &busy);
    }
    busy = ip("10.0.0.1");
    ip_ips_add(&taken, &busy);
    ck_assert_int_eq(ipam_choose(&pool, &busy, &why), -ENOSPC);
    ck_assert_str_eq(why.msg, "no available IPv4 addresses on this network's "
                              "address pools");
}
END_TEST

/* Not the lowest free one: somebody may remember that it was another's. */
START_TEST(lab_10_1_a_range_and_what_lies_outside_of_it)
{
    auto_ips struct ips taken = {0};
    struct ipam_pool pool = {.gateway = ip("10.0.0.1"), .taken = &taken};
    static const struct {
        const char *last, *given;
    } turns[] = {
        {"10.0.0.9",  "10.0.0.8" }, /* the range is .8 to .11 */
        {"10.0.0.8",  "10.0.0.10"},
        {"10.0.0.11", "10.0.0.8" },
        {"10.0.0.2",  "10.0.0.8" },
        {"10.0.0.14", "10.0.0.8" },
    };
    ck_assert_int_eq(ip_net_parse("10.0.0.0/28", &pool.net), 0);
    ck_assert_int_eq(ip_net_parse("10.0.0.8/30", &pool.range), 0);
    for (size_t i = 0; i < sizeof turns / sizeof turns[0]; i++) {
        char text[IP_TEXT_LEN];
        struct ip given = {0};
        struct ip busy = ip(i == 0 ? "10.0.0.10" : "10.0.0.9");
        taken.n = 0;
        ip_ips_add(&taken, &busy);
        pool.last = ip(turns[i].last);
        if (i == 0) {
            struct ip last = ip("10.0.0.11");
            ip_ips_add(&taken, &last);
        }
        ck_assert_int_eq(ipam_choose(&pool, &given, &why), 0);
        ck_assert_str_eq(ip_format(&given, text), turns[i].given);
    }
}
END_TEST

START_TEST(lab_10_4_ports_are_published_as_they_are_said)
{
    auto_ports struct port_list list = {0};
    ck_assert_int_eq(ports_parse("127.0.0.1:8000-8001:80-81/udp", &list, &why),
                     0);
    ck_assert_uint_eq(list.n, 2);
    struct ip local = ip("127.0.0.1");
    for (size_t i = 0; i < 2; i++) {
        ck_assert(ip_equal(&list.v[i].host, &local));
        ck_assert_uint_eq(list.v[i].host_first, 8000 + i);
        ck_assert_uint_eq(list.v[i].port, 80 + i);
        ck_assert_uint_eq(list.v[i].protocol, IPPROTO_UDP);
    }
    static const struct {
        const char *spec, *words;
    } wrong[] = {
        {"8080:x",      "Invalid containerPort: x"                     },
        {"x:80",        "Invalid hostPort: x"                          },
        {"80/icmp",     "Invalid proto: icmp"                          },
        {"1.2.3:80:80", "Invalid ip address: 1.2.3"                    },
        {"",            "No port specified: <empty>"                   },
        {"80-82:90-91", "Invalid ranges specified for container and host "
                        "Ports: 90-91 and 80-82"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        ck_assert_int_eq(ports_parse(wrong[i].spec, &list, &why), -EINVAL);
        ck_assert_str_eq(why.msg, wrong[i].words);
        ck_assert_uint_eq(list.n, 2);
    }
}
END_TEST

START_TEST(lab_10_4_the_short_forms_and_many_for_one)
{
    static const struct {
        const char *spec;
        int first, last, port, protocol;
    } rows[] = {
        {"80",                0,    0,    80, IPPROTO_TCP},
        {"8080:80",           8080, 8080, 80, IPPROTO_TCP},
        {"8000-8010:80",      8000, 8010, 80, IPPROTO_TCP},
        {"0:80",              0,    0,    80, IPPROTO_TCP},
        {"127.0.0.1::53/UDP", 0,    0,    53, IPPROTO_UDP},
        {"[::1]:81:80/tcp",   81,   81,   80, IPPROTO_TCP},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        auto_ports struct port_list list = {0};
        int r = ports_parse(rows[i].spec, &list, &why);
        ck_assert_msg(r == 0, "%s: %s", rows[i].spec, why.msg);
        ck_assert_uint_eq(list.n, 1);
        ck_assert_int_eq(list.v[0].host_first, rows[i].first);
        ck_assert_int_eq(list.v[0].host_last, rows[i].last);
        ck_assert_int_eq(list.v[0].port, rows[i].port);
        ck_assert_int_eq(list.v[0].protocol, rows[i].protocol);
    }
}
END_TEST

START_TEST(lab_10_5_leases_are_read_or_the_line_is_told)
{
    auto_leases struct leases leases = {0};
    const char *good = "last 10.0.0.3 -\n"
                       "aa 01 v1 10.0.0.2 - 02:42:0a:00:00:02 web www,blog\n"
                       "bb 02 - 10.0.0.3 - - db -\n";
    ck_assert_int_eq(leases_parse(good, &leases, &why), 0);
    ck_assert_uint_eq(leases.n, 2);
    ck_assert_str_eq(leases.v[0].name, "web");
    ck_assert_uint_eq(leases.v[0].aliases.n, 2);
    struct ip last = ip("10.0.0.3");
    ck_assert(ip_equal(&leases.last, &last));
    leases_done(&leases);
    ck_assert_int_eq(
        leases_parse("last - -\naa 01 v1 x - - web -\n", &leases, &why),
        -EINVAL);
    ck_assert_str_eq(why.msg, "line 2: wrong IPv4");
    ck_assert_uint_eq(leases.n, 0);
    ck_assert_int_eq(
        leases_parse("last - -\n\naa 01 v1 - - - web -\n", &leases, &why),
        -EINVAL);
    ck_assert_str_eq(why.msg, "line 2: wrong number of fields");
    ck_assert_int_eq(leases_parse("", &leases, &why), 0);
}
END_TEST

/* What is wrong further down leaves nothing of what was right before it. */
START_TEST(lab_10_5_one_wrong_line_and_nothing_is_kept)
{
    auto_leases struct leases leases = {0};
    ck_assert_int_eq(leases_parse("last - -\n"
                                  "aa 01 v1 10.0.0.2 - - web www,blog\n"
                                  "bb 02 v2 10.0.0.3 - xx db -\n",
                                  &leases, &why),
                     -EINVAL);
    ck_assert_ptr_nonnull(strstr(why.msg, "line 3: wrong"));
    ck_assert_uint_eq(leases.n, 0);
    ck_assert_ptr_null(leases.v);
    ck_assert_int_eq(leases.last.family, 0);
    /* Without a newline at its end the last line counts all the same. */
    ck_assert_int_eq(
        leases_parse("last - -\naa 01 v1 10.0.0.2 - - web -", &leases, &why),
        0);
    ck_assert_uint_eq(leases.n, 1);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, lab_10_1_addresses_go_round);
    tcase_add_test(tc, lab_10_1_a_range_and_what_lies_outside_of_it);
    tcase_add_test(tc, lab_10_4_ports_are_published_as_they_are_said);
    tcase_add_test(tc, lab_10_4_the_short_forms_and_many_for_one);
    tcase_add_test(tc, lab_10_5_leases_are_read_or_the_line_is_told);
    tcase_add_test(tc, lab_10_5_one_wrong_line_and_nothing_is_kept);
}

int main(void)
{
    return contract_main("reading", add);
}
