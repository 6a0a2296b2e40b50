/* ipam.h: networks and addresses that are chosen, in tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ipam.h"
#include "own.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#define EACH(table, row)                                                       \
    (size_t row = 0; row < sizeof(table) / sizeof *(table); row++)

static struct ip ip_from(const char *text)
{
    struct ip ip = {0};
    if (text != NULL)
        assert_int_equal(ip_parse(text, &ip), 0);
    return ip;
}

static struct ip_net net_from(const char *text)
{
    struct ip_net net = {0};
    if (text != NULL)
        assert_int_equal(ip_net_parse(text, &net), 0);
    return net;
}

static void free_networks_are_found_in_dockers_order(void **state)
{
    (void)state;
    struct err e;
    char text[IP_NET_TEXT_LEN];
    auto_ip_nets struct ip_nets taken = {0};
    struct ip_net net, fat = net_from("172.18.128.0/17");
    ip_nets_add(&taken, &fat);
    for (int i = 0; i < 15 - 1 + 16; i++) {
        assert_int_equal(ipam_choose_net(&taken, &net, &e), 0);
        ip_net_format(&net, text);
        if (i == 0)
            assert_string_equal(text, "172.17.0.0/16");
        if (i == 1)
            assert_string_equal(text, "172.19.0.0/16");
        if (i == 13)
            assert_string_equal(text, "172.31.0.0/16");
        if (i == 14)
            assert_string_equal(text, "192.168.0.0/20");
        ip_nets_add(&taken, &net);
    }
    assert_string_equal(text, "192.168.240.0/20");
    assert_int_equal(ipam_choose_net(&taken, &net, &e), -ENOSPC);
    assert_string_equal(
        e.msg, "all predefined address pools have been fully subnetted");
}

static void an_ipv6_network_follows_from_the_id(void **state)
{
    (void)state;
    struct err e;
    char text[IP_NET_TEXT_LEN];
    auto_ip_nets struct ip_nets taken = {0};
    struct ip_net net;
    const char *id = "0123456789abcdef0123";
    assert_int_equal(ipam_choose_net6(id, &taken, &net, &e), 0);
    assert_string_equal(ip_net_format(&net, text), "fd01:2345:6789:abcd::/64");
    ip_nets_add(&taken, &net);
    assert_int_equal(ipam_choose_net6(id, &taken, &net, &e), 0);
    assert_string_equal(ip_net_format(&net, text), "fd12:3456:789a:bcde::/64");
    struct ip_net all = net_from("fd00::/8");
    ip_nets_add(&taken, &all);
    assert_int_equal(ipam_choose_net6(id, &taken, &net, &e), -ENOSPC);
    assert_int_equal(ipam_choose_net6("short", &taken, &net, &e), -ENOSPC);
}

static const struct {
    const char *net, *range, *gateway, *last, *taken[4], *chosen;
} choices[] = {
    {"10.0.0.0/24", NULL,          "10.0.0.1", NULL,                        {0},                                              "10.0.0.2"},
    {"10.0.0.0/24", NULL,          NULL,       NULL,                        {0},                                              "10.0.0.1"},
    {"10.0.0.0/24", NULL,          "10.0.0.1", "10.0.0.2",                  {0},                                              "10.0.0.3"},
 /* The gateway in the middle; a host bit set in the net. */
    {"10.0.0.9/24", NULL,          "10.0.0.3", "10.0.0.2",                  {0},                                              "10.0.0.4"},
 /* Some are taken, in no order. */
    {"10.0.0.0/24",
     NULL,                         "10.0.0.1",
     NULL,                                                                  {"10.0.0.4", "10.0.0.2", "10.0.0.3", "10.0.0.2"},
     "10.0.0.5"                                                                                                                         },
 /* Round: behind the last one, and when the last given is the last. */
    {"10.0.0.0/24", NULL,          "10.0.0.1", "10.0.0.254",                {0},                                              "10.0.0.2"},
    {"10.0.0.0/24", NULL,          "10.0.0.1", "10.0.0.255",                {0},                                              "10.0.0.2"},
    {"10.0.0.0/24", NULL,          "10.0.0.1", "10.0.0.253",                {"10.0.0.254"},                                   "10.0.0.2"},
 /* One given last that is not in here any more. */
    {"10.0.0.0/24", NULL,          "10.0.0.1", "172.17.0.9",                {0},                                              "10.0.0.2"},
    {"10.0.0.0/24", NULL,          "10.0.0.1", "fd00::9",                   {0},                                              "10.0.0.2"},
 /* A range of the net; the gateway is outside, or inside. */
    {"10.0.0.0/16", "10.0.5.0/24", "10.0.0.1", NULL,                        {0},                                              "10.0.5.0"},
    {"10.0.0.0/16", "10.0.5.0/30", "10.0.5.1", "10.0.5.3",                  {0},                                              "10.0.5.0"},
    {"10.0.0.0/16", "10.0.0.0/30", "10.0.0.1", NULL,                        {0},                                              "10.0.0.2"},
    {"10.0.0.0/16",
     "10.0.255.252/30",            NULL,
     "10.0.255.254",                                                        {0},
     "10.0.255.252"                                                                                                                     },
 /* Small ones. */
    {"10.0.0.0/30", NULL,          "10.0.0.1", NULL,                        {0},                                              "10.0.0.2"},
    {"10.0.0.0/30", NULL,          "10.0.0.1", NULL,                        {"10.0.0.2"},                                     NULL      },
    {"10.0.0.0/31", NULL,          "10.0.0.0", NULL,                        {0},                                              "10.0.0.1"},
    {"10.0.0.0/31", NULL,          "10.0.0.0", NULL,                        {"10.0.0.1"},                                     NULL      },
    {"10.0.0.0/31", NULL,          NULL,       NULL,                        {0},                                              "10.0.0.0"},
    {"10.0.0.7/32", NULL,          NULL,       NULL,                        {0},                                              "10.0.0.7"},
    {"10.0.0.7/32", NULL,          "10.0.0.7", NULL,                        {0},                                              NULL      },
    {"fd00::/64",   NULL,          "fd00::1",  NULL,                        {0},                                              "fd00::2" },
    {"fd00::/64",   NULL,          "fd00::1",  "fd00::ffff:ffff:ffff:ffff", {0},                                              "fd00::2" },
    {"fd00::/64",
     NULL,                         "fd00::1",
     "fd00::ffff:ffff:ffff:fffe",                                           {0},
     "fd00::ffff:ffff:ffff:ffff"                                                                                                        },
    {"fd00::/48",   NULL,          "fd00::1",  "fd00::7",                   {"fd00::8"},                                      "fd00::9" },
    {"fd00::/126",  NULL,          "fd00::1",  "fd00::2",                   {0},                                              "fd00::3" },
    {"fd00::/127",  NULL,          NULL,       NULL,                        {"fd00::"},                                       "fd00::1" },
};

