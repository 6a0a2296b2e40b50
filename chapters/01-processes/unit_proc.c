// WRAP sys_clone3 sys_clone sys_waitid sys_close_range
/* proc.c with the door faked: which arguments, which fallback, which result. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proc.h"
#include "sys.h"

#include <errno.h>
#include <linux/close_range.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int __wrap_sys_clone3(struct clone_args *args, size_t size)
{
    check_expected(args->flags);
    check_expected(args->cgroup);
    assert_int_equal(args->exit_signal, SIGCHLD);
    assert_int_equal(size, sizeof *args);
    int result = mock_type(int);
    if (result > 0)
        *(int *)(uintptr_t)args->pidfd = 77;
    return result;
}

int __wrap_sys_clone(unsigned long flags, void *stack, int *parent_tid,
                     int *child_tid, unsigned long tls)
{
    check_expected(flags);
    assert_null(stack);
    assert_null(child_tid);
    assert_int_equal(tls, 0);
    *parent_tid = 78;
    return mock_type(int);
}

int __wrap_sys_waitid(int type, int id, siginfo_t *info, int options)
{
    assert_int_equal(type, P_PIDFD);
    assert_int_equal(options, WEXITED);
    check_expected(id);
    int result = mock_type(int);
    if (result == 0) {
        info->si_code = mock_type(int);
        info->si_status = mock_type(int);
    }
    return result;
}

int __wrap_sys_close_range(unsigned int first, unsigned int last,
                           unsigned int flags)
{
    check_expected(first);
    assert_int_equal(last, ~0u);
    assert_int_equal(flags, CLOSE_RANGE_CLOEXEC);
    return mock_type(int);
}

static void expect_clone3(uint64_t flags, uint64_t cgroup, int result)
{
    expect_value(__wrap_sys_clone3, args->flags, flags);
    expect_value(__wrap_sys_clone3, args->cgroup, cgroup);
    will_return(__wrap_sys_clone3, result);
}

static void clone_asks_for_a_pidfd(void **state)
{
    (void)state;
    int pidfd = -1;
    expect_clone3(CLONE_NEWPID | CLONE_PIDFD, 0, 4711);
    assert_int_equal(proc_clone(CLONE_NEWPID, -1, &pidfd, NULL), 4711);
    assert_int_equal(pidfd, 77);
}

static void clone_goes_into_the_cgroup(void **state)
{
    (void)state;
    int pidfd = -1;
    expect_clone3(CLONE_PIDFD | CLONE_INTO_CGROUP, 5, 1);
    assert_int_equal(proc_clone(0, 5, &pidfd, NULL), 1);
}

static void clone_falls_back_where_clone3_is_missing(void **state)
{
    (void)state;
    int pidfd = -1;
    expect_clone3(CLONE_NEWUTS | CLONE_PIDFD, 0, -ENOSYS);
    expect_value(__wrap_sys_clone, flags, CLONE_NEWUTS | CLONE_PIDFD | SIGCHLD);
    will_return(__wrap_sys_clone, 12);
    assert_int_equal(proc_clone(CLONE_NEWUTS, -1, &pidfd, NULL), 12);
    assert_int_equal(pidfd, 78);
}

static void clone_never_drops_a_wish(void **state)
{
    (void)state;
    struct err e;
    int pidfd = -1;
    expect_clone3(CLONE_PIDFD | CLONE_INTO_CGROUP, 5, -ENOSYS);
    assert_int_equal(proc_clone(0, 5, &pidfd, &e), -ENOSYS);
    expect_clone3(CLONE_PIDFD | CLONE_NEWTIME, 0, -ENOSYS);
    assert_int_equal(proc_clone(CLONE_NEWTIME, -1, &pidfd, &e), -ENOSYS);
    assert_int_equal(pidfd, -1);
}

static void clone_names_the_call(void **state)
{
    (void)state;
    struct err e;
    int pidfd = -1;
    expect_clone3(CLONE_NEWPID | CLONE_PIDFD, 0, -EPERM);
    assert_int_equal(proc_clone(CLONE_NEWPID, -1, &pidfd, &e), -EPERM);
    assert_string_equal(e.msg, "clone3: Operation not permitted");
}

static void expect_waitid(int pidfd, int result)
{
    expect_value(__wrap_sys_waitid, id, pidfd);
    will_return(__wrap_sys_waitid, result);
}

static void wait_starts_again_after_a_signal(void **state)
{
    (void)state;
    expect_waitid(9, -EINTR);
    expect_waitid(9, 0);
    will_return(__wrap_sys_waitid, CLD_EXITED);
    will_return(__wrap_sys_waitid, 3);
    assert_int_equal(proc_wait(9, NULL), 3);
}

static void wait_counts_as_a_shell(void **state)
{
    (void)state;
    static const int how[] = {CLD_KILLED, CLD_DUMPED};
    for (int i = 0; i < 2; i++) {
        expect_waitid(9, 0);
        will_return(__wrap_sys_waitid, how[i]);
        will_return(__wrap_sys_waitid, SIGQUIT);
        assert_int_equal(proc_wait(9, NULL), 128 + SIGQUIT);
    }
}

static void close_on_exec_walks_where_the_call_is_old(void **state)
{
    (void)state;
    assert_int_equal(dup2(STDERR_FILENO, 200), 200);
    expect_value(__wrap_sys_close_range, first, 200);
    will_return(__wrap_sys_close_range, -EINVAL);
    assert_int_equal(proc_close_on_exec_from(200, NULL), 0);
    assert_int_equal(fcntl(200, F_GETFD), FD_CLOEXEC);
    assert_int_equal(fcntl(STDERR_FILENO, F_GETFD), 0);
    close(200);
}

static void signal_names_in_all_spellings(void **state)
{
    (void)state;
    const struct {
        const char *name;
        int number;
    } cases[] = {
        {"TERM",      SIGTERM      },
        {"SIGTERM",   SIGTERM      },
        {"sigterm",   SIGTERM      },
        {"15",        15           },
        {"KILL",      SIGKILL      },
        {"RTMIN",     SIGRTMIN     },
        {"RTMIN+3",   SIGRTMIN + 3 },
        {"SIGRTMAX",  SIGRTMAX     },
        {"RTMAX-14",  SIGRTMAX - 14},
        {"64",        64           },
        {"IOT",       SIGABRT      },
        {"0",         -EINVAL      },
        {"65",        -EINVAL      },
        {"",          -EINVAL      },
        {"SIG",       -EINVAL      },
        {"TERMINATE", -EINVAL      },
        {"15x",       -EINVAL      },
        {"-9",        -EINVAL      },
        {"RTMIN+16",  -EINVAL      },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(proc_signal_number(cases[i].name), cases[i].number);
}

static void signal_numbers_and_names_agree(void **state)
{
    (void)state;
    assert_string_equal(proc_signal_name(SIGTERM), "TERM");
    assert_string_equal(proc_signal_name(SIGABRT), "ABRT");
    assert_string_equal(proc_signal_name(SIGRTMIN + 3), "RTMIN+3");
    assert_null(proc_signal_name(0));
    assert_null(proc_signal_name(32)); /* the C library's own */
    assert_null(proc_signal_name(65));
    for (int i = 1; i < 32; i++)
        assert_int_equal(proc_signal_number(proc_signal_name(i)), i);
    for (int i = SIGRTMIN; i <= SIGRTMAX; i++)
        assert_int_equal(proc_signal_number(proc_signal_name(i)), i);
}

