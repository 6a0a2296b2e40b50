/* What is tried in a child is told, and stays with the child. */
#include "contract.h"
#include "proc.h"
#include "sys.h"
#include "trial.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int change(void *arg, struct err *e)
{
    (void)e;
    *(int *)arg = 2;
    return chdir("/proc") == 0 ? 7 : -errno;
}

static int refuse(void *arg, struct err *e)
{
    (void)arg;
    return err_set(e, EBUSY, "the cat is out");
}

static int refuse_silently(void *arg, struct err *e)
{
    (void)arg, (void)e;
    return -EBADF;
}

static int die(void *arg, struct err *e)
{
    (void)arg, (void)e;
    raise(SIGKILL);
    return 0;
}

static _Noreturn int hang(void *arg, struct err *e)
{
    (void)arg, (void)e;
    for (;;)
        pause();
}

/* No child is left, not even a zombie. */
static void nobody_is_left(void)
{
    ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
    ck_assert_int_eq(errno, ECHILD);
}

START_TEST(nothing_of_it_stays)
{
    struct err e = {0};
    char before[4096], after[4096];
    int number = 1;
    ck_assert_ptr_nonnull(getcwd(before, sizeof before));
    ck_assert_int_eq(trial_run(0, change, &number, &e), 0);
    ck_assert_int_eq(number, 1);
    ck_assert_ptr_nonnull(getcwd(after, sizeof after));
    ck_assert_str_eq(before, after);
    ck_assert_int_eq(trial_run(0, NULL, NULL, &e), 0);
    nobody_is_left();
}
END_TEST

START_TEST(errors_arrive)
{
    struct err e = {0};
    ck_assert_int_eq(trial_run(0, refuse, NULL, &e), -EBUSY);
    ck_assert_str_eq(e.msg, "the cat is out");
    ck_assert_int_eq(trial_run(0, refuse_silently, NULL, &e), -EBADF);
    ck_assert_int_eq(trial_run(0, die, NULL, &e), -EPIPE);
    ck_assert_int_eq(trial_run(0, refuse, NULL, NULL), -EBUSY);
    nobody_is_left();
}
END_TEST

START_TEST(who_hangs_is_killed)
{
    struct err e = {0};
    ck_assert_int_eq(trial_run(0, hang, NULL, &e), -ETIMEDOUT);
    ck_assert_ptr_nonnull(strstr(e.msg, "no answer"));
    nobody_is_left();
}
END_TEST

static void add(TCase *tests)
{
    tcase_add_test(tests, nothing_of_it_stays);
    tcase_add_test(tests, errors_arrive);
    tcase_add_test(tests, who_hangs_is_killed);
}

int main(void)
{
    return contract_main("trial", add);
}
