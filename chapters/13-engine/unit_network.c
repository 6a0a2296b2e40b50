/* What POST /networks/create may ask for, and what becomes of it. Nothing is
 * asked of the kernel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "field.h"
#include "network.h"
#include "own.h"
#include "unit_json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define BRIDGE "com.docker.network.bridge."
#define POOL(text) "{'Name':'n','IPAM':{'Config':[" text "]}}"
#define OPTIONS(text) "{'Name':'n','Options':{" text "}}"

/* clang-format off */
static const struct {
    const char *request, *words;
    int code;
} cases[] = {
    {"{}", "name is empty", EINVAL},
    {"{'Name':'a/b'}", "invalid network name", EINVAL},
    {"{'Name':'.a'}", "invalid network name", EINVAL},
    {"{'Name':'default'}", "predefined default network", EPERM},
    {"{'Name':'host'}", "predefined host network", EPERM},
    {"{'Name':'n','Driver':'null'}", "only one instance of \"null\"",
     EPERM},
    {"{'Name':'n','Driver':'nosuch'}", "plugin \"nosuch\" not found",
     ENOENT},
    {"{'Name':'n','Driver':'overlay'}", "not a swarm manager", EINVAL},
    {"{'Name':'n','Driver':'macvlan'}", "parent interface", EINVAL},
    {"{'Name':'n','Driver':'macvlan','Options':{'parent':'lo'}}",
     "loopback interface is not a valid macvlan parent link", EINVAL},
    {OPTIONS("'macvlan_mode':'x'"), "macvlan mode 'x' is not", EINVAL},
    {"{'Name':'n','Scope':'swarm'}", "swarm is not active", EINVAL},
    {"{'Name':'n','Scope':'x'}", "not a swarm manager", ENOENT},
    {"{'Name':'n','IPAM':{'Driver':'nosuch'}}",
     "plugin \"nosuch\" not found", ENOENT},
    {"{'Name':'n','IPAM':{'Driver':'null'}}", "ipv4 pool is empty",
     EINVAL},
    {OPTIONS("'a':'b'"), "unknown network option: a", EINVAL},
    {OPTIONS("'com.docker.network.driver.mtu':'67'"),
     "invalid MTU number: 67", EINVAL},
    {OPTIONS("'com.docker.network.driver.mtu':'x'"),
     "parsing \"x\": invalid syntax", EINVAL},
    {OPTIONS("'" BRIDGE "name':'a234567890123456'"),
     "invalid interface name", EINVAL},
    {OPTIONS("'" BRIDGE "enable_icc':'x'"),
     "parsing \"x\": invalid syntax", EINVAL},
    {OPTIONS("'" BRIDGE "host_binding_ipv4':'x'"), "x (nil ip)", EINVAL},
    {POOL("{'Gateway':'10.0.0.1'}"), "must have a corresponding subnet",
     EINVAL},
    {POOL("{'Subnet':'10.0.0.0/33'}"),
     "invalid CIDR address: 10.0.0.0/33", EINVAL},
    {POOL("{'Subnet':'10.0.0.7/24'}"), "it should be 10.0.0.0/24",
     EINVAL},
    {POOL("{'Subnet':'10.0.0.0/32'}"),
     "No available addresses on this pool", ENOSPC},
    {POOL("{'Subnet':'fd00::/64','IPRange':'fd01::/80'}"),
     "no matching subnet for range fd01::/80", EINVAL},
    {POOL("{'Subnet':'10.0.0.0/24','Gateway':'10.0.1.1'}"),
     "no matching subnet for gateway 10.0.1.1", EINVAL},
    {POOL("{'Subnet':'10.0.0.0/24'},{'Subnet':'10.1.0.0/24'}"),
     "bridge driver doesn't support multiple subnets", EINVAL},
    {POOL("{'Subnet':'10.0.0.0/24'},{'Subnet':'10.0.0.0/25'}"),
     "multiple overlapping subnet configuration", EINVAL},
};
/* clang-format on */

