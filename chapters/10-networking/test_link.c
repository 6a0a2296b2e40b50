/* The contract of link.h and netns.h: what ip(8) says about what we made. Each
 * test has network namespaces of its own that play the host and containers. */
#include "fault.h"
#include "link.h"
#include "own.h"
#include "test_net.h"

#include <errno.h>
#include <linux/if_link.h>
#include <sys/socket.h>
#include <sys/stat.h>

static struct ip_net net_of(const char *text)
{
    struct ip_net net = {0};
    ck_assert_int_eq(ip_net_parse(text, &net), 0);
    return net;
}

static struct ip ip_from(const char *text)
{
    struct ip ip = {0};
    ck_assert_int_eq(ip_parse(text, &ip), 0);
    return ip;
}

START_TEST(a_bridge_is_up_and_keeps_its_address)
{
    struct err e = {0};
    struct net host = net_new();
    struct link bridge, port;
    net_do(link_add_bridge(host.nl, "md0", 1400, &e));
    net_do(link_find(host.nl, "md0", &bridge, &e));
    auto_free char *said = net_ip(&host, "-j -d link show dev md0");
    net_expect(said, "\"info_kind\":\"bridge\"");
    net_expect(said, "\"UP\"");
    net_expect(said, "\"mtu\":1400");
    net_expect(said, "\"stp_state\":0");
    char mac[MAC_TEXT_LEN];
    net_expect(said, mac_format(&bridge.mac, mac));
    ck_assert_str_eq(bridge.kind, "bridge");
    ck_assert_uint_eq(bridge.mtu, 1400);
    ck_assert(bridge.flags & IFF_UP);
    /* A port with a lower address than any that we choose. */
    net_do(link_add_veth(
        host.nl, &(struct link_veth){.name = "v1", .peer = "v2", .peer_ns = -1},
        &e));
    auto_free char *a = net_ip(&host, "link set v1 address 00:00:00:00:00:01");
    auto_free char *b = net_ip(&host, "link set v1 master md0");
    net_do(link_find(host.nl, "v1", &port, &e));
    ck_assert_uint_eq(port.master, bridge.index);
    struct link after;
    net_do(link_find(host.nl, "md0", &after, &e));
    ck_assert(mac_equal(&bridge.mac, &after.mac));
}
END_TEST

START_TEST(lab_10_2_a_cable_has_one_end_here_and_one_there)
{
    struct err e = {0};
    struct net host = net_new(), box = net_new();
    struct link bridge, ours, theirs;
    struct mac mac;
    ck_assert_int_eq(mac_parse("02:42:ac:12:00:02", &mac), 0);
    net_do(link_add_bridge(host.nl, "md0", 0, &e));
    net_do(link_find(host.nl, "md0", &bridge, &e));
    struct link_veth veth = {.name = "veth1",
                             .bridge = bridge.index,
                             .peer = "eth0",
                             .peer_ns = box.ns,
                             .mac = mac,
                             .mtu = 1300};
    net_do(link_add_veth(host.nl, &veth, &e));
    net_do(link_find(host.nl, "veth1", &ours, &e));
    net_do(link_find(box.nl, "eth0", &theirs, &e));
    ck_assert_uint_eq(ours.peer, theirs.index);
    ck_assert_uint_eq(theirs.peer, ours.index);
    ck_assert(mac_equal(&theirs.mac, &mac));
    auto_free char *here = net_ip(&host, "-j -d addr show dev veth1");
    auto_free char *there = net_ip(&box, "-j -d link show dev eth0");
    net_expect(here, "\"master\":\"md0\"");
    net_expect(here, "\"UP\"");
    net_expect(here, "\"mtu\":1300");
    net_refuse(here, "fe80");
    net_expect(there, "02:42:ac:12:00:02");
    net_expect(there, "\"mtu\":1300");
    net_refuse(there, "\"UP\"");
    net_do(link_delete(host.nl, "veth1", &e));
    ck_assert_int_eq(link_find(box.nl, "eth0", &theirs, NULL), -ENODEV);
}
END_TEST

START_TEST(lab_10_2_half_a_cable_is_none)
{
    struct err e = {0};
    struct net host = net_new(), box = net_new();
    struct link end;
    struct link_veth veth = {
        .name = "veth1", .peer = "eth0", .peer_ns = box.ns};
    net_do(link_add_veth(host.nl, &veth, &e));
    veth.name = "veth2"; /* its other end's name is taken */
    ck_assert_int_eq(link_add_veth(host.nl, &veth, &e), -EEXIST);
    ck_assert_int_eq(link_find(host.nl, "veth2", &end, NULL), -ENODEV);
    veth.peer = "eth1"; /* a bridge that there is not */
    veth.bridge = 4711;
    ck_assert_int_lt(link_add_veth(host.nl, &veth, &e), 0);
    ck_assert_int_eq(link_find(host.nl, "veth2", &end, NULL), -ENODEV);
    ck_assert_int_eq(link_find(box.nl, "eth1", &end, NULL), -ENODEV);
    veth.bridge = 0; /* it is there, and cannot be brought up */
    net_do(fault_open("sendmsg:2:ENOBUFS", &e));
    ck_assert_int_eq(link_add_veth(host.nl, &veth, &e), -ENOBUFS);
    ck_assert_int_eq(link_find(host.nl, "veth2", &end, NULL), -ENODEV);
}
END_TEST

