/* Rules of networks, tried with packets: each path that is open, each that is
 * not, and that these are closed by the rules and nothing else. */
#include "forward.h"
#include "rules.h"
#include "test_stage.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

#define TCP SOCK_STREAM
#define UDP SOCK_DGRAM

static const struct rules_network *networks(void)
{
    static struct rules_network three[3] = {
        {.id = "aaaaaaaaaaaa",
         .bridge = "net-a",
         .masquerade = true,
         .icc = true                                                    },
        { .id = "bbbbbbbbbbbb",   .bridge = "net-b", .masquerade = true},
        {                                                 .id = "cccccccccccc",
         .bridge = "net-i",
         .masquerade = true,
         .internal = true,
         .icc = true},
    };
    static const char *const nets[3][2] = {
        {"10.1.0.0/16", "fd01::/64"},
        {"10.2.0.0/16", "fd02::/64"},
        {"10.3.0.0/16", "fd03::/64"}
    };
    for (int i = 0; i < 3; i++) {
        three[i].net = net_of(nets[i][0]);
        three[i].net6 = net_of(nets[i][1]);
    }
    return three;
}

static void apply(const struct rules_network *network)
{
    struct err e = {0};
    auto_free char *text = rules_text(network);
    int r = rules_apply(text, &e);
    contract_needs(r != -EOPNOTSUPP, "no nftables in this kernel");
    must(r, &e);
}

static struct netlink *open_filter(void)
{
    struct err e = {0};
    struct netlink *nf = NULL;
    int r = netlink_open(&nf, NETLINK_NETFILTER, -1, &e);
    contract_needs(r != -EPROTONOSUPPORT, "no nftables in this kernel");
    must(r, &e);
    return nf;
}

struct publication {
    const char *host; /* NULL: every address */
    const char *to;
    uint16_t host_port;
};

static void add_member(struct netlink *nf, const char *id, const char *who,
                       const struct publication *published)
{
    struct err e = {0};
    char veth[16], text[2][32];
    struct rules_port ports[8];
    int net = who[0] == 'i' ? 3 : who[0] - 'a' + 1, n = who[1] - '0' + 1;
    snprintf(veth, sizeof veth, "veth-%s", who);
    snprintf(text[0], sizeof text[0], "10.%d.0.%d", net, n);
    snprintf(text[1], sizeof text[1], "fd0%d::%d", net, n);
    struct rules_member member = {.veth = veth,
                                  .ip = ip_from(text[0]),
                                  .ip6 = ip_from(text[1]),
                                  .ports = ports};
    member.mac = mac_of_ip(&member.ip);
    for (; published != NULL && published->to != NULL; published++) {
        struct rules_port port = {.protocol = IPPROTO_TCP,
                                  .host_port = published->host_port,
                                  .to = ip_from(published->to),
                                  .port = 80};
        if (published->host != NULL)
            port.host = ip_from(published->host);
        ports[member.n_ports++] = port;
        port.protocol = IPPROTO_UDP;
        ports[member.n_ports++] = port;
    }
    must(rules_add_member(nf, id, &member, &e), &e);
}

static void apply_all(void)
{
    static const struct publication a1[] = {
        {NULL,        "10.1.0.2", 8080},
        {"192.0.2.1",       "10.1.0.2", 8081},
        {NULL, "fd01::2", 8080},
        {0      }
    };
    static const struct publication b2[] = {
        {NULL,  "10.2.0.3", 8082},
        {0}
    };
    static const struct publication i1[] = {
        {NULL,  "10.3.0.2", 8083},
        {0}
    };
    const struct rules_network *three = networks();
    struct netlink *nf = open_filter();
    for (int i = 0; i < 3; i++)
        apply(&three[i]);
    add_member(nf, three[0].id, "a1", a1);
    add_member(nf, three[0].id, "a2", NULL);
    add_member(nf, three[1].id, "b1", NULL);
    add_member(nf, three[1].id, "b2", b2);
    add_member(nf, three[2].id, "i1", i1);
    add_member(nf, three[2].id, "i2", NULL);
    netlink_close(nf);
}

