/* The contract of proc.h, on a real kernel. Nothing here needs privilege except
 * where a test says so. */
#include "contract.h"
#include "fault.h"
#include "files.h"
#include "own.h"
#include "proc.h"
#include "sys.h"
#include "text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* A child by plain fork(2) that waits to be killed, and its pidfd: the tests
 * of one exercise do not lean on the others. */
static pid_t idle_child(int *ret_pidfd)
{
    pid_t pid = fork();
    if (pid == 0)
        for (;;)
            pause();
    *ret_pidfd = sys_pidfd_open(pid, 0);
    ck_assert_int_ge(*ret_pidfd, 0);
    return pid;
}

static void end_child(pid_t pid)
{
    kill(pid, SIGKILL);
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}

static int exit_with(int code)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(code);
    return sys_pidfd_open(pid, 0);
}

static ino_t inode_of(pid_t pid, const char *file)
{
    auto_free char *path = text_format("/proc/%d/ns/%s", (int)pid, file);
    struct stat info;
    ck_assert_int_eq(stat(path, &info), 0);
    return info.st_ino;
}

START_TEST(lab_1_1_clone_returns_pid_and_pidfd)
{
    struct err e;
    int pidfd = -1;
    int pid = proc_clone(0, -1, &pidfd, &e);
    if (pid == 0)
        for (;;)
            pause();
    ck_assert_msg(pid > 0, "%s", e.msg);
    auto_text struct text info = {0};
    auto_free char *path = text_format("/proc/self/fdinfo/%d", pidfd);
    ck_assert_int_ge(files_read(AT_FDCWD, path, &info, &e), 0);
    auto_free char *line = text_format("\nPid:\t%d\n", pid);
    ck_assert_msg(strstr(info.s, line) != NULL, "pidfd of another: %s", info.s);
    ck_assert_int_ne(fcntl(pidfd, F_GETFD) & FD_CLOEXEC, 0);
    end_child(pid);
}
END_TEST

START_TEST(lab_1_1_clone_makes_the_namespaces_asked_for)
{
    struct err e;
    int pidfd = -1;
    int pid = proc_clone(CLONE_NEWUSER | CLONE_NEWUTS, -1, &pidfd, &e);
    if (pid == 0)
        for (;;)
            pause();
    contract_needs(pid != -EPERM && pid != -ENOSPC, "user namespaces");
    ck_assert_msg(pid > 0, "%s", e.msg);
    ck_assert_uint_ne(inode_of(pid, "uts"), inode_of(getpid(), "uts"));
    ck_assert_uint_eq(inode_of(pid, "ipc"), inode_of(getpid(), "ipc"));
    end_child(pid);
}
END_TEST

START_TEST(lab_1_1_clone_starts_inside_a_cgroup)
{
    struct err e;
    const char *root = access("/sys/fs/cgroup/cgroup.procs", F_OK) == 0
                           ? "/sys/fs/cgroup"
                           : "/sys/fs/cgroup/unified";
    auto_free char *dir = text_format("%s/test-proc-%d", root, (int)getpid());
    contract_needs(mkdir(dir, 0755) == 0, "a writable cgroup v2 tree");
    auto_fd int cgroup = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int pidfd = -1;
    /* 0 is a descriptor like any other. */
    ck_assert_int_eq(dup2(cgroup, STDIN_FILENO), STDIN_FILENO);
    int pid = proc_clone(0, STDIN_FILENO, &pidfd, &e);
    if (pid == 0)
        for (;;)
            pause();
    auto_text struct text procs = {0};
    if (pid > 0) {
        files_read(cgroup, "cgroup.procs", &procs, &e);
        end_child(pid);
    }
    ck_assert_int_eq(rmdir(dir), 0);
    ck_assert_msg(pid > 0, "%s", e.msg);
    text_trim(&procs);
    auto_free char *expected = text_format("%d", pid);
    ck_assert_str_eq(procs.s, expected);
}
END_TEST

START_TEST(lab_1_1_an_old_kernel_has_no_clone3)
{
    struct err e = {0};
    int pidfd = -1;
    ck_assert_int_eq(fault_open("clone3:1:ENOSYS", &e), 0);
    int pid = proc_clone(0, -1, &pidfd, &e);
    if (pid == 0)
        for (;;)
            pause();
    ck_assert_msg(pid > 0, "%s", e.msg);
    ck_assert_int_eq(proc_signal(pidfd, SIGKILL, &e), 0);
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}
END_TEST

START_TEST(lab_1_1_a_sibling_is_our_parents_child)
{
    pid_t middle = fork();
    if (middle == 0) {
        int pidfd = -1;
        int pid = proc_clone(CLONE_PARENT, -1, &pidfd, NULL);
        _exit(pid == 0 ? 7 : pid < 0);
    }
    int status, codes = 0;
    for (int i = 0; i < 2; i++) {
        ck_assert_int_gt(waitpid(-1, &status, 0), 0);
        ck_assert(WIFEXITED(status));
        codes += WEXITSTATUS(status);
    }
    ck_assert_int_eq(codes, 7 + 0);
}
END_TEST