START_TEST(a_containers_end_gets_all_it_needs)
{
    struct err e = {0};
    struct net host = net_new(), box = net_new();
    struct link bridge;
    struct ip_net gateway = net_of("172.18.0.1/16");
    struct ip_net gateway6 = net_of("fd00:18::1/64");
    net_do(link_add_bridge(host.nl, "md0", 0, &e));
    net_do(link_find(host.nl, "md0", &bridge, &e));
    net_do(link_add_address(host.nl, bridge.index, &gateway, &e));
    net_do(link_add_address(host.nl, bridge.index, &gateway6, &e));
    struct link_veth veth = {.name = "veth1",
                             .bridge = bridge.index,
                             .peer = "eth0",
                             .peer_ns = box.ns};
    net_do(link_add_veth(host.nl, &veth, &e));
    struct link_setup setup = {.name = "eth0",
                               .address = net_of("172.18.0.2/16"),
                               .address6 = net_of("fd00:18::2/64"),
                               .gateway = gateway.ip,
                               .gateway6 = gateway6.ip};
    net_do(link_setup(box.nl, &setup, &e));
    auto_free char *said = net_ip(&box, "-j addr show dev eth0");
    net_expect(said, "\"UP\"");
    net_expect(said, "\"local\":\"172.18.0.2\",\"prefixlen\":16,"
                     "\"broadcast\":\"172.18.255.255\"");
    net_expect(said, "\"local\":\"fd00:18::2\",\"prefixlen\":64");
    auto_free char *routes = net_ip(&box, "route");
    net_expect(routes, "default via 172.18.0.1 dev eth0");
    auto_free char *routes6 = net_ip(&box, "-6 route");
    net_expect(routes6, "default via fd00:18::1 dev eth0");
}
END_TEST

START_TEST(the_way_out_moves)
{
    struct err e = {0};
    struct net box = net_new();
    struct link one, other;
    struct ip_net addresses[] = {net_of("10.1.0.2/24"), net_of("10.2.0.2/24")};
    struct ip gateways[] = {ip_from("10.1.0.1"), ip_from("10.2.0.1")};
    net_do(link_add_bridge(box.nl, "b1", 0, &e));
    net_do(link_add_bridge(box.nl, "b2", 0, &e));
    net_do(link_find(box.nl, "b1", &one, &e));
    net_do(link_find(box.nl, "b2", &other, &e));
    net_do(link_add_address(box.nl, one.index, &addresses[0], &e));
    net_do(link_add_address(box.nl, other.index, &addresses[1], &e));
    net_do(link_set_way_out(box.nl, &gateways[0], one.index, &e));
    net_do(link_set_way_out(box.nl, &gateways[1], other.index, &e));
    net_do(link_set_way_out(box.nl, &gateways[1], other.index, &e));
    auto_free char *said = net_ip(&box, "route show default");
    ck_assert(text_starts(said, "default via 10.2.0.1 dev b2"));
    net_refuse(said, "10.1.0.1");
}
END_TEST

START_TEST(without_ipv6_there_is_none)
{
    struct err e = {0};
    struct net box = net_new();
    net_do(link_add_veth(
        box.nl,
        &(struct link_veth){.name = "other", .peer = "eth0", .peer_ns = -1},
        &e));
    struct link_setup setup = {.name = "eth0", .address = net_of("10.1.2.3/8")};
    net_do(link_setup(box.nl, &setup, &e));
    auto_free char *said = net_ip(&box, "-j addr show dev eth0");
    net_expect(said, "\"local\":\"10.1.2.3\"");
    net_refuse(said, "inet6");
}
END_TEST

START_TEST(a_card_on_anothers_network)
{
    struct err e = {0};
    struct net host = net_new(), box = net_new();
    net_do(link_add_veth(
        host.nl,
        &(struct link_veth){.name = "lan", .peer = "wall", .peer_ns = -1}, &e));
    struct link_macvlan macvlan = {
        .name = "eth0", .parent = "lan", .ns = box.ns};
    net_do(link_add_macvlan(host.nl, &macvlan, &e));
    auto_free char *said = net_ip(&box, "-j -d link show dev eth0");
    net_expect(said, "\"info_kind\":\"macvlan\"");
    net_expect(said, "\"mode\":\"bridge\"");
    macvlan.parent = "nothing";
    ck_assert_int_eq(link_add_macvlan(host.nl, &macvlan, &e), -ENODEV);
    ck_assert_str_eq(e.msg, "create eth0: find nothing: No such device");
}
END_TEST

