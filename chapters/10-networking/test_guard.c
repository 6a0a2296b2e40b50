/* The guard of a bridge: frames with addresses of somebody else, made by hand
 * and sent into a container's end of its cable. */
#include "rules.h"
#include "test_stage.h"

#include <net/ethernet.h>
#include <netpacket/packet.h>
#include <stdlib.h>

#define MARK "forged by the test"

enum kind { ARP, IPV4, DHCP, IPV6, ADVERT, ROUTER_ADVERT, VLAN, OTHER };

/* A frame of a1's, to a2. What is NULL is a1's own. */
struct forgery {
    const char *what;
    enum kind kind;
    const char *mac;     /* the frame's sender */
    const char *ip;      /* the sender in ARP and IP; a2 is 10.1.0.3, fd01::3 */
    const char *arp_mac; /* the sender in ARP */
    const char *target;  /* of a neighbour advertisement */
    bool passes;
};

#define OTHERS_MAC "02:42:0a:01:00:03"
#define LOCAL6 "fe80::42:aff:fe01:2" /* of a1's MAC */

static const struct forgery forgeries[] = {
    {"its own ARP",              ARP,           NULL,                NULL,       NULL,       NULL,      true },
    {"its own IPv4",             IPV4,          NULL,                NULL,       NULL,       NULL,      true },
    {"its own IPv6",             IPV6,          NULL,                NULL,       NULL,       NULL,      true },
    {"its own link's address",   IPV6,          NULL,                LOCAL6,     NULL,       NULL,      true },
    {"an ARP probe",             ARP,           NULL,                "0.0.0.0",  NULL,       NULL,      true },
    {"a question to DHCP",       DHCP,          NULL,                "0.0.0.0",  NULL,       NULL,      true },
    {"its own advertisement",    ADVERT,        NULL,                NULL,       NULL,       "fd01::2", true },
    {"another's MAC",            IPV4,          OTHERS_MAC,          NULL,       NULL,       NULL,      false},
    {"nobody's MAC",             ARP,           "02:00:00:00:00:99", NULL,       NULL,       NULL,      false},
    {"another's IPv4",           IPV4,          NULL,                "10.1.0.3", NULL,       NULL,      false},
    {"the gateway's IPv4",       IPV4,          NULL,                "10.1.0.1", NULL,       NULL,      false},
    {"the outside's IPv4",       IPV4,          NULL,                "8.8.8.8",  NULL,       NULL,      false},
    {"no IPv4 but not DHCP",     IPV4,          NULL,                "0.0.0.0",  NULL,       NULL,      false},
    {"another's ARP",            ARP,           NULL,                "10.1.0.3", NULL,       NULL,      false},
    {"the gateway's ARP",        ARP,           NULL,                "10.1.0.1", NULL,       NULL,      false},
    {"another's MAC in ARP",     ARP,           NULL,                NULL,       OTHERS_MAC, NULL,      false},
    {"a probe for another",      ARP,           NULL,                "0.0.0.0",  OTHERS_MAC, NULL,      false},
    {"another's IPv6",           IPV6,          NULL,                "fd01::3",  NULL,       NULL,      false},
    {"another's link address",   IPV6,          NULL,                "fe80::1",  NULL,       NULL,      false},
    {"another's advertisement",  ADVERT,        NULL,                NULL,       NULL,       "fd01::3", false},
    {"another's, from the link", ADVERT,        NULL,                LOCAL6,     NULL,       "fd01::1", false},
    {"a router's",               ROUTER_ADVERT, NULL,                LOCAL6,     NULL,       NULL,      false},
    {"IPv4 in a VLAN",           VLAN,          NULL,                "10.1.0.3", NULL,       NULL,      false},
    {"another protocol",         OTHER,         NULL,                NULL,       NULL,       NULL,      false},
};
enum { FORGERIES = sizeof forgeries / sizeof forgeries[0] };

struct frame {
    unsigned char bytes[256];
    size_t len;
};

static void put(struct frame *frame, const void *bytes, size_t len)
{
    ck_assert_uint_le(frame->len + len, sizeof frame->bytes);
    memcpy(frame->bytes + frame->len, bytes, len);
    frame->len += len;
}

static void put16(struct frame *frame, unsigned int value)
{
    uint16_t big = htons((uint16_t)value);
    put(frame, &big, sizeof big);
}

