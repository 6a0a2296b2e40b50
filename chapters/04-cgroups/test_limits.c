/* Limits hold, what stays below them lives, and the counters tell. */
#include "testing.h"

#include <errno.h>
#include <sched.h>
#include <sys/mount.h>

/* Where each version shows a limit, and how it spells it. */
static const struct shown {
    enum cg_controller controller;
    const char *file[2], *text[2];
} shown[] = {
    {CG_MEMORY,
     {"memory.limit_in_bytes", "memory.max"},
     {"33554432", "33554432"}                                                },
    {CG_MEMORY,
     {"memory.soft_limit_in_bytes", "memory.low"},
     {"16777216", "16777216"}                                                },
    {CG_CPU,    {"cpu.cfs_quota_us", "cpu.max"},   {"50000", "50000 200000"} },
    {CG_CPU,    {"cpu.cfs_period_us", "cpu.max"},  {"200000", "50000 200000"}},
    {CG_CPU,    {"cpu.shares", "cpu.weight"},      {"512", "20"}             },
    {CG_PIDS,   {"pids.max", "pids.max"},          {"7", "7"}                },
    {CG_CPUSET, {"cpuset.cpus", "cpuset.cpus"},    {"0", "0"}                },
};

START_TEST(lab_4_3_limits_stand_in_the_kernels_files)
{
    auto_cg struct cg cg = CG_INIT;
    struct err e;
    struct cg_limits limits = CG_LIMITS_INIT;
    testing_group(&cg, "files");
    limits.memory = 32 * TESTING_MIB;
    limits.memory_swap = 32 * TESTING_MIB;
    limits.memory_reservation = 16 * TESTING_MIB;
    limits.cpu_quota = 50000;
    limits.cpu_period = 200000;
    limits.cpu_shares = 512;
    limits.pids = 7;
    testing_needs(&cg, CG_MEMORY, "memory");
    testing_needs(&cg, CG_CPU, "cpu");
    testing_needs(&cg, CG_PIDS, "pids");
    if (cg_version(&cg, CG_CPUSET) > 0)
        snprintf(limits.cpuset_cpus, sizeof limits.cpuset_cpus, "0");
    must(cg_set_limits(&cg, &limits, &e));
    for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++) {
        int version = cg_version(&cg, shown[i].controller);
        if (version == 0)
            continue;
        auto_free char *text = testing_read(cg_dir(&cg, shown[i].controller),
                                            shown[i].file[version - 1]);
        ck_assert_str_eq(text, shown[i].text[version - 1]);
    }
    testing_end(&cg);
}
END_TEST

START_TEST(memory_can_be_lowered_and_raised_again)
{
    static const long sizes[] = {64, 16, 128, -1, 32};
    auto_cg struct cg cg = CG_INIT;
    struct err e;
    testing_group(&cg, "resized");
    testing_needs(&cg, CG_MEMORY, "memory");
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct cg_limits limits = CG_LIMITS_INIT;
        struct cg_stats stats;
        limits.memory = sizes[i] < 0 ? -1 : sizes[i] * TESTING_MIB;
        limits.memory_swap = limits.memory;
        must(cg_set_limits(&cg, &limits, &e));
        must(cg_get_stats(&cg, &stats, &e));
        ck_assert_uint_eq(stats.memory_limit_bytes,
                          sizes[i] < 0 ? UINT64_MAX : (uint64_t)limits.memory);
    }
    must(cg_destroy(&cg, &e));
}
END_TEST

/* One group with a limit of 32 MiB; how the allocation of `size` ends. */
static int allocate(struct cg *cg, long size)
{
    struct err e;
    struct cg_limits limits = CG_LIMITS_INIT;
    limits.memory = limits.memory_swap = 32 * TESTING_MIB;
    must(cg_set_limits(cg, &limits, &e));
    return testing_wait(testing_spawn(cg, testing_body_allocate, &size));
}

