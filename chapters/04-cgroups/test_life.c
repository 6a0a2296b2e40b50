/* A group's life: made, adopted, joined, listed. What follows is in test_end.c.
 */
#include "cg_parts.h"
#include "testing.h"

#include <errno.h>
#include <sched.h>
#include <sys/mount.h>

START_TEST(lab_4_1_group_is_a_directory_in_every_hierarchy)
{
    auto_cg struct cg cg = CG_INIT;
    testing_group(&cg, "made");
    size_t made = 0;
    for (size_t i = 0; i < cg.layout.n; i++) {
        ck_assert_int_eq(cg.dirs[i] >= 0, testing_exists(&cg, i));
        made += cg.dirs[i] >= 0;
    }
    ck_assert_uint_gt(made, 0);
    testing_end(&cg);
}
END_TEST

START_TEST(lab_4_1_a_group_is_made_once)
{
    auto_cg struct cg cg = CG_INIT, again = CG_INIT;
    struct err e;
    testing_group(&cg, "once");
    char path[sizeof cg.path];
    memcpy(path, cg.path, sizeof path);
    ck_assert_int_eq(cg_create(&again, path, &e), -EEXIST);
    /* The refusal did not touch the group that is there. */
    for (size_t i = 0; i < cg.layout.n; i++)
        ck_assert(cg.dirs[i] < 0 || testing_exists(&cg, i));
    must(cg_open(&again, path, &e));
    testing_end(&cg);
    cg_done(&again);
    ck_assert_int_eq(cg_open(&again, path, &e), -ENOENT);
}
END_TEST

static void are_ready(const struct cg *cg)
{
    for (int c = CG_MEMORY; c <= CG_IO; c++) {
        int dir = cg_dir(cg, c), version = cg_version(cg, c);
        if (version == 2 && c != CG_CPUACCT) { /* which is part of cpu */
            auto_free char *list = testing_read(dir, "cgroup.controllers");
            ck_assert_msg(cg_has_word(list, cg_controller_name(c, 2)), "%s",
                          list);
        }
        if (version > 0 && c == CG_CPUSET) { /* or nobody could join it */
            auto_free char *cpus = testing_read(
                dir, version == 1 ? "cpuset.cpus" : "cpuset.cpus.effective");
            ck_assert_str_ne(cpus, "");
        }
    }
}

START_TEST(lab_4_1_its_controllers_are_ready)
{
    auto_cg struct cg cg = CG_INIT;
    testing_group(&cg, "ready");
    are_ready(&cg);
    testing_end(&cg);
}
END_TEST

static void have_own_mounts(void)
{
    contract_needs(geteuid() == 0, "root, to mount");
    ck_assert_int_eq(sys_unshare(CLONE_NEWNS), 0);
    ck_assert_int_eq(sys_mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL), 0);
}

/* In a mount namespace of its own v1 has lost a controller, and v2 promises it.
 */
START_TEST(lab_4_1_what_v2_does_not_hand_down_is_not_there)
{
    auto_cg struct cg cg = CG_INIT;
    struct err e;
    must(cg_detect(&cg.layout, &e));
    int v2 = cg_v2_index(&cg.layout), pids = cg.layout.where[CG_PIDS];
    have_own_mounts();
    if (v2 >= 0 && pids >= 0 && pids != v2) {
        char promise[] = "/tmp/test_life.XXXXXX";
        auto_fd int fd = mkstemp(promise);
        const char *v1 = cg.layout.v[pids].mount;
        auto_free char *file =
            text_format("%s/cgroup.controllers", cg.layout.v[v2].mount);
        ck_assert_int_eq(write(fd, "pids\n", 5), 5);
        ck_assert_int_eq(sys_umount2(v1, MNT_DETACH), 0);
        ck_assert_int_eq(sys_mount(promise, file, NULL, MS_BIND, NULL), 0);
        ck_assert_int_eq(unlink(promise), 0);
    }
    testing_group(&cg, "promised");
    are_ready(&cg);
    testing_end(&cg);
}
END_TEST

START_TEST(lab_4_1_only_who_may_takes_over_a_group)
{
    auto_cg struct cg cg = CG_INIT, again = CG_INIT;
    struct err e;
    testing_group(&cg, "taken");
    must(cg_adopt(&again, cg.path, &e));
    for (size_t i = 0; i < cg.layout.n; i++)
        ck_assert_int_eq(again.dirs[i] >= 0, cg.dirs[i] >= 0);
    testing_end(&cg);
}
END_TEST

/* In a mount namespace of its own, something lies over one hierarchy. */
START_TEST(lab_4_1_a_hierarchy_out_of_reach_is_left_out)
{
    auto_cg struct cg cg = CG_INIT;
    struct err e;
    char path[128];
    testing_path(path, getppid(), "hidden");
    must(cg_detect(&cg.layout, &e));
    have_own_mounts();
    ck_assert_int_eq(
        sys_mount("t", cg.layout.v[0].mount, "tmpfs", MS_RDONLY, NULL), 0);
    bool alone = cg.layout.n == 1;
    int r = cg_create(&cg, path, &e);
    ck_assert_msg(r == (alone ? -EACCES : 0), "%d: %s", r, e.msg);
    ck_assert_int_eq(cg.dirs[0], -1);
    testing_end(&cg);
}
END_TEST

