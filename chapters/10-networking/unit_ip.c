/* ip.h, mac.h and ipam.h, which need no kernel: tables of texts, networks and
 * choices. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ipam.h"
#include "mac.h"
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

static void addresses_are_read_and_written(void **state)
{
    (void)state;
    static const struct {
        const char *text, *written; /* NULL: refused */
    } rows[] = {
        {"172.17.0.2",         "172.17.0.2"     },
        {"0.0.0.0",            "0.0.0.0"        },
        {"255.255.255.255",    "255.255.255.255"},
        {"fd00::1",            "fd00::1"        },
        {"FD00:0:0:0:0:0:0:1", "fd00::1"        },
        {"::",                 "::"             },
        {"::ffff:10.0.0.1",    "10.0.0.1"       },
        {"::10.0.0.1",         "::10.0.0.1"     },
        {"",                   NULL             },
        {"1.2.3",              NULL             },
        {"1.2.3.4.5",          NULL             },
        {"1.2.3.256",          NULL             },
        {"010.0.0.1",          NULL             },
        {"0x7f.0.0.1",         NULL             },
        {" 1.2.3.4",           NULL             },
        {"1.2.3.4 ",           NULL             },
        {"1.2.3.4/8",          NULL             },
        {"fe80::1%eth0",       NULL             },
        {"1::2::3",            NULL             },
        {"12345::",            NULL             },
        {"localhost",          NULL             },
        {"1:2:3:4:5:6:7:8:9",  NULL             },
        {"::ffff:1.2.3.4.5",   NULL             },
    };
    for
        EACH(rows, i)
        {
            struct ip ip = {0};
            char text[IP_TEXT_LEN];
            int r = ip_parse(rows[i].text, &ip);
            assert_int_equal(r, rows[i].written == NULL ? -EINVAL : 0);
            if (r == 0)
                assert_string_equal(ip_format(&ip, text), rows[i].written);
        }
    char text[IP_NET_TEXT_LEN];
    assert_string_equal(ip_format(&(struct ip){0}, text), "");
    assert_string_equal(ip_net_format(&(struct ip_net){0}, text), "");
}

static void networks_are_read_masked_and_written(void **state)
{
    (void)state;
    static const struct {
        const char *text, *net, *last; /* NULL: refused */
    } rows[] = {
        {"172.18.0.0/16",                 "172.18.0.0/16", "172.18.255.255"           },
        {"172.18.5.6/16",                 "172.18.0.0/16", "172.18.255.255"           },
        {"10.0.0.77/27",                  "10.0.0.64/27",  "10.0.0.95"                },
        {"10.0.0.1/32",                   "10.0.0.1/32",   "10.0.0.1"                 },
        {"10.0.0.1/31",                   "10.0.0.0/31",   "10.0.0.1"                 },
        {"1.2.3.4/0",                     "0.0.0.0/0",     "255.255.255.255"          },
        {"fd00::5/64",                    "fd00::/64",     "fd00::ffff:ffff:ffff:ffff"},
        {"fd00::5/127",                   "fd00::4/127",   "fd00::5"                  },
        {"fd00::5/128",                   "fd00::5/128",   "fd00::5"                  },
        {"10.0.0.1",                      NULL,            NULL                       },
        {"10.0.0.1/",                     NULL,            NULL                       },
        {"10.0.0.1/33",                   NULL,            NULL                       },
        {"10.0.0.1/-1",                   NULL,            NULL                       },
        {"10.0.0.1/08",                   NULL,            NULL                       },
        {"10.0.0.1/8 ",                   NULL,            NULL                       },
        {"10.0.0.1/8/8",                  NULL,            NULL                       },
        {"/8",                            NULL,            NULL                       },
        {"10/8",                          NULL,            NULL                       },
        {"fd00::/129",                    NULL,            NULL                       },
        {"10.0.0.1/99999999999999999999", NULL,            NULL                       },
    };
    for
        EACH(rows, i)
        {
            struct ip_net net;
            char text[IP_NET_TEXT_LEN], last[IP_TEXT_LEN];
            int r = ip_net_parse(rows[i].text, &net);
            assert_int_equal(r, rows[i].net == NULL ? -EINVAL : 0);
            if (r < 0)
                continue;
            struct ip end = ip_net_last(&net);
            ip_net_mask(&net);
            assert_string_equal(ip_net_format(&net, text), rows[i].net);
            assert_string_equal(ip_format(&end, last), rows[i].last);
        }
}

