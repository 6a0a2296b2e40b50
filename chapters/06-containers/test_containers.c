/* Containers, made by hand from a spec and looked at from outside. */
#include "test_box.h"

#include "fault.h"
#include "files.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

START_TEST(the_program_runs_and_its_exit_code_arrives)
{
    struct box box;
    char said[256];
    box_init(&box, "echo $$ $(cat /proc/sys/kernel/hostname); exit 7");
    box_start(&box);
    box_read(&box, said);
    ck_assert_str_eq(said, "1 box\n");
    ck_assert_int_eq(proc_wait(box.ctr.pidfd, &box.e), 7);
    box_end(&box);
}
END_TEST

START_TEST(its_namespaces_and_group_are_its_own)
{
    struct box box;
    box_init(&box, "echo up; while :; do :; done");
    box_start(&box);
    char up[3];
    ck_assert_int_eq(read(box.output, up, 3), 3);
    for (int kind = 0; kind < NS_COUNT; kind++) {
        bool own = (BOX_NAMESPACES & NS_BIT(kind)) != 0;
        bool differs = ns_inode(box.ctr.pid, (enum ns_kind)kind) !=
                       ns_inode(0, (enum ns_kind)kind);
        ck_assert_msg(own == differs, "%s", ns_table[kind].file);
    }
    pid_t *pids;
    size_t n;
    ck_assert_int_ge(cg_list_pids(&box.ctr.cg, &pids, &n, &box.e), 0);
    ck_assert_uint_eq(n, 1);
    ck_assert_int_eq(pids[0], box.ctr.pid);
    free(pids);
    box_end(&box);
    ck_assert_int_eq(kill(box.ctr.pid, 0), -1);
}
END_TEST

START_TEST(nothing_runs_before_the_gate_opens)
{
    struct box box;
    char said[256];
    box_init(&box, "echo ran");
    ck_assert_msg(box_create(&box) == 0, "%s", box.e.msg);
    struct pollfd ready = {.fd = box.output, .events = POLLIN};
    ck_assert_int_eq(poll(&ready, 1, 100), 0);
    ck_assert_msg(ctr_start(&box.ctr, &box.e) == 0, "%s", box.e.msg);
    box_read(&box, said);
    ck_assert_str_eq(said, "ran\n");
    box_end(&box);
}
END_TEST

START_TEST(a_missing_program_is_told_apart)
{
    struct box box;
    box_init(&box, "true");
    free(box.spec.process.args.v[0]);
    box.spec.process.args.v[0] = own_strdup("nosuch");
    ck_assert_int_eq(box_fails(&box), -CTR_NOT_FOUND);
    ck_assert_str_eq(box.e.msg,
                     "exec: \"nosuch\": executable file not found in $PATH");
}
END_TEST

START_TEST(a_failing_step_is_named)
{
    struct box box;
    box_init(&box, "true");
    mnt_list_add(&box.spec.mounts, "/nosuch", "/tmp", "bind", "bind", &box.e);
    ck_assert_int_eq(box_fails(&box), -ENOENT);
    ck_assert_msg(strncmp(box.e.msg, "mounts: ", 8) == 0, "%s", box.e.msg);
}
END_TEST

START_TEST(a_failure_leaves_nothing)
{
    struct box box;
    box_init(&box, "true");
    mnt_list_add(&box.spec.mounts, "/nosuch", "/tmp", "bind", "bind", &box.e);
    ck_assert_int_lt(box_fails(&box), 0);
    struct cg cg = CG_INIT;
    ck_assert_int_eq(cg_open(&cg, box.spec.cgroup, NULL), -ENOENT);
    ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
    ck_assert_int_eq(errno, ECHILD);
    ck_assert_int_eq(ctr_destroy(&box.ctr, &box.e), 0);
}
END_TEST

