/* All counters, from files that look as the kernel's do: a directory of ours in
 * place of a group. */
#include "cg_details.h"
#include "faking.h"

#include "files.h"
#include "sys.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

struct file {
    const char *name, *text;
};

/* clang-format off */
static const struct file v1_files[] = {
    {"memory.usage_in_bytes", "1000\n"},
    {"memory.max_usage_in_bytes", "2000\n"},
    {"memory.limit_in_bytes", "9223372036854771712\n"},
    {"memory.failcnt", "3\n"},
    {"memory.memsw.usage_in_bytes", "1500\n"},
    {"memory.memsw.max_usage_in_bytes", "2500\n"},
    {"memory.memsw.limit_in_bytes", "4096\n"},
    {"memory.memsw.failcnt", "4\n"},
    {"memory.kmem.usage_in_bytes", "70\n"},
    {"memory.kmem.limit_in_bytes", "9223372036854771712\n"},
    {"memory.kmem.tcp.usage_in_bytes", "80\n"},
    {"memory.stat", "cache 55\nrss 66\nhierarchical_memory_limit "
                    "9223372036854771712\ntotal_inactive_file 5\n"},
    {"memory.oom_control", "oom_kill_disable 0\nunder_oom 1\noom_kill 2\n"},
    {"cpuacct.usage", "300\n"},
    {"cpuacct.usage_all", "cpu user system\n0 10 20\n1 30 40\n"},
    {"cpuacct.usage_percpu", "100 200 \n"},
    {"cpu.stat", "nr_periods 9\nnr_throttled 8\nthrottled_time 7\n"},
    {"blkio.throttle.io_service_bytes_recursive",
     "8:0 Read 10\n8:0 Write 20\n8:16 Total 30\nTotal 60\n"},
    {"blkio.throttle.io_serviced_recursive", "8:0 Read 1\nTotal 1\n"},
    {"hugetlb.2MB.usage_in_bytes", "1\n"},
    {"hugetlb.2MB.max_usage_in_bytes", "2\n"},
    {"hugetlb.2MB.failcnt", "3\n"},
    {"hugetlb.1GB.usage_in_bytes", "0\n"},
    {"hugetlb.1GB.rsvd.usage_in_bytes", "11\n"},
    {"hugetlb.1GB.rsvd.max_usage_in_bytes", "12\n"},
    {"hugetlb.1GB.rsvd.failcnt", "13\n"},
    {"cpuset.cpus", "0-3,5\n"},
    {"cpuset.mems", "0\n"},
    {"cpuset.sched_load_balance", "1\n"},
    {"cpuset.sched_relax_domain_level", "-1\n"},
    {NULL, NULL},
};

static const struct file v2_files[] = {
    {"memory.current", "1000\n"},
    {"memory.peak", "2000\n"},
    {"memory.max", "max\n"},
    {"memory.events", "low 0\nhigh 1\nmax 5\noom 3\noom_kill 2\n"},
    {"memory.swap.current", "500\n"},
    {"memory.swap.max", "4096\n"},
    {"memory.stat", "anon 66\nfile 55\ninactive_file 5\n"},
    {"memory.pressure", "some avg10=1.50 avg60=0.25 avg300=0.00 total=77\n"
                        "full avg10=0.50 avg60=0.00 avg300=0.00 total=44\n"},
    {"cpu.pressure", "some avg10=0.00 avg60=0.00 avg300=12.34 total=5\n"},
    {"cpu.stat", "usage_usec 300\nuser_usec 200\nsystem_usec 100\n"
                 "nr_periods 9\nnr_throttled 8\nthrottled_usec 7\n"},
    {"io.stat", "8:0 rbytes=10 wbytes=20 rios=1 wios=2 dbytes=3 dios=4\n"
                "8:16 \n"},
    {"hugetlb.2MB.current", "1\n"},
    {"hugetlb.2MB.events", "max 3\n"},
    {"cpuset.cpus.effective", "0-1\n"},
    {NULL, NULL},
};
/* clang-format on */

