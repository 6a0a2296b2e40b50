/* The contract on both versions, whichever this machine has: groups that are
 * plain directories with the kernel's file names in them. What the kernel makes
 * of such words the other tests show, where it has the controllers. */
#include "testing.h"

static char place[] = "/tmp/test_versions.XXXXXX";

static void make_place(void)
{
    ck_assert(mkdtemp(place) != NULL);
}

static void remove_place(void)
{
    ck_assert_int_eq(files_remove_tree(AT_FDCWD, place, NULL), 0);
}

static void put(const struct cg *cg, const char *file, const char *text)
{
    auto_fd int fd = openat(cg->dirs[0], file,
                            O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
}

static void has(const struct cg *cg, const char *file, const char *text)
{
    auto_free char *now = testing_read(cg->dirs[0], file);
    ck_assert_msg(strcmp(now, text) == 0, "%s: \"%s\", not \"%s\"", file, now,
                  text);
}

/* All controllers of one version, in one directory. */
static void make_group(struct cg *cg, int version)
{
    char own[sizeof place + 16];
    snprintf(own, sizeof own, "%s/v%d.XXXXXX", place, version);
    ck_assert(mkdtemp(own) != NULL);
    *cg = (struct cg)CG_INIT;
    cg->layout.n = 1;
    cg->layout.v[0].version = version;
    snprintf(cg->layout.v[0].mount, sizeof cg->layout.v[0].mount, "%s", own);
    cg->dirs[0] = open(own, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ck_assert_int_ge(cg->dirs[0], 0);
}

START_TEST(lab_4_2_each_version_has_its_file)
{
    auto_cg struct cg v1 = CG_INIT, v2 = CG_INIT;
    struct err e = {0};
    make_group(&v1, 1);
    make_group(&v2, 2);
    ck_assert_int_eq(cg_join(&v1, &e), -ENOENT); /* nothing to write to */
    ck_assert_msg(strstr(e.msg, v1.layout.v[0].mount) != NULL, "%s", e.msg);
    ck_assert_int_eq(cg_join(&v2, &e), -ENOENT);
    put(&v1, "tasks", "");
    put(&v1, "cgroup.procs", "");
    put(&v2, "cgroup.procs", "");
    must(cg_join(&v1, &e));
    must(cg_join(&v2, &e));
    auto_free char *written = testing_read(v2.dirs[0], "cgroup.procs");
    ck_assert_msg(strcmp(written, "0") == 0 ||
                      strtol(written, NULL, 10) == getpid(),
                  "it wrote \"%s\"", written);
}
END_TEST

START_TEST(lab_4_3_limits_of_v1)
{
    auto_cg struct cg cg = CG_INIT;
    struct err e = {0};
    struct cg_limits limits = CG_LIMITS_INIT;
    make_group(&cg, 1);
    put(&cg, "memory.limit_in_bytes", "");
    put(&cg, "cpu.cfs_quota_us", "");
    put(&cg, "cpu.cfs_period_us", "as it was");
    put(&cg, "pids.max", "");
    limits.memory = limits.memory_swap = 4096; /* there is no file for swap */
    limits.cpu_quota = 1000;
    limits.pids = -1;
    must(cg_set_limits(&cg, &limits, &e));
    has(&cg, "memory.limit_in_bytes", "4096");
    has(&cg, "cpu.cfs_quota_us", "1000");
    has(&cg, "cpu.cfs_period_us", "as it was");
    has(&cg, "pids.max", "max");
}
END_TEST

START_TEST(lab_4_3_limits_of_v2)
{
    auto_cg struct cg cg = CG_INIT;
    struct err e = {0};
    struct cg_limits limits = CG_LIMITS_INIT;
    make_group(&cg, 2);
    put(&cg, "memory.max", "");
    put(&cg, "cpu.max", "");
    put(&cg, "cpu.weight", "as it was");
    limits.memory = limits.memory_swap = 4096;
    limits.cpu_quota = 1000;
    limits.cpu_period = 5000;
    limits.memory_kernel = 1; /* v1's alone: passed over */
    must(cg_set_limits(&cg, &limits, &e));
    has(&cg, "memory.max", "4096");
    has(&cg, "cpu.max", "1000 5000");
    has(&cg, "cpu.weight", "as it was");
}
END_TEST

START_TEST(lab_4_3_what_cannot_be_limited_is_named)
{
    auto_cg struct cg cg = CG_INIT;
    struct err e = {0};
    struct cg_limits limits = CG_LIMITS_INIT;
    make_group(&cg, 2);
    limits.pids = 7;
    ck_assert_int_eq(cg_set_limits(&cg, &limits, &e), -ENOENT);
    ck_assert_msg(strstr(e.msg, "pids.max") != NULL, "%s", e.msg);
    cg.layout.where[CG_PIDS] = -1;
    ck_assert_int_eq(cg_set_limits(&cg, &limits, &e), -EOPNOTSUPP);
    ck_assert_msg(strstr(e.msg, "pids") != NULL, "%s", e.msg);
    /* A file that v2 does not have, for who asks strictly. */
    limits.pids = CG_UNSET;
    limits.memory_kernel = 1;
    limits.strict = true;
    ck_assert_int_eq(cg_set_limits(&cg, &limits, &e), -EOPNOTSUPP);
}
END_TEST

START_TEST(lab_4_4_counters_of_v1)
{
    auto_cg struct cg cg = CG_INIT;
    struct err e = {0};
    struct cg_stats stats;
    make_group(&cg, 1);
    put(&cg, "memory.usage_in_bytes", "8192\n");
    put(&cg, "memory.oom_control",
        "oom_kill_disable 0\nunder_oom 1\n"
        "oom_kill 3\n");
    put(&cg, "cpu.stat", "nr_periods 5\nnr_throttled 2\nthrottled_time 7\n");
    put(&cg, "pids.current", "4\n");
    cg.layout.where[CG_CPUACCT] = -1; /* it counts nothing, the others do */
    must(cg_get_stats(&cg, &stats, &e));
    ck_assert_uint_eq(stats.memory_bytes, 8192);
    ck_assert_uint_eq(stats.memory_peak_bytes, 0);
    ck_assert_uint_eq(stats.oom_kills, 3);
    ck_assert_uint_eq(stats.under_oom, 1);
    ck_assert_uint_eq(stats.cpu_ns, 0);
    ck_assert_uint_eq(stats.throttled_ns, 7);
    ck_assert_uint_eq(stats.pids, 4);
}
END_TEST

START_TEST(lab_4_4_counters_of_v2)
{
    auto_cg struct cg cg = CG_INIT;
    struct err e = {0};
    struct cg_stats stats;
    make_group(&cg, 2);
    put(&cg, "memory.current", "8192\n");
    put(&cg, "memory.max", "max\n");
    put(&cg, "memory.events", "low 0\noom 1\noom_kill 3\n");
    put(&cg, "cpu.stat", "usage_usec 9\nuser_usec 6\nsystem_usec 3\n");
    put(&cg, "pids.current", "4\n");
    put(&cg, "io.stat", "8:0 rbytes=10 wbytes=20\n8:16 rbytes=1 wbytes=2\n");
    must(cg_get_stats(&cg, &stats, &e));
    ck_assert_uint_eq(stats.memory_bytes, 8192);
    ck_assert_uint_eq(stats.memory_limit_bytes, UINT64_MAX);
    ck_assert_uint_eq(stats.oom_kills, 3);
    ck_assert_uint_eq(stats.cpu_ns, 9000);
    ck_assert_uint_eq(stats.pids, 4);
    ck_assert_uint_eq(stats.io_read_bytes, 11);
    ck_assert_uint_eq(stats.io_write_bytes, 22);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_unchecked_fixture(tc, make_place, remove_place);
    tcase_add_test(tc, lab_4_2_each_version_has_its_file);
    tcase_add_test(tc, lab_4_3_limits_of_v1);
    tcase_add_test(tc, lab_4_3_limits_of_v2);
    tcase_add_test(tc, lab_4_3_what_cannot_be_limited_is_named);
    tcase_add_test(tc, lab_4_4_counters_of_v1);
    tcase_add_test(tc, lab_4_4_counters_of_v2);
}

int main(void)
{
    return contract_main("both versions", add);
}
