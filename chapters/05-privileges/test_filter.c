/* The filter as the calls feel it, and as /proc/PID/status shows it. Needs
 * root. */
#include "wish.h"

#include <linux/capability.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>
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

/* Programs for the kernel, written by hand: what a profile becomes does not
 * matter here. getpriority(2) is answered with `answer`, all else allowed. */
#define BY_HAND(answer)                                                        \
    {                                                                          \
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)), \
            BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getpriority, 0, 1),        \
            BPF_STMT(BPF_RET | BPF_K, (answer)),                               \
            BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),                      \
    }

START_TEST(lab_5_5_the_kernel_says_that_it_filters)
{
    struct sock_filter code[] = BY_HAND(SECCOMP_RET_ERRNO | ENOSPC);
    struct filter filter = {.code = code, .n = 4};
    struct err e = {0};
    int listener = 77;
    auto_text struct text before = {0}, after = {0};
    ck_assert_int_gt(files_read(AT_FDCWD, "/proc/self/status", &before, &e), 0);
    ck_assert_int_eq((int)wish_field(&before, "Seccomp", 10), 0);
    ck_assert_int_eq(caps_set_no_new_privs(&e), 0);
    ck_assert_msg(filter_install(&filter, &listener, &e) == 0, "%s", e.msg);
    ck_assert_int_gt(files_read(AT_FDCWD, "/proc/self/status", &after, &e), 0);
    ck_assert_int_eq((int)wish_field(&after, "Seccomp", 10), 2);
    ck_assert_int_eq(listener, -1);
    ck_assert_int_eq(result_of(syscall(SYS_getpriority, 0, 0)), -ENOSPC);
}
END_TEST

START_TEST(lab_5_5_nobody_listens_so_nothing_is_installed)
{
    struct sock_filter code[] = BY_HAND(SECCOMP_RET_USER_NOTIF);
    struct filter filter = {.code = code, .n = 4, .notifies = true};
    struct err e = {0};
    auto_text struct text status = {0};
    ck_assert_int_eq(caps_set_no_new_privs(&e), 0);
    ck_assert_int_eq(filter_install(&filter, NULL, &e), -EINVAL);
    ck_assert_int_gt(files_read(AT_FDCWD, "/proc/self/status", &status, &e), 0);
    ck_assert_int_eq((int)wish_field(&status, "Seccomp", 10), 0);
    /* What the kernel refuses is told, too. */
    filter = (struct filter){.code = code, .n = 0};
    ck_assert_int_eq(filter_install(&filter, NULL, &e), -EINVAL);
    ck_assert_ptr_nonnull(strstr(e.msg, "Invalid argument"));
}
END_TEST

/* A profile that allows all but what `entries` say, as a path. */
static char *profile_of(const char *entries)
{
    int fd = memfd_create("profile", 0);
    auto_free char *text =
        text_format("{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": "
                    "[%s]}",
                    entries);
    ck_assert_int_eq(files_write_all(fd, text, strlen(text)), 0);
    return text_format("/proc/self/fd/%d", fd);
}

#define FULL "\"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 28}"

START_TEST(lab_5_4_a_profile_of_ones_own_is_obeyed)
{
    /* A second name counts as much as a first, and "name" as "names"; what says
     * the same as the default is no rule. */
    static const char *const entries[] = {
        "{\"names\": [\"fchown\"], " FULL,
        "{\"names\": [\"getpriority\", \"fchown\"], " FULL,
        "{\"name\": \"fchown\", " FULL,
        "{\"names\": [\"getpid\"], \"action\": \"SCMP_ACT_ALLOW\"},"
        "{\"names\": [\"fchown\"], " FULL,
    };
    auto_free char *path = profile_of(entries[_i]);
    struct wish wish = {.caps = caps_for_user(caps_default(), 0),
                        .filtered = true,
                        .profile = path};
    ck_assert_int_eq(wish_run(&wish, change_owner, NULL), -ENOSPC);
    ck_assert_int_eq(wish_run(&wish, ask_personality, NULL), 4 | 8);
}
END_TEST

/* What filter_get says to a profile with this entry. */
static int get(const char *entry, struct filter *ret, struct err *e)
{
    auto_free char *path = profile_of(entry);
    return filter_get(path, caps_default(), -1, ret, e);
}