static void networks_overlap_or_not(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        bool overlap;
    } rows[] = {
        {"172.17.0.0/16", "172.17.0.0/16",   true },
        {"172.17.0.0/16", "172.17.9.0/24",   true },
        {"172.16.0.0/12", "172.17.0.0/16",   true },
        {"172.17.0.0/16", "172.18.0.0/16",   false},
        {"10.0.0.0/25",   "10.0.0.128/25",   false},
        {"0.0.0.0/0",     "10.0.0.0/8",      true },
        {"::/0",          "10.0.0.0/8",      false},
        {"fd00::/64",     "fd00::1:0/112",   true },
        {"fd00::/64",     "fd00:0:0:1::/64", false},
    };
    for
        EACH(rows, i)
        {
            struct ip_net a = net_from(rows[i].a), b = net_from(rows[i].b);
            assert_int_equal(ip_net_overlaps(&a, &b), rows[i].overlap);
            assert_int_equal(ip_net_overlaps(&b, &a), rows[i].overlap);
        }
    struct ip_net net = net_from("10.0.0.0/8");
    struct ip in = ip_from("10.255.0.1"), out = ip_from("11.0.0.1");
    assert_true(ip_net_has(&net, &in));
    assert_false(ip_net_has(&net, &out));
    assert_false(ip_net_has(&net, &(struct ip){0}));
    assert_false(ip_net_has(&(struct ip_net){0}, &(struct ip){0}));
}

static void addresses_are_counted_on(void **state)
{
    (void)state;
    static const struct {
        const char *ip;
        uint64_t n;
        const char *sum;
    } rows[] = {
        {"10.0.0.1",        1,          "10.0.0.2"                 },
        {"10.0.0.255",      1,          "10.0.1.0"                 },
        {"10.255.255.255",  2,          "11.0.0.1"                 },
        {"255.255.255.255", 1,          "0.0.0.0"                  },
        {"fd00::ffff",      1,          "fd00::1:0"                },
        {"fd00::",          UINT64_MAX, "fd00::ffff:ffff:ffff:ffff"},
        {"fd00::1",         UINT64_MAX, "fd00:0:0:1::"             },
    };
    for
        EACH(rows, i)
        {
            struct ip ip = ip_from(rows[i].ip), sum = ip_from(rows[i].sum);
            ip = ip_add(&ip, rows[i].n);
            assert_true(ip_equal(&ip, &sum));
        }
}

static void macs_are_read_and_written(void **state)
{
    (void)state;
    static const struct {
        const char *text, *written;
    } rows[] = {
        {"02:42:ac:11:00:02",    "02:42:ac:11:00:02"},
        {"02-42-AC-11-00-02",    "02:42:ac:11:00:02"},
        {"02:42:ac:11:00",       NULL               },
        {"02:42:ac:11:00:02:03", NULL               },
        {"02:42:ac:11:00:0g",    NULL               },
        {"02:42-ac:11:00:02",    NULL               },
        {"2:42:ac:11:00:02",     NULL               },
        {"02.42.ac.11.00.02",    NULL               },
        {"",                     NULL               },
        {"02:42:ac:11:00: 2",    NULL               },
    };
    for
        EACH(rows, i)
        {
            struct mac mac;
            char text[MAC_TEXT_LEN];
            int r = mac_parse(rows[i].text, &mac);
            assert_int_equal(r, rows[i].written == NULL ? -EINVAL : 0);
            if (r == 0)
                assert_string_equal(mac_format(&mac, text), rows[i].written);
        }
    char text[MAC_TEXT_LEN];
    struct ip ip = ip_from("172.17.0.2"), ip6 = ip_from("fd00::a:b");
    struct mac mac = mac_of_ip(&ip), mac6 = mac_of_ip(&ip6);
    assert_string_equal(mac_format(&mac, text), "02:42:ac:11:00:02");
    assert_string_equal(mac_format(&mac6, text), "02:42:00:0a:00:0b");
    assert_false(mac_is_none(&mac));
    assert_true(mac_is_none(&(struct mac){0}));
}

/* --- choosing ------------------------------------------------------------- */

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

