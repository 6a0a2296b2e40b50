// WRAP files_write files_read
/* New limits for a group that runs: a kernel in miniature refuses what the real
 * one refuses, so that only the right order gets through. */
#include "cg_parts.h"
#include "faking.h"

#include "files.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#define NONE INT64_MAX /* unlimited */

/* The files of the kernel, as far as they depend on each other; and those that
 * can be read. */
static struct {
    bool in_use;
    int64_t memory, both, quota, period, burst, shares, idle, rt, rt_period;
    int writes, refused;
    char log[FAKING_LOG];
    const char *memory_current, *swap_current;
} kernel;

static bool is_sound(void)
{
    bool cpu = kernel.quota == NONE ||
               (kernel.quota <= kernel.period && kernel.burst <= kernel.quota);
    return kernel.memory <= kernel.both && cpu && kernel.rt <= kernel.rt_period;
}

static int64_t number(const char *s)
{
    int64_t value = strtoll(s, NULL, 10);
    return value < 0 || strncmp(s, "max", 3) == 0 ? NONE : value;
}

/* Take a value, unless the whole would not be sound: EINVAL. */
static int put(int64_t *slot, int64_t value)
{
    int64_t old = *slot;
    *slot = value;
    if (is_sound())
        return 0;
    *slot = old;
    kernel.refused++;
    return -EINVAL;
}

static int put_shares(int64_t value)
{
    return kernel.idle != 0 ? -EINVAL : put(&kernel.shares, value);
}

static int put_cpu_max(const char *value)
{
    int64_t quota = kernel.quota, period = kernel.period;
    const char *space = strchr(value, ' ');
    kernel.quota = number(value);
    if (space != NULL)
        kernel.period = number(space + 1);
    if (is_sound())
        return 0;
    kernel.quota = quota;
    kernel.period = period;
    return -EINVAL;
}

int __wrap_files_write(int dirfd, const char *path, const char *value,
                       struct err *e)
{
    const struct {
        const char *file;
        int64_t *slot;
    } slots[] = {
        {"memory.limit_in_bytes",       &kernel.memory   },
        {"memory.memsw.limit_in_bytes", &kernel.both     },
        {"cpu.cfs_quota_us",            &kernel.quota    },
        {"cpu.cfs_period_us",           &kernel.period   },
        {"cpu.cfs_burst_us",            &kernel.burst    },
        {"cpu.max.burst",               &kernel.burst    },
        {"cpu.idle",                    &kernel.idle     },
        {"cpu.rt_runtime_us",           &kernel.rt       },
        {"cpu.rt_period_us",            &kernel.rt_period},
    };
    int r = 0;
    kernel.writes++;
    faking_log(kernel.log, dirfd, path, value);
    for (size_t i = 0; i < sizeof slots / sizeof slots[0]; i++)
        if (strcmp(path, slots[i].file) == 0)
            r = put(slots[i].slot, number(value));
    if (kernel.in_use && strcmp(path, "memory.limit_in_bytes") == 0)
        r = -EBUSY;
    if (strcmp(path, "cpu.shares") == 0 || strcmp(path, "cpu.weight") == 0)
        r = put_shares(number(value));
    if (strcmp(path, "cpu.max") == 0)
        r = put_cpu_max(value);
    return r < 0 ? err_sys(e, r, "write %s", path) : 0;
}

int __wrap_files_read(int dirfd, const char *path, struct text *out,
                      struct err *e)
{
    const struct {
        const char *file, *text;
    } files[] = {
        {"memory.current",            kernel.memory_current},
        {"memory.swap.current",       kernel.swap_current  },
        {"memory.usage_in_bytes",     "70\n"               },
        {"memory.max_usage_in_bytes", "90\n"               },
    };
    (void)dirfd;
    text_add(out, "");
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        if (strcmp(path, files[i].file) == 0 && files[i].text != NULL) {
            text_add(out, files[i].text);
            return (int)out->len;
        }
    return err_sys(e, ENOENT, "open %s", path);
}