START_TEST(lab_4_4_dies_above_the_memory_limit_and_is_counted)
{
    auto_cg struct cg cg = CG_INIT;
    struct err e;
    struct cg_stats stats;
    testing_group(&cg, "above");
    testing_needs(&cg, CG_MEMORY, "memory");
    auto_fd int oom = cg_watch_oom(&cg, &e);
    must(oom);
    struct pollfd event = {.fd = oom, .events = POLLIN};
    must(cg_get_stats(&cg, &stats, &e));
    ck_assert_uint_eq(stats.oom_kills, 0);
    int status = allocate(&cg, 64 * TESTING_MIB);
    ck_assert(WIFSIGNALED(status));
    ck_assert_int_eq(WTERMSIG(status), SIGKILL);
    must(cg_get_stats(&cg, &stats, &e));
    ck_assert_uint_ge(stats.oom_kills, 1);
    ck_assert_int_eq(poll(&event, 1, 10000), 1);
    testing_end(&cg);
}
END_TEST

START_TEST(lab_4_4_lives_below_the_memory_limit_and_is_measured)
{
    auto_cg struct cg cg = CG_INIT;
    struct err e;
    struct cg_stats stats;
    testing_group(&cg, "below");
    testing_needs(&cg, CG_MEMORY, "memory");
    auto_fd int oom = cg_watch_oom(&cg, &e);
    must(oom);
    ck_assert_int_eq(allocate(&cg, 8 * TESTING_MIB), 0);
    must(cg_get_stats(&cg, &stats, &e));
    ck_assert_uint_eq(stats.oom_kills, 0);
    ck_assert_uint_eq(stats.memory_limit_bytes, 32 * TESTING_MIB);
    if (stats.memory_peak_bytes > 0) /* not before Linux 5.19 on v2 */
        ck_assert_uint_ge(stats.memory_peak_bytes, 8 * TESTING_MIB);
    testing_end(&cg);
}
END_TEST

/* Forks until it may not; how many children there were, or 100 if the reason
 * was another. */
static int body_fork(void *arg)
{
    (void)arg;
    for (int n = 0; n < 64; n++) {
        pid_t pid = fork();
        if (pid == 0)
            return testing_body_pause(NULL);
        if (pid < 0)
            return errno == EAGAIN ? n : 100;
    }
    return 64;
}

/* How many children a member of a group with room for `pids` can have. */
static int count_forks(const char *name, int64_t pids)
{
    auto_cg struct cg cg = CG_INIT;
    struct err e;
    struct cg_limits limits = CG_LIMITS_INIT;
    testing_group(&cg, name);
    testing_needs(&cg, CG_PIDS, "pids");
    limits.pids = pids;
    must(cg_set_limits(&cg, &limits, &e));
    int status = testing_wait(testing_spawn(&cg, body_fork, NULL));
    ck_assert(WIFEXITED(status));
    testing_end(&cg);
    return WEXITSTATUS(status);
}

START_TEST(lab_4_3_pids_allows_n_and_refuses_the_next)
{
    ck_assert_int_eq(count_forks("five", 5), 4); /* itself is the fifth */
    ck_assert_int_eq(count_forks("any", -1), 64);
}
END_TEST

START_TEST(lab_4_4_quota_throttles_and_its_absence_does_not)
{
    for (int limited = 0; limited <= 1; limited++) {
        auto_cg struct cg cg = CG_INIT;
        struct err e;
        struct cg_limits limits = CG_LIMITS_INIT;
        struct cg_stats stats;
        long milliseconds = 60;
        testing_group(&cg, limited ? "tenth" : "whole");
        testing_needs(&cg, CG_CPU, "cpu");
        if (limited) {
            limits.cpu_quota = 10000;
            limits.cpu_period = 100000;
        }
        must(cg_set_limits(&cg, &limits, &e));
        int status =
            testing_wait(testing_spawn(&cg, testing_body_burn, &milliseconds));
        ck_assert_int_eq(status, 0);
        must(cg_get_stats(&cg, &stats, &e));
        ck_assert_uint_ge(stats.cpu_ns, 50 * 1000000);
        ck_assert_int_eq(stats.throttled_periods > 0, limited);
        ck_assert_int_eq(stats.throttled_ns > 0, limited);
        testing_end(&cg);
    }
}
END_TEST

START_TEST(lab_4_4_limits_are_told_and_none_is_the_greatest_number)
{
    static const int64_t pids[] = {5, 12, -1};
    auto_cg struct cg cg = CG_INIT;
    struct err e;
    testing_group(&cg, "told");
    testing_needs(&cg, CG_PIDS, "pids");
    for (size_t i = 0; i < sizeof pids / sizeof pids[0]; i++) {
        struct cg_limits limits = CG_LIMITS_INIT;
        struct cg_stats stats;
        limits.pids = pids[i];
        must(cg_set_limits(&cg, &limits, &e));
        must(cg_get_stats(&cg, &stats, &e));
        ck_assert_uint_eq(stats.pids_limit,
                          pids[i] < 0 ? UINT64_MAX : (uint64_t)pids[i]);
    }
    testing_end(&cg);
}
END_TEST