/* Without rules all of these pass: the routes are there. */
static const struct path direct[] = {
    {A1,      "10.1.0.3",      80, A2,      80, UDP, true,  "10.1.0.2"     },
    {A1,      "10.1.0.1",      53, HOST,    53, UDP, true,  "10.1.0.2"     },
    {HOST,    "10.1.0.2",      80, A1,      80, TCP, true,  "10.1.0.1"     },
    {A1,      "198.51.100.2",  80, OUTSIDE, 80, TCP, true,  "192.0.2.1"    },
    {B1,      "198.51.100.2",  80, OUTSIDE, 80, UDP, true,  "192.0.2.1"    },
    {A1,      "fd01::3",       80, A2,      80, UDP, true,  "fd01::2"      },
    {A1,      "2001:db8:2::2", 80, OUTSIDE, 80, UDP, true,  "2001:db8:1::1"},
    {HOST,    "10.3.0.2",      80, I1,      80, TCP, true,  "10.3.0.1"     },
    {I1,      "10.3.0.1",      53, HOST,    53, UDP, true,  "10.3.0.2"     },
    {I1,      "10.3.0.3",      80, I2,      80, TCP, true,  "10.3.0.2"     },
    {I1,      "fd03::3",       80, I2,      80, UDP, true,  "fd03::2"      },
 /* Not published, or past the published port. */
    {OUTSIDE, "10.1.0.2",      80, A1,      80, TCP, false, "198.51.100.2" },
    {ROUTER,  "10.1.0.3",      80, A2,      80, UDP, false, "192.0.2.2"    },
    {OUTSIDE, "fd01::2",       80, A1,      80, UDP, false, "2001:db8:2::2"},
 /* One network to another. */
    {A1,      "10.2.0.2",      80, B1,      80, UDP, false, "10.1.0.2"     },
    {B1,      "10.1.0.2",      80, A1,      80, TCP, false, "10.2.0.2"     },
    {A1,      "fd02::2",       80, B1,      80, UDP, false, "fd01::2"      },
 /* An internal one. */
    {I1,      "198.51.100.2",  80, OUTSIDE, 80, UDP, false, "10.3.0.2"     },
    {I1,      "10.1.0.2",      80, A1,      80, UDP, false, "10.3.0.2"     },
    {A1,      "10.3.0.2",      80, I1,      80, UDP, false, "10.1.0.2"     },
    {OUTSIDE, "10.3.0.2",      80, I1,      80, UDP, false, "198.51.100.2" },
    {I1,      "2001:db8:2::2", 80, OUTSIDE, 80, UDP, false, "fd03::2"      },
 /* icc=false. */
    {B1,      "10.2.0.3",      80, B2,      80, UDP, false, "10.2.0.2"     },
    {B1,      "fd02::3",       80, B2,      80, UDP, false, "fd02::2"      },
};
enum { DIRECT_COUNT = sizeof direct / sizeof direct[0] };

/* To ports of the host: these need rules. */
static const struct path published[] = {
    {OUTSIDE, "192.0.2.1",     8080, A1, 80, TCP, true,  "198.51.100.2" },
    {OUTSIDE, "192.0.2.1",     8080, A1, 80, UDP, true,  "198.51.100.2" },
    {OUTSIDE, "192.0.2.1",     8081, A1, 80, TCP, true,  "198.51.100.2" },
    {OUTSIDE, "2001:db8:1::1", 8080, A1, 80, TCP, true,  "2001:db8:2::2"},
    {HOST,    "192.0.2.1",     8080, A1, 80, TCP, true,  NULL           },
    {HOST,    "10.2.0.1",      8080, A1, 80, UDP, true,  NULL           },
    {HOST,    "2001:db8:1::1", 8080, A1, 80, TCP, true,  NULL           },
    {B1,      "192.0.2.1",     8080, A1, 80, TCP, true,  NULL           },
    {B1,      "10.1.0.1",      8080, A1, 80, UDP, true,  NULL           },
 /* Published at one address, asked for at another. */
    {OUTSIDE, "10.1.0.1",      8081, A1, 80, TCP, false, NULL           },
    {HOST,    "10.1.0.1",      8081, A1, 80, UDP, false, NULL           },
 /* Nobody's address but the container's own. */
    {OUTSIDE, "10.1.0.2",      8080, A1, 80, TCP, false, NULL           },
 /* Of an internal network nothing is published. */
    {OUTSIDE, "192.0.2.1",     8083, I1, 80, TCP, false, NULL           },
    {HOST,    "192.0.2.1",     8083, I1, 80, UDP, false, NULL           },
};
enum { PUBLISHED_COUNT = sizeof published / sizeof published[0] };

static void try_path(const struct stage *stage, const struct path *path)
{
    char seen_as[INET6_ADDRSTRLEN];
    bool did = passes(stage, path, path->passes ? COMES_MS : QUIET_MS, seen_as);
    ck_assert_msg(did == path->passes, "place %d to %s:%u at place %d: %s",
                  path->from, path->to, path->port, path->at,
                  did ? "passes" : "does not pass");
    if (did && path->seen_as != NULL)
        ck_assert_msg(strcmp(seen_as, path->seen_as) == 0,
                      "place %d to %s:%u is seen as %s", path->from, path->to,
                      path->port, seen_as);
}

/* What the other tests are held against, and so needs what they need. */
START_TEST(without_rules_everybody_reaches_everybody)
{
    struct stage stage;
    char seen_as[INET6_ADDRSTRLEN];
    netlink_close(open_filter());
    make_stage(&stage);
    for (int i = 0; i < DIRECT_COUNT; i++)
        ck_assert_msg(passes(&stage, &direct[i], COMES_MS, seen_as),
                      "place %d to %s (%s)", direct[i].from, direct[i].to,
                      seen_as[0] == '\0' ? "not heard" : "not answered");
    for (int i = 0; i < PUBLISHED_COUNT; i++)
        ck_assert(!passes(&stage, &published[i], 0, seen_as));
}
END_TEST