static void a_program_is_found_where_path_says(void **state)
{
    (void)state;
    char *found = proc_find_program(":bin:/nowhere:/bin:/usr/bin", "sh");
    assert_string_equal(found, "/bin/sh");
    free(found);
    assert_null(proc_find_program("", "sh"));
    assert_null(proc_find_program("bin:.", "sh"));
    assert_null(proc_find_program("/bin:/usr/bin", "no-such-program"));
}

static void processors_are_those_we_may_run_on(void **state)
{
    (void)state;
    cpu_set_t all, one;
    int cpu = 0;
    assert_int_equal(sched_getaffinity(0, sizeof all, &all), 0);
    assert_int_equal(proc_processors(), CPU_COUNT(&all));
    while (!CPU_ISSET(cpu, &all))
        cpu++;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
    assert_int_equal(proc_processors(), 1);
    assert_int_equal(sched_setaffinity(0, sizeof all, &all), 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(clone_asks_for_a_pidfd),
        cmocka_unit_test(clone_goes_into_the_cgroup),
        cmocka_unit_test(clone_falls_back_where_clone3_is_missing),
        cmocka_unit_test(clone_never_drops_a_wish),
        cmocka_unit_test(clone_names_the_call),
        cmocka_unit_test(wait_starts_again_after_a_signal),
        cmocka_unit_test(wait_counts_as_a_shell),
        cmocka_unit_test(close_on_exec_walks_where_the_call_is_old),
        cmocka_unit_test(signal_names_in_all_spellings),
        cmocka_unit_test(signal_numbers_and_names_agree),
        cmocka_unit_test(a_program_is_found_where_path_says),
        cmocka_unit_test(processors_are_those_we_may_run_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
