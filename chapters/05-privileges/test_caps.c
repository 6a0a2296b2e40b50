/* Capabilities as others see them. Needs root. */
#include "wish.h"

#include <linux/capability.h>

#define BIT(number) (UINT64_C(1) << (number))
#define NOBODY 65534

START_TEST(lab_5_1_lists_are_read_as_docker_reads_them)
{
    auto_strv struct strv add = {0}, drop = {0};
    uint64_t mask = 0;
    strv_add(&add, "sys_admin");
    strv_add(&drop, "CAP_MKNOD");
    ck_assert_int_eq(caps_adjust(caps_default(), &add, &drop, &mask, NULL), 0);
    ck_assert_uint_eq(mask,
                      (caps_default() | BIT(CAP_SYS_ADMIN)) & ~BIT(CAP_MKNOD));
    strv_add(&drop, "all");
    ck_assert_int_eq(caps_adjust(caps_default(), &add, &drop, &mask, NULL), 0);
    ck_assert_uint_eq(mask, BIT(CAP_SYS_ADMIN));
    strv_add(&add, "ALL");
    ck_assert_int_eq(caps_adjust(caps_default(), &add, &drop, &mask, NULL), 0);
    ck_assert_uint_eq(mask, caps_all() & ~BIT(CAP_MKNOD));
    struct err e = {0};
    strv_add(&add, "CAP_FOO");
    ck_assert_int_eq(caps_adjust(0, &add, &drop, &mask, &e), -EINVAL);
    ck_assert_str_eq(e.msg, "invalid CapAdd: unknown capability: \"CAP_FOO\"");
}
END_TEST

START_TEST(lab_5_1_without_lists_it_is_the_base)
{
    auto_strv struct strv none = {0}, add = {0}, drop = {0};
    uint64_t mask = 77;
    strv_add(&add, "CAP_NOSUCH");
    ck_assert_int_eq(caps_adjust(5, &add, &none, &mask, NULL), -EINVAL);
    ck_assert_int_eq(caps_adjust(5, &none, &add, &mask, NULL), -EINVAL);
    ck_assert_uint_eq(mask, 77);
    ck_assert_int_eq(caps_adjust(5, &none, &none, &mask, NULL), 0);
    ck_assert_uint_eq(mask, 5);
    /* What is in both is added last. */
    add.n = 0;
    strv_add(&add, "chown");
    strv_add(&drop, "chown");
    ck_assert_int_eq(caps_adjust(5, &add, &drop, &mask, NULL), 0);
    ck_assert_uint_eq(mask, 5);
}
END_TEST

START_TEST(lab_5_2_the_bounding_set_is_cut)
{
    struct wish wish = {.caps = caps_for_user(caps_default(), 0),
                        .anyway = true};
    auto_text struct text status = {0};
    wish_look_at(&wish, "status", &status);
    wish_assert_set(status, "CapBnd", caps_default());
}
END_TEST

/* execve(2) gives a root process its whole bounding set again: so this fails
 * if only the other sets were cut. */
START_TEST(lab_5_2_a_program_does_not_get_them_back)
{
    struct wish wish = {.caps = caps_for_user(caps_default(), 0),
                        .runs_cat = true,
                        .anyway = true};
    auto_text struct text status = {0};
    wish_look_at(&wish, "status", &status);
    wish_assert_set(status, "CapEff", caps_default());
    wish_assert_set(status, "CapPrm", caps_default());
    wish_assert_set(status, "CapBnd", caps_default());
}
END_TEST

static int nothing(void)
{
    return 0;
}

/* Whatever the kernel has fewer than 64 of. */
START_TEST(lab_5_2_beyond_the_last_is_no_error)
{
    struct wish wish = {.caps = caps_for_user(caps_default(), 0)};
    struct err e = {0};
    contract_needs(geteuid() == 0, "root");
    wish_run(&wish, nothing, &e);
    ck_assert_msg(strstr(e.msg, "bounding set") == NULL, "%s", e.msg);
}
END_TEST

START_TEST(lab_5_3_root_holds_just_these)
{
    struct wish wish = {.caps = caps_for_user(caps_default(), 0)};
    auto_text struct text status = {0};
    wish_look_at(&wish, "status", &status);
    wish_assert_set(status, "CapEff", caps_default());
    wish_assert_set(status, "CapPrm", caps_default());
    wish_assert_set(status, "CapInh", UINT64_C(0));
    wish_assert_set(status, "CapAmb", UINT64_C(0));
}
END_TEST