static void addresses_are_chosen(void **state)
{
    (void)state;
    for
        EACH(choices, i)
        {
            struct err e;
            struct ip ip, wanted = ip_from(choices[i].chosen);
            auto_ips struct ips taken = {0};
            for (size_t k = 0; k < 4 && choices[i].taken[k] != NULL; k++) {
                struct ip one = ip_from(choices[i].taken[k]);
                ip_ips_add(&taken, &one);
            }
            struct ipam_pool pool = {.net = net_from(choices[i].net),
                                     .range = net_from(choices[i].range),
                                     .gateway = ip_from(choices[i].gateway),
                                     .taken = taken.n > 0 ? &taken : NULL,
                                     .last = ip_from(choices[i].last)};
            int r = ipam_choose(&pool, &ip, &e);
            assert_int_equal(r, choices[i].chosen == NULL ? -ENOSPC : 0);
            if (r < 0)
                assert_string_equal(e.msg,
                                    "no available IPv4 addresses on this "
                                    "network's address pools");
            else
                assert_true(ip_equal(&ip, &wanted));
        }
}

static void all_have_their_turn_before_one_comes_again(void **state)
{
    (void)state;
    struct err e;
    auto_ips struct ips taken = {0};
    struct ipam_pool pool = {.net = net_from("10.0.0.0/16"),
                             .gateway = ip_from("10.0.0.1"),
                             .taken = &taken};
    struct ip first, ip;
    assert_int_equal(ipam_choose(&pool, &first, &e), 0);
    pool.last = first;
    /* Given and given back, one after the other: 65533 of them. */
    for (int i = 1; i < 65533; i++) {
        assert_int_equal(ipam_choose(&pool, &ip, &e), 0);
        assert_false(ip_equal(&ip, &first));
        pool.last = ip;
    }
    assert_int_equal(ipam_choose(&pool, &ip, &e), 0);
    assert_true(ip_equal(&ip, &first));
    /* A full pool, which is not to take forever. */
    for (uint64_t i = 2; i < 65535; i++) {
        struct ip one = ip_add(&pool.net.ip, i);
        ip_ips_add(&taken, &one);
    }
    assert_int_equal(ipam_choose(&pool, &ip, &e), -ENOSPC);
}

static void a_wish_is_judged(void **state)
{
    (void)state;
    static const struct {
        const char *wish, *why;
        int result;
    } rows[] = {
        {"10.0.0.9",     NULL,                                                0          },
        {"10.0.200.9",   NULL,                                                0          },
        {"10.1.0.9",     "no configured subnet contains IP address 10.1.0.9",
         -EINVAL                                                                         },
        {"fd00::1",      "no configured subnet contains IP address fd00::1",
         -EINVAL                                                                         },
        {"10.0.0.1",     "Address already in use",                            -EADDRINUSE},
        {"10.0.0.5",     "Address already in use",                            -EADDRINUSE},
        {"10.0.0.0",     "Address already in use",                            -EADDRINUSE},
        {"10.0.255.255", "Address already in use",                            -EADDRINUSE},
    };
    auto_ips struct ips taken = {0};
    struct ip one = ip_from("10.0.0.5");
    ip_ips_add(&taken, &one);
    struct ipam_pool pool = {.net = net_from("10.0.0.0/16"),
                             .range = net_from("10.0.0.0/24"),
                             .gateway = ip_from("10.0.0.1"),
                             .taken = &taken};
    for
        EACH(rows, i)
        {
            struct err e;
            struct ip wish = ip_from(rows[i].wish);
            assert_int_equal(ipam_check(&pool, &wish, &e), rows[i].result);
            if (rows[i].why != NULL)
                assert_string_equal(e.msg, rows[i].why);
        }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(free_networks_are_found_in_dockers_order),
        cmocka_unit_test(an_ipv6_network_follows_from_the_id),
        cmocka_unit_test(addresses_are_chosen),
        cmocka_unit_test(all_have_their_turn_before_one_comes_again),
        cmocka_unit_test(a_wish_is_judged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