START_TEST(lab_4_4_members_are_counted)
{
    auto_cg struct cg cg = CG_INIT;
    struct err e;
    struct cg_stats stats;
    testing_group(&cg, "counted");
    testing_needs(&cg, CG_PIDS, "pids");
    must(cg_get_stats(&cg, &stats, &e));
    ck_assert_uint_eq(stats.pids, 0);
    testing_spawn(&cg, testing_body_pause, NULL);
    testing_spawn(&cg, testing_body_pause, NULL);
    must(cg_get_stats(&cg, &stats, &e));
    ck_assert_uint_eq(stats.pids, 2);
    testing_end(&cg);
}
END_TEST

/* Runs in the group, then in a cgroup and a mount namespace of its own. */
struct look {
    const struct cg *cg;
    bool writable;
};
static int body_mount(void *arg)
{
    const struct look *look = arg;
    const struct cg *cg = look->cg;
    struct err e = {0};
    if (sys_unshare(CLONE_NEWNS | CLONE_NEWCGROUP) < 0 ||
        sys_mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        sys_mount("tmpfs", "/tmp", "tmpfs", 0, "mode=755") < 0 ||
        sys_mkdirat(AT_FDCWD, "/tmp/cg", 0755) < 0)
        return 10;
    int root = sys_openat(AT_FDCWD, "/tmp", O_PATH | O_CLOEXEC, 0);
    if (cg_mount(cg, root, "/cg", look->writable, &e) < 0) {
        fprintf(stderr, "%s\n", e.msg);
        return 11;
    }
    /* What we see is our own group: we are in its cgroup.procs. */
    bool single = cg->layout.n == 1;
    for (size_t i = 0; i < cg->layout.n; i++) {
        char path[128];
        const char *name = strrchr(cg->layout.v[i].mount, '/');
        snprintf(path, sizeof path, "/tmp/cg%s", single ? "" : name);
        int dir = sys_openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
        if (cg->dirs[i] < 0)
            continue;
        if (!testing_has_pid(dir, getpid()))
            return 12;
        if (sys_mkdirat(dir, "more", 0755) != (look->writable ? 0 : -EROFS))
            return 13;
    }
    int r = sys_mkdirat(AT_FDCWD, "/tmp/cg/more", 0755);
    return (r == -EROFS) == !look->writable ? 0 : 14;
}

static void look_from_inside(bool writable)
{
    auto_cg struct cg cg = CG_INIT;
    struct err e;
    contract_needs(geteuid() == 0, "root, to mount");
    testing_group(&cg, "seen");
    struct look look = {&cg, writable};
    int status = testing_wait(testing_spawn(&cg, body_mount, &look));
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), 0);
    must(cg_destroy(&cg, &e));
}

START_TEST(a_container_sees_its_own_group_read_only)
{
    look_from_inside(false);
}
END_TEST

START_TEST(a_privileged_one_may_make_groups_below_its_own)
{
    look_from_inside(true);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_unchecked_fixture(tc, NULL, testing_sweep);
    tcase_add_test(tc, lab_4_3_limits_stand_in_the_kernels_files);
    tcase_add_test(tc, memory_can_be_lowered_and_raised_again);
    tcase_add_test(tc, lab_4_4_dies_above_the_memory_limit_and_is_counted);
    tcase_add_test(tc, lab_4_4_lives_below_the_memory_limit_and_is_measured);
    tcase_add_test(tc, lab_4_3_pids_allows_n_and_refuses_the_next);
    tcase_add_test(tc, lab_4_4_quota_throttles_and_its_absence_does_not);
    tcase_add_test(tc, lab_4_4_limits_are_told_and_none_is_the_greatest_number);
    tcase_add_test(tc, lab_4_4_members_are_counted);
    tcase_add_test(tc, a_container_sees_its_own_group_read_only);
    tcase_add_test(tc, a_privileged_one_may_make_groups_below_its_own);
}

int main(void)
{
    return contract_main("limits and counters", add);
}
