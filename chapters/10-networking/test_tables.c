/* The tables of a network in the kernel: made, looked for, changed, removed;
 * told by nft(8), the oracle. */
#include "rules.h"
#include "test_stage.h"

#include "fault.h"
#include "own.h"
#include "proc.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define ID "0123456789ab"

static struct netlink *nf;
static struct err e;

/* What nft prints, "" if it fails. */
static const char *nft(const char *command)
{
    static char said[65536];
    char line[512];
    snprintf(line, sizeof line, "nft %s 2>/dev/null", command);
    auto_fd int out = memfd_create("nft", MFD_CLOEXEC), pidfd = -1;
    ck_assert_int_ge(out, 0);
    fflush(NULL);
    if (proc_clone(0, -1, &pidfd, NULL) == 0) {
        dup2(out, STDOUT_FILENO);
        execl("/bin/sh", "sh", "-c", line, (char *)NULL);
        _exit(127);
    }
    ssize_t n =
        proc_wait(pidfd, NULL) == 0 ? pread(out, said, sizeof said - 1, 0) : 0;
    said[n > 0 ? n : 0] = '\0';
    return said;
}

static bool has(const char *text, const char *words)
{
    return strstr(text, words) != NULL;
}

static bool lists(const char *family, const char *words)
{
    char command[128];
    snprintf(command, sizeof command, "list table %s mini-docker-" ID, family);
    return has(nft(command), words);
}

static struct rules_network example(void)
{
    return (struct rules_network){.id = ID,
                                  .bridge = "br-example",
                                  .net = net_of("172.18.0.1/16"),
                                  .net6 = net_of("fd00:18::1/64"),
                                  .masquerade = true,
                                  .icc = true};
}

static int apply(const struct rules_network *network)
{
    auto_free char *text = rules_text(network);
    return rules_apply(text, &e);
}

static void begin(void)
{
    struct stage stage;
    struct rules_network network = example();
    make_place(&stage, HOST);
    int r = netlink_open(&nf, NETLINK_NETFILTER, -1, &e);
    contract_needs(r != -EPROTONOSUPPORT, "no nftables in this kernel");
    must(r, &e);
    r = apply(&network);
    contract_needs(r != -EOPNOTSUPP, "no nftables in this kernel");
    must(r, &e);
}

static struct rules_port ports[] = {
    {.protocol = IPPROTO_TCP, .host_port = 8080, .port = 80},
    {.protocol = IPPROTO_UDP, .host_port = 5353, .port = 53},
};

static struct rules_member web(void)
{
    ports[0].to = ports[1].to = ip_from("172.18.0.2");
    ports[1].host = ip_from("192.0.2.1");
    return (struct rules_member){.veth = "veth0123456",
                                 .mac = mac_of_ip(&ports[0].to),
                                 .ip = ports[0].to,
                                 .ports = ports,
                                 .n_ports = 2};
}

START_TEST(every_kind_of_network_is_taken)
{
    begin();
    for (int i = 0; i < 8; i++) {
        struct rules_network network = example();
        network.internal = (i & 1) != 0;
        network.masquerade = (i & 2) != 0;
        network.icc = (i & 4) != 0;
        if (i % 3 == 1)
            network.net.ip.family = 0;
        if (i % 3 == 2)
            network.net6.ip.family = 0;
        must(apply(&network), &e);
        ck_assert_int_eq(rules_are_there(nf, ID), 1);
        const char *said = nft("list ruleset");
        bool leaves = network.masquerade && !network.internal;
        ck_assert(has(said, "ip saddr 172.18.0.0/16 masq") ==
                  (leaves && i % 3 != 1));
        ck_assert(has(said, "ip6 saddr fd00:18::/64 masq") ==
                  (leaves && i % 3 != 2));
        ck_assert(has(said, "dnat ip to") == !network.internal);
        ck_assert(has(said, "\"internal\"") == network.internal);
        ck_assert(has(said, "\"icc=false\"") == !network.icc);
    }
}
END_TEST

START_TEST(lab_10_3_a_member_is_elements_and_gone_with_them)
{
    begin();
    struct rules_member member = web();
    for (int i = 0; i < 2; i++) { /* twice is once */
        must(rules_add_member(nf, ID, &member, &e), &e);
        ck_assert(lists("inet", "elements = { tcp . 8080 : 172.18.0.2 . 80 }"));
        ck_assert(lists("inet", "elements = { 192.0.2.1 . udp . 5353 : "
                                "172.18.0.2 . 53 }"));
        ck_assert(lists("bridge", "elements = { \"veth0123456\" }"));
        ck_assert(lists("bridge", "elements = { \"veth0123456\" . "
                                  "02:42:ac:12:00:02 . 172.18.0.2 }"));
    }
    for (int i = 0; i < 2; i++) {
        must(rules_delete_member(nf, ID, &member, &e), &e);
        ck_assert(!lists("inet", "elements"));
        ck_assert(!lists("bridge", "elements = { \"veth0123456\""));
    }
}
END_TEST