START_TEST(lab_5_4_an_entry_that_makes_no_sense_is_refused)
{
    static const char *const entries[] = {
        "{\"name\": \"fchown\", \"names\": [\"chown\"], " FULL,
        "{\"names\": [\"fchown\"], \"action\": \"SCMP_ACT_NOSUCH\"}",
    };
    for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++) {
        struct filter filter = {0};
        struct err e = {0};
        ck_assert_int_eq(get(entries[i], &filter, &e), -EINVAL);
        filter_done(&filter);
    }
}
END_TEST

START_TEST(lab_5_4_that_somebody_must_listen_is_known)
{
    struct filter filter = {0};
    struct err e = {0};
    int r = get("{\"names\": [\"fchown\"], \"action\": \"SCMP_ACT_NOTIFY\"}",
                &filter, &e);
    ck_assert_msg(r == 0, "%s", e.msg);
    ck_assert(filter.notifies);
    filter_done(&filter);
    ck_assert_int_eq(get("{\"names\": [\"fchown\"], " FULL, &filter, &e), 0);
    ck_assert(!filter.notifies);
    filter_done(&filter);
}
END_TEST

/* Installs the filter, tells the number of the listener with write(2), and asks
 * what only a supervisor can answer so. */
static void be_supervised(int out)
{
    struct sock_filter code[] = BY_HAND(SECCOMP_RET_USER_NOTIF);
    struct filter filter = {.code = code, .n = 4, .notifies = true};
    struct err e = {0};
    int listener = -1;
    bool done = filter_install(&filter, &listener, &e) == 0;
    if (!done)
        dprintf(2, "%s\n", e.msg);
    bool told = write(out, &listener, sizeof listener) == sizeof listener;
    bool right = syscall(SYS_getpriority, 0, 0) == 1234 &&
                 (fcntl(listener, F_GETFD) & FD_CLOEXEC) != 0;
    _exit(done && told && right ? 0 : 1);
}

/* The descriptor as the parent sees it, by the number that the child told. */
static int fetch_listener(pid_t child, int in)
{
    int number = -1;
    ck_assert_int_eq(read(in, &number, sizeof number), sizeof number);
    auto_fd int pidfd = sys_pidfd_open(child, 0);
    ck_assert_int_ge(pidfd, 0);
    ck_assert_int_ge(number, 0);
    int listener = (int)syscall(SYS_pidfd_getfd, pidfd, number, 0);
    ck_assert_int_ge(listener, 0);
    return listener;
}

START_TEST(lab_5_5_a_supervisor_answers_in_the_callers_place)
{
    int channel[2], status = 0;
    contract_needs(geteuid() == 0, "root");
    ck_assert_int_eq(pipe2(channel, O_CLOEXEC), 0);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0)
        be_supervised(channel[1]);
    auto_fd int listener = fetch_listener(child, channel[0]);
    struct seccomp_notif asked = {0};
    ck_assert_int_eq(ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &asked), 0);
    ck_assert_int_eq(asked.data.nr, SYS_getpriority);
    ck_assert_int_eq((int)asked.pid, child);
    struct seccomp_notif_resp answer = {.id = asked.id, .val = 1234};
    ck_assert_int_eq(ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer), 0);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
}
END_TEST

/* Linux 4.17 and later know these two, no kernel knows a fifth. */
START_TEST(the_kernel_says_which_flags_it_knows)
{
    for (size_t i = 0; filter_flag_name(i) != NULL; i++)
        if (strstr(filter_flag_name(i), "KILLABLE") == NULL)
            ck_assert_msg(filter_flag_supported(i), "%s", filter_flag_name(i));
    ck_assert(!filter_flag_supported(4));
}
END_TEST

static void add(TCase *tests)
{
    tcase_add_test(tests, lab_5_4_calls_are_refused_and_allowed);
    tcase_add_test(tests, lab_5_4_clone3_and_the_future_do_not_exist);
    tcase_add_test(tests, sys_admin_opens_mount);
    tcase_add_test(tests, lab_5_5_the_kernel_says_that_it_filters);
    tcase_add_test(tests, lab_5_5_nobody_listens_so_nothing_is_installed);
    tcase_add_loop_test(tests, lab_5_4_a_profile_of_ones_own_is_obeyed, 0, 4);
    tcase_add_test(tests, lab_5_4_an_entry_that_makes_no_sense_is_refused);
    tcase_add_test(tests, lab_5_4_that_somebody_must_listen_is_known);
    tcase_add_test(tests, lab_5_5_a_supervisor_answers_in_the_callers_place);
    tcase_add_test(tests, the_kernel_says_which_flags_it_knows);
}

int main(void)
{
    return contract_main("filter", add);
}
