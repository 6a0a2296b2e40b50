/*
 * test_net.h - for tests: network namespaces of a test's own, and what ip(8)
 * says of them.
 *
 *     struct net host = net_new(), box = net_new();
 *     ... link_add_veth(host.nl, ...) ...
 *     char *said = net_ip(&box, "-j addr show dev eth0");
 *     net_expect(said, "\"local\":\"172.18.0.2\"");
 *
 * A test is a process of its own (contract.h); the namespaces end with it, and
 * nothing that is in them was ever seen outside.
 */
#ifndef TEST_NET_H
#define TEST_NET_H

#include "contract.h"
#include "netlink.h"
#include "netns.h"
#include "text.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct net {
    int ns;
    struct netlink *nl;
};

static inline struct net net_new(void)
{
    struct err e;
    struct net net = {.ns = -1};
    int home = netns_open(0, &e);
    ck_assert_msg(home >= 0, "%s", e.msg);
    contract_needs(unshare(CLONE_NEWNET) == 0, "network namespaces need root");
    net.ns = netns_open(0, &e);
    ck_assert_msg(net.ns >= 0, "%s", e.msg);
    ck_assert_int_eq(setns(home, CLONE_NEWNET), 0);
    close(home);
    ck_assert_msg(netlink_open(&net.nl, NETLINK_ROUTE, net.ns, &e) == 0, "%s",
                  e.msg);
    return net;
}

/* Run a program with `words` in there; what it printed, errors too. */
static inline char *net_run(const struct net *net, const char *program,
                            const char *words)
{
    int ends[2];
    char bytes[4096];
    struct text said = {0};
    struct strv argv = {0};
    strv_add(&argv, program);
    strv_split(&argv, words, ' ');
    ck_assert_int_eq(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0) {
        if (setns(net->ns, CLONE_NEWNET) == 0 && dup2(ends[1], 1) == 1 &&
            dup2(ends[1], 2) == 2)
            execvp(program, argv.v);
        _exit(127);
    }
    close(ends[1]);
    for (ssize_t n; (n = read(ends[0], bytes, sizeof bytes)) > 0;)
        text_addn(&said, bytes, (size_t)n);
    close(ends[0]);
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
    strv_done(&argv);
    return text_take(&said);
}

static inline char *net_ip(const struct net *net, const char *words)
{
    return net_run(net, "ip", words);
}

#define net_expect(said, what)                                                 \
    ck_assert_msg(strstr(said, what) != NULL, "no %s in %s", what, said)
#define net_refuse(said, what)                                                 \
    ck_assert_msg(strstr(said, what) == NULL, "%s in %s", what, said)

/* A call that has to go well; it fills in an `e` of the caller's. */
#define net_do(call)                                                           \
    do {                                                                       \
        int result = (call);                                                   \
        ck_assert_msg(result >= 0, "%s: %s", #call, e.msg);                    \
    } while (0)

#endif
