/* The command lines of pasta and slirp4netns. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "own.h"
#include "pasta.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

static char *join(const struct strv *words)
{
    struct text line = {0};
    strv_join(words, " ", &line);
    return text_take(&line);
}

static void pasta_opens_what_is_named_and_nothing_else(void **state)
{
    (void)state;
    struct pasta_port ports[] = {
        {.host_port = 8080, .port = 80, .protocol = IPPROTO_TCP},
        {.host_port = 53,   .port = 53, .protocol = IPPROTO_UDP},
        {.host_port = 443,  .port = 44, .protocol = IPPROTO_TCP},
    };
    ip_parse("127.0.0.1", &ports[2].host);
    struct pasta wish = {.pid = 42};
    auto_strv struct strv none = {0}, some = {0};
#define ALWAYS                                                                 \
    "--foreground --quiet --stderr --config-net --no-map-gw "                  \
    "--ns-ifname eth0 -T none -U none "
    pasta_args(&wish, NULL, "/run/ready", &none);
    auto_free char *first = join(&none);
    assert_string_equal(first, ALWAYS "-t none -u none --pid /run/ready 42");
    wish.ports = ports;
    wish.n = 3;
    ip_parse("169.254.1.1", &wish.dns);
    pasta_args(&wish, "/run/netns", "/run/ready", &some);
    auto_free char *second = join(&some);
    assert_string_equal(second,
                        ALWAYS "-t 8080:80 -t 127.0.0.1/443:44 -u 53:53 "
                               "--dns-forward 169.254.1.1 --pid /run/ready "
                               "--netns-only --netns /run/netns");
}

static void slirp4netns_keeps_out_of_the_hosts_loopback(void **state)
{
    (void)state;
    struct pasta_port port = {
        .host_port = 8080, .port = 80, .protocol = IPPROTO_UDP};
    struct pasta wish = {.pid = 42};
    auto_strv struct strv none = {0}, some = {0};
    pasta_slirp_args(&wish, NULL, 5, "/run/s", &none);
    auto_free char *first = join(&none);
    assert_string_equal(first, "--configure --mtu=65520 "
                               "--disable-host-loopback --ready-fd=5 42 eth0");
    wish.ports = &port;
    wish.n = 1;
    pasta_slirp_args(&wish, "/run/netns", 5, "/run/s", &some);
    auto_free char *second = join(&some);
    assert_string_equal(second,
                        "--configure --mtu=65520 --disable-host-loopback "
                        "--ready-fd=5 --api-socket=/run/s --netns-type=path "
                        "/run/netns eth0");
}

static void what_slirp4netns_says_is_understood(void **state)
{
    (void)state;
    struct pasta_port port = {
        .host_port = 8080, .port = 80, .protocol = IPPROTO_UDP};
    struct err e = {0};
    auto_text struct text request = {0};
    pasta_slirp_request(&port, &request);
    assert_string_equal(
        request.s,
        "{\"execute\":\"add_hostfwd\",\"arguments\":{\"proto\":\"udp\","
        "\"host_addr\":\"0.0.0.0\",\"host_port\":8080,\"guest_port\":80}}");
    assert_int_equal(pasta_slirp_reply("{\"return\":{\"id\":1}}", &port, &e),
                     0);
    assert_int_equal(
        pasta_slirp_reply("{\"error\":{\"desc\":\"bad\"}}", &port, &e),
        -EADDRINUSE);
    assert_string_equal(e.msg,
                        "slirp4netns cannot publish 0.0.0.0:8080/udp: address "
                        "already in use or not ours");
    assert_int_equal(pasta_slirp_reply("", &port, &e), -EPROTO);
}

static void where_neither_is_the_package_is_named(void **state)
{
    (void)state;
    struct err e = {0};
    struct pasta wish = {.pid = 1, .dir = "/nowhere"};
    int pidfd = -1;
    auto_free char *places = own_strdup(getenv("PATH"));
    setenv("PATH", "/nowhere", 1);
    assert_int_equal(pasta_start(&wish, &pidfd, &e), -ENOENT);
    setenv("PATH", places, 1);
    assert_non_null(strstr(e.msg, "install the package passt"));
    assert_int_equal(pidfd, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pasta_opens_what_is_named_and_nothing_else),
        cmocka_unit_test(slirp4netns_keeps_out_of_the_hosts_loopback),
        cmocka_unit_test(what_slirp4netns_says_is_understood),
        cmocka_unit_test(where_neither_is_the_package_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
