// WRAP files_write files_read
/* Which file gets which words, and in which order. */
#include "cg_parts.h"
#include "faking.h"

#include "files.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

/* What was written. One write can be made to fail. */
static struct {
    char log[FAKING_LOG];
    const char *refused;   /* this file answers ... */
    int refusal, refuse_n; /* ... so, as often */
} fake;

int __wrap_files_write(int dirfd, const char *path, const char *value,
                       struct err *e)
{
    faking_log(fake.log, dirfd, path, value);
    if (fake.refused == NULL || strcmp(fake.refused, path) != 0 ||
        fake.refuse_n-- <= 0)
        return 0;
    return err_sys(e, fake.refusal, "write %s", path);
}

int __wrap_files_read(int dirfd, const char *path, struct text *out,
                      struct err *e)
{
    (void)dirfd;
    (void)path;
    (void)e;
    text_add(out, "");
    return 0;
}

static int reset(void **state)
{
    (void)state;
    memset(&fake, 0, sizeof fake);
    return 0;
}

static void nothing_set_nothing_written(void **state)
{
    (void)state;
    struct cg_limits limits = CG_LIMITS_INIT;
    struct cg v1 = faking_on_v1(), v2 = faking_on_v2();
    assert_int_equal(cg_set_limits(&v1, &limits, NULL), 0);
    assert_int_equal(cg_set_limits(&v2, &limits, NULL), 0);
    assert_string_equal(fake.log, "");
}

static struct cg_limits usual(void)
{
    struct cg_limits limits = CG_LIMITS_INIT;
    limits.memory = 1000;
    limits.memory_swap = 3000;
    limits.cpu_quota = 50;
    limits.cpu_period = 100;
    limits.cpu_shares = 1024;
    limits.pids = -1;
    snprintf(limits.cpuset_cpus, sizeof limits.cpuset_cpus, "0-1");
    return limits;
}

static void the_usual_on_v1(void **state)
{
    (void)state;
    struct cg_limits limits = usual();
    struct cg cg = faking_on_v1();
    assert_int_equal(cg_set_limits(&cg, &limits, NULL), 0);
    assert_string_equal(fake.log, "10 memory.limit_in_bytes 1000; "
                                  "10 memory.memsw.limit_in_bytes 3000; "
                                  "11 cpu.cfs_period_us 100; "
                                  "11 cpu.cfs_quota_us 50; "
                                  "11 cpu.shares 1024; "
                                  "14 pids.max max; "
                                  "13 cpuset.cpus 0-1; ");
}

static void the_usual_on_v2(void **state)
{
    (void)state;
    struct cg_limits limits = usual();
    struct cg cg = faking_on_v2();
    assert_int_equal(cg_set_limits(&cg, &limits, NULL), 0);
    assert_string_equal(fake.log, "20 memory.max 1000; "
                                  "20 memory.swap.max 2000; "
                                  "20 cpu.max 50 100; "
                                  "20 cpu.weight 39; "
                                  "20 pids.max max; "
                                  "20 cpuset.cpus 0-1; ");
}

static void growing_v1_memory_starts_with_the_sum(void **state)
{
    (void)state;
    struct cg_limits limits = CG_LIMITS_INIT;
    struct cg cg = faking_on_v1();
    limits.memory = 5;
    limits.memory_swap = 9;
    fake.refused = "memory.limit_in_bytes";
    fake.refusal = EINVAL;
    fake.refuse_n = 1;
    assert_int_equal(cg_set_limits(&cg, &limits, NULL), 0);
    assert_string_equal(fake.log, "10 memory.limit_in_bytes 5; "
                                  "10 memory.memsw.limit_in_bytes 9; "
                                  "10 memory.limit_in_bytes 5; ");
}

static void other_refusals_are_errors(void **state)
{
    (void)state;
    struct cg_limits limits = CG_LIMITS_INIT;
    struct cg cg = faking_on_v1();
    struct err e;
    limits.memory = 5;
    limits.memory_swap = 9;
    fake.refused = "memory.limit_in_bytes";
    fake.refusal = EBUSY; /* below what is in use */
    fake.refuse_n = 1;
    assert_int_equal(cg_set_limits(&cg, &limits, &e), -EBUSY);
    assert_string_equal(fake.log, "10 memory.limit_in_bytes 5; ");
}

static void no_swap_accounting_is_passed_over(void **state)
{
    (void)state;
    struct cg_limits limits = CG_LIMITS_INIT;
    struct cg v1 = faking_on_v1(), v2 = faking_on_v2();
    limits.memory = limits.memory_swap = 5;
    limits.pids = 7;
    fake.refused = "memory.memsw.limit_in_bytes";
    fake.refusal = ENOENT;
    fake.refuse_n = 1;
    assert_int_equal(cg_set_limits(&v1, &limits, NULL), 0);
    assert_non_null(strstr(fake.log, "pids.max 7"));
    reset(NULL);
    fake.refused = "memory.swap.max";
    fake.refusal = ENOENT;
    fake.refuse_n = 1;
    assert_int_equal(cg_set_limits(&v2, &limits, NULL), 0);
    assert_non_null(strstr(fake.log, "pids.max 7"));
}