START_TEST(names_can_be_changed)
{
    struct err e = {0};
    struct net host = net_new();
    struct link link;
    const struct link_veth cable = {
        .name = "md0", .peer = "eth0", .peer_ns = -1};
    net_do(link_add_veth(host.nl, &cable, &e));
    net_do(link_find(host.nl, "eth0", &link, &e)); /* which is down */
    net_do(link_rename(host.nl, link.index, "other", &e));
    auto_free char *said = net_ip(&host, "-br link");
    net_expect(said, "other");
    net_refuse(said, "eth0");
}
END_TEST

START_TEST(refusals_name_the_device)
{
    struct err e = {0};
    struct net host = net_new();
    struct link link;
    struct ip_net address = net_of("10.0.0.1/24");
    struct ip far = ip_from("10.9.9.9");
    net_do(link_add_bridge(host.nl, "md0", 0, &e));
    net_do(link_find(host.nl, "md0", &link, &e));
    ck_assert_int_eq(link_add_bridge(host.nl, "md0", 0, &e), -EEXIST);
    ck_assert_str_eq(e.msg, "create md0: File exists");
    ck_assert_int_eq(link_find(host.nl, "gone", &link, &e), -ENODEV);
    ck_assert_str_eq(e.msg, "find gone: No such device");
    ck_assert_int_eq(link_delete(host.nl, "gone", &e), -ENODEV);
    ck_assert_str_eq(e.msg, "delete gone: No such device");
    net_do(link_add_address(host.nl, link.index, &address, &e));
    ck_assert_int_eq(link_add_address(host.nl, link.index, &address, &e),
                     -EEXIST);
    net_expect(e.msg, "add address 10.0.0.1/24: File exists");
    ck_assert_int_eq(link_add_route(host.nl, NULL, &far, link.index, &e),
                     -ENETUNREACH);
    net_expect(e.msg, "add route to all: Network is unreachable (");
    ck_assert_int_eq(link_add_bridge(host.nl, "a b", 0, &e), -EINVAL);
    net_expect(e.msg, "create a b: Invalid argument");
    ck_assert_int_lt(link_add_bridge(host.nl, "a-name-of-many-letters", 0, &e),
                     0);
    net_expect(e.msg, "create a-name-of-many-letters: ");
}
END_TEST

static bool has_net(const struct ip_nets *nets, const char *text)
{
    char name[IP_NET_TEXT_LEN];
    for (size_t i = 0; i < nets->n; i++)
        if (strcmp(ip_net_format(&nets->v[i], name), text) == 0)
            return true;
    return false;
}

START_TEST(networks_in_use_are_those_of_addresses_and_routes)
{
    struct err e = {0};
    struct net host = net_new();
    struct link link;
    struct ip_net address = net_of("10.1.2.3/24"), far = net_of("10.7.0.0/16");
    struct ip_net address6 = net_of("fd00:9::1/64");
    struct ip gateway = ip_from("10.1.2.1");
    auto_ip_nets struct ip_nets none = {0}, nets = {0};
    auto_free char *lo = net_ip(&host, "link set lo up");
    net_do(link_nets(host.nl, &none, &e));
    ck_assert_uint_eq(none.n, 0);
    net_do(link_add_bridge(host.nl, "md0", 0, &e));
    net_do(link_find(host.nl, "md0", &link, &e));
    net_do(link_add_address(host.nl, link.index, &address, &e));
    net_do(link_add_address(host.nl, link.index, &address6, &e));
    net_do(link_add_route(host.nl, &far, &gateway, link.index, &e));
    net_do(link_add_route(host.nl, NULL, &gateway, link.index, &e));
    auto_free char *half =
        net_ip(&host, "route add 128.0.0.0/1 via 10.1.2.1 dev md0");
    net_do(link_nets(host.nl, &nets, &e));
    ck_assert(has_net(&nets, "10.1.2.0/24"));
    ck_assert(has_net(&nets, "10.7.0.0/16"));
    ck_assert(has_net(&nets, "fd00:9::/64"));
    for (size_t i = 0; i < nets.n; i++)
        ck_assert_uint_ge(nets.v[i].bits, 8);
    char name[IP_NET_TEXT_LEN];
    for (size_t i = 0; i < nets.n; i++)
        ck_assert_ptr_null(strstr(ip_net_format(&nets.v[i], name), "fe80"));
}
END_TEST

