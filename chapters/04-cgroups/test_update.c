/* A group that runs gets new limits, and its counters tell all. */
#include "cg_details.h"
#include "testing.h"

#include <errno.h>
#include <sched.h>

/* A fresh group and no limits. */
#define fresh(name)                                                            \
    struct err e = {0};                                                        \
    auto_cg struct cg cg = CG_INIT;                                            \
    struct cg_limits limits = CG_LIMITS_INIT;                                  \
    testing_group(&cg, name)

static void expect(const struct cg *cg, enum cg_controller controller,
                   const char *file, const char *text)
{
    auto_free char *there = testing_read(cg_dir(cg, controller), file);
    ck_assert_msg(strcmp(there, text) == 0, "%s: \"%s\", not \"%s\"", file,
                  there, text);
}

static bool has_file(const struct cg *cg, enum cg_controller controller,
                     const char *file)
{
    return faccessat(cg_dir(cg, controller), file, F_OK, 0) == 0;
}

/* Every way from one size to another, on the real kernel. */
START_TEST(memory_and_swap_change_in_any_direction)
{
    static const int64_t pairs[][2] = {
        {10, 10},
        {10, 30},
        {20, 20},
        {40, 90},
        {40, -1},
        {-1, -1}
    };
    enum { N = sizeof pairs / sizeof pairs[0] };
    fresh("sizes");
    testing_needs(&cg, CG_MEMORY, "memory");
    bool v1 = cg_version(&cg, CG_MEMORY) == 1;
    bool swap = has_file(
        &cg, CG_MEMORY, v1 ? "memory.memsw.limit_in_bytes" : "memory.swap.max");
    for (size_t i = 0; i < N * N * 2; i++) {
        const int64_t *to = pairs[i % 2 == 0 ? i / 2 / N : i / 2 % N];
        struct cg_details d = {0};
        limits.memory = to[0] < 0 ? -1 : to[0] * TESTING_MIB;
        limits.memory_swap = to[1] < 0 ? -1 : to[1] * TESTING_MIB;
        must(cg_set_limits(&cg, &limits, &e));
        must(cg_details_get(&cg, &d, &e));
        ck_assert_uint_eq(d.stats.memory_limit_bytes,
                          to[0] < 0 ? UINT64_MAX : (uint64_t)limits.memory);
        if (swap && to[1] > 0)
            ck_assert_uint_eq(d.swap.limit, (uint64_t)limits.memory_swap);
        else if (swap)
            ck_assert_uint_gt(d.swap.limit, INT64_MAX - 0x10000);
        cg_details_done(&d);
    }
    must(cg_destroy(&cg, &e));
}
END_TEST

START_TEST(quota_period_and_burst_change_in_any_direction)
{
    static const int64_t triples[][3] = {
        {20000,  40000,   10000},
        {90000,  100000,  80000},
        {5000,   10000,   5000 },
        {400000, 1000000, 0    }
    };
    enum { N = sizeof triples / sizeof triples[0] };
    fresh("burst");
    testing_needs(&cg, CG_CPU, "cpu");
    bool v1 = cg_version(&cg, CG_CPU) == 1;
    const char *burst = v1 ? "cpu.cfs_burst_us" : "cpu.max.burst";
    contract_needs(has_file(&cg, CG_CPU, burst), "no cpu burst here");
    for (size_t i = 0; i < N * N * 2; i++) {
        const int64_t *to = triples[i % 2 == 0 ? i / 2 / N : i / 2 % N];
        char text[64];
        limits.cpu_quota = to[0];
        limits.cpu_period = to[1];
        limits.cpu_burst = to[2];
        must(cg_set_limits(&cg, &limits, &e));
        snprintf(text, sizeof text, "%lld", (long long)to[2]);
        expect(&cg, CG_CPU, burst, text);
        snprintf(text, sizeof text, v1 ? "%lld" : "%lld %lld", (long long)to[0],
                 (long long)to[1]);
        expect(&cg, CG_CPU, v1 ? "cpu.cfs_quota_us" : "cpu.max", text);
    }
    must(cg_destroy(&cg, &e));
}
END_TEST

START_TEST(idle_and_shares_change_in_one_go)
{
    fresh("idle");
    testing_needs(&cg, CG_CPU, "cpu");
    contract_needs(has_file(&cg, CG_CPU, "cpu.idle"), "no cpu.idle here");
    limits.cpu_shares = 2048;
    limits.cpu_idle = 1;
    must(cg_set_limits(&cg, &limits, &e));
    expect(&cg, CG_CPU, "cpu.idle", "1");
    limits.cpu_idle = 0;
    limits.cpu_shares = 512;
    must(cg_set_limits(&cg, &limits, &e));
    expect(&cg, CG_CPU, "cpu.idle", "0");
    bool v1 = cg_version(&cg, CG_CPU) == 1;
    expect(&cg, CG_CPU, v1 ? "cpu.shares" : "cpu.weight", v1 ? "512" : "20");
    must(cg_destroy(&cg, &e));
}
END_TEST