START_TEST(networks_are_closed_but_for_what_docker_leaves_open)
{
    struct stage stage;
    make_stage(&stage);
    apply_all();
    for (int i = 0; i < DIRECT_COUNT; i++)
        try_path(&stage, &direct[i]);
}
END_TEST

START_TEST(published_ports_are_reached_from_everywhere)
{
    struct stage stage;
    make_stage(&stage);
    apply_all();
    for (int i = 0; i < PUBLISHED_COUNT; i++)
        try_path(&stage, &published[i]);
}
END_TEST

/* What the rules leave to the relay. */
static const struct path relayed[] = {
    {HOST, "127.0.0.1", 8080, A1, 80, TCP, true, "10.1.0.1"},
    {A2,   "192.0.2.1", 8080, A1, 80, TCP, true, "10.1.0.1"},
    {A2,   "10.1.0.1",  8080, A1, 80, TCP, true, "10.1.0.1"},
    {A1,   "192.0.2.1", 8080, A1, 80, TCP, true, "10.1.0.1"},
};
enum { RELAYED_COUNT = sizeof relayed / sizeof relayed[0] };

START_TEST(the_relay_serves_the_host_itself_and_neighbours)
{
    struct stage stage;
    struct err e = {0};
    auto_ports struct port_list list = {0};
    struct forward forward;
    char seen_as[INET6_ADDRSTRLEN];
    make_stage(&stage);
    apply_all();
    for (int i = 0; i < RELAYED_COUNT; i++)
        ck_assert(!passes(&stage, &relayed[i], 0, seen_as));
    must(ports_parse("8080:80", &list, &e), &e);
    must(forward_listen(&list.v[0], &forward, &e), &e);
    forward.to = ip_from("10.1.0.2");
    pid_t relay = fork();
    if (relay == 0)
        _exit(forward_serve(&forward, 1, NULL) < 0);
    forward_close(&forward);
    for (int i = 0; i < RELAYED_COUNT; i++)
        try_path(&stage, &relayed[i]);
    kill(relay, SIGKILL);
    waitpid(relay, NULL, 0);
}
END_TEST

/* A client that keeps its own port, as a resolver may: its datagrams belong to
 * one flow, which must not outlive the container. */
START_TEST(datagrams_follow_a_port_to_another_container)
{
    static const struct publication a1[] = {
        {NULL,  "10.1.0.2", 8080},
        {0}
    };
    static const struct publication a2[] = {
        {NULL,  "10.1.0.3", 8080},
        {0}
    };
    static const struct path to[] = {
        {OUTSIDE, "192.0.2.1", 8080, A1, 80, UDP, true, NULL},
        {OUTSIDE, "192.0.2.1", 8080, A2, 80, UDP, true, NULL},
    };
    struct stage stage;
    struct err e = {0};
    struct sockaddr_storage at;
    struct rules_port ports[] = {
        {.protocol = IPPROTO_TCP, .host_port = 8080},
        {.protocol = IPPROTO_UDP, .host_port = 8080},
    };
    struct rules_member gone = {
        .veth = "veth-a1", .ports = ports, .n_ports = 2};
    make_stage(&stage);
    const struct rules_network *network = networks();
    struct netlink *nf = open_filter();
    apply(network);
    int first = listen_at(&stage, &to[0]), second = listen_at(&stage, &to[1]);
    int client = socket_at(&stage, OUTSIDE, AF_INET, UDP);
    socklen_t len = fill_address(&at, "192.0.2.1", 8080);
    ck_assert_int_eq(connect(client, (void *)&at, len), 0);
    add_member(nf, network->id, "a1", a1);
    ck_assert_int_eq(send(client, "x", 1, 0), 1);
    ck_assert(comes(first, COMES_MS));
    gone.ip = ports[0].to = ports[1].to = ip_from("10.1.0.2");
    gone.mac = mac_of_ip(&gone.ip);
    ports[0].port = ports[1].port = 80;
    must(rules_delete_member(nf, network->id, &gone, &e), &e);
    add_member(nf, network->id, "a2", a2);
    ck_assert_int_eq(send(client, "x", 1, 0), 1);
    ck_assert(comes(second, COMES_MS));
    netlink_close(nf);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, without_rules_everybody_reaches_everybody);
    tcase_add_test(tc, networks_are_closed_but_for_what_docker_leaves_open);
    tcase_add_test(tc, published_ports_are_reached_from_everywhere);
    tcase_add_test(tc, the_relay_serves_the_host_itself_and_neighbours);
    tcase_add_test(tc, datagrams_follow_a_port_to_another_container);
}

int main(void)
{
    return contract_main("rules", add);
}
