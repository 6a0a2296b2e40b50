/* The filter as the calls feel it, and as /proc/PID/status shows it. Needs
 * root. */
#include "wish.h"

#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#define BIT(number) (UINT64_C(1) << (number))

static int change_owner(void)
{
    auto_fd int fd = sys_openat(AT_FDCWD, "/tmp", O_TMPFILE | O_RDWR, 0600);
    return fd < 0 ? fd : fchown(fd, 1, 1) < 0 ? -errno : 0;
}

static int result_of(long r)
{
    return r < 0 ? -errno : 0;
}

static int mount_something(void)
{
    return result_of(mount("x", "/no/such/place", "tmpfs", 0, ""));
}

static int call_clone3(void)
{
    return result_of(syscall(SYS_clone3, NULL, 0));
}

static int call_the_future(void)
{
    return result_of(syscall(999));
}

/* Each bit is one wrong answer. */
static int ask_personality(void)
{
    int wrong = 0;
    wrong |= (personality(0xffffffff) < 0) << 0;
    wrong |= (personality(PER_LINUX) < 0) << 1;
    wrong |= (personality(PER_LINUX | ADDR_NO_RANDOMIZE) >= 0) << 2;
    wrong |= (errno != EPERM) << 3;
    return wrong;
}

static int ask_sockets(void)
{
    auto_fd int local = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int alg = socket(AF_ALG, SOCK_SEQPACKET, 0), alg_errno = errno;
    int vsock = socket(AF_VSOCK, SOCK_STREAM, 0), vsock_errno = errno;
    return (local < 0) | (alg >= 0 || alg_errno != EPERM) << 1 |
           (vsock >= 0 || vsock_errno != EPERM) << 2;
}

START_TEST(lab_5_4_calls_are_refused_and_allowed)
{
    struct wish wish = {.caps = caps_for_user(caps_default(), 0),
                        .filtered = true};
    ck_assert_int_eq(wish_run(&wish, change_owner, NULL), 0);
    ck_assert_int_eq(wish_run(&wish, mount_something, NULL), -EPERM);
    ck_assert_int_eq(wish_run(&wish, ask_personality, NULL), 0);
    ck_assert_int_eq(wish_run(&wish, ask_sockets, NULL), 0);
}
END_TEST

/* ENOSYS makes the C library go back to the older call. */
START_TEST(lab_5_4_clone3_and_the_future_do_not_exist)
{
    struct wish wish = {.caps = caps_for_user(caps_default(), 0),
                        .filtered = true};
    ck_assert_int_eq(wish_run(&wish, call_clone3, NULL), -ENOSYS);
    ck_assert_int_eq(wish_run(&wish, call_the_future, NULL), -ENOSYS);
}
END_TEST

/* The call is let through, to fail for a better reason. */
START_TEST(sys_admin_opens_mount)
{
    uint64_t mask = caps_default() | BIT(CAP_SYS_ADMIN);
    struct wish wish = {.caps = caps_for_user(mask, 0), .filtered = true};
    ck_assert_int_eq(wish_run(&wish, mount_something, NULL), -ENOENT);
    ck_assert_int_eq(wish_run(&wish, call_clone3, NULL), -EINVAL);
}
END_TEST

START_TEST(lab_5_5_the_kernel_says_that_it_filters)
{
    for (int on = 0; on < 2; on++) {
        struct wish wish = {.caps = caps_for_user(caps_default(), 0),
                            .filtered = on,
                            .runs_cat = true};
        auto_text struct text status = {0};
        wish_look_at(&wish, "status", &status);
        ck_assert_int_eq((int)wish_field(&status, "Seccomp", 10), on ? 2 : 0);
    }
}
END_TEST

static const char custom[] =
    "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": "
    "[\"fchown\"], \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 28}]}";

START_TEST(a_profile_of_ones_own_is_obeyed)
{
    auto_fd int fd = memfd_create("profile", 0);
    ck_assert_int_eq(files_write_all(fd, custom, strlen(custom)), 0);
    auto_free char *path = text_format("/proc/self/fd/%d", fd);
    struct wish wish = {.caps = caps_for_user(caps_default(), 0),
                        .filtered = true,
                        .profile = path};
    ck_assert_int_eq(wish_run(&wish, change_owner, NULL), -ENOSPC);
    ck_assert_int_eq(wish_run(&wish, ask_personality, NULL), 4 | 8);
}
END_TEST

static void add(TCase *tests)
{
    tcase_add_test(tests, lab_5_4_calls_are_refused_and_allowed);
    tcase_add_test(tests, lab_5_4_clone3_and_the_future_do_not_exist);
    tcase_add_test(tests, sys_admin_opens_mount);
    tcase_add_test(tests, lab_5_5_the_kernel_says_that_it_filters);
    tcase_add_test(tests, a_profile_of_ones_own_is_obeyed);
}

int main(void)
{
    return contract_main("filter", add);
}
