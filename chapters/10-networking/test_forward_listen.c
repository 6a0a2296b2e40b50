/* Which port is had, and the words where it is not. */
#include "test_relay.h"

static int ask(const char *spec, struct forward *ret, struct err *e)
{
    auto_ports struct port_list list = {0};
    must(ports_parse(spec, &list, e), e);
    return forward_listen(&list.v[0], ret, e);
}

START_TEST(a_port_is_had_by_one_only)
{
    static const struct {
        const char *spec, *words;
    } rows[] = {
        {"8080:80",           "0.0.0.0:8080/tcp"  },
        {"127.0.0.1:8080:80", "127.0.0.1:8080/tcp"},
        {"[::1]:8080:80",     "[::1]:8080/tcp"    },
    };
    struct forward first, second;
    struct err e = {0};
    enter_namespace();
    must(ask("8080:80", &first, &e), &e);
    for (int i = 0; i < 3; i++) {
        char words[128];
        ck_assert_int_eq(ask(rows[i].spec, &second, &e), -EADDRINUSE);
        snprintf(words, sizeof words,
                 "failed to bind host port for %s: address already in use",
                 rows[i].words);
        ck_assert_str_eq(e.msg, words);
    }
    must(ask("8080:80/udp", &second, &e), &e); /* another protocol */
    forward_close(&second);
    forward_close(&first);
    must(ask("127.0.0.1:8080:80", &first, &e), &e);
    must(ask("127.0.0.2:8080:80", &second, &e), &e); /* another address */
    /* Half of it is taken: then none of it is had. */
    struct forward third;
    ck_assert_int_eq(ask("8080:80", &third, &e), -EADDRINUSE);
    ck_assert_int_eq(third.listeners[0], -1);
    ck_assert_int_eq(third.listeners[1], -1);
}
END_TEST

START_TEST(of_a_range_the_first_free_one_is_had)
{
    struct forward had[4];
    struct err e = {0};
    enter_namespace();
    for (int i = 0; i < 3; i++) {
        must(ask("8000-8002:80", &had[i], &e), &e);
        ck_assert_uint_eq(had[i].host_port, 8000 + (unsigned int)i);
    }
    ck_assert_int_eq(ask("8000-8002:80", &had[3], &e), -EADDRINUSE);
    ck_assert_str_eq(e.msg, "failed to bind host port for "
                            "0.0.0.0:8000-8002/tcp: address already in use");
    forward_close(&had[1]);
    must(ask("8000-8002:80", &had[3], &e), &e);
    ck_assert_uint_eq(had[3].host_port, 8001);
}
END_TEST

START_TEST(any_port_is_the_same_in_both_families)
{
    struct forward had;
    struct err e = {0};
    enter_namespace();
    must(ask("80", &had, &e), &e);
    ck_assert_uint_gt(had.host_port, 0);
    for (int i = 0; i < 2; i++) {
        struct sockaddr_in6 at = {.sin6_port = 0}; /* or sockaddr_in, alike */
        socklen_t len = sizeof at;
        ck_assert_int_eq(getsockname(had.listeners[i], (void *)&at, &len), 0);
        ck_assert_uint_eq(ntohs(at.sin6_port), had.host_port);
    }
}
END_TEST

START_TEST(where_ipv6_is_off_ipv4_is_enough)
{
    struct forward had;
    struct err e = {0};
    enter_namespace();
    set_sysctl("ipv6/conf/all/disable_ipv6", "1");
    must(ask("8080:80", &had, &e), &e);
    ck_assert_int_ge(had.listeners[0], 0);
    forward_close(&had);
    ck_assert_int_eq(ask("[::1]:8080:80", &had, &e), -EADDRNOTAVAIL);
    ck_assert_str_eq(e.msg, "failed to bind host port for [::1]:8080/tcp: "
                            "cannot assign requested address");
    ck_assert_int_eq(ask("192.0.2.77:80:80", &had, &e), -EADDRNOTAVAIL);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, a_port_is_had_by_one_only);
    tcase_add_test(tc, of_a_range_the_first_free_one_is_had);
    tcase_add_test(tc, any_port_is_the_same_in_both_families);
    tcase_add_test(tc, where_ipv6_is_off_ipv4_is_enough);
}

int main(void)
{
    return contract_main("forward-listen", add);
}