/* The way to a container may move to another network while it is in both. */
START_TEST(ports_come_and_go_without_the_member)
{
    begin();
    struct rules_member member = web(), alone = web();
    alone.veth = NULL;
    member.n_ports = 0;
    must(rules_add_member(nf, ID, &member, &e), &e);
    ck_assert(!lists("inet", "elements"));
    must(rules_add_member(nf, ID, &alone, &e), &e);
    ck_assert(lists("inet", "elements = { tcp . 8080 : 172.18.0.2 . 80 }"));
    must(rules_delete_member(nf, ID, &alone, &e), &e);
    ck_assert(!lists("inet", "elements"));
    ck_assert(lists("bridge", "elements = { \"veth0123456\" }"));
}
END_TEST

START_TEST(further_addresses_are_its_own)
{
    begin();
    struct rules_member member = web();
    struct ip more[] = {ip_from("169.254.7.1"), ip_from("fe80::7")};
    member.more = (struct ips){more, 2};
    must(rules_add_member(nf, ID, &member, &e), &e);
    ck_assert(lists("bridge", "02:42:ac:12:00:02 . 169.254.7.1"));
    ck_assert(lists("bridge", "02:42:ac:12:00:02 . fe80::7"));
    must(rules_delete_member(nf, ID, &member, &e), &e);
    ck_assert(!lists("bridge", "elements = { \"veth0123456\""));
}
END_TEST

START_TEST(what_is_missing_keeps_nothing_else_from_going)
{
    begin();
    struct rules_member member = web();
    must(rules_add_member(nf, ID, &member, &e), &e);
    nft("delete element inet mini-docker-" ID " every4 '{ tcp . 8080 }'");
    must(rules_delete_member(nf, ID, &member, &e), &e);
    ck_assert(!lists("inet", "elements"));
    ck_assert(!lists("bridge", "elements = { \"veth0123456\""));
    must(rules_remove(ID, &e), &e);
    must(rules_delete_member(nf, ID, &member, &e), &e);
}
END_TEST

/* One transaction: where a port is another's, nothing of the member is added.
 */
START_TEST(lab_10_3_a_port_leads_to_one_container)
{
    begin();
    struct rules_member member = web(), other = web();
    struct rules_port taken[] = {ports[0]};
    taken[0].to = ip_from("172.18.0.3");
    other.veth = "veth-other";
    other.ports = taken;
    other.n_ports = 1;
    must(rules_add_member(nf, ID, &member, &e), &e);
    ck_assert_int_eq(rules_add_member(nf, ID, &other, &e), -EEXIST);
    ck_assert_str_eq(e.msg, "add veth-other to the rules of network " ID
                            ": File exists");
    ck_assert(!lists("bridge", "veth-other"));
    /* As some kernels call it. */
    must(fault_open("recvmsg:1:EBUSY", &e), &e);
    ck_assert_int_eq(rules_add_member(nf, ID, &other, &e), -EEXIST);
    must(fault_open("recvmsg:1000:EBUSY", &e), &e);
    ck_assert(lists("inet", "tcp . 8080 : 172.18.0.2 . 80"));
}
END_TEST

START_TEST(only_addresses_of_one_family_become_elements)
{
    begin();
    struct rules_member member = web();
    ports[0].host = ip_from("::1");
    must(rules_add_member(nf, ID, &member, &e), &e);
    ck_assert(!lists("inet", "8080"));
    ports[0].host = ip_from("0.0.0.0");
    must(rules_add_member(nf, ID, &member, &e), &e);
    ck_assert(lists("inet", "elements = { tcp . 8080 : 172.18.0.2 . 80 }"));
    ports[0].host = (struct ip){0};
}
END_TEST

START_TEST(it_is_told_when_somebody_took_the_rules_away)
{
    static const char *const ways[] = {
        "flush ruleset",
        "delete table inet mini-docker-" ID,
        "delete table bridge mini-docker-" ID,
        "flush table inet mini-docker-" ID,
        "flush chain bridge mini-docker-" ID " guard",
    };
    struct rules_network network = example();
    begin();
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        must(apply(&network), &e);
        ck_assert_int_eq(rules_are_there(nf, ID), 1);
        ck_assert_int_eq(rules_are_there(nf, "ba9876543210"), 0);
        nft(ways[i]);
        ck_assert_int_eq(rules_are_there(nf, ID), 0);
        struct rules_member member = web();
        if (i == 0)
            ck_assert_int_eq(rules_add_member(nf, ID, &member, &e), -ENOENT);
    }
}
END_TEST

