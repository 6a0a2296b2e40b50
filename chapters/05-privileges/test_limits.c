/* Limits as /proc/PID/limits shows them. Needs no privilege. */
#include "wish.h"

#include <linux/capability.h>

#define BIT(number) (UINT64_C(1) << (number))

static int nothing(void)
{
    return 0;
}

START_TEST(lab_5_6_a_ulimit_is_read)
{
    struct limit limit;
    struct err e = {0};
    ck_assert_int_eq(limits_parse("nofile=512:1024", &limit, NULL), 0);
    ck_assert_int_eq(limit.resource, RLIMIT_NOFILE);
    ck_assert_uint_eq(limit.soft, 512);
    ck_assert_uint_eq(limit.hard, 1024);
    ck_assert_int_eq(limits_parse("core=-1", &limit, NULL), 0);
    ck_assert_uint_eq(limit.soft, RLIM_INFINITY);
    ck_assert_uint_eq(limit.hard, RLIM_INFINITY);
    ck_assert_int_eq(limits_parse("nofile=2048:1024", &limit, &e), -EINVAL);
    ck_assert_str_eq(e.msg, "ulimit soft limit must be less than or equal to "
                            "hard limit: 2048 > 1024");
    ck_assert_int_eq(limits_parse("foo=1", &limit, &e), -EINVAL);
    ck_assert_str_eq(e.msg, "invalid ulimit type: foo");
}
END_TEST

START_TEST(lab_5_6_what_is_no_ulimit_is_refused)
{
    static const char *const wrong[] = {
        "nofile", "nofile=", "nofile=x", "nofile=1:", "nofile=1:2:3", "=1", ""};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct limit limit;
        struct err e = {0};
        ck_assert_msg(limits_parse(wrong[i], &limit, &e) == -EINVAL, "%s",
                      wrong[i]);
        ck_assert_str_ne(e.msg, "");
    }
}
END_TEST

START_TEST(lab_5_6_the_kernel_shows_the_limit)
{
    struct limit limits[2];
    ck_assert_int_eq(limits_parse("nofile=77:88", &limits[0], NULL), 0);
    ck_assert_int_eq(limits_parse("core=0", &limits[1], NULL), 0);
    ck_assert_int_eq(limits_apply(limits, 2, NULL), 0);
    auto_text struct text shown = {0};
    ck_assert_int_gt(files_read(AT_FDCWD, "/proc/self/limits", &shown, NULL),
                     0);
    const char *files = strstr(shown.s, "Max open files");
    ck_assert_ptr_nonnull(files);
    uint64_t soft = strtoull(files + strlen("Max open files"), NULL, 10);
    ck_assert_uint_eq(soft, 77);
    ck_assert_ptr_nonnull(strstr(files, "88"));
}
END_TEST

START_TEST(a_limit_that_may_not_rise_is_named)
{
    struct limit limits[] = {
        {RLIMIT_NOFILE, 10, 10},
        {RLIMIT_NOFILE, 20, 20}
    };
    struct wish wish = {.limits = limits, .n_limits = 2};
    struct err e = {0};
    struct caps less = caps_for_user(caps_all() & ~BIT(CAP_SYS_RESOURCE), 0);
    contract_needs(geteuid() == 0, "root");
    ck_assert_int_eq(caps_become(&less, 0, 0, NULL, 0, NULL), 0);
    ck_assert_int_eq(wish_run(&wish, nothing, &e), -EPERM);
    ck_assert_str_eq(e.msg, "set ulimit nofile=20:20: Operation not permitted");
}
END_TEST

static void add(TCase *tests)
{
    tcase_add_test(tests, lab_5_6_a_ulimit_is_read);
    tcase_add_test(tests, lab_5_6_what_is_no_ulimit_is_refused);
    tcase_add_test(tests, lab_5_6_the_kernel_shows_the_limit);
    tcase_add_test(tests, a_limit_that_may_not_rise_is_named);
}

int main(void)
{
    return contract_main("limits", add);
}
