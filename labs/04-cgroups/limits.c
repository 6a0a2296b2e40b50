/*
 * Every limit is a file with a number in it. One table says which file, on
 * which version, and how the number is spelled there.
 */
#include "cg_parts.h"

#include "files.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

/* How a version spells a value. Adding nothing: there is nothing to write. */
typedef void spell(struct text *out, int64_t value,
                   const struct cg_limits *all);

static void number(struct text *out, int64_t value, const struct cg_limits *all)
{
    (void)all;
    text_addf(out, "%" PRId64, value);
}

static void number_or_max(struct text *out, int64_t value,
                          const struct cg_limits *all)
{
    if (value < 0)
        text_add(out, "max");
    else
        number(out, value, all);
}

/* Docker counts memory and swap together, as v1 did; v2 counts swap alone. */
static void swap_alone(struct text *out, int64_t value,
                       const struct cg_limits *all)
{
    int64_t memory = all->memory > 0 ? all->memory : 0;
    int64_t swap = value > memory ? value - memory : 0;
    number_or_max(out, value < 0 ? -1 : swap, all);
}

/* v2 has quota and period in one file, "50000 100000". A quota alone leaves
 * the period as it is. */
static void quota_and_period(struct text *out, int64_t quota,
                             const struct cg_limits *all)
{
    number_or_max(out, quota > 0 ? quota : -1, all);
    if (all->cpu_period != CG_UNSET)
        text_addf(out, " %" PRId64, all->cpu_period);
}

static void period_alone(struct text *out, int64_t period,
                         const struct cg_limits *all)
{
    if (all->cpu_quota == CG_UNSET)
        text_addf(out, "max %" PRId64, period);
}

uint64_t cg_weight_from_shares(int64_t shares)
{
    /* The line through (2, 1) and (262144, 10000), as every OCI runtime draws
     * it, so that a container weighs the same whoever starts it. */
    if (shares < 2)
        shares = 2;
    if (shares > 262144)
        shares = 262144;
    return 1 + (uint64_t)(shares - 2) * 9999 / 262142;
}

/* To Docker, 0 shares means "as usual". */
static void shares_v1(struct text *out, int64_t shares,
                      const struct cg_limits *all)
{
    if (shares != 0)
        number(out, shares, all);
}

static void shares_v2(struct text *out, int64_t shares,
                      const struct cg_limits *all)
{
    (void)all;
    if (shares != 0)
        text_addf(out, "%" PRIu64, cg_weight_from_shares(shares));
}

/* 10..1000 on io.weight's scale of 1..10000. */
static void io_weight_v2(struct text *out, int64_t weight,
                         const struct cg_limits *all)
{
    number(out, weight > 10 ? 1 + (weight - 10) * 9999 / 990 : 1, all);
}

/* The table. Optional: the file depends on how the kernel was built, and
 * Docker warns and starts the container all the same. No file: the version has
 * no such thing, and Docker ignores the wish too. Waits: which values the
 * kernel takes (else EINVAL) depends on another one that may be about to
 * change; see turn_knobs. */
#define LIMIT(field) offsetof(struct cg_limits, field)
struct knob_place {
    const char *file;
    spell *spell;
};
/* clang-format off */
static const struct knob {
    size_t limit;
    enum cg_controller controller;
    struct knob_place v1, v2;
    const char *bfq[2]; /* v1's, v2's file where BFQ schedules: the number */
    bool optional, waits;
} knobs[] = {
    {
        .limit = LIMIT(memory),
        .controller = CG_MEMORY,
        .v1 = {"memory.limit_in_bytes", number},
        .v2 = {"memory.max", number_or_max},
        .waits = true,
    },
    {
        .limit = LIMIT(memory_swap),
        .controller = CG_MEMORY,
        .v1 = {"memory.memsw.limit_in_bytes", number},
        .v2 = {"memory.swap.max", swap_alone},
        .optional = true,
    },
    {
        .limit = LIMIT(memory_reservation),
        .controller = CG_MEMORY,
        .v1 = {"memory.soft_limit_in_bytes", number},
        .v2 = {"memory.low", number_or_max},
    },
    {
        .limit = LIMIT(memory_kernel),
        .controller = CG_MEMORY,
        .v1 = {"memory.kmem.limit_in_bytes", number},
    },
    {
        .limit = LIMIT(memory_tcp),
        .controller = CG_MEMORY,
        .v1 = {"memory.kmem.tcp.limit_in_bytes", number},
    },
    {
        .limit = LIMIT(memory_swappiness),
        .controller = CG_MEMORY,
        .v1 = {"memory.swappiness", number},
    },
    {
        .limit = LIMIT(oom_kill_disable),
        .controller = CG_MEMORY,
        .v1 = {"memory.oom_control", number},
    },
    {
        .limit = LIMIT(cpu_period),
        .controller = CG_CPU,
        .v1 = {"cpu.cfs_period_us", number},
        .v2 = {"cpu.max", period_alone},
        .waits = true,
    },
    {
        .limit = LIMIT(cpu_burst),
        .controller = CG_CPU,
        .v1 = {"cpu.cfs_burst_us", number},
        .v2 = {"cpu.max.burst", number},
        .optional = true,
        .waits = true,
    },
    {
        .limit = LIMIT(cpu_quota),
        .controller = CG_CPU,
        .v1 = {"cpu.cfs_quota_us", number},
        .v2 = {"cpu.max", quota_and_period},
    },
    {
        .limit = LIMIT(cpu_shares),
        .controller = CG_CPU,
        .v1 = {"cpu.shares", shares_v1},
        .v2 = {"cpu.weight", shares_v2},
        .waits = true,
    },
    {
        .limit = LIMIT(cpu_idle),
        .controller = CG_CPU,
        .v1 = {"cpu.idle", number},
        .v2 = {"cpu.idle", number},
    },
    {
        .limit = LIMIT(cpu_rt_period),
        .controller = CG_CPU,
        .v1 = {"cpu.rt_period_us", number},
        .waits = true,
    },
    {
        .limit = LIMIT(cpu_rt_runtime),
        .controller = CG_CPU,
        .v1 = {"cpu.rt_runtime_us", number},
    },
    {
        .limit = LIMIT(pids),
        .controller = CG_PIDS,
        .v1 = {"pids.max", number_or_max},
        .v2 = {"pids.max", number_or_max},
    },
    {
        .limit = LIMIT(io_weight),
        .controller = CG_IO,
        .v1 = {"blkio.weight", number},
        .v2 = {"io.weight", io_weight_v2},
        .bfq = {"blkio.bfq.weight", "io.bfq.weight"},
        .optional = true,
    },
    {
        .limit = LIMIT(io_leaf_weight),
        .controller = CG_IO,
        .v1 = {"blkio.leaf_weight", number},
        .optional = true,
    },
    {
        .limit = LIMIT(net_class_id),
        .controller = CG_NET_CLS,
        .v1 = {"net_cls.classid", number},
    },
};
/* clang-format on */

