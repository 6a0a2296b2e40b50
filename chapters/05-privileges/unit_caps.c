// WRAP sys_prctl sys_setgroups sys_setresgid sys_setresuid sys_capset
/* caps.c and caps_become.c with the door faked: names, Docker's arithmetic,
 * and above all the order in which power is given up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "caps.h"
#include "own.h"
#include "sys.h"

#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <strings.h>
#include <sys/capability.h>
#include <sys/prctl.h>

#define BIT(number) (UINT64_C(1) << (number))

/* A kernel that knows 41 capabilities, and what was asked of it. */
static struct {
    struct text calls;
    uint64_t dropped, ambient, permitted, effective, inheritable;
    const char *refused; /* this call returns -EPERM */
} door;

static int note(const char *call)
{
    text_addf(&door.calls, "%s ", call);
    return door.refused != NULL && strcmp(door.refused, call) == 0 ? -EPERM : 0;
}

int __wrap_sys_prctl(int option, unsigned long arg2, unsigned long arg3,
                     unsigned long arg4, unsigned long arg5)
{
    assert_int_equal(arg4 | arg5, 0);
    if (option == PR_CAPBSET_READ)
        return arg2 > 40 ? -EINVAL : arg2 != CAP_SYS_RESOURCE;
    if (option == PR_CAPBSET_DROP && arg2 > 40)
        return -EINVAL;
    if (option == PR_CAPBSET_DROP) {
        bool first = door.dropped == 0;
        door.dropped |= BIT(arg2);
        return first ? note("bounding") : 0;
    }
    if (option == PR_SET_KEEPCAPS)
        return note(arg2 == 1 ? "keep" : "keep?");
    if (option == PR_SET_NO_NEW_PRIVS)
        return note("no_new_privs");
    assert_int_equal(option, PR_CAP_AMBIENT);
    if (arg2 == PR_CAP_AMBIENT_CLEAR_ALL)
        return note("clear");
    assert_int_equal(arg2, PR_CAP_AMBIENT_RAISE);
    door.ambient |= BIT(arg3);
    return note("raise");
}

int __wrap_sys_setgroups(size_t count, const gid_t *list)
{
    assert_true(count == 0 || list[0] == 7);
    return note("groups");
}

int __wrap_sys_setresgid(gid_t real, gid_t effective, gid_t saved)
{
    assert_true(real == effective && effective == saved);
    return note("gid");
}

int __wrap_sys_setresuid(uid_t real, uid_t effective, uid_t saved)
{
    assert_true(real == effective && effective == saved);
    return note("uid");
}

int __wrap_sys_capset(struct __user_cap_header_struct *header,
                      const struct __user_cap_data_struct *data)
{
    assert_int_equal(header->version, _LINUX_CAPABILITY_VERSION_3);
    door.permitted = data[0].permitted | (uint64_t)data[1].permitted << 32;
    door.effective = data[0].effective | (uint64_t)data[1].effective << 32;
    door.inheritable = data[0].inheritable | (uint64_t)data[1].inheritable
                                                 << 32;
    return note("capset");
}

static int forget(void **state)
{
    (void)state;
    text_done(&door.calls);
    memset(&door, 0, sizeof door);
    return 0;
}

static void names_are_those_of_libcap(void **state)
{
    (void)state;
    for (int number = 0; number <= CAP_LAST_CAP; number++) {
        char *name = cap_to_name(number);
        assert_int_equal(caps_number(name), number);
        assert_int_equal(strcasecmp(caps_name(number), name), 0);
        cap_free(name);
    }
}

static void names_are_read_in_any_dress(void **state)
{
    (void)state;
    assert_int_equal(caps_number("net_raw"), CAP_NET_RAW);
    assert_int_equal(caps_number("Cap_Net_Raw"), CAP_NET_RAW);
    assert_int_equal(caps_number("NET_RA"), -EINVAL);
    assert_int_equal(caps_number("NET_RAW "), -EINVAL);
    assert_int_equal(caps_number("13"), -EINVAL);
    assert_int_equal(caps_number(""), -EINVAL);
    assert_null(caps_name(-1));
    assert_null(caps_name(CAP_LAST_CAP + 1));
}

static void dockers_fourteen(void **state)
{
    (void)state;
    assert_int_equal(caps_default(), 0xa80425fb);
    /* All that there are, but for the one that we ourselves lack. */
    assert_int_equal(caps_all(), (BIT(41) - 1) & ~BIT(CAP_SYS_RESOURCE));
}