static void put_ip(struct frame *frame, const char *said, const char *own)
{
    struct ip ip = ip_from(said != NULL ? said : own);
    put(frame, ip.bytes, ip_size(&ip));
}

static void put_mac(struct frame *frame, const char *said)
{
    struct mac mac;
    ck_assert_int_eq(mac_parse(said != NULL ? said : "02:42:0a:01:00:02", &mac),
                     0);
    put(frame, mac.bytes, sizeof mac.bytes);
}

/* RFC 1071, over `len` bytes from `at` on, to be stored at `where`. */
static void checksum(struct frame *frame, size_t at, size_t len, size_t where)
{
    uint32_t sum = 0;
    for (size_t i = at; i < at + len; i += 2)
        sum += (uint32_t)frame->bytes[i] << 8 | frame->bytes[i + 1];
    while (sum >> 16 != 0)
        sum = (sum & 0xffff) + (sum >> 16);
    uint16_t big = htons((uint16_t)~sum);
    memcpy(frame->bytes + where, &big, sizeof big);
}

static void put_arp(struct frame *frame, const struct forgery *forgery)
{
    static const unsigned char request[] = {0, 1, 8, 0, 6, 4, 0, 1};
    put(frame, request, sizeof request);
    put_mac(frame, forgery->arp_mac);
    put_ip(frame, forgery->ip, "10.1.0.2");
    put_mac(frame, "00:00:00:00:00:00");
    put_ip(frame, "10.1.0.3", NULL);
}

static void put_ipv4(struct frame *frame, const struct forgery *forgery)
{
    size_t at = frame->len;
    bool is_dhcp = forgery->kind == DHCP;
    static const unsigned char rest[] = {0, 0, 0, 0, 64, IPPROTO_UDP, 0, 0};
    put16(frame, 0x4500);
    put16(frame, 20 + 8 + sizeof MARK);
    put(frame, rest, sizeof rest);
    put_ip(frame, forgery->ip, "10.1.0.2");
    put_ip(frame, is_dhcp ? "255.255.255.255" : "10.1.0.3", NULL);
    checksum(frame, at, 20, at + 10);
    put16(frame, is_dhcp ? 68 : 1000);
    put16(frame, is_dhcp ? 67 : 1000);
    put16(frame, 8 + sizeof MARK);
    put16(frame, 0);
}

/* UDP, or ICMPv6: type, code, checksum, flags, target. */
static void put_ipv6(struct frame *frame, const struct forgery *forgery)
{
    bool is_udp = forgery->kind == IPV6;
    unsigned int body = (is_udp ? 8 : 24) + sizeof MARK;
    unsigned char next[] = {is_udp ? IPPROTO_UDP : IPPROTO_ICMPV6, 255};
    put16(frame, 0x6000);
    put16(frame, 0);
    put16(frame, body);
    put(frame, next, sizeof next);
    put_ip(frame, forgery->ip, "fd01::2");
    put_ip(frame, "fd01::3", NULL);
    put16(frame, is_udp ? 1000 : forgery->kind == ADVERT ? 136 << 8 : 134 << 8);
    put16(frame, is_udp ? 1000 : 0);
    put16(frame, is_udp ? body : 0);
    put16(frame, 0);
    if (!is_udp)
        put_ip(frame, forgery->target, "fd01::2");
}

static struct frame forge(const struct forgery *forgery)
{
    static const unsigned int protocol[] = {
        [ARP] = ETHERTYPE_ARP,     [IPV4] = ETHERTYPE_IP,
        [DHCP] = ETHERTYPE_IP,     [IPV6] = ETHERTYPE_IPV6,
        [ADVERT] = ETHERTYPE_IPV6, [ROUTER_ADVERT] = ETHERTYPE_IPV6,
        [VLAN] = ETHERTYPE_VLAN,   [OTHER] = 0x88b5,
    };
    bool is_ipv6 = protocol[forgery->kind] == ETHERTYPE_IPV6;
    struct frame frame = {.len = 0};
    put_mac(&frame, "ff:ff:ff:ff:ff:ff"); /* whatever the bridge has learnt */
    put_mac(&frame, forgery->mac);
    put16(&frame, protocol[forgery->kind]);
    if (forgery->kind == VLAN) {
        put16(&frame, 7);
        put16(&frame, ETHERTYPE_IP);
    }
    if (forgery->kind == ARP)
        put_arp(&frame, forgery);
    else if (is_ipv6)
        put_ipv6(&frame, forgery);
    else if (forgery->kind != OTHER)
        put_ipv4(&frame, forgery);
    put(&frame, MARK, sizeof MARK);
    return frame;
}

