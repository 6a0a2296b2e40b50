/* Faults: what a wish may say, which call is struck, and that a family of
 * processes counts together. Each test arms its fault in a child. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fault.h"
#include "own.h"
#include "sys.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Run `body` in a child with the fault armed; its wait(2) status. */
static int run_with_fault(const char *wish, int (*body)(void))
{
    fflush(NULL);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct err e;
        _exit(fault_open(wish, &e) < 0 ? 99 : body());
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void malformed_wishes_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *wish, *why;
    } cases[] = {
        {"mount",         "want CALL:N:ERRNO"},
        {"mount:1",       "want CALL:N:ERRNO"},
        {"mount:0:EIO",   "want CALL:N:ERRNO"},
        {"mount:-1:EIO",  "want CALL:N:ERRNO"},
        {"mount:x:EIO",   "want CALL:N:ERRNO"},
        {"mount:1:EIO:1", "want CALL:N:ERRNO"},
        {"mound:1:EIO",   "no such call"     },
        {":1:EIO",        "no such call"     },
        {"mount:1:EUH",   "no such error"    },
        {"mount:1:5",     "no such error"    },
        {"mount:1:",      "no such error"    },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct err e;
        assert_int_equal(fault_open(cases[i].wish, &e), -EINVAL);
        assert_non_null(strstr(e.msg, cases[i].wish));
        assert_non_null(strstr(e.msg, cases[i].why));
    }
    assert_int_equal(fault_open(NULL, NULL), 0);
    assert_int_equal(fault_open("", NULL), 0);
    assert_int_equal(sys_fsync(-1), -EBADF);
}

static int first_and_third_are_made(void)
{
    bool right = sys_chdir("/") == 0 && sys_fsync(-1) == -EBADF &&
                 sys_chdir("/") == -ENOSPC && sys_chdir("/") == 0;
    return right ? 0 : 1;
}

static void only_the_nth_call_of_the_name_is_struck(void **state)
{
    (void)state;
    assert_int_equal(run_with_fault("chdir:2:ENOSPC", first_and_third_are_made),
                     0);
    /* Whichever the name, when it is "*": the second call is fsync. */
    assert_int_equal(run_with_fault("*:3:ENOSPC", first_and_third_are_made), 0);
    assert_int_not_equal(run_with_fault("*:2:ENOSPC", first_and_third_are_made),
                         0);
}

static int two_calls(void)
{
    sys_chdir("/");
    sys_fsync(-1);
    return 7;
}

static void kill_ends_the_process_there(void **state)
{
    (void)state;
    int status = run_with_fault("fsync:1:kill", two_calls);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    status = run_with_fault("fsync:2:kill", two_calls);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 7);
}

/* Parent, child, parent: calls 1, 2 and 3. */
static int take_turns(void)
{
    int first = sys_chdir("/");
    struct clone_args args = {.exit_signal = SIGCHLD};
    int pid = sys_clone3(&args, sizeof args);
    if (pid == 0)
        _exit(sys_chdir("/") == 0 ? 0 : 1);
    int status;
    waitpid(pid, &status, 0);
    int third = sys_chdir("/");
    return (first < 0 ? 1 : 0) + (status != 0 ? 2 : 0) + (third < 0 ? 4 : 0);
}

static void a_family_counts_together(void **state)
{
    (void)state;
    static const struct {
        const char *wish;
        int struck;
    } cases[] = {
        {"chdir:1:EIO", 1},
        {"chdir:2:EIO", 2},
        {"chdir:3:EIO", 4},
        {"chdir:4:EIO", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int status = run_with_fault(cases[i].wish, take_turns);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), cases[i].struck);
    }
}

/* The kernel is not asked: a struck call has no effect. */
static int chdir_is_not_made(void)
{
    char before[64], after[64];
    if (getcwd(before, sizeof before) == NULL || sys_chdir("/proc") != -EPERM ||
        getcwd(after, sizeof after) == NULL)
        return 1;
    return strcmp(before, after) == 0 ? 0 : 2;
}

static void a_struck_call_is_not_made(void **state)
{
    (void)state;
    assert_int_equal(run_with_fault("chdir:1:EPERM", chdir_is_not_made), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(malformed_wishes_are_refused),
        cmocka_unit_test(only_the_nth_call_of_the_name_is_struck),
        cmocka_unit_test(kill_ends_the_process_there),
        cmocka_unit_test(a_family_counts_together),
        cmocka_unit_test(a_struck_call_is_not_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