static void adding_and_dropping(void **state)
{
    (void)state;
    uint64_t some = caps_default(), all = caps_all();
    uint64_t two = BIT(CAP_MKNOD) | BIT(CAP_KILL);
    const struct {
        const char *add, *drop;
        uint64_t right;
    } rows[] = {
        {"",          "",               some                     },
        {"SYS_ADMIN", "",               some | BIT(CAP_SYS_ADMIN)},
        {"",          "cap_mknod,kill", some & ~two              },
        {"",          "ALL",            0                        },
        {"chown",     "all",            BIT(CAP_CHOWN)           },
        {"ALL",       "",               all                      },
        {"ALL",       "kill,MKNOD",     all & ~two               },
        {"ALL",       "ALL",            all                      },
        {"CHOWN",     "CHOWN",          some                     },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        auto_strv struct strv add = {0}, drop = {0};
        uint64_t mask = 0;
        strv_split(&add, rows[i].add, ',');
        strv_split(&drop, rows[i].drop, ',');
        assert_int_equal(caps_adjust(some, &add, &drop, &mask, NULL), 0);
        assert_int_equal(mask, rows[i].right);
    }
}

static void an_unknown_name_is_told_as_docker_tells_it(void **state)
{
    (void)state;
    auto_strv struct strv list = {0};
    struct err e = {0};
    uint64_t mask;
    strv_add(&list, "CAP_FOO");
    assert_int_equal(caps_adjust(0, &list, NULL, &mask, &e), -EINVAL);
    assert_string_equal(e.msg,
                        "invalid CapAdd: unknown capability: \"CAP_FOO\"");
    assert_int_equal(caps_adjust(0, NULL, &list, &mask, &e), -EINVAL);
    assert_string_equal(e.msg,
                        "invalid CapDrop: unknown capability: \"CAP_FOO\"");
}

static void root_becomes_less_in_this_order(void **state)
{
    (void)state;
    struct caps caps = caps_for_user(caps_default(), 0);
    gid_t group = 7;
    assert_int_equal(caps_become(&caps, 0, 0, &group, 1, NULL), 0);
    assert_string_equal(door.calls.s, "bounding groups gid uid capset ");
    assert_int_equal(door.dropped, (BIT(41) - 1) & ~caps_default());
    assert_int_equal(door.permitted, caps_default());
    assert_int_equal(door.effective, caps_default());
    assert_int_equal(door.inheritable, 0);
}

static void a_user_gets_nothing(void **state)
{
    (void)state;
    struct caps caps = caps_for_user(caps_default(), 1000);
    assert_int_equal(caps_become(&caps, 1000, 1000, NULL, 0, NULL), 0);
    assert_string_equal(door.calls.s, "bounding groups gid uid capset ");
    assert_int_equal(caps.bounding, caps_default());
    assert_int_equal(door.permitted | door.effective, 0);
}

static void a_user_may_keep_some(void **state)
{
    (void)state;
    uint64_t high = BIT(CAP_BPF), both = high | BIT(CAP_NET_RAW);
    struct caps caps = {both, both, both, both, high};
    assert_int_equal(caps_become(&caps, 1000, 1000, NULL, 0, NULL), 0);
    assert_string_equal(door.calls.s,
                        "bounding groups keep gid uid capset clear raise ");
    assert_int_equal(door.inheritable, both);
    assert_int_equal(door.ambient, high);
}

static void the_first_failure_ends_it(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "bounding", "drop CAP_DAC_READ_SEARCH from the bounding set",
        "groups",   "set 1 groups",
        "gid",      "become gid 5",
        "uid",      "become uid 4",
        "keep",     "keep capabilities across setuid",
    };
    gid_t group = 7;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i += 2) {
        forget(NULL);
        door.refused = rows[i];
        struct caps caps = caps_for_user(caps_default(), 0);
        struct err e = {0};
        assert_int_equal(caps_become(&caps, 4, 5, &group, 1, &e), -EPERM);
        auto_free char *message =
            text_format("%s: Operation not permitted", rows[i + 1]);
        assert_string_equal(e.msg, message);
        auto_free char *last = text_format("%s ", rows[i]);
        assert_true(text_ends(door.calls.s, last));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_those_of_libcap),
        cmocka_unit_test(names_are_read_in_any_dress),
        cmocka_unit_test(dockers_fourteen),
        cmocka_unit_test(adding_and_dropping),
        cmocka_unit_test(an_unknown_name_is_told_as_docker_tells_it),
        cmocka_unit_test_setup_teardown(root_becomes_less_in_this_order, forget,
                                        forget),
        cmocka_unit_test_setup_teardown(a_user_gets_nothing, forget, forget),
        cmocka_unit_test_setup_teardown(a_user_may_keep_some, forget, forget),
        cmocka_unit_test_setup_teardown(the_first_failure_ends_it, forget,
                                        forget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
