/* A group's end: frozen, thawed, killed, removed. */
#include "cg_parts.h"
#include "testing.h"

#include <errno.h>
#include <sched.h>

/* Counts in shared memory for as long as it may run. */
static int body_count(void *arg)
{
    volatile uint64_t *counter = arg;
    while (++*counter > 0)
        continue;
    return 0;
}

START_TEST(lab_4_5_frozen_is_not_running_and_thawed_is)
{
    auto_cg struct cg cg = CG_INIT;
    struct err e;
    testing_group(&cg, "frozen");
    testing_needs(&cg, CG_FREEZER, "freezer");
    volatile uint64_t *counter = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t child = testing_spawn(&cg, body_count, (void *)(uintptr_t)counter);
    while (*counter == 0)
        sched_yield();
    must(cg_freeze(&cg, &e));
    uint64_t before = *counter;
    testing_burn(100);
    ck_assert_uint_eq(*counter, before);
    must(cg_thaw(&cg, &e));
    while (*counter == before)
        sched_yield();
    kill(child, SIGKILL);
    testing_wait(child);
    testing_end(&cg);
}
END_TEST

START_TEST(lab_4_5_freezing_twice_and_thawing_twice_is_no_error)
{
    auto_cg struct cg cg = CG_INIT;
    struct err e;
    testing_group(&cg, "twice");
    testing_needs(&cg, CG_FREEZER, "freezer");
    bool v1 = cg_version(&cg, CG_FREEZER) == 1;
    const char *file = v1 ? "freezer.state" : "cgroup.freeze";
    pid_t child = testing_spawn(&cg, testing_body_pause, NULL);
    for (int frozen = 1; frozen >= 0; frozen--)
        for (int again = 0; again < 2; again++) {
            must(frozen ? cg_freeze(&cg, &e) : cg_thaw(&cg, &e));
            auto_free char *state = testing_read(cg_dir(&cg, CG_FREEZER), file);
            ck_assert_str_eq(state, v1       ? frozen ? "FROZEN" : "THAWED"
                                    : frozen ? "1"
                                             : "0");
        }
    kill(child, SIGKILL);
    testing_wait(child);
    testing_end(&cg);
}
END_TEST

/* v2 tells of the end by an event; it has no freezer to be without. */
START_TEST(lab_4_5_it_is_so_when_the_call_returns)
{
    auto_cg struct cg cg = CG_INIT;
    struct err e;
    pid_t children[8];
    testing_group(&cg, "at-once");
    int v2 = cg_v2_index(&cg.layout);
    if (v2 >= 0 && cg.dirs[v2] >= 0)
        cg.layout.where[CG_FREEZER] = (int8_t)v2;
    testing_needs(&cg, CG_FREEZER, "freezer");
    bool v1 = cg_version(&cg, CG_FREEZER) == 1;
    volatile uint64_t *counter = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    for (int i = 0; i < 8; i++)
        children[i] =
            testing_spawn(&cg, body_count, (void *)(uintptr_t)counter);
    for (int round = 0; round < 20; round++) {
        must(round % 2 == 0 ? cg_freeze(&cg, &e) : cg_thaw(&cg, &e));
        auto_free char *state = testing_read(
            cg_dir(&cg, CG_FREEZER), v1 ? "freezer.state" : "cgroup.events");
        ck_assert_msg(strstr(state, round % 2 == 0 ? v1 ? "FROZEN" : "frozen 1"
                                    : v1           ? "THAWED"
                                                   : "frozen 0") != NULL,
                      "%s", state);
    }
    for (int i = 0; i < 8; i++) {
        kill(children[i], SIGKILL);
        testing_wait(children[i]);
    }
    testing_end(&cg);
}
END_TEST

/* A child with children of its own. */
static int body_family(void *arg)
{
    for (int i = 0; i < 3; i++)
        if (fork() == 0)
            return testing_body_pause(NULL);
    ssize_t n = write(*(const int *)arg, "x", 1);
    return n == 1 ? testing_body_pause(NULL) : 1;
}

/* More than are killed at once, none of whom dies with the first. */
static int body_crowd(void *arg)
{
    for (int i = 0; i < 80; i++)
        if (fork() == 0)
            for (;;)
                pause();
    return write(*(const int *)arg, "x", 1) == 1 ? testing_body_pause(NULL) : 1;
}