START_TEST(lab_1_2_wait_gives_the_exit_code)
{
    static const int codes[] = {0, 1, 7, 128, 255};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        struct err e = {0};
        auto_fd int pidfd = exit_with(codes[i]);
        int code = proc_wait(pidfd, &e);
        ck_assert_msg(code == codes[i], "%d, not %d: %s", code, codes[i],
                      e.msg);
        /* Reaped: there is nothing to wait for any more. */
        ck_assert_int_eq(proc_wait(pidfd, &e), -ECHILD);
    }
}
END_TEST

START_TEST(lab_1_2_wait_counts_a_signal_from_128)
{
    static const int signals[] = {SIGKILL, SIGHUP, SIGUSR1};
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        struct err e;
        int pidfd = -1;
        idle_child(&pidfd);
        ck_assert_int_eq(proc_signal(pidfd, signals[i], &e), 0);
        ck_assert_int_eq(proc_wait(pidfd, &e), 128 + signals[i]);
        ck_assert_int_eq(proc_signal(pidfd, signals[i], &e), -ESRCH);
        close(pidfd);
    }
}
END_TEST

START_TEST(lab_1_2_a_signal_does_not_end_the_waiting)
{
    struct err e = {0};
    auto_fd int pidfd = exit_with(3);
    ck_assert_int_eq(fault_open("waitid:1:EINTR", &e), 0);
    ck_assert_int_eq(proc_wait(pidfd, &e), 3);
}
END_TEST

START_TEST(lab_1_3_start_time_is_stable_and_tells_apart)
{
    struct err e;
    int pidfd = -1;
    pid_t first = idle_child(&pidfd);
    uint64_t begin, again, later;
    ck_assert_msg(proc_start_time(first, &begin, &e) == 0, "%s", e.msg);
    /* A clock tick is 10 ms: make children until one falls into the next. */
    do {
        pid_t pid = idle_child(&pidfd);
        ck_assert_int_eq(proc_start_time(pid, &later, &e), 0);
        end_child(pid);
        close(pidfd);
    } while (later == begin);
    ck_assert_uint_gt(later, begin);
    ck_assert_int_eq(proc_start_time(first, &again, &e), 0);
    ck_assert_uint_eq(again, begin);
    end_child(first);
    ck_assert_int_eq(proc_start_time(first, &again, &e), -ENOENT);
}
END_TEST

START_TEST(lab_1_3_start_time_survives_a_hostile_name)
{
    struct err e;
    uint64_t before, after;
    ck_assert_int_eq(proc_start_time(getpid(), &before, &e), 0);
    prctl(PR_SET_NAME, ") S 1 1 1 (");
    ck_assert_int_eq(proc_start_time(getpid(), &after, &e), 0);
    ck_assert_uint_eq(before, after);
}
END_TEST

/* This test adopts the orphan, so that it can see what it died of. */
START_TEST(a_child_dies_with_its_parent)
{
    int ready[2];
    ck_assert_int_eq(pipe(ready), 0);
    ck_assert_int_eq(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    pid_t middle = fork();
    if (middle == 0) {
        pid_t child = fork();
        if (child == 0) {
            int r = proc_die_with_parent(NULL);
            if (write(ready[1], "!", 1) == 1 && r == 0)
                for (;;)
                    pause();
            _exit(0);
        }
        char byte;
        _exit(read(ready[0], &byte, 1) == 1 ? 0 : 1);
    }
    int status;
    ck_assert_int_eq(waitpid(middle, &status, 0), middle);
    ck_assert_int_eq(status, 0);
    ck_assert_int_gt(waitpid(-1, &status, 0), 0);
    ck_assert(WIFSIGNALED(status));
    ck_assert_int_eq(WTERMSIG(status), SIGKILL);
}
END_TEST

START_TEST(descriptors_from_a_number_on_do_not_survive_exec)
{
    struct err e;
    ck_assert_int_eq(dup2(STDERR_FILENO, 100), 100);
    ck_assert_int_eq(dup2(STDERR_FILENO, 101), 101);
    ck_assert_int_eq(proc_close_on_exec_from(101, &e), 0);
    ck_assert_int_eq(fcntl(100, F_GETFD), 0);
    ck_assert_int_eq(fcntl(101, F_GETFD), FD_CLOEXEC);
}
END_TEST

static void add(TCase *tests)
{
    tcase_add_test(tests, lab_1_1_clone_returns_pid_and_pidfd);
    tcase_add_test(tests, lab_1_1_clone_makes_the_namespaces_asked_for);
    tcase_add_test(tests, lab_1_1_clone_starts_inside_a_cgroup);
    tcase_add_test(tests, lab_1_1_an_old_kernel_has_no_clone3);
    tcase_add_test(tests, lab_1_1_a_sibling_is_our_parents_child);
    tcase_add_test(tests, lab_1_2_wait_gives_the_exit_code);
    tcase_add_test(tests, lab_1_2_wait_counts_a_signal_from_128);
    tcase_add_test(tests, lab_1_2_a_signal_does_not_end_the_waiting);
    tcase_add_test(tests, lab_1_3_start_time_is_stable_and_tells_apart);
    tcase_add_test(tests, lab_1_3_start_time_survives_a_hostile_name);
    tcase_add_test(tests, a_child_dies_with_its_parent);
    tcase_add_test(tests, descriptors_from_a_number_on_do_not_survive_exec);
}

int main(void)
{
    return contract_main("processes", add);
}
