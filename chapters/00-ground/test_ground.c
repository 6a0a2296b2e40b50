/* Contract of faults and of libraries on demand, seen in the fate of processes
 * and in what was loaded. */
#include "contract.h"

#include "err.h"
#include "fault.h"
#include "sys.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* The wait(2) status of a child that makes three calls with a fault armed.
 * Bit n - 1 of its exit status: call n failed with ENOSPC. */
static int fate_of_three_calls(const char *wish, int flags)
{
    fflush(NULL);
    struct clone_args args = {.flags = (unsigned int)flags,
                              .exit_signal = SIGCHLD};
    int pid = sys_clone3(&args, sizeof args);
    if (pid == 0) {
        int failed = fault_open(wish, NULL) < 0 ? 64 : 0;
        for (int n = 0; n < 3; n++)
            failed |= sys_chdir("/") == -ENOSPC ? 1 << n : 0;
        _exit(failed);
    }
    ck_assert_int_gt(pid, 0);
    int status;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    return status;
}

START_TEST(lab_0_5_the_nth_call_fails)
{
    ck_assert_int_eq(fate_of_three_calls("chdir:1:ENOSPC", 0), 1 << 8);
    ck_assert_int_eq(fate_of_three_calls("chdir:3:ENOSPC", 0), 4 << 8);
    ck_assert_int_eq(fate_of_three_calls("*:2:ENOSPC", 0), 2 << 8);
    ck_assert_int_eq(fate_of_three_calls("chdir:4:ENOSPC", 0), 0);
    ck_assert_int_eq(fate_of_three_calls("mount:1:ENOSPC", 0), 0);
    ck_assert_int_eq(fate_of_three_calls("chdir:1:EROFS", 0), 0);
}
END_TEST

START_TEST(lab_0_5_the_nth_call_kills)
{
    ck_assert_int_eq(fate_of_three_calls("chdir:2:kill", 0), SIGKILL);
    ck_assert_int_eq(fate_of_three_calls("chdir:4:kill", 0), 0);
}
END_TEST

START_TEST(the_first_process_of_a_namespace_dies_too)
{
    contract_needs(geteuid() == 0, "a pid namespace needs root");
    /* Deaf to its own SIGKILL, it exits as a shell would report the kill. */
    ck_assert_int_eq(fate_of_three_calls("chdir:2:kill", CLONE_NEWPID),
                     (128 + SIGKILL) << 8);
}
END_TEST

START_TEST(lab_0_5_nonsense_is_refused)
{
    static const char *const wishes[] = {
        "chdir",        "chdir:1",       "chdir:0:EIO",  "chdir:x:EIO",
        "chdirr:1:EIO", "chdir:1:EFOUR", "chdir:1:EIO:",
    };
    for (size_t i = 0; i < sizeof wishes / sizeof wishes[0]; i++) {
        struct err e = {0};
        ck_assert_int_eq(fault_open(wishes[i], &e), -EINVAL);
        ck_assert_msg(strstr(e.msg, wishes[i]) != NULL, "unnamed: %s", e.msg);
    }
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, lab_0_5_the_nth_call_fails);
    tcase_add_test(tc, lab_0_5_the_nth_call_kills);
    tcase_add_test(tc, the_first_process_of_a_namespace_dies_too);
    tcase_add_test(tc, lab_0_5_nonsense_is_refused);
}

int main(void)
{
    return contract_main("ground", add);
}