static int boot(void **state)
{
    (void)state;
    memset(&kernel, 0, sizeof kernel);
    kernel.memory = kernel.both = kernel.quota = NONE;
    kernel.period = 100000;
    kernel.rt_period = 1000000;
    return 0;
}

static int64_t or_none(int64_t value)
{
    return value < 0 ? NONE : value;
}

/* Every way from one pair of sizes to another. */
static void memory_goes_from_anything_to_anything(void **state)
{
    static const int64_t pairs[][2] = {
        {10, 10 },
        {10, 30 },
        {20, 20 },
        {40, 100},
        {40, -1 },
        {-1, -1 }
    };
    enum { N = sizeof pairs / sizeof pairs[0] };
    struct cg cg = faking_on_v1();
    int refused = 0;
    for (size_t i = 0; i < N * N; i++) {
        struct cg_limits limits = CG_LIMITS_INIT;
        const int64_t *from = pairs[i / N], *to = pairs[i % N];
        boot(state);
        kernel.memory = or_none(from[0]);
        kernel.both = or_none(from[1]);
        limits.memory = to[0];
        limits.memory_swap = to[1];
        assert_int_equal(cg_set_limits(&cg, &limits, NULL), 0);
        assert_int_equal(kernel.memory, or_none(to[0]));
        assert_int_equal(kernel.both, or_none(to[1]));
        refused += kernel.refused;
    }
    assert_true(refused > 0); /* or the order would not matter */
}

static void unlimited_memory_takes_swap_with_it(void **state)
{
    (void)state;
    struct cg_limits limits = CG_LIMITS_INIT;
    struct cg v1 = faking_on_v1(), v2 = faking_on_v2();
    kernel.memory = 10;
    kernel.both = 20;
    limits.memory = -1;
    assert_int_equal(cg_set_limits(&v1, &limits, NULL), 0);
    assert_int_equal(kernel.memory, NONE);
    assert_int_equal(kernel.both, NONE);
    boot(state);
    assert_int_equal(cg_set_limits(&v2, &limits, NULL), 0);
    assert_string_equal(kernel.log, "20 memory.max max; "
                                    "20 memory.swap.max max; ");
}

/* Quota, period, burst. */
static void processor_time_goes_from_anything_to_anything(void **state)
{
    static const int64_t triples[][3] = {
        {1000,  2000,   0    },
        {1000,  2000,   1000 },
        {50000, 100000, 20000},
        {90000, 100000, 80000},
        {500,   600,    500  },
        {-1,    100000, 0    }
    };
    enum { N = sizeof triples / sizeof triples[0] };
    struct cg groups[] = {faking_on_v1(), faking_on_v2()};
    for (size_t i = 0; i < N * N * 2; i++) {
        struct cg_limits limits = CG_LIMITS_INIT;
        const int64_t *from = triples[i / 2 / N], *to = triples[i / 2 % N];
        boot(state);
        kernel.quota = or_none(from[0]);
        kernel.period = from[1];
        kernel.burst = from[2];
        limits.cpu_quota = to[0];
        limits.cpu_period = to[1];
        limits.cpu_burst = to[2];
        assert_int_equal(cg_set_limits(&groups[i % 2], &limits, NULL), 0);
        assert_int_equal(kernel.quota, or_none(to[0]));
        assert_int_equal(kernel.period, to[1]);
        assert_int_equal(kernel.burst, to[2]);
    }
}

static void idle_and_shares_in_one_go(void **state)
{
    struct cg groups[] = {faking_on_v1(), faking_on_v2()};
    for (size_t i = 0; i < 4; i++) {
        struct cg_limits limits = CG_LIMITS_INIT;
        boot(state);
        kernel.idle = i / 2;
        limits.cpu_idle = 1 - kernel.idle;
        limits.cpu_shares = 262144;
        assert_int_equal(cg_set_limits(&groups[i % 2], &limits, NULL), 0);
        assert_int_equal(kernel.idle, limits.cpu_idle);
        assert_int_equal(kernel.shares, i % 2 == 0 ? 262144 : 10000);
    }
}

