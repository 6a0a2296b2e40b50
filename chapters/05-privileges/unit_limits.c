// WRAP sys_prlimit64
/* limits.c: names, Docker's messages, and the calls that would be made. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "limits.h"
#include "own.h"
#include "sys.h"
#include "text.h"

#include <errno.h>

int __wrap_sys_prlimit64(pid_t pid, int resource,
                         const struct rlimit *new_limit,
                         struct rlimit *old_limit)
{
    assert_int_equal(pid, 0);
    assert_null(old_limit);
    check_expected(resource);
    assert_int_equal(new_limit->rlim_cur, mock());
    return new_limit->rlim_max == RLIM_INFINITY ? -EPERM : 0;
}

static void names_go_both_ways(void **state)
{
    (void)state;
    for (int resource = 0; resource < RLIM_NLIMITS; resource++) {
        assert_non_null(limits_name(resource));
        assert_int_equal(limits_resource(limits_name(resource)), resource);
    }
    assert_int_equal(limits_resource("RLIMIT_NOFILE"), RLIMIT_NOFILE);
    assert_int_equal(limits_resource("NoFile"), RLIMIT_NOFILE);
    assert_int_equal(limits_resource("file"), -EINVAL);
    assert_int_equal(limits_resource(""), -EINVAL);
    assert_null(limits_name(-1));
    assert_null(limits_name(RLIM_NLIMITS));
}

static void good_ones_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        struct limit right;
    } rows[] = {
        {"nofile=1024:2048", {RLIMIT_NOFILE, 1024, 2048}                },
        {"nofile=1024",      {RLIMIT_NOFILE, 1024, 1024}                },
        {"core=-1",          {RLIMIT_CORE, RLIM_INFINITY, RLIM_INFINITY}},
        {"core=0:-1",        {RLIMIT_CORE, 0, RLIM_INFINITY}            },
        {"rtprio=0",         {RLIMIT_RTPRIO, 0, 0}                      },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct limit limit;
        assert_int_equal(limits_parse(rows[i].text, &limit, NULL), 0);
        assert_int_equal(limit.resource, rows[i].right.resource);
        assert_int_equal(limit.soft, rows[i].right.soft);
        assert_int_equal(limit.hard, rows[i].right.hard);
    }
}

#define ARGUMENT "invalid ulimit argument: "
#define MANY "too many limit value arguments - 1:2:3, can only have up to "
#define ORDER "ulimit soft limit must be less than or equal to hard limit: "
#define ENDLESS ORDER "soft: -1 (unlimited), hard: "
#define TYPE "invalid ulimit type: "

static void bad_ones_are_told_as_docker_tells_them(void **state)
{
    (void)state;
    static const struct {
        const char *text, *start, *end;
    } rows[] = {
        {"nofile",           ARGUMENT, "nofile"            },
        {"nofile=",          ARGUMENT, "nofile="           },
        {"nofile=many",      ARGUMENT, "nofile=many"       },
        {"nofile=-2",        ARGUMENT, "nofile=-2"         },
        {"nofile=1:",        ARGUMENT, "nofile=1:"         },
        {"nofile=:1",        ARGUMENT, "nofile=:1"         },
        {"foo=1",            TYPE,     "foo"               },
        {"nofile=1:2:3",     MANY,     "two, `soft[:hard]`"},
        {"nofile=2048:1024", ORDER,    "2048 > 1024"       },
        {"nofile=-1:9",      ENDLESS,  "9"                 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct limit limit;
        struct err e = {0};
        auto_free char *right = text_format("%s%s", rows[i].start, rows[i].end);
        assert_int_equal(limits_parse(rows[i].text, &limit, &e), -EINVAL);
        assert_string_equal(e.msg, right);
    }
}

static void each_is_set_and_the_first_refusal_named(void **state)
{
    (void)state;
    const struct limit limits[] = {
        {RLIMIT_CORE,  0, 5            },
        {RLIMIT_NPROC, 9, RLIM_INFINITY},
        {RLIMIT_CPU,   1, 1            },
    };
    struct err e = {0};
    expect_value(__wrap_sys_prlimit64, resource, RLIMIT_CORE);
    will_return(__wrap_sys_prlimit64, 0);
    expect_value(__wrap_sys_prlimit64, resource, RLIMIT_NPROC);
    will_return(__wrap_sys_prlimit64, 9);
    assert_int_equal(limits_apply(limits, 3, &e), -EPERM);
    assert_string_equal(e.msg,
                        "set ulimit nproc=9:-1: Operation not permitted");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_go_both_ways),
        cmocka_unit_test(good_ones_are_read),
        cmocka_unit_test(bad_ones_are_told_as_docker_tells_them),
        cmocka_unit_test(each_is_set_and_the_first_refusal_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