START_TEST(lab_6_5_another_process_with_the_same_pid_is_refused)
{
    struct err e;
    struct ctr_identity identity;
    scratch_enter();
    int dir = open(SCRATCH, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ck_assert_int_eq(ctr_identity_save(dir, "state", getpid(), &e), 0);
    ck_assert_int_eq(ctr_identity_load(dir, "state", &identity, &e), 0);
    ck_assert_int_eq(identity.pid, getpid());
    auto_fd int self = ctr_identity_open(&identity, &e);
    ck_assert_int_ge(self, 0);
    ck_assert_int_ge(fcntl(self, F_GETFD), 0);
    identity.start_time++;
    ck_assert_int_eq(ctr_identity_open(&identity, &e), -ESRCH);
}
END_TEST

START_TEST(lab_6_5_the_dead_cannot_be_opened)
{
    struct err e;
    struct ctr_identity identity;
    scratch_enter();
    auto_fd int dir = open(SCRATCH, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    pid_t child = fork();
    if (child == 0)
        for (;;)
            pause();
    ck_assert_int_eq(ctr_identity_save(dir, "state", child, &e), 0);
    ck_assert_int_eq(ctr_identity_load(dir, "state", &identity, &e), 0);
    auto_fd int alive = ctr_identity_open(&identity, &e);
    ck_assert_int_ge(alive, 0);
    kill(child, SIGKILL);
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
    ck_assert_int_eq(ctr_identity_open(&identity, &e), -ESRCH);
}
END_TEST

/* The number is one of a thread by now: the kernel says EINVAL, later ENOENT.
 */
START_TEST(lab_6_5_a_thread_is_nobody)
{
    static const char *const faults[] = {"pidfd_open:1:EINVAL",
                                         "pidfd_open:1:ENOENT"};
    struct err e;
    struct ctr_identity identity = {.pid = getpid()};
    for (size_t i = 0; i < 2; i++) {
        ck_assert_int_eq(fault_open(faults[i], &e), 0);
        ck_assert_int_eq(ctr_identity_open(&identity, &e), -ESRCH);
    }
    ck_assert_int_eq(fault_open("pidfd_open:1:EMFILE", &e), 0);
    ck_assert_int_eq(ctr_identity_open(&identity, &e), -EMFILE);
}
END_TEST

START_TEST(lab_6_6_it_starts_in_its_working_directory)
{
    struct box box;
    char said[256];
    box_init(&box, "pwd");
    free(box.spec.process.cwd);
    box.spec.process.cwd = own_strdup("/made/for/it");
    box_start(&box);
    box_read(&box, said);
    ck_assert_str_eq(said, "/made/for/it\n");
    box_end(&box);
}
END_TEST

START_TEST(lab_6_6_what_must_be_there_is_not_made)
{
    struct box box;
    box_init(&box, "true");
    free(box.spec.process.cwd);
    box.spec.process.cwd = own_strdup("/nosuch");
    box.spec.process.cwd_exists = true;
    ck_assert_int_eq(box_fails(&box), -ENOENT);
    ck_assert_msg(strstr(box.e.msg, "chdir to \"/nosuch\"") != NULL, "%s",
                  box.e.msg);
    ck_assert_int_eq(access(BOX_ROOT "/nosuch", F_OK), -1);
}
END_TEST

/* Without the pivot its files are the host's. */
START_TEST(lab_6_6_nothing_is_made_on_the_host)
{
    struct box box;
    box_init(&box, "true");
    strv_add(&box.spec.skipped, "pivot");
    free(box.spec.process.cwd);
    box.spec.process.cwd = own_strdup(SCRATCH "/made");
    ck_assert_int_eq(box_fails(&box), -ENOENT);
    ck_assert_int_eq(access(SCRATCH "/made", F_OK), -1);
}
END_TEST

/* CVE-2024-21626: a descriptor of the host, named through /proc. */
START_TEST(lab_6_6_a_working_directory_outside_is_refused)
{
    struct box box;
    box_init(&box, "true");
    int host = open("/", O_RDONLY | O_DIRECTORY); /* not close-on-exec */
    free(box.spec.process.cwd);
    box.spec.process.cwd = text_format("/proc/self/fd/%d", host);
    ck_assert_int_lt(box_fails(&box), 0);
    ck_assert_msg(strstr(box.e.msg, "working directory") != NULL, "%s",
                  box.e.msg);
}
END_TEST

/* Start a second program in a container that runs; a pidfd of it. The box's
 * output is that program's then. */
static int exec_in(struct box *box, const char *script)
{
    char up[3];
    ck_assert_int_eq(read(box->output, up, 3), 3);
    auto_fd int dir = open(SCRATCH, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct ctr_identity identity;
    struct err e;
    ck_assert_int_eq(ctr_identity_save(dir, "state", box->ctr.pid, &e), 0);
    ck_assert_int_eq(ctr_identity_load(dir, "state", &identity, &e), 0);
    struct spec_process process = box->spec.process;
    auto_free char *command = own_strdup(script);
    char *args[] = {(char[]){"sh"}, (char[]){"-c"}, command, NULL};
    process.args = (struct strv){.v = args, .n = 3};
    int ends[2];
    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    struct ctr_options options = {
        .stdio = {-1, ends[1], -1}
    };
    int pidfd = ctr_exec(&identity, box->spec.cgroup, &process, &options, &e);
    ck_assert_msg(pidfd >= 0, "%s", e.msg);
    close(ends[1]);
    close(box->output);
    box->output = ends[0];
    return pidfd;
}

START_TEST(lab_6_7_exec_joins_the_container)
{
    struct box box;
    char said[256];
    box_init(&box, "echo up; while :; do :; done");
    box_start(&box);
    auto_fd int pidfd = exec_in(&box, "cat /proc/sys/kernel/hostname; exit 5");
    box_read(&box, said);
    ck_assert_str_eq(said, "box\n");
    ck_assert_int_eq(proc_wait(pidfd, &box.e), 5);
    box_end(&box);
}
END_TEST

/* Seen from outside: whatever pid 1 has, the second program has, too. */
START_TEST(lab_6_7_all_its_namespaces_are_those_of_pid_1)
{
    struct box box;
    char up[3];
    box_init(&box, "echo up; while :; do :; done");
    box_start(&box);
    auto_fd int pidfd = exec_in(&box, "echo up; while :; do :; done");
    ck_assert_int_eq(read(box.output, up, 3), 3);
    auto_free char *path = text_format("/proc/self/fdinfo/%d", pidfd);
    auto_text struct text info = {0};
    ck_assert_int_gt(files_read(AT_FDCWD, path, &info, NULL), 0);
    const char *at = strstr(info.s, "Pid:");
    ck_assert_ptr_nonnull(at);
    pid_t pid = (pid_t)strtol(at + strlen("Pid:"), NULL, 10);
    ck_assert_int_ne(pid, box.ctr.pid);
    for (int kind = 0; kind < NS_COUNT; kind++)
        ck_assert_msg(ns_inode(pid, (enum ns_kind)kind) ==
                          ns_inode(box.ctr.pid, (enum ns_kind)kind),
                      "%s", ns_table[kind].file);
    ck_assert_int_eq(kill(pid, SIGKILL), 0);
    ck_assert_int_eq(proc_wait(pidfd, &box.e), 128 + SIGKILL);
    box_end(&box);
}
END_TEST

START_TEST(no_descriptor_of_ours_is_inside)
{
    struct box box;
    char said[256];
    box_init(&box, "cd /proc/self/fd && echo *");
    int leak = open("/etc/passwd", O_RDONLY); /* not close-on-exec */
    ck_assert_int_ge(leak, 0);
    box_start(&box);
    box_read(&box, said);
    ck_assert_msg(strcmp(said, "0 1 2\n") == 0 ||
                      strcmp(said, "0 1 2 3\n") == 0,
                  "%s", said);
    box_end(&box);
}
END_TEST

START_TEST(remains_of_a_dead_owner_are_removed)
{
    struct box box;
    box_init(&box, "while :; do :; done");
    char *group = own_strdup(box.spec.cgroup);
    box.options.dies_with_us = false;
    pid_t owner = fork();
    if (owner == 0) {
        box_start(&box);
        raise(SIGKILL);
    }
    ck_assert_int_eq(waitpid(owner, NULL, 0), owner);
    struct cg cg = CG_INIT;
    ck_assert_int_eq(cg_open(&cg, group, &box.e), 0);
    cg_done(&cg);
    ck_assert_msg(ctr_remove_remains(group, &box.e) == 0, "%s", box.e.msg);
    ck_assert_int_eq(cg_open(&cg, group, NULL), -ENOENT);
    ck_assert_int_eq(ctr_remove_remains(group, &box.e), 0);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, the_program_runs_and_its_exit_code_arrives);
    tcase_add_test(tc, its_namespaces_and_group_are_its_own);
    tcase_add_test(tc, nothing_runs_before_the_gate_opens);
    tcase_add_test(tc, a_missing_program_is_told_apart);
    tcase_add_test(tc, a_failing_step_is_named);
    tcase_add_test(tc, a_failure_leaves_nothing);
    tcase_add_test(tc, lab_6_5_another_process_with_the_same_pid_is_refused);
    tcase_add_test(tc, lab_6_5_the_dead_cannot_be_opened);
    tcase_add_test(tc, lab_6_5_a_thread_is_nobody);
    tcase_add_test(tc, lab_6_6_it_starts_in_its_working_directory);
    tcase_add_test(tc, lab_6_6_what_must_be_there_is_not_made);
    tcase_add_test(tc, lab_6_6_nothing_is_made_on_the_host);
    tcase_add_test(tc, lab_6_6_a_working_directory_outside_is_refused);
    tcase_add_test(tc, lab_6_7_exec_joins_the_container);
    tcase_add_test(tc, lab_6_7_all_its_namespaces_are_those_of_pid_1);
    tcase_add_test(tc, no_descriptor_of_ours_is_inside);
    tcase_add_test(tc, remains_of_a_dead_owner_are_removed);
}

int main(void)
{
    return contract_main("containers", add);
}