START_TEST(lab_5_3_a_user_keeps_what_was_granted)
{
    uint64_t two = BIT(CAP_NET_RAW) | BIT(CAP_BPF);
    struct wish wish = {
        .caps = {two, two, two, two, two},
          .uid = NOBODY, .runs_cat = true
    };
    auto_text struct text status = {0};
    wish_look_at(&wish, "status", &status);
    wish_assert_set(status, "CapEff", two);
    wish_assert_set(status, "CapInh", two);
    wish_assert_set(status, "CapAmb", two);
    ck_assert_uint_eq(wish_field(&status, "Uid", 10), NOBODY);
}
END_TEST

START_TEST(a_user_has_none_but_a_ceiling)
{
    struct wish wish = {.caps = caps_for_user(caps_default(), NOBODY),
                        .uid = NOBODY};
    auto_text struct text status = {0};
    wish_look_at(&wish, "status", &status);
    wish_assert_set(status, "CapEff", UINT64_C(0));
    wish_assert_set(status, "CapPrm", UINT64_C(0));
    wish_assert_set(status, "CapBnd", caps_default());
    ck_assert_ptr_nonnull(strstr(status.s, "Uid:\t65534\t65534\t65534\t65534"));
    ck_assert_ptr_nonnull(strstr(status.s, "Gid:\t65534\t65534\t65534\t65534"));
    ck_assert_ptr_nonnull(strstr(status.s, "Groups:\t \n"));
}
END_TEST

static int change_owner(void)
{
    auto_fd int fd = sys_openat(AT_FDCWD, "/tmp", O_TMPFILE | O_RDWR, 0600);
    return fd < 0 ? fd : fchown(fd, 1, 1) < 0 ? -errno : 0;
}

START_TEST(a_capability_makes_the_difference)
{
    struct wish with = {.caps = caps_for_user(BIT(CAP_CHOWN), 0)};
    struct wish without = {.caps = caps_for_user(BIT(CAP_KILL), 0)};
    ck_assert_int_eq(wish_run(&with, change_owner, NULL), 0);
    ck_assert_int_eq(wish_run(&without, change_owner, NULL), -EPERM);
}
END_TEST

START_TEST(lab_5_3_what_we_lack_is_named)
{
    struct caps less = caps_for_user(caps_all() & ~BIT(CAP_SYS_TIME), 0);
    struct wish wish = {.caps = caps_for_user(BIT(CAP_SYS_TIME), 0)};
    struct err e = {0};
    contract_needs(geteuid() == 0, "root");
    ck_assert_int_eq(caps_become(&less, 0, 0, NULL, 0, NULL), 0);
    ck_assert_int_eq(wish_run(&wish, nothing, &e), -EPERM);
    ck_assert_str_eq(e.msg, "keep CAP_SYS_TIME, which we do not have: "
                            "Operation not permitted");
}
END_TEST

START_TEST(no_new_privs_is_set_only_on_request)
{
    for (int on = 0; on < 2; on++) {
        struct wish wish = {.caps = caps_for_user(caps_default(), 0),
                            .no_new_privs = on};
        auto_text struct text status = {0};
        wish_look_at(&wish, "status", &status);
        ck_assert_int_eq((int)wish_field(&status, "NoNewPrivs", 10), on);
    }
}
END_TEST

static void add(TCase *tests)
{
    tcase_add_test(tests, lab_5_1_lists_are_read_as_docker_reads_them);
    tcase_add_test(tests, lab_5_1_without_lists_it_is_the_base);
    tcase_add_test(tests, lab_5_2_the_bounding_set_is_cut);
    tcase_add_test(tests, lab_5_2_a_program_does_not_get_them_back);
    tcase_add_test(tests, lab_5_2_beyond_the_last_is_no_error);
    tcase_add_test(tests, lab_5_3_root_holds_just_these);
    tcase_add_test(tests, lab_5_3_a_user_keeps_what_was_granted);
    tcase_add_test(tests, a_user_has_none_but_a_ceiling);
    tcase_add_test(tests, a_capability_makes_the_difference);
    tcase_add_test(tests, lab_5_3_what_we_lack_is_named);
    tcase_add_test(tests, no_new_privs_is_set_only_on_request);
}

int main(void)
{
    return contract_main("caps", add);
}