static void addresses_are_chosen(void **state)
{
    (void)state;
    static const struct {
        const char *net, *range, *gateway, *last, *taken[4], *chosen;
    } rows[] = {
        {"10.0.0.0/24", NULL,          "10.0.0.1", NULL,         {0},                                              "10.0.0.2"},
        {"10.0.0.0/24", NULL,          NULL,       NULL,         {0},                                              "10.0.0.1"},
        {"10.0.0.0/24", NULL,          "10.0.0.1", "10.0.0.2",   {0},                                              "10.0.0.3"},
 /* The gateway in the middle; a host bit set in the net. */
        {"10.0.0.9/24", NULL,          "10.0.0.3", "10.0.0.2",   {0},                                              "10.0.0.4"},
 /* Some are taken, in no order. */
        {"10.0.0.0/24",
         NULL,                         "10.0.0.1",
         NULL,                                                   {"10.0.0.4", "10.0.0.2", "10.0.0.3", "10.0.0.2"},
         "10.0.0.5"                                                                                                          },
 /* Round: behind the last one, and when the last given is the last. */
        {"10.0.0.0/24", NULL,          "10.0.0.1", "10.0.0.254", {0},                                              "10.0.0.2"},
        {"10.0.0.0/24", NULL,          "10.0.0.1", "10.0.0.255", {0},                                              "10.0.0.2"},
        {"10.0.0.0/24",
         NULL,                         "10.0.0.1",
         "10.0.0.253",                                           {"10.0.0.254"},
         "10.0.0.2"                                                                                                          },
 /* One given last that is not in here any more. */
        {"10.0.0.0/24", NULL,          "10.0.0.1", "172.17.0.9", {0},                                              "10.0.0.2"},
        {"10.0.0.0/24", NULL,          "10.0.0.1", "fd00::9",    {0},                                              "10.0.0.2"},
 /* A range of the net; the gateway is outside, or inside. */
        {"10.0.0.0/16", "10.0.5.0/24", "10.0.0.1", NULL,         {0},                                              "10.0.5.0"},
        {"10.0.0.0/16", "10.0.5.0/30", "10.0.5.1", "10.0.5.3",   {0},                                              "10.0.5.0"},
        {"10.0.0.0/16", "10.0.0.0/30", "10.0.0.1", NULL,         {0},                                              "10.0.0.2"},
        {"10.0.0.0/16",
         "10.0.255.252/30",            NULL,
         "10.0.255.254",                                         {0},
         "10.0.255.252"                                                                                                      },
 /* Small ones. */
        {"10.0.0.0/30", NULL,          "10.0.0.1", NULL,         {0},                                              "10.0.0.2"},
        {"10.0.0.0/30", NULL,          "10.0.0.1", NULL,         {"10.0.0.2"},                                     NULL      },
        {"10.0.0.0/31", NULL,          "10.0.0.0", NULL,         {0},                                              "10.0.0.1"},
        {"10.0.0.0/31", NULL,          "10.0.0.0", NULL,         {"10.0.0.1"},                                     NULL      },
        {"10.0.0.0/31", NULL,          NULL,       NULL,         {0},                                              "10.0.0.0"},
        {"10.0.0.7/32", NULL,          NULL,       NULL,         {0},                                              "10.0.0.7"},
        {"10.0.0.7/32", NULL,          "10.0.0.7", NULL,         {0},                                              NULL      },
        {"fd00::/64",   NULL,          "fd00::1",  NULL,         {0},                                              "fd00::2" },
        {"fd00::/64",
         NULL,                         "fd00::1",
         "fd00::ffff:ffff:ffff:ffff",                            {0},
         "fd00::2"                                                                                                           },
        {"fd00::/64",
         NULL,                         "fd00::1",
         "fd00::ffff:ffff:ffff:fffe",                            {0},
         "fd00::ffff:ffff:ffff:ffff"                                                                                         },
        {"fd00::/48",   NULL,          "fd00::1",  "fd00::7",    {"fd00::8"},                                      "fd00::9" },
        {"fd00::/126",  NULL,          "fd00::1",  "fd00::2",    {0},                                              "fd00::3" },
        {"fd00::/127",  NULL,          NULL,       NULL,         {"fd00::"},                                       "fd00::1" },
    };
    for
        EACH(rows, i)
        {
            struct err e;
            struct ip ip, wanted = ip_from(rows[i].chosen);
            auto_ips struct ips taken = {0};
            for (size_t k = 0; k < 4 && rows[i].taken[k] != NULL; k++) {
                struct ip one = ip_from(rows[i].taken[k]);
                ip_ips_add(&taken, &one);
            }
            struct ipam_pool pool = {.net = net_from(rows[i].net),
                                     .range = net_from(rows[i].range),
                                     .gateway = ip_from(rows[i].gateway),
                                     .taken = taken.n > 0 ? &taken : NULL,
                                     .last = ip_from(rows[i].last)};
            int r = ipam_choose(&pool, &ip, &e);
            assert_int_equal(r, rows[i].chosen == NULL ? -ENOSPC : 0);
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
        cmocka_unit_test(addresses_are_read_and_written),
        cmocka_unit_test(networks_are_read_masked_and_written),
        cmocka_unit_test(networks_overlap_or_not),
        cmocka_unit_test(addresses_are_counted_on),
        cmocka_unit_test(macs_are_read_and_written),
        cmocka_unit_test(free_networks_are_found_in_dockers_order),
        cmocka_unit_test(an_ipv6_network_follows_from_the_id),
        cmocka_unit_test(addresses_are_chosen),
        cmocka_unit_test(all_have_their_turn_before_one_comes_again),
        cmocka_unit_test(a_wish_is_judged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