START_TEST(a_group_is_adopted_if_nobody_is_in_it)
{
    auto_cg struct cg cg = CG_INIT, again = CG_INIT;
    struct err e;
    testing_group(&cg, "there");
    must(cg_adopt(&again, cg.path, &e));
    for (size_t i = 0; i < cg.layout.n; i++)
        ck_assert_int_eq(again.dirs[i] >= 0, cg.dirs[i] >= 0);
    cg_done(&again);
    pid_t child = testing_spawn(&cg, testing_body_pause, NULL);
    ck_assert_int_eq(cg_adopt(&again, cg.path, &e), -EEXIST);
    ck_assert(strstr(e.msg, "is not empty") != NULL);
    ck_assert_int_eq(kill(child, 0), 0);
    kill(child, SIGKILL);
    testing_wait(child);
    must(cg_freeze(&cg, &e));
    ck_assert_int_eq(cg_adopt(&again, cg.path, &e), -EEXIST);
    ck_assert(strstr(e.msg, "frozen") != NULL);
    must(cg_destroy(&cg, &e));
}
END_TEST

START_TEST(paths_stay_below_the_mount)
{
    static const char *const bad[] = {"",      "/",         "..",
                                      "../up", "a/../../b", "./a"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        auto_cg struct cg cg = CG_INIT;
        struct err e;
        ck_assert_int_eq(cg_create(&cg, bad[i], &e), -EINVAL);
        ck_assert_int_eq(cg_open(&cg, bad[i], &e), -EINVAL);
    }
}
END_TEST

START_TEST(lab_4_2_join_moves_the_caller_and_nobody_else)
{
    auto_cg struct cg cg = CG_INIT, other = CG_INIT;
    testing_group(&cg, "joined");
    testing_group(&other, "empty");
    pid_t child = testing_spawn(&cg, testing_body_pause, NULL);
    for (size_t i = 0; i < cg.layout.n; i++) {
        if (cg.dirs[i] < 0)
            continue;
        ck_assert_msg(testing_has_pid(cg.dirs[i], child), "not in %s",
                      cg.layout.v[i].mount);
        ck_assert(!testing_has_pid(cg.dirs[i], getpid()));
        ck_assert(!testing_has_pid(other.dirs[i], child));
    }
    kill(child, SIGKILL);
    testing_wait(child);
    testing_end(&cg);
    testing_end(&other);
}
END_TEST

/* Without CLONE_INTO_CGROUP, cg_join alone must do. */
START_TEST(lab_4_2_join_works_without_clone_into_cgroup)
{
    auto_cg struct cg cg = CG_INIT;
    testing_group(&cg, "plain");
    pid_t child = fork();
    if (child == 0)
        _exit(cg_join(&cg, NULL) == 0 ? testing_body_pause(NULL) : 1);
    /* The group lists it as soon as it has joined. */
    for (size_t i = 0; i < cg.layout.n; i++)
        while (cg.dirs[i] >= 0 && !testing_has_pid(cg.dirs[i], child)) {
            ck_assert_int_eq(waitpid(child, NULL, WNOHANG), 0);
            sched_yield();
        }
    kill(child, SIGKILL);
    testing_wait(child);
    testing_end(&cg);
}
END_TEST

START_TEST(another_process_can_be_moved)
{
    auto_cg struct cg from = CG_INIT, to = CG_INIT;
    struct err e;
    testing_group(&from, "from");
    testing_group(&to, "to");
    pid_t child = testing_spawn(&from, testing_body_pause, NULL);
    must(cg_join_pid(&to, child, &e));
    pid_t *pids = NULL;
    size_t n = 0;
    must(cg_list_pids(&to, &pids, &n, &e));
    ck_assert_uint_eq(n, 1);
    ck_assert_int_eq(pids[0], child);
    free(pids);
    pids = NULL;
    must(cg_list_pids(&from, &pids, &n, &e));
    ck_assert_uint_eq(n, 0);
    free(pids);
    must(cg_destroy(&to, &e));
    ck_assert_int_eq(WTERMSIG(testing_wait(child)), SIGKILL);
    must(cg_destroy(&from, &e));
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_unchecked_fixture(tc, NULL, testing_sweep);
    tcase_add_test(tc, lab_4_1_group_is_a_directory_in_every_hierarchy);
    tcase_add_test(tc, lab_4_1_a_group_is_made_once);
    tcase_add_test(tc, lab_4_1_its_controllers_are_ready);
    tcase_add_test(tc, lab_4_1_what_v2_does_not_hand_down_is_not_there);
    tcase_add_test(tc, lab_4_1_only_who_may_takes_over_a_group);
    tcase_add_test(tc, lab_4_1_a_hierarchy_out_of_reach_is_left_out);
    tcase_add_test(tc, a_group_is_adopted_if_nobody_is_in_it);
    tcase_add_test(tc, paths_stay_below_the_mount);
    tcase_add_test(tc, lab_4_2_join_moves_the_caller_and_nobody_else);
    tcase_add_test(tc, lab_4_2_join_works_without_clone_into_cgroup);
    tcase_add_test(tc, another_process_can_be_moved);
}

int main(void)
{
    return contract_main("a group's life", add);
}
