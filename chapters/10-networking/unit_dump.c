// WRAP sys_socket sys_setsockopt sys_sendmsg sys_recvmsg
/* netlink.h, tables that are asked for as a whole. */
#include "unit_kernel.h"

static void say_row(uint32_t seq, uint16_t type, uint16_t flags, int32_t value)
{
    struct {
        struct nlmsghdr m;
        int32_t value;
    } row = {
        {.nlmsg_len = sizeof row,
         .nlmsg_type = type,
         .nlmsg_flags = flags | NLM_F_MULTI,
         .nlmsg_seq = seq},
        value
    };
    add(say(), &row, sizeof row);
}

static int sum_up(void *arg, const struct nlmsghdr *m, struct err *e)
{
    (void)e;
    const int32_t *value = netlink_header(m, sizeof *value);
    *(int *)arg += value != NULL ? *value : 1000;
    return value != NULL && *value == 99 ? -EDOM : 0;
}

static void begin_dump(struct netlink *nl)
{
    netlink_begin(nl, RTM_GETLINK, NLM_F_DUMP, sizeof(struct ifinfomsg));
    netlink_about(nl, "list links");
}

static void a_table_is_seen_whole_or_not_at_all(void **state)
{
    (void)state;
    struct err e;
    int sum = 0;
    auto_netlink struct netlink *nl = open_new(NETLINK_ROUTE);
    begin_dump(nl);
    say_row(1, RTM_NEWLINK, 0, 5);
    say_row(1, RTM_NEWLINK, NLM_F_DUMP_INTR, 6);
    say_row(1, NLMSG_DONE, 0, 0);
    say_row(2, RTM_NEWLINK, 0, 1);
    say_row(2, RTM_NEWLINK, 0, 2);
    say_row(2, NLMSG_DONE, 0, 0);
    assert_int_equal(netlink_dump(nl, sum_up, &sum, &e), 0);
    assert_int_equal(sum, 3);
    assert_int_equal(kernel.sends, 2);
    /* It ends in the middle. */
    begin_dump(nl);
    say_row(3, RTM_NEWLINK, 0, 1);
    assert_int_equal(netlink_dump(nl, sum_up, &sum, &e), -EPROTO);
    assert_int_equal(sum, 3);
}

static void what_each_says_ends_a_table(void **state)
{
    (void)state;
    struct err e;
    int sum = 0;
    auto_netlink struct netlink *nl = open_new(NETLINK_ROUTE);
    begin_dump(nl);
    say_row(1, RTM_NEWLINK, 0, 99);
    say_row(1, RTM_NEWLINK, 0, 1);
    say_row(1, NLMSG_DONE, 0, 0);
    assert_int_equal(netlink_dump(nl, sum_up, &sum, &e), -EDOM);
    assert_int_equal(sum, 99);
}

static void a_table_that_is_refused_is_an_error(void **state)
{
    (void)state;
    struct err e;
    int sum = 0;
    auto_netlink struct netlink *nl = open_new(NETLINK_ROUTE);
    begin_dump(nl);
    say_verdict(1, -EPERM);
    assert_int_equal(netlink_dump(nl, sum_up, &sum, &e), -EPERM);
    assert_string_equal(e.msg, "list links: Operation not permitted");
    begin_dump(nl);
    say_row(2, NLMSG_DONE, 0, -EINVAL);
    assert_int_equal(netlink_dump(nl, sum_up, &sum, &e), -EINVAL);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_is_seen_whole_or_not_at_all),
        cmocka_unit_test(what_each_says_ends_a_table),
        cmocka_unit_test(a_table_that_is_refused_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