static void what_cannot_be_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct err e = {0};
        json_t *request = unit_json(cases[i].request);
        int r = network_check(request, &e);
        json_decref(request);
        if (r != -cases[i].code || strstr(e.msg, cases[i].words) == NULL)
            fail_msg("%s: %d, %s", cases[i].request, r, e.msg);
    }
}

static json_t *make(const char *text, const struct ip_nets *taken)
{
    struct err e = {0};
    json_t *request = unit_json(text), *doc = NULL;
    if (network_check(request, &e) < 0 ||
        network_make_document(request, taken, &doc, &e) < 0)
        fail_msg("%s: %s", text, e.msg);
    json_decref(request);
    return doc;
}

static void what_nobody_chose_is_chosen(void **state)
{
    (void)state;
    auto_ip_nets struct ip_nets taken = {0};
    struct ip_net net;
    ip_net_parse("172.17.0.0/16", &net);
    ip_nets_add(&taken, &net);
    json_t *doc = make("{'Name':'n','EnableIPv6':true}", &taken);
    struct network_pool pool;
    char text[IP_NET_TEXT_LEN];
    network_get_pool(doc, AF_INET, &pool);
    assert_string_equal(ip_net_format(&pool.net, text), "172.18.0.0/16");
    assert_string_equal(ip_format(&pool.gateway, text), "172.18.0.1");
    assert_int_equal(pool.range.ip.family, 0);
    network_get_pool(doc, AF_INET6, &pool);
    assert_int_equal(pool.net.bits, 64);
    assert_true(network_is_own(doc) && network_is(doc, "bridge"));
    auto_free char *bridge = network_bridge(doc);
    assert_int_equal(strlen(bridge), strlen("br-") + 12);
    json_decref(doc);
}

static void what_was_chosen_is_kept(void **state)
{
    (void)state;
    static const struct ip_nets nothing;
    json_t *doc = make("{'Name':'n','Internal':true,'Labels':{'a':'b'},"
                       "'Options':{'com.docker.network.bridge.name':'mine',"
                       "'com.docker.network.bridge.enable_icc':'false'},"
                       "'IPAM':{'Config':[{'Subnet':'10.0.0.0/24',"
                       "'Gateway':'10.0.0.9','IPRange':'10.0.0.128/25',"
                       "'AuxiliaryAddresses':{'r':'10.0.0.2'}}]}}",
                       &nothing);
    struct network_pool pool;
    char text[IP_NET_TEXT_LEN];
    network_get_pool(doc, AF_INET, &pool);
    assert_string_equal(ip_format(&pool.gateway, text), "10.0.0.9");
    assert_string_equal(ip_net_format(&pool.range, text), "10.0.0.128/25");
    network_get_pool(doc, AF_INET6, &pool);
    assert_int_equal(pool.net.ip.family, 0);
    assert_true(field_bool(doc, "Internal"));
    assert_true(field_is(doc, "Labels.a", "b"));
    assert_false(network_option_bool(doc, NETWORK_OPTION "enable_icc", true));
    assert_true(
        network_option_bool(doc, NETWORK_OPTION "enable_ip_masquerade", true));
    auto_free char *bridge = network_bridge(doc);
    assert_string_equal(bridge, "mine");
    json_decref(doc);
}

static void what_overlaps_is_refused(void **state)
{
    (void)state;
    auto_ip_nets struct ip_nets taken = {0};
    struct ip_net net;
    struct err e = {0};
    json_t *doc = NULL;
    json_t *request =
        unit_json("{'Name':'n','IPAM':{'Config':[{'Subnet':'10.0.1.0/24'}]}}");
    ip_net_parse("10.0.0.0/16", &net);
    ip_nets_add(&taken, &net);
    assert_int_equal(network_make_document(request, &taken, &doc, &e), -EINVAL);
    assert_non_null(strstr(e.msg, "Pool overlaps with other one"));
    assert_null(doc);
    json_decref(request);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_cannot_be_is_refused),
        cmocka_unit_test(what_nobody_chose_is_chosen),
        cmocka_unit_test(what_was_chosen_is_kept),
        cmocka_unit_test(what_overlaps_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