/* Of one limit alone on v2, where one file is not there. */
static int strict(size_t limit, int64_t value, const char *missing,
                  struct err *e)
{
    struct cg_limits limits = CG_LIMITS_INIT;
    struct cg v2 = faking_on_v2();
    memset(&fake, 0, sizeof fake);
    fake.refused = missing;
    fake.refusal = ENOENT;
    fake.refuse_n = 1;
    limits.memory = 1000;
    limits.strict = true;
    memcpy((char *)&limits + limit, &value, sizeof value);
    return cg_set_limits(&v2, &limits, e);
}

static void a_strict_wish_is_not_passed_over(void **state)
{
    (void)state;
    struct err e = {0};
#define STRICT(member, value, missing)                                         \
    strict(offsetof(struct cg_limits, member), value, missing, &e)
    assert_int_equal(STRICT(memory_swappiness, 0, NULL), -EOPNOTSUPP);
    assert_non_null(strstr(e.msg, "cgroup v2 has no memory.swappiness"));
    assert_int_equal(STRICT(memory_kernel, 1, NULL), -EOPNOTSUPP);
    assert_int_equal(STRICT(memory_kernel, -1, NULL), 0);
    assert_int_equal(STRICT(memory_swap, 3000, "memory.swap.max"), -EOPNOTSUPP);
    assert_non_null(strstr(e.msg, "cgroup v2 has no memory.swap.max"));
    assert_int_equal(STRICT(memory_swap, 1000, "memory.swap.max"), 0);
    assert_int_equal(STRICT(memory_swap, -1, "memory.swap.max"), 0);
    /* Either will do. */
    assert_int_equal(STRICT(io_weight, 500, "io.weight"), 0);
    assert_int_equal(STRICT(io_weight, 500, "io.bfq.weight"), 0);
}

static void a_missing_controller_is_named(void **state)
{
    (void)state;
    struct cg_limits limits = CG_LIMITS_INIT;
    struct cg cg = faking_on_v2();
    struct err e;
    cg.layout.where[CG_PIDS] = -1;
    limits.pids = 5;
    assert_int_equal(cg_set_limits(&cg, &limits, &e), -EOPNOTSUPP);
    assert_non_null(strstr(e.msg, "pids"));
    assert_string_equal(fake.log, "");
}

static void io_limits(void **state)
{
    (void)state;
    struct cg_limits limits = CG_LIMITS_INIT;
    struct cg v1 = faking_on_v1(), v2 = faking_on_v2();
    strv_add(&limits.io_max, "8:0 rbps=10 wiops=max");
    limits.io_weight = 500;
    assert_int_equal(cg_set_limits(&v1, &limits, NULL), 0);
    assert_string_equal(fake.log,
                        "15 blkio.bfq.weight 500; 15 blkio.weight 500; "
                        "15 blkio.throttle.read_bps_device 8:0 10; "
                        "15 blkio.throttle.write_iops_device 8:0 0; ");
    reset(NULL);
    assert_int_equal(cg_set_limits(&v2, &limits, NULL), 0);
    assert_string_equal(fake.log, "20 io.bfq.weight 500; 20 io.weight 4950; "
                                  "20 io.max 8:0 rbps=10 wiops=max; ");
    strv_add(&limits.io_max, "8:0 speed=9");
    assert_int_equal(cg_set_limits(&v1, &limits, NULL), -EINVAL);
    strv_done(&limits.io_max);
}

static void shares_become_weights(void **state)
{
    (void)state;
    static const struct {
        int64_t shares;
        uint64_t weight;
    } pairs[] = {
        {2,       1    },
        {1024,    39   },
        {262144,  10000},
        {0,       1    },
        {1 << 20, 10000},
        {512,     20   },
        {131073,  5000 }
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        assert_int_equal(cg_weight_from_shares(pairs[i].shares),
                         pairs[i].weight);
}

static void joining_v1_writes_tasks(void **state)
{
    (void)state;
    struct cg v1 = faking_on_v1(), v2 = faking_on_v2();
    v1.layout.n = 2;
    assert_int_equal(cg_join(&v1, NULL), 0);
    assert_string_equal(fake.log, "10 tasks 0; 11 tasks 0; ");
    reset(NULL);
    assert_int_equal(cg_join(&v2, NULL), 0);
    assert_string_equal(fake.log, "20 cgroup.procs 0; ");
    reset(NULL);
    assert_int_equal(cg_join_pid(&v1, 77, NULL), 0);
    assert_string_equal(fake.log, "10 cgroup.procs 77; 11 cgroup.procs 77; ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(nothing_set_nothing_written, reset),
        cmocka_unit_test_setup(the_usual_on_v1, reset),
        cmocka_unit_test_setup(the_usual_on_v2, reset),
        cmocka_unit_test_setup(growing_v1_memory_starts_with_the_sum, reset),
        cmocka_unit_test_setup(other_refusals_are_errors, reset),
        cmocka_unit_test_setup(no_swap_accounting_is_passed_over, reset),
        cmocka_unit_test_setup(a_strict_wish_is_not_passed_over, reset),
        cmocka_unit_test_setup(a_missing_controller_is_named, reset),
        cmocka_unit_test_setup(io_limits, reset),
        cmocka_unit_test_setup(shares_become_weights, reset),
        cmocka_unit_test_setup(joining_v1_writes_tasks, reset),
    };
    return cmocka_run_group_tests_name("limits", tests, NULL, NULL);
}