START_TEST(lab_4_6_kill_ends_all_and_only_the_members)
{
    auto_cg struct cg cg = CG_INIT, other = CG_INIT;
    struct err e;
    testing_group(&cg, "killed");
    testing_group(&other, "spared");
    int ready[2];
    ck_assert_int_eq(pipe2(ready, O_CLOEXEC), 0);
    char byte;
    pid_t child = testing_spawn(&cg, body_family, &ready[1]);
    pid_t spared = testing_spawn(&other, testing_body_pause, NULL);
    ck_assert_int_eq((int)read(ready[0], &byte, 1), 1);
    pid_t *pids = NULL;
    size_t n = 0;
    must(cg_list_pids(&cg, &pids, &n, &e));
    ck_assert_uint_eq(n, 4);
    free(pids);
    must(cg_kill(&cg, &e));
    int status = testing_wait(child);
    ck_assert(WIFSIGNALED(status));
    ck_assert_int_eq(WTERMSIG(status), SIGKILL);
    pids = NULL;
    must(cg_list_pids(&cg, &pids, &n, &e));
    ck_assert_uint_eq(n, 0);
    free(pids);
    ck_assert_int_eq(waitpid(spared, NULL, WNOHANG), 0);
    ck_assert(testing_has_pid(other.dirs[0], spared));
    kill(spared, SIGKILL);
    testing_wait(spared);
    testing_end(&cg);
    testing_end(&other);
}
END_TEST

START_TEST(lab_4_6_frozen_processes_are_killed_too)
{
    auto_cg struct cg cg = CG_INIT;
    struct err e;
    testing_group(&cg, "iced");
    testing_needs(&cg, CG_FREEZER, "freezer");
    pid_t child = testing_spawn(&cg, testing_body_pause, NULL);
    must(cg_freeze(&cg, &e));
    must(cg_kill(&cg, &e));
    ck_assert_int_eq(WTERMSIG(testing_wait(child)), SIGKILL);
    testing_end(&cg);
}
END_TEST

/* Every process forks as fast as it can and none ever waits. They end by
 * themselves when the test does: its end of the pipe is closed then. */
static int body_bomb(void *arg)
{
    const int *leash = arg;
    char byte;
    signal(SIGCHLD, SIG_IGN);
    close(leash[1]);
    while (read(leash[0], &byte, 1) < 0)
        if (fork() < 0)
            sched_yield();
    return 0;
}

/* As somebody else: there it would wait for an end that nobody brings about. */
START_TEST(lab_4_6_who_may_not_be_killed_is_not_waited_for)
{
    enum { SOMEBODY = 12345 };
    auto_cg struct cg cg = CG_INIT;
    struct err e = {0};
    testing_group(&cg, "refused");
    contract_needs(geteuid() == 0, "root, to become somebody else");
    pid_t member = testing_spawn(&cg, testing_body_pause, NULL);
    pid_t other = fork();
    if (other == 0)
        _exit(setresuid(SOMEBODY, SOMEBODY, SOMEBODY) < 0 ||
              cg_kill(&cg, &e) != -EPERM ||
              strstr(e.msg, "Operation not permitted") == NULL);
    ck_assert_int_eq(testing_wait(other), 0);
    ck_assert_int_eq(kill(member, 0), 0);
    must(cg_kill(&cg, &e));
    testing_wait(member);
    testing_end(&cg);
}
END_TEST

START_TEST(lab_4_6_kill_outruns_a_fork_bomb)
{
    auto_cg struct cg cg = CG_INIT;
    struct err e;
    struct cg_limits limits = CG_LIMITS_INIT;
    int leash[2];
    ck_assert_int_eq(pipe2(leash, O_CLOEXEC | O_NONBLOCK), 0);
    testing_group(&cg, "bomb");
    testing_needs(&cg, CG_PIDS, "pids");
    limits.pids = 50;
    must(cg_set_limits(&cg, &limits, &e));
    pid_t child = testing_spawn(&cg, body_bomb, leash);
    for (int members = 0; members < 50;) {
        auto_free char *number =
            testing_read(cg_dir(&cg, CG_PIDS), "pids.current");
        members = (int)strtol(number, NULL, 10);
    }
    must(cg_kill(&cg, &e));
    ck_assert_int_eq(WTERMSIG(testing_wait(child)), SIGKILL);
    testing_end(&cg);
}
END_TEST