static char path[32];
static int dir = -1;

static void fill(const struct file files[])
{
    for (; files->name != NULL; files++)
        assert_int_equal(files_replace(dir, files->name, files->text,
                                       strlen(files->text), 0, NULL),
                         0);
}

static int make_directory(void **state)
{
    (void)state;
    snprintf(path, sizeof path, "/tmp/unit-details-XXXXXX");
    if (mkdtemp(path) == NULL)
        return -1;
    dir = sys_openat(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    return dir < 0 ? -1 : 0;
}

static int remove_directory(void **state)
{
    (void)state;
    close(dir);
    return files_remove_tree(AT_FDCWD, path, NULL);
}

static void get(struct cg cg, struct cg_details *d)
{
    struct err e = {0};
    for (size_t i = 0; i < cg.layout.n; i++)
        cg.dirs[i] = dir;
    if (cg_details_get(&cg, d, &e) < 0)
        fail_msg("%s", e.msg);
}

static uint64_t find(const struct cg_entries *entries, const char *name)
{
    for (size_t i = 0; i < entries->n; i++)
        if (strcmp(entries->v[i].name, name) == 0)
            return entries->v[i].value;
    fail_msg("no %s", name);
    return 0;
}

static void assert_memory(const struct cg_memory *m, uint64_t usage,
                          uint64_t max_usage, uint64_t limit, uint64_t failures)
{
    assert_int_equal(m->usage, usage);
    assert_int_equal(m->max_usage, max_usage);
    assert_int_equal(m->limit, limit);
    assert_int_equal(m->failures, failures);
}

static void assert_io(const struct cg_io *io, unsigned int minor,
                      const char *op, uint64_t value)
{
    assert_int_equal(io->major, 8);
    assert_int_equal(io->minor, minor);
    assert_string_equal(io->op, op);
    assert_int_equal(io->value, value);
}

static const struct cg_huge *find_huge(const struct cg_details *d,
                                       const char *size)
{
    for (size_t i = 0; i < d->huge.n; i++)
        if (strcmp(d->huge.v[i].size, size) == 0)
            return &d->huge.v[i];
    fail_msg("no %s", size);
    return NULL;
}

#define UNLIMITED UINT64_C(9223372036854771712)

static void memory_on_v1(void **state)
{
    (void)state;
    auto_cg_details struct cg_details d = {0};
    fill(v1_files);
    get(faking_on_v1(), &d);
    assert_memory(&d.memory, 1000, 2000, UNLIMITED, 3);
    assert_memory(&d.swap, 1500, 2500, 4096, 4);
    assert_memory(&d.kernel, 70, 0, UNLIMITED, 0);
    assert_memory(&d.tcp, 80, 0, 0, 0);
    assert_int_equal(d.memory_cache, 55);
    assert_int_equal(d.memory_stat.n, 4);
    assert_int_equal(find(&d.memory_stat, "rss"), 66);
    assert_int_equal(find(&d.memory_stat, "hierarchical_memory_limit"),
                     UNLIMITED);
    assert_int_equal(d.memory_events.n, 0);
    assert_false(d.memory_pressure.there);
    assert_int_equal(d.stats.memory_limit_bytes, UINT64_MAX);
    assert_int_equal(d.stats.under_oom, 1);
    assert_int_equal(d.stats.oom_kills, 2);
}

static void the_rest_on_v1(void **state)
{
    (void)state;
    auto_cg_details struct cg_details d = {0};
    fill(v1_files);
    get(faking_on_v1(), &d);
    assert_int_equal(d.cpus.n, 2);
    assert_int_equal(d.cpus.v[0].ns, 100);
    assert_int_equal(d.cpus.v[1].ns, 200);
    assert_int_equal(d.cpus.v[1].user_ns, 30);
    assert_int_equal(d.cpus.v[1].system_ns, 40);
    assert_int_equal(d.stats.periods, 9);
    assert_int_equal(d.io_bytes.n, 3);
    assert_io(&d.io_bytes.v[1], 0, "Write", 20);
    assert_io(&d.io_bytes.v[2], 16, "Total", 30);
    assert_int_equal(d.io_operations.n, 1);
    assert_int_equal(d.huge.n, 2);
    assert_memory(&find_huge(&d, "2MB")->bytes, 1, 2, 0, 3);
    assert_memory(&find_huge(&d, "1GB")->bytes, 11, 12, 0, 13);
    assert_string_equal(d.cpuset_cpus, "0-3,5");
    assert_string_equal(d.cpuset_mems, "0");
    assert_int_equal(find(&d.cpuset, "sched_load_balance"), 1);
    assert_true((int64_t)find(&d.cpuset, "sched_relax_domain_level") == -1);
}

static void all_on_v2(void **state)
{
    (void)state;
    auto_cg_details struct cg_details d = {0};
    fill(v2_files);
    get(faking_on_v2(), &d);
    assert_memory(&d.memory, 1000, 2000, UINT64_MAX, 5);
    assert_memory(&d.swap, 1500, 0, UINT64_MAX, 0);
    assert_int_equal(d.memory_cache, 55);
    assert_int_equal(find(&d.memory_stat, "anon"), 66);
    assert_int_equal(find(&d.memory_events, "oom_kill"), 2);
    assert_true(d.memory_pressure.there);
    assert_true(d.memory_pressure.some.avg10 > 1.49 &&
                d.memory_pressure.some.avg10 < 1.51);
    assert_int_equal(d.memory_pressure.full.total_us, 44);
    assert_true(d.cpu_pressure.some.avg300 > 12.33);
    assert_int_equal(d.cpu_pressure.full.total_us, 0);
    assert_false(d.io_pressure.there);
    assert_int_equal(d.stats.cpu_ns, 300000);
    assert_int_equal(d.stats.periods, 9);
    assert_int_equal(d.cpus.n, 0);
    assert_int_equal(d.io_bytes.n, 3);
    assert_io(&d.io_bytes.v[0], 0, "Read", 10);
    assert_io(&d.io_bytes.v[2], 0, "Discard", 3);
    assert_io(&d.io_operations.v[1], 0, "Write", 2);
    assert_memory(&find_huge(&d, "2MB")->bytes, 1, 0, 0, 3);
    assert_string_equal(d.cpuset_cpus, "0-1");
    assert_int_equal(d.cpuset.n, 0);
}

static void swap_of_v2_includes_memory(void **state)
{
    (void)state;
    static const struct file limited[] = {
        {"memory.max", "8192\n"},
        {NULL,         NULL    }
    };
    auto_cg_details struct cg_details d = {0};
    fill(v2_files);
    fill(limited);
    get(faking_on_v2(), &d);
    assert_memory(&d.swap, 1500, 0, 4096 + 8192, 0);
}

static void an_empty_group_counts_nothing(void **state)
{
    (void)state;
    auto_cg_details struct cg_details v1 = {0}, v2 = {0};
    get(faking_on_v1(), &v1);
    get(faking_on_v2(), &v2);
    assert_int_equal(v1.memory_stat.n + v2.memory_stat.n, 0);
    assert_int_equal(v1.huge.n + v2.huge.n, 0);
    assert_int_equal(v1.memory.usage + v2.memory.usage, 0);
}

#define WITH_FILES(test)                                                       \
    cmocka_unit_test_setup_teardown(test, make_directory, remove_directory)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FILES(memory_on_v1),
        WITH_FILES(the_rest_on_v1),
        WITH_FILES(all_on_v2),
        WITH_FILES(swap_of_v2_includes_memory),
        WITH_FILES(an_empty_group_counts_nothing),
    };
    return cmocka_run_group_tests_name("details", tests, NULL, NULL);
}