static void real_time_goes_both_ways(void **state)
{
    static const int64_t pairs[][2] = {
        {10,      20     },
        {2000000, 3000000}
    };
    struct cg v1 = faking_on_v1(), v2 = faking_on_v2();
    struct cg_limits limits = CG_LIMITS_INIT;
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        limits.cpu_rt_runtime = pairs[i % 2][0];
        limits.cpu_rt_period = pairs[i % 2][1];
        assert_int_equal(cg_set_limits(&v1, &limits, NULL), 0);
        assert_int_equal(kernel.rt, pairs[i % 2][0]);
        assert_int_equal(kernel.rt_period, pairs[i % 2][1]);
    }
    kernel.writes = 0;
    assert_int_equal(cg_set_limits(&v2, &limits, NULL), 0);
    assert_int_equal(kernel.writes, 0);
}

/* Values that do not fit together are an error in any order. */
static void nonsense_stays_an_error(void **state)
{
    struct cg groups[] = {faking_on_v1(), faking_on_v2()};
    for (size_t i = 0; i < 2; i++) {
        struct cg_limits limits = CG_LIMITS_INIT;
        struct err e = {0};
        boot(state);
        limits.cpu_quota = 50000;
        limits.cpu_burst = 60000;
        assert_int_equal(cg_set_limits(&groups[i], &limits, &e), -EINVAL);
        assert_int_equal(e.code, EINVAL);
    }
}

static void v2_looks_before_it_shrinks(void **state)
{
    (void)state;
    struct cg_limits limits = CG_LIMITS_INIT;
    struct cg v1 = faking_on_v1(), v2 = faking_on_v2();
    struct err e = {0};
    kernel.memory_current = "50\n";
    kernel.swap_current = "20\n";
    limits.memory = 50;
    limits.memory_check_before_update = true;
    assert_int_equal(cg_set_limits(&v2, &limits, &e), -EBUSY);
    assert_non_null(strstr(e.msg, "rejecting memory limit 50 <= usage 50"));
    assert_int_equal(kernel.writes, 0);
    limits.memory = 60;
    limits.memory_swap = 70;
    assert_int_equal(cg_set_limits(&v2, &limits, &e), -EBUSY);
    assert_non_null(
        strstr(e.msg, "rejecting memory+swap limit 70 <= usage 70"));
    assert_int_equal(cg_set_limits(&v1, &limits, &e), 0); /* its own affair */
    limits.memory_swap = 71;
    assert_int_equal(cg_set_limits(&v2, &limits, &e), 0);
    limits.memory = 10;
    limits.memory_check_before_update = false;
    assert_int_equal(cg_set_limits(&v2, &limits, &e), 0);
}

static void v1_says_what_is_in_use(void **state)
{
    (void)state;
    struct cg_limits limits = CG_LIMITS_INIT;
    struct cg v1 = faking_on_v1();
    struct err e = {0};
    kernel.in_use = true;
    limits.memory = 60;
    assert_int_equal(cg_set_limits(&v1, &limits, &e), -EBUSY);
    assert_non_null(strstr(e.msg, "unable to set memory limit to 60 (current "
                                  "usage: 70, peak usage: 90)"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(memory_goes_from_anything_to_anything, boot),
        cmocka_unit_test_setup(unlimited_memory_takes_swap_with_it, boot),
        cmocka_unit_test_setup(processor_time_goes_from_anything_to_anything,
                               boot),
        cmocka_unit_test_setup(idle_and_shares_in_one_go, boot),
        cmocka_unit_test_setup(real_time_goes_both_ways, boot),
        cmocka_unit_test_setup(nonsense_stays_an_error, boot),
        cmocka_unit_test_setup(v2_looks_before_it_shrinks, boot),
        cmocka_unit_test_setup(v1_says_what_is_in_use, boot),
    };
    return cmocka_run_group_tests_name("update", tests, NULL, NULL);
}
