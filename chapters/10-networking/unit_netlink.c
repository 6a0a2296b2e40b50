// WRAP sys_socket sys_setsockopt sys_sendmsg sys_recvmsg
/* netlink.h, messages and their answers. */
#include "unit_kernel.h"

static void messages_are_aligned_and_nested(void **state)
{
    (void)state;
    auto_netlink struct netlink *nl = open_new(NETLINK_ROUTE);
    say_verdict(1, 0);
    struct ifinfomsg *link =
        netlink_begin(nl, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof *link);
    link->ifi_flags = IFF_UP;
    netlink_put_text(nl, IFLA_IFNAME, "br0");
    size_t info = netlink_nest(nl, IFLA_LINKINFO);
    netlink_put_text(nl, IFLA_INFO_KIND, "bridge");
    netlink_unnest(nl, info);
    netlink_put_u8(nl, IFLA_OPERSTATE, 6);
    assert_int_equal(netlink_talk(nl, NULL), 0);
    static const uint8_t expected[] = {
        64,  0, 0,  0,   16,  0,   5,   6, 1,   0,   0,   0,   0,
        0,   0, 0, /* header */
        0,   0, 0,  0,   0,   0,   0,   0, 1,   0,   0,   0,   0,
        0,   0, 0,                         /* ifinfomsg */
        8,   0, 3,  0,   'b', 'r', '0', 0, /* name */
        16,  0, 18, 128, 11,  0,   1,   0, 'b', 'r', 'i', 'd', 'g',
        'e', 0, 0,  5,   0,   16,  0,   6, 0,   0,   0, /* three bytes to the
                                                           next multiple of 4 */
    };
    assert_int_equal(kernel.n_heard, sizeof expected);
    assert_memory_equal(kernel.heard, expected, sizeof expected);
}

static void refusals_say_about_what_and_why(void **state)
{
    (void)state;
    static const struct {
        size_t copied;
        const char *why, *message;
    } rows[] = {
        {0,  "the moon",      "create br0: Device or resource busy (the moon)"},
        {64, "behind a copy",
         "create br0: Device or resource busy (behind a copy)"                },
    };
    for (size_t i = 0; i < 2; i++) {
        struct err e;
        auto_netlink struct netlink *nl = open_new(NETLINK_ROUTE);
        ask_something(nl);
        say_why(1, -EBUSY, rows[i].copied, rows[i].why);
        assert_int_equal(netlink_talk(nl, &e), -EBUSY);
        assert_string_equal(e.msg, rows[i].message);
        assert_true(netlink_is_refused(nl));
    }
    struct err e;
    auto_netlink struct netlink *nl = open_new(NETLINK_ROUTE);
    ask_something(nl);
    say_verdict(1, -EEXIST);
    assert_int_equal(netlink_talk(nl, &e), -EEXIST);
    assert_string_equal(e.msg, "create br0: File exists");
}

static void the_first_refusal_counts(void **state)
{
    (void)state;
    struct err e;
    auto_netlink struct netlink *nl = open_new(NETLINK_ROUTE);
    for (int i = 1; i <= 3; i++) {
        netlink_begin(nl, RTM_NEWADDR, 0, sizeof(struct ifaddrmsg));
        netlink_about(nl, "address %d", i);
    }
    say_verdict(1, 0);
    say_verdict(2, -EADDRNOTAVAIL);
    say_verdict(3, -EPERM);
    assert_int_equal(netlink_talk(nl, &e), -EADDRNOTAVAIL);
    assert_string_equal(e.msg, "address 2: Cannot assign requested address");
    assert_int_equal(kernel.next, 3);
    assert_int_equal(kernel.sends, 1);
    /* And nothing of it is sent again. */
    ask_something(nl);
    say_verdict(4, 0);
    assert_int_equal(netlink_talk(nl, &e), 0);
    assert_int_equal(((struct nlmsghdr *)(void *)kernel.heard)->nlmsg_len,
                     kernel.n_heard);
}

static void what_is_not_our_answer_is_passed_over(void **state)
{
    (void)state;
    struct err e;
    auto_netlink struct netlink *nl = open_new(NETLINK_ROUTE);
    ask_something(nl);
    say_verdict(1, -EPERM);
    kernel.said[0].pid = 4711; /* some other process */
    say_verdict(0, -EPERM);    /* an answer to nothing */
    say_verdict(77, -EPERM);
    say()->result = -EINTR;
    say_verdict(1, 0);
    kernel.send_results[0] = -EINTR;
    assert_int_equal(netlink_talk(nl, &e), 0);
    assert_int_equal(kernel.next, 5);
    assert_int_equal(kernel.sends, 2);
}