/* The members are moved at once: seen from outside. */
START_TEST(a_running_member_follows_its_cpuset)
{
    fresh("follow");
    cpu_set_t set;
    testing_needs(&cg, CG_CPUSET, "cpuset");
    pid_t child = testing_spawn(&cg, testing_body_pause, NULL);
    ck_assert_int_eq(sched_getaffinity(child, sizeof set, &set), 0);
    int before = CPU_COUNT(&set);
    contract_needs(before > 1, "one processor only");
    snprintf(limits.cpuset_cpus, sizeof limits.cpuset_cpus, "0");
    must(cg_set_limits(&cg, &limits, &e));
    ck_assert_int_eq(sched_getaffinity(child, sizeof set, &set), 0);
    ck_assert_int_eq(CPU_COUNT(&set), 1);
    struct cg_details d = {0};
    must(cg_details_get(&cg, &d, &e));
    ck_assert_str_eq(d.cpuset_cpus, "0");
    cg_details_done(&d);
    must(cg_destroy(&cg, &e));
}
END_TEST

/* Touches its bytes, tells, and stays. */
static int body_hold(void *arg)
{
    int r = testing_body_allocate(arg);
    kill(getpid(), SIGSTOP);
    return r;
}

static pid_t spawn_holder(struct cg *cg, long bytes)
{
    int status;
    pid_t child = testing_spawn(cg, body_hold, &bytes);
    ck_assert_int_eq(waitpid(child, &status, WUNTRACED), child);
    ck_assert(WIFSTOPPED(status));
    return child;
}

START_TEST(memory_in_use_is_not_taken_away)
{
    fresh("held");
    testing_needs(&cg, CG_MEMORY, "memory");
    limits.memory = limits.memory_swap = 64 * TESTING_MIB;
    must(cg_set_limits(&cg, &limits, &e));
    pid_t child = spawn_holder(&cg, 16 * TESTING_MIB);
    limits.memory = limits.memory_swap = 4 * TESTING_MIB;
    limits.memory_check_before_update = true;
    ck_assert_int_eq(cg_set_limits(&cg, &limits, &e), -EBUSY);
    ck_assert_msg(strstr(e.msg, "usage") != NULL, "%s", e.msg);
    /* It lives, and under the old limit. */
    struct cg_stats stats;
    must(cg_get_stats(&cg, &stats, &e));
    ck_assert_uint_eq(stats.memory_limit_bytes, 64 * TESTING_MIB);
    ck_assert_uint_eq(stats.oom_kills, 0);
    ck_assert_int_eq(kill(child, SIGCONT), 0);
    ck_assert_int_eq(testing_wait(child), 0);
    must(cg_destroy(&cg, &e));
}
END_TEST

START_TEST(unified_is_for_v2_alone)
{
    fresh("unified");
    strv_add(&limits.unified, "memory.high=33554432");
    if (strcmp(cg_layout_name(&cg.layout), "v2") != 0) {
        ck_assert_int_lt(cg_set_limits(&cg, &limits, &e), 0);
        ck_assert(strstr(e.msg, "cannot use unified on cgroup v1") != NULL);
    } else {
        must(cg_set_limits(&cg, &limits, &e));
        expect(&cg, CG_MEMORY, "memory.high", "33554432");
        strv_add(&limits.unified, "nothing.max=1");
        ck_assert_int_lt(cg_set_limits(&cg, &limits, &e), 0);
        ck_assert_msg(strstr(e.msg, "\"nothing\" not available") != NULL, "%s",
                      e.msg);
    }
    cg_limits_done(&limits);
    must(cg_destroy(&cg, &e));
}
END_TEST

/* Each is there or is named as missing; nothing is passed over. */
START_TEST(rare_controllers_hold_or_are_named)
{
    static const struct {
        enum cg_controller controller;
        const char *name, *file[2], *text;
    } rows[] = {
        {CG_HUGETLB,
         "hugetlb",             {"hugetlb.2MB.limit_in_bytes", "hugetlb.2MB.max"},
         "4194304"                                                                          },
        {CG_NET_CLS, "net_cls", {"net_cls.classid", NULL},                         "1048577"},
    };
    fresh("rare");
    for (size_t i = 0; i < 2; i++) {
        limits = (struct cg_limits)CG_LIMITS_INIT;
        if (rows[i].controller == CG_HUGETLB)
            strv_add(&limits.hugetlb, "2MB=4194304");
        else
            limits.net_class_id = 1048577;
        int r = cg_set_limits(&cg, &limits, &e);
        int version = cg_version(&cg, rows[i].controller);
        cg_limits_done(&limits);
        if (r == -EBUSY) /* a v2 tree whose top holds processes: ours here */
            ck_assert(strstr(e.msg, "hands no controllers down") != NULL);
        else if (version == 0)
            ck_assert_msg(r == -EOPNOTSUPP && strstr(e.msg, rows[i].name),
                          "%d: %s", r, e.msg);
        else
            expect(&cg, rows[i].controller, rows[i].file[version - 1],
                   rows[i].text);
    }
    must(cg_destroy(&cg, &e));
}
END_TEST