START_TEST(nobody_else_s_rules_are_touched)
{
    begin();
    struct rules_network other = example();
    snprintf(other.id, sizeof other.id, "ba9876543210");
    nft("-f - <<'END'\n"
        "table inet filter { chain forward { type filter hook forward priority "
        "0; ip saddr 203.0.113.7 drop; }; }\nEND\n");
    must(apply(&other), &e);
    must(rules_remove(ID, &e), &e);
    must(rules_remove(ID, &e), &e);
    ck_assert_int_eq(rules_are_there(nf, ID), 0);
    ck_assert_int_eq(rules_are_there(nf, other.id), 1);
    ck_assert(strstr(nft("list ruleset"), "203.0.113.7") != NULL);
    must(rules_remove(other.id, &e), &e);
    ck_assert(strstr(nft("list ruleset"), "mini-docker") == NULL);
    ck_assert(strstr(nft("list ruleset"), "203.0.113.7") != NULL);
}
END_TEST

START_TEST(applied_again_the_sets_are_empty)
{
    struct rules_network network = example();
    begin();
    struct rules_member member = web();
    must(rules_add_member(nf, ID, &member, &e), &e);
    must(apply(&network), &e);
    ck_assert(!lists("bridge", "elements = { \"veth0123456\""));
    ck_assert_int_eq(rules_are_there(nf, ID), 1);
}
END_TEST

START_TEST(a_text_that_nft_refuses_changes_nothing)
{
    begin();
    ck_assert_int_eq(
        rules_apply("flush ruleset\ntable inet t { chain c { nonsense } }\n",
                    &e),
        -EIO);
    ck_assert_msg(strncmp(e.msg, "nft: syntax error", 17) == 0, "%s", e.msg);
    ck_assert_ptr_null(strchr(e.msg, '\n'));
    ck_assert_int_eq(rules_are_there(nf, ID), 1);
}
END_TEST

static void put_program(const char *dir, const char *script)
{
    char path[128];
    snprintf(path, sizeof path, "%s/nft", dir);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, script, strlen(script)),
                     (ssize_t)strlen(script));
    close(fd);
    setenv("PATH", dir, 1);
}

/* An nft that plays a kernel that lacks something, or fails in another way. */
START_TEST(each_failure_of_nft_is_one_clear_line)
{
    static const struct {
        const char *script;
        int code;
        const char *words;
    } rows[] = {
        {"#!/bin/sh\necho '/dev/stdin:3:1-2: Error: Could not process rule: "
         "Operation not supported' >&2; exit 1\n",      EOPNOTSUPP, "the kernel has no nftables for networks"             },
        {"#!/bin/sh\necho 'Unable to initialize Netlink socket: Protocol not "
         "supported' >&2; exit 1\n",                    EOPNOTSUPP, "the kernel has no nftables for networks"             },
        {"#!/bin/sh\necho 'Error: Could not process rule: Operation not "
         "permitted (you must be root)' >&2; exit 1\n", EPERM,      "nft: Could not process rule: Operation not permitted"},
        {"#!/bin/sh\nexit 1\n",                                  EIO,        "nft: failed without a word"                          },
        {"#!/bin/sh\nkill -9 $$\n",                              EIO,        "nft was ended by signal 9"                           },
        {"no program",                                           ENOEXEC,    "cannot be executed"                                  },
    };
    char dir[] = "/tmp/nft.XXXXXX", path[64];
    struct rules_network network = example();
    ck_assert_ptr_nonnull(mkdtemp(dir));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        put_program(dir, rows[i].script);
        ck_assert_int_eq(apply(&network), -rows[i].code);
        ck_assert_msg(strstr(e.msg, rows[i].words) != NULL, "%s", e.msg);
    }
    snprintf(path, sizeof path, "%s/nft", dir);
    unlink(path);
    rmdir(dir);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, every_kind_of_network_is_taken);
    tcase_add_test(tc, lab_10_3_a_member_is_elements_and_gone_with_them);
    tcase_add_test(tc, ports_come_and_go_without_the_member);
    tcase_add_test(tc, further_addresses_are_its_own);
    tcase_add_test(tc, what_is_missing_keeps_nothing_else_from_going);
    tcase_add_test(tc, lab_10_3_a_port_leads_to_one_container);
    tcase_add_test(tc, only_addresses_of_one_family_become_elements);
    tcase_add_test(tc, it_is_told_when_somebody_took_the_rules_away);
    tcase_add_test(tc, nobody_else_s_rules_are_touched);
    tcase_add_test(tc, applied_again_the_sets_are_empty);
    tcase_add_test(tc, a_text_that_nft_refuses_changes_nothing);
    tcase_add_test(tc, each_failure_of_nft_is_one_clear_line);
}

int main(void)
{
    return contract_main("tables", add);
}