static int card_of(const struct stage *stage, enum place place)
{
    struct err e = {0};
    struct sockaddr_ll at = {.sll_family = AF_PACKET,
                             .sll_protocol = htons(ETH_P_ALL)};
    at.sll_ifindex = (int)index_of(stage, place, "eth0");
    int fd = netns_socket(stage->ns[place], AF_PACKET, SOCK_RAW | SOCK_NONBLOCK,
                          htons(ETH_P_ALL), &e);
    must(fd, &e);
    ck_assert_int_eq(bind(fd, (void *)&at, sizeof at), 0);
    return fd;
}

static bool arrives(int from, int to, const struct forgery *forgery, int ms)
{
    struct frame frame = forge(forgery);
    char seen[2048];
    ck_assert_int_eq(send(from, frame.bytes, frame.len, 0), (ssize_t)frame.len);
    while (comes(to, ms)) {
        ssize_t n = recv(to, seen, sizeof seen, 0);
        if (n > 0 && memmem(seen, (size_t)n, MARK, sizeof MARK) != NULL)
            return true;
    }
    return false;
}

static struct netlink *guard_a1(const char *id)
{
    struct err e = {0};
    struct rules_network network = {
        .bridge = "net-a", .net = net_of("10.1.0.0/16"), .icc = true};
    struct rules_member a1 = {.veth = "veth-a1",
                              .ip = ip_from("10.1.0.2"),
                              .ip6 = ip_from("fd01::2")};
    struct netlink *nf = NULL;
    snprintf(network.id, sizeof network.id, "%s", id);
    a1.mac = mac_of_ip(&a1.ip);
    auto_free char *text = rules_text(&network);
    int r = rules_apply(text, &e);
    contract_needs(r != -EOPNOTSUPP, "no nftables in this kernel");
    must(r, &e);
    must(netlink_open(&nf, NETLINK_NETFILTER, -1, &e), &e);
    must(rules_add_member(nf, id, &a1, &e), &e);
    return nf;
}

START_TEST(lab_10_3_nobody_sends_with_the_addresses_of_another)
{
    struct stage stage;
    make_stage(&stage);
    int from = card_of(&stage, A1), to = card_of(&stage, A2);
    for (int i = 0; i < FORGERIES; i++) /* nothing else keeps them back */
        ck_assert_msg(arrives(from, to, &forgeries[i], COMES_MS), "%s",
                      forgeries[i].what);
    netlink_close(guard_a1("aaaaaaaaaaaa"));
    for (int i = 0; i < FORGERIES; i++) {
        const struct forgery *forgery = &forgeries[i];
        bool did =
            arrives(from, to, forgery, forgery->passes ? COMES_MS : QUIET_MS);
        ck_assert_msg(did == forgery->passes, "%s: %s", forgery->what,
                      did ? "arrives" : "does not arrive");
    }
}
END_TEST

/* A cable that is not in the set is not one of ours. */
START_TEST(who_is_no_member_is_not_guarded)
{
    struct stage stage;
    struct err e = {0};
    make_stage(&stage);
    int from = card_of(&stage, A1), to = card_of(&stage, A2);
    struct netlink *nf = guard_a1("aaaaaaaaaaaa");
    struct rules_member a1 = {.veth = "veth-a1",
                              .ip = ip_from("10.1.0.2"),
                              .ip6 = ip_from("fd01::2")};
    a1.mac = mac_of_ip(&a1.ip);
    must(rules_delete_member(nf, "aaaaaaaaaaaa", &a1, &e), &e);
    for (int i = 0; i < FORGERIES; i++)
        ck_assert(arrives(from, to, &forgeries[i], COMES_MS));
    must(rules_delete_member(nf, "aaaaaaaaaaaa", &a1, &e), &e);
    netlink_close(nf);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, lab_10_3_nobody_sends_with_the_addresses_of_another);
    tcase_add_test(tc, who_is_no_member_is_not_guarded);
}

int main(void)
{
    return contract_main("guard", add);
}