int cg_need_dir(const struct cg *cg, enum cg_controller controller,
                struct err *e)
{
    int dir = cg_dir(cg, controller);
    if (dir < 0)
        return err_set(e, EOPNOTSUPP, "this machine has no %s controller here",
                       cg_controller_name(controller, 1));
    int r = 0;
    if (controller >= CG_HUGETLB && cg_version(cg, controller) == 2)
        r = cg_enable_rare(cg, controller, dir, e);
    return r < 0 ? r : dir;
}

/* -ENOENT where BFQ has no such file. */
static int write_bfq(int dir, const char *file, int64_t value, struct err *e)
{
    auto_text struct text plain = {0};
    number(&plain, value, NULL);
    return file == NULL ? -ENOENT : files_write(dir, file, plain.s, e);
}

/* There is no file for it. Docker passes over that; an OCI runtime must not,
 * unless what was asked for is so anyway. */
static int pass_over(const struct knob *knob, int version, int64_t value,
                     const struct cg_limits *limits, struct err *e)
{
    bool asks = value > 0 || knob->limit == LIMIT(memory_swappiness);
    if (knob->limit == LIMIT(memory_swap) && value <= limits->memory)
        asks = false;
    if (!limits->strict || !asks)
        return 0;
    const char *file = version == 2 ? knob->v2.file : NULL;
    return err_set(e, EOPNOTSUPP, "cgroup v%d has no %s on this machine",
                   version, file != NULL ? file : knob->v1.file);
}

static int turn_knob(const struct cg *cg, const struct knob *knob,
                     const struct cg_limits *limits, struct err *e)
{
    /* TODO lab 4.3: find the controller's directory and version, spell,
     * write */
    return err_set(e, ENOSYS, "lab 4.3 is not written yet");
}

static int turn(const struct cg *cg, const struct knob *knob,
                const struct cg_limits *limits, struct err *e)
{
    int r = turn_knob(cg, knob, limits, e);
    return r == -EBUSY && knob->limit == LIMIT(memory)
               ? cg_explain_memory(cg, limits->memory, e)
               : r;
}

/* v1 insists at every moment on memory <= memory + swap, both insist on burst
 * <= quota, and quota / period has the parent's as its ceiling: so the right
 * order depends on where the group stands, and growing needs another one than
 * shrinking. Instead of reading that, try: a value that is refused with EINVAL
 * waits until the others are in, and is then tried a second time. */
static int turn_knobs(const struct cg *cg, const struct cg_limits *limits,
                      struct err *e)
{
    bool again[sizeof knobs / sizeof knobs[0]] = {false};
    int r = 0;
    for (size_t i = 0; r >= 0 && i < sizeof knobs / sizeof knobs[0]; i++) {
        r = turn(cg, &knobs[i], limits, e);
        again[i] = r == -EINVAL && knobs[i].waits;
        if (again[i])
            r = 0;
    }
    for (size_t i = 0; r >= 0 && i < sizeof knobs / sizeof knobs[0]; i++)
        if (again[i])
            r = turn(cg, &knobs[i], limits, e);
    return r;
}

/* The limits that are words instead of numbers: the same on both versions. */
static int set_cpuset(const struct cg *cg, const struct cg_limits *limits,
                      struct err *e)
{
    const char *const words[][2] = {
        {"cpuset.cpus", limits->cpuset_cpus},
        {"cpuset.mems", limits->cpuset_mems},
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (words[i][1][0] == '\0')
            continue;
        int dir = cg_need_dir(cg, CG_CPUSET, e);
        int r = dir < 0 ? dir : files_write(dir, words[i][0], words[i][1], e);
        if (r < 0)
            return r;
    }
    return 0;
}

int cg_set_limits(const struct cg *cg, const struct cg_limits *limits,
                  struct err *e)
{
    struct cg_limits all = *limits;
    /* No limit to memory, but one to its sum with swap, would be none. */
    if (all.memory == -1 && all.memory_swap == CG_UNSET)
        all.memory_swap = -1;
    int r = cg_check_memory(cg, &all, e);
    if (r >= 0)
        r = turn_knobs(cg, &all, e);
    if (r >= 0)
        r = set_cpuset(cg, &all, e);
    if (r >= 0)
        r = cg_set_lists(cg, &all, e);
    if (r < 0)
        err_add(e, "limit cgroup %s", cg->path);
    return r;
}
