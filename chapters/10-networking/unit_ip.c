/* ip.h and mac.h, which need no kernel: tables of texts and networks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ip.h"
#include "mac.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#define EACH(table, row)                                                       \
    (size_t row = 0; row < sizeof(table) / sizeof *(table); row++)

static struct ip ip_from(const char *text)
{
    struct ip ip;
    assert_int_equal(ip_parse(text, &ip), 0);
    return ip;
}

static struct ip_net net_from(const char *text)
{
    struct ip_net net;
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

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_read_and_written),
        cmocka_unit_test(networks_are_read_masked_and_written),
        cmocka_unit_test(networks_overlap_or_not),
        cmocka_unit_test(addresses_are_counted_on),
        cmocka_unit_test(macs_are_read_and_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