static int count_link(void *arg, const struct link *link)
{
    size_t *n = arg;
    *n += strncmp(link->name, "veth", 4) == 0 && link->master != 0;
    return 0;
}

START_TEST(hundreds_of_links_are_listed)
{
    struct err e = {0};
    struct net host = net_new();
    struct link bridge;
    net_do(link_add_bridge(host.nl, "md0", 0, &e));
    net_do(link_find(host.nl, "md0", &bridge, &e));
    for (int i = 0; i < 60; i++) {
        auto_free char *name = text_format("veth%d", i);
        auto_free char *peer = text_format("peer%d", i);
        struct link_veth veth = {
            .name = name, .peer = peer, .bridge = bridge.index, .peer_ns = -1};
        net_do(link_add_veth(host.nl, &veth, &e));
    }
    size_t n = 0;
    net_do(link_list(host.nl, count_link, &n, &e));
    ck_assert_uint_eq(n, 60);
}
END_TEST

START_TEST(a_socket_is_of_the_namespace_it_was_made_in)
{
    struct err e = {0};
    struct net box = net_new();
    ino_t before, after;
    struct stat info;
    ck_assert_int_eq(stat("/proc/self/ns/net", &info), 0);
    before = info.st_ino;
    auto_fd int fd = netns_socket(box.ns, AF_INET, SOCK_STREAM, 0, &e);
    ck_assert_msg(fd >= 0, "%s", e.msg);
    ck_assert_int_eq(stat("/proc/self/ns/net", &info), 0);
    after = info.st_ino;
    ck_assert_uint_eq(before, after);
    ck_assert_int_ne(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
    auto_fd int nowhere = open("/dev/null", O_RDONLY | O_CLOEXEC);
    ck_assert_int_lt(netns_socket(nowhere, AF_INET, SOCK_STREAM, 0, &e), 0);
}
END_TEST

/* Whatever fails on the way, and whether it was done or not: no half a cable
 * is left, and what was there before still is. */
START_TEST(no_fault_leaves_a_link)
{
    struct err e = {0};
    static const char *const calls[] = {"sendmsg", "recvmsg"};
    struct net host = net_new(), box = net_new();
    struct link bridge;
    net_do(link_add_bridge(host.nl, "md0", 0, &e));
    net_do(link_find(host.nl, "md0", &bridge, &e));
    struct link_veth veth = {.name = "veth1",
                             .bridge = bridge.index,
                             .peer = "eth0",
                             .peer_ns = box.ns};
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        int failures = 0;
        for (int n = 1, r = -1; r < 0; n++) {
            auto_free char *fault = text_format("%s:%d:ENOBUFS", calls[i], n);
            net_do(fault_open(fault, &e));
            r = link_add_veth(host.nl, &veth, &e);
            failures += r == -ENOBUFS;
            auto_free char *here = net_ip(&host, "-br link");
            auto_free char *there = net_ip(&box, "-br link");
            ck_assert_int_eq(strstr(here, "veth1") != NULL, r == 0);
            ck_assert_int_eq(strstr(there, "eth0") != NULL, r == 0);
            net_expect(here, "md0");
        }
        ck_assert_int_eq(failures, i == 0 ? 2 : 3); /* letters, answers */
        net_do(fault_open("umount2:1:EIO", &e));    /* none of ours */
        net_do(link_delete(host.nl, "veth1", &e));
    }
    /* A name that was taken is not taken away. */
    net_do(link_add_veth(host.nl, &veth, &e));
    ck_assert_int_eq(link_add_veth(host.nl, &veth, &e), -EEXIST);
    ck_assert_str_eq(e.msg, "create veth1: File exists");
    net_do(link_find(host.nl, "veth1", &bridge, &e));
}
END_TEST

static void add(TCase *tests)
{
    tcase_add_test(tests, a_bridge_is_up_and_keeps_its_address);
    tcase_add_test(tests, lab_10_2_a_cable_has_one_end_here_and_one_there);
    tcase_add_test(tests, lab_10_2_half_a_cable_is_none);
    tcase_add_test(tests, a_containers_end_gets_all_it_needs);
    tcase_add_test(tests, the_way_out_moves);
    tcase_add_test(tests, without_ipv6_there_is_none);
    tcase_add_test(tests, a_card_on_anothers_network);
    tcase_add_test(tests, names_can_be_changed);
    tcase_add_test(tests, refusals_name_the_device);
    tcase_add_test(tests, networks_in_use_are_those_of_addresses_and_routes);
    tcase_add_test(tests, hundreds_of_links_are_listed);
    tcase_add_test(tests, no_fault_leaves_a_link);
    tcase_add_test(tests, a_socket_is_of_the_namespace_it_was_made_in);
}

int main(void)
{
    return contract_main("link", add);
}