static uint64_t find(const struct cg_entries *entries, const char *name)
{
    for (size_t i = 0; i < entries->n; i++)
        if (strcmp(entries->v[i].name, name) == 0)
            return entries->v[i].value;
    ck_abort_msg("no %s", name);
    return 0;
}

START_TEST(details_tell_what_a_member_did)
{
    fresh("details");
    long milliseconds = 40;
    testing_needs(&cg, CG_MEMORY, "memory");
    limits.memory = 64 * TESTING_MIB;
    must(cg_set_limits(&cg, &limits, &e));
    pid_t child = spawn_holder(&cg, 8 * TESTING_MIB);
    ck_assert_int_eq(
        testing_wait(testing_spawn(&cg, testing_body_burn, &milliseconds)), 0);
    auto_cg_details struct cg_details d = {0};
    must(cg_details_get(&cg, &d, &e));
    bool v1 = cg_version(&cg, CG_MEMORY) == 1;
    ck_assert_uint_ge(find(&d.memory_stat, v1 ? "rss" : "anon"),
                      8 * TESTING_MIB);
    ck_assert_uint_ge(d.memory.usage, 8 * TESTING_MIB);
    ck_assert_uint_eq(d.memory.limit, 64 * TESTING_MIB);
    ck_assert_uint_ge(d.swap.usage, d.memory.usage);
    ck_assert_uint_ge(d.stats.cpu_ns, 30 * 1000000);
    if (cg_version(&cg, CG_CPUACCT) == 1) {
        uint64_t sum = 0;
        for (size_t i = 0; i < d.cpus.n; i++)
            sum += d.cpus.v[i].ns;
        ck_assert_uint_ge(sum, 30 * 1000000);
        ck_assert_int_eq((int)d.cpus.n, (int)sysconf(_SC_NPROCESSORS_CONF));
    }
    if (!v1)
        ck_assert_uint_eq(find(&d.memory_events, "oom_kill"), 0);
    if (v1 && has_file(&cg, CG_MEMORY, "memory.kmem.usage_in_bytes"))
        ck_assert_uint_gt(d.kernel.usage, 0);
    ck_assert_int_eq(d.memory_pressure.there,
                     !v1 && has_file(&cg, CG_MEMORY, "memory.pressure"));
    kill(child, SIGKILL);
    testing_wait(child);
    must(cg_destroy(&cg, &e));
}
END_TEST

/* v1: the killer is off, so who wants too much waits. v2 knows no such wish. */
START_TEST(a_group_under_oom_waits_or_is_killed)
{
    fresh("waiting");
    testing_needs(&cg, CG_MEMORY, "memory");
    bool v1 = cg_version(&cg, CG_MEMORY) == 1;
    auto_fd int oom = cg_watch_oom(&cg, &e);
    must(oom);
    struct pollfd event = {.fd = oom, .events = POLLIN};
    long bytes = 32 * TESTING_MIB;
    struct cg_stats stats;
    limits.memory = limits.memory_swap = 8 * TESTING_MIB;
    limits.oom_kill_disable = 1;
    must(cg_set_limits(&cg, &limits, &e));
    must(cg_get_stats(&cg, &stats, &e));
    ck_assert_uint_eq(stats.under_oom, 0);
    pid_t child = testing_spawn(&cg, testing_body_allocate, &bytes);
    ck_assert_int_eq(poll(&event, 1, 10000), 1);
    if (v1) {
        must(cg_get_stats(&cg, &stats, &e));
        ck_assert_uint_eq(stats.under_oom, 1);
        ck_assert_uint_eq(stats.oom_kills, 0);
        /* More room: it goes on, and ends well. */
        limits.memory = limits.memory_swap = 64 * TESTING_MIB;
        must(cg_set_limits(&cg, &limits, &e));
    }
    int status = testing_wait(child);
    ck_assert_int_eq(WIFSIGNALED(status), !v1);
    must(cg_get_stats(&cg, &stats, &e));
    ck_assert_uint_eq(stats.under_oom, 0);
    ck_assert_int_eq(stats.oom_kills > 0, !v1);
    must(cg_destroy(&cg, &e));
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_unchecked_fixture(tc, NULL, testing_sweep);
    tcase_add_test(tc, memory_and_swap_change_in_any_direction);
    tcase_add_test(tc, quota_period_and_burst_change_in_any_direction);
    tcase_add_test(tc, idle_and_shares_change_in_one_go);
    tcase_add_test(tc, a_running_member_follows_its_cpuset);
    tcase_add_test(tc, memory_in_use_is_not_taken_away);
    tcase_add_test(tc, unified_is_for_v2_alone);
    tcase_add_test(tc, rare_controllers_hold_or_are_named);
    tcase_add_test(tc, details_tell_what_a_member_did);
    tcase_add_test(tc, a_group_under_oom_waits_or_is_killed);
}

int main(void)
{
    return contract_main("new limits and all counters", add);
}
