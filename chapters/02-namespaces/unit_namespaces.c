// WRAP sys_setns sys_unshare sys_ioctl sys_sethostname
/* ns.h with the door faked: order, arguments, fallbacks; and the rules that
 * of id maps, which need no kernel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "idmap.h"
#include "ns.h"
#include "sys.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

int __wrap_sys_setns(int fd, int type)
{
    check_expected(fd);
    check_expected(type);
    return mock_type(int);
}

int __wrap_sys_unshare(int flags)
{
    check_expected(flags);
    return mock_type(int);
}

int __wrap_sys_ioctl(int fd, unsigned long request, void *argument)
{
    (void)fd;
    check_expected(request);
    struct ifreq *interface = argument;
    assert_string_equal(interface->ifr_name, "lo");
    if (request == SIOCGIFFLAGS)
        interface->ifr_flags = IFF_LOOPBACK;
    else
        assert_int_equal(interface->ifr_flags, IFF_LOOPBACK | IFF_UP);
    return mock_type(int);
}

int __wrap_sys_sethostname(const char *name, size_t len)
{
    check_expected(name);
    check_expected(len);
    return mock_type(int);
}

static void names_and_flags_agree(void **state)
{
    (void)state;
    uint64_t all = 0;
    for (int i = 0; i < NS_COUNT; i++) {
        assert_int_equal(ns_by_name(ns_table[i].file), i);
        assert_int_equal(ns_by_name(ns_table[i].oci_name), i);
        assert_int_equal(ns_clone_flags(NS_BIT(i)), ns_table[i].flag);
        all |= (uint64_t)ns_table[i].flag;
    }
    assert_int_equal(ns_clone_flags((1u << NS_COUNT) - 1), all);
    assert_int_equal(ns_table[NS_MOUNT].flag, CLONE_NEWNS);
    assert_int_equal(ns_table[NS_TIME].flag, CLONE_NEWTIME);
    assert_int_equal(ns_by_name("container"), -EINVAL);
}

static void unshare_takes_all_flags_at_once(void **state)
{
    (void)state;
    struct err e;
    expect_value(__wrap_sys_unshare, flags, CLONE_NEWUTS | CLONE_NEWNS);
    will_return(__wrap_sys_unshare, -EPERM);
    assert_int_equal(ns_unshare(NS_BIT(NS_UTS) | NS_BIT(NS_MOUNT), &e), -EPERM);
}

static void expect_setns(int fd, int type, int result)
{
    expect_value(__wrap_sys_setns, fd, fd);
    expect_value(__wrap_sys_setns, type, type);
    will_return(__wrap_sys_setns, result);
}

static void joining_is_one_call(void **state)
{
    (void)state;
    expect_setns(42, CLONE_NEWPID | CLONE_NEWNET, 0);
    assert_int_equal(
        ns_join_process(1, 42, NS_BIT(NS_PID) | NS_BIT(NS_NET), NULL), 0);
}

static void a_refusal_is_not_worked_around(void **state)
{
    (void)state;
    struct err e;
    expect_setns(42, CLONE_NEWPID, -EPERM);
    assert_int_equal(ns_join_process(1, 42, NS_BIT(NS_PID), &e), -EPERM);
}

static void what_is_shared_already_is_left_out(void **state)
{
    (void)state;
    /* We are in all of our own namespaces: nothing is left to join. */
    int self = sys_pidfd_open(getpid(), 0);
    expect_setns(self, CLONE_NEWUSER | CLONE_NEWUTS, -EINVAL);
    assert_int_equal(
        ns_join_process(getpid(), self, NS_BIT(NS_USER) | NS_BIT(NS_UTS), NULL),
        0);
    close(self);
}

static void loopback_keeps_its_flags(void **state)
{
    (void)state;
    expect_value(__wrap_sys_ioctl, request, SIOCGIFFLAGS);
    will_return(__wrap_sys_ioctl, 0);
    expect_value(__wrap_sys_ioctl, request, SIOCSIFFLAGS);
    will_return(__wrap_sys_ioctl, 0);
    assert_int_equal(ns_loopback_up(NULL), 0);
}

static void hostname_is_counted_without_its_end(void **state)
{
    (void)state;
    expect_string(__wrap_sys_sethostname, name, "web");
    expect_value(__wrap_sys_sethostname, len, 3);
    will_return(__wrap_sys_sethostname, 0);
    assert_int_equal(ns_set_hostname("web", NULL), 0);
}

static void ids_are_found_in_their_range(void **state)
{
    (void)state;
    struct idmap map = {0};
    assert_int_equal(idmap_add(&map, (struct idmap_range){0, 1000, 1}, NULL),
                     0);
    assert_int_equal(
        idmap_add(&map, (struct idmap_range){1, 100000, 65535}, NULL), 0);
    assert_int_equal(idmap_outside(&map, 0), 1000);
    assert_int_equal(idmap_outside(&map, 1), 100000);
    assert_int_equal(idmap_outside(&map, 65535), 165534);
    assert_int_equal(idmap_outside(&map, 65536), -1);
}

static void ranges_may_not_overlap(void **state)
{
    (void)state;
    struct err e;
    struct idmap map = {.v = {{10, 1000, 10}}, .n = 1};
    assert_int_equal(idmap_add(&map, (struct idmap_range){19, 5, 1}, &e),
                     -EINVAL);
    assert_int_equal(idmap_add(&map, (struct idmap_range){0, 1009, 1}, &e),
                     -EINVAL);
    assert_int_equal(idmap_add(&map, (struct idmap_range){0, 0, 0}, &e),
                     -EINVAL);
    assert_int_equal(
        idmap_add(&map, (struct idmap_range){4294967295u, 0, 1}, &e), -EINVAL);
    assert_int_equal(idmap_add(&map, (struct idmap_range){20, 999, 1}, &e), 0);
    map.n = IDMAP_MAX;
    assert_int_equal(idmap_add(&map, (struct idmap_range){99, 99, 1}, &e),
                     -E2BIG);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_and_flags_agree),
        cmocka_unit_test(unshare_takes_all_flags_at_once),
        cmocka_unit_test(joining_is_one_call),
        cmocka_unit_test(a_refusal_is_not_worked_around),
        cmocka_unit_test(what_is_shared_already_is_left_out),
        cmocka_unit_test(loopback_keeps_its_flags),
        cmocka_unit_test(hostname_is_counted_without_its_end),
        cmocka_unit_test(ids_are_found_in_their_range),
        cmocka_unit_test(ranges_may_not_overlap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