/* An answer that begins as a message of `len` bytes, and has `n`. */
static void say_broken(uint32_t len, uint16_t type, size_t n)
{
    struct nlmsghdr m = {.nlmsg_len = len, .nlmsg_type = type, .nlmsg_seq = 1};
    struct datagram *to = say();
    memset(to->bytes, 0xff, sizeof to->bytes);
    add(to, &m, sizeof m);
    to->n = n;
}

static void broken_answers_are_told(void **state)
{
    (void)state;
    static const struct {
        uint32_t len;
        uint16_t type;
        size_t n;
        int result, flags, receive; /* receive: recvmsg fails with that */
        const char *message;
    } rows[] = {
        {0,          NLMSG_ERROR, 64, -EBADMSG,  0,         0,        "netlink: a broken answer"             },
        {15,         NLMSG_ERROR, 64, -EBADMSG,  0,         0,        "netlink: a broken answer"             },
        {65,         NLMSG_ERROR, 64, -EBADMSG,  0,         0,        "netlink: a broken answer"             },
        {UINT32_MAX, NLMSG_ERROR, 64, -EBADMSG,  0,         0,
         "netlink: a broken answer"                                                                          },
        {16,         NLMSG_ERROR, 16, -EBADMSG,  0,         0,        "netlink: a broken answer"             },
        {20,         NLMSG_ERROR, 20, -EBADMSG,  0,         0,        "netlink: a broken answer"             },
        {16,         NLMSG_NOOP,  7,  -EBADMSG,  0,         0,        "netlink: a broken answer"             },
        {16,         NLMSG_NOOP,  16, -EPROTO,   0,         0,
         "create br0: the kernel gave no answer"                                                             },
        {0,          0,           0,  -EPROTO,   0,         0,        "create br0: the kernel gave no answer"},
        {36,         NLMSG_ERROR, 36, -EMSGSIZE, MSG_TRUNC, 0,
         "create br0: netlink answer: Message too long"                                                      },
        {0,          0,           0,  -ENOBUFS,  0,         -ENOBUFS,
         "create br0: No buffer space available"                                                             },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct err e;
        auto_netlink struct netlink *nl = open_new(NETLINK_ROUTE);
        ask_something(nl);
        say_broken(rows[i].len, rows[i].type, rows[i].n);
        kernel.said[0].flags = rows[i].flags;
        kernel.said[0].result = rows[i].receive;
        assert_int_equal(netlink_talk(nl, &e), rows[i].result);
        assert_string_equal(e.msg, rows[i].message);
        assert_false(netlink_is_refused(nl));
    }
}

static void broken_explanations_are_left_out(void **state)
{
    (void)state;
    struct err e;
    static const struct {
        size_t at;
        uint32_t value; /* written over a whole explanation */
    } rows[] = {
        {36, 0x00010000}, /* an attribute of no bytes */
        {36, 0x0001ffff}, /* of more than there are */
        {20, 0xffffffff}, /* a copy of more than there is */
        {20, 0x00000000},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        auto_netlink struct netlink *nl = open_new(NETLINK_ROUTE);
        ask_something(nl);
        say_why(1, -EBUSY, 0, "why");
        memcpy(kernel.said[0].bytes + rows[i].at, &rows[i].value, 4);
        assert_int_equal(netlink_talk(nl, &e), -EBUSY);
        if (i < 3)
            assert_string_equal(e.msg, "create br0: Device or resource busy");
    }
}

static void a_batch_that_is_not_begun_is_over(void **state)
{
    (void)state;
    struct err e;
    auto_netlink struct netlink *nl = open_new(NETLINK_NETFILTER);
    netlink_begin(nl, NFNL_MSG_BATCH_BEGIN, 0, sizeof(struct nfgenmsg));
    netlink_about(nl, "rules");
    netlink_begin(nl, 0xa00, NLM_F_CREATE, sizeof(struct nfgenmsg));
    netlink_begin(nl, NFNL_MSG_BATCH_END, 0, sizeof(struct nfgenmsg));
    say_verdict(1, -EOPNOTSUPP);
    assert_int_equal(netlink_talk(nl, &e), -EOPNOTSUPP);
    assert_string_equal(e.msg, "rules: Operation not supported");
    const struct nlmsghdr *m = (void *)kernel.heard;
    assert_int_equal(m[0].nlmsg_flags, NLM_F_REQUEST);
    m = (const void *)(kernel.heard + m->nlmsg_len);
    assert_int_equal(m->nlmsg_flags, NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_are_aligned_and_nested),
        cmocka_unit_test(refusals_say_about_what_and_why),
        cmocka_unit_test(the_first_refusal_counts),
        cmocka_unit_test(what_is_not_our_answer_is_passed_over),
        cmocka_unit_test(broken_answers_are_told),
        cmocka_unit_test(broken_explanations_are_left_out),
        cmocka_unit_test(a_batch_that_is_not_begun_is_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