/* As if all trees but one were out of reach: where that is v1's, one by one. */
START_TEST(lab_4_6_a_crowd_ends_without_cgroup_kill)
{
    auto_cg struct cg cg = CG_INIT;
    struct err e;
    int ready[2];
    char byte;
    ck_assert_int_eq(pipe2(ready, O_CLOEXEC), 0);
    testing_group(&cg, "crowd");
    testing_needs(&cg, CG_PIDS, "pids");
    pid_t child = testing_spawn(&cg, body_crowd, &ready[1]);
    ck_assert_int_eq((int)read(ready[0], &byte, 1), 1);
    struct cg seen = cg;
    for (int i = 0; i < (int)cg.layout.n; i++)
        if (i != cg.layout.where[CG_PIDS])
            seen.dirs[i] = -1;
    must(cg_kill(&seen, &e));
    ck_assert_int_eq(WTERMSIG(testing_wait(child)), SIGKILL);
    auto_free char *left = testing_read(cg_dir(&cg, CG_PIDS), "cgroup.procs");
    ck_assert_str_eq(left, "");
    testing_end(&cg);
}
END_TEST

/* A group below the container's own, as systemd inside it would make one. */
static void make_below(const struct cg *cg, pid_t member)
{
    struct err e;
    int dir = cg_dir(cg, CG_PIDS);
    char number[16];
    snprintf(number, sizeof number, "%d", (int)member);
    must(files_mkdirs(dir, "made/inside", 0755, &e));
    must(files_write(dir, "made/inside/cgroup.procs", number, &e));
}

START_TEST(lab_4_7_destroy_takes_all_below_and_nothing_above)
{
    auto_cg struct cg cg = CG_INIT;
    struct err e;
    testing_group(&cg, "ended");
    testing_needs(&cg, CG_PIDS, "pids");
    pid_t child = testing_spawn(&cg, testing_body_pause, NULL);
    pid_t below = testing_spawn(&cg, testing_body_pause, NULL);
    make_below(&cg, below);
    pid_t *pids = NULL;
    size_t n = 0;
    must(cg_list_pids(&cg, &pids, &n, &e));
    ck_assert_uint_eq(n, 2);
    free(pids);
    must(cg_destroy(&cg, &e));
    ck_assert_int_eq(WTERMSIG(testing_wait(child)), SIGKILL);
    ck_assert_int_eq(WTERMSIG(testing_wait(below)), SIGKILL);
    for (size_t i = 0; i < cg.layout.n; i++) {
        ck_assert_int_eq(cg.dirs[i], -1);
        ck_assert(!testing_exists(&cg, i));
    }
    /* The group that held this one, and that we did not ask about, stays. */
    auto_cg struct cg above = CG_INIT;
    char path[128];
    testing_path(path, getppid(), "");
    must(cg_open(&above, path, &e));
    must(cg_destroy(&cg, &e)); /* again: nothing to do is no error */
}
END_TEST

START_TEST(lab_4_7_a_half_made_group_and_none_at_all_are_destroyed)
{
    auto_cg struct cg cg = CG_INIT, none = CG_INIT;
    struct err e;
    must(cg_destroy(&none, &e));
    testing_group(&cg, "half");
    /* As if somebody had removed one directory already. */
    char path[384];
    size_t i = 0;
    while (cg.dirs[i] < 0)
        i++;
    snprintf(path, sizeof path, "%s/%s", cg.layout.v[i].mount, cg.path);
    ck_assert_int_eq(rmdir(path), 0);
    must(cg_destroy(&cg, &e));
    for (i = 0; i < cg.layout.n; i++)
        ck_assert(!testing_exists(&cg, i));
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_unchecked_fixture(tc, NULL, testing_sweep);
    tcase_add_test(tc, lab_4_5_frozen_is_not_running_and_thawed_is);
    tcase_add_test(tc, lab_4_5_freezing_twice_and_thawing_twice_is_no_error);
    tcase_add_test(tc, lab_4_5_it_is_so_when_the_call_returns);
    tcase_add_test(tc, lab_4_6_kill_ends_all_and_only_the_members);
    tcase_add_test(tc, lab_4_6_frozen_processes_are_killed_too);
    tcase_add_test(tc, lab_4_6_who_may_not_be_killed_is_not_waited_for);
    tcase_add_test(tc, lab_4_6_kill_outruns_a_fork_bomb);
    tcase_add_test(tc, lab_4_6_a_crowd_ends_without_cgroup_kill);
    tcase_add_test(tc, lab_4_7_destroy_takes_all_below_and_nothing_above);
    tcase_add_test(tc, lab_4_7_a_half_made_group_and_none_at_all_are_destroyed);
}

int main(void)
{
    return contract_main("a group's end", add);
}
