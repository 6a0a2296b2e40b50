/*
 * Second reading: all counters. Those that are one number are rows of a table,
 * as in stats.c; the rest are lists, each a file whose lines are its entries.
 */
#include "cg_details.h"

#include "cg_parts.h"
#include "files.h"
#include "own.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- single numbers --- */

#define AT(field) offsetof(struct cg_details, field)
/* clang-format off */
#define V1(field, file) \
    {AT(field), CG_MEMORY, {file, NULL, CG_AS_IT_STANDS}, {NULL, NULL, 0}}
#define V2(field, file, key) \
    {AT(field), CG_MEMORY, {NULL, NULL, 0}, {file, key, 1}}
static const struct cg_counter counters[] = {
    V1(memory.usage, "memory.usage_in_bytes"),
    V1(memory.max_usage, "memory.max_usage_in_bytes"),
    V1(memory.limit, "memory.limit_in_bytes"),
    V1(memory.failures, "memory.failcnt"),
    V1(swap.usage, "memory.memsw.usage_in_bytes"),
    V1(swap.max_usage, "memory.memsw.max_usage_in_bytes"),
    V1(swap.limit, "memory.memsw.limit_in_bytes"),
    V1(swap.failures, "memory.memsw.failcnt"),
    V1(kernel.usage, "memory.kmem.usage_in_bytes"),
    V1(kernel.max_usage, "memory.kmem.max_usage_in_bytes"),
    V1(kernel.limit, "memory.kmem.limit_in_bytes"),
    V1(kernel.failures, "memory.kmem.failcnt"),
    V1(tcp.usage, "memory.kmem.tcp.usage_in_bytes"),
    V1(tcp.max_usage, "memory.kmem.tcp.max_usage_in_bytes"),
    V1(tcp.limit, "memory.kmem.tcp.limit_in_bytes"),
    V1(tcp.failures, "memory.kmem.tcp.failcnt"),
    V2(memory.usage, "memory.current", NULL),
    V2(memory.max_usage, "memory.peak", NULL),
    V2(memory.limit, "memory.max", NULL),
    V2(memory.failures, "memory.events", "max"),
    V2(swap.usage, "memory.swap.current", NULL),
    V2(swap.max_usage, "memory.swap.peak", NULL),
    V2(swap.limit, "memory.swap.max", NULL),
    V2(swap.failures, "memory.swap.events", "max"),
    {AT(memory_cache), CG_MEMORY, {"memory.stat", "cache", 1},
                                  {"memory.stat", "file", 1}},
};
/* clang-format on */

/* v2 counts swap alone; the caller shall not see the difference. */
static void add_memory_to_swap(struct cg_details *d)
{
    d->swap.usage += d->memory.usage;
    if (d->swap.limit != UINT64_MAX)
        d->swap.limit = d->memory.limit == UINT64_MAX
                            ? UINT64_MAX
                            : d->swap.limit + d->memory.limit;
}

/* --- lists --- */

/* Room for one more at the end of an array. */
#define MORE(list)                                                             \
    ((list)->v = own_grow((list)->v, ((list)->n + 1) * sizeof(list)->v[0]),    \
     (list)->v[(list)->n] = (typeof((list)->v[0])){0},                         \
     &(list)->v[(list)->n++])

/* Read a file of the group into `out`; nothing where there is none. */
static int look(int dir, const char *file, struct text *out, struct err *e)
{
    text_clear(out);
    text_add(out, "");
    int r = files_read(dir, file, out, e);
    return r < 0 && r != -ENOENT && r != -EOPNOTSUPP ? r : 0;
}

/* The next line of a text, cut out of it in place; NULL at its end. */
static char *next_line(char **at)
{
    char *line = *at;
    if (*line == '\0')
        return NULL;
    size_t len = strcspn(line, "\n");
    *at = line + len + (line[len] == '\n');
    line[len] = '\0';
    return line;
}

/* "name 5" */
static void read_entry(struct cg_details *d, void *list, char *line)
{
    struct cg_entries *entries = list;
    (void)d;
    char name[sizeof entries->v->name];
    int64_t value;
    if (sscanf(line, "%31s %" SCNd64, name, &value) != 2)
        return;
    struct cg_entry *entry = MORE(entries);
    memcpy(entry->name, name, sizeof name);
    entry->value = (uint64_t)value;
}

/* v1: "8:0 Read 5", and at the end "Total 5". */
static void read_io_v1(struct cg_details *d, void *list, char *line)
{
    struct cg_ios *ios = list;
    struct cg_io io = {0};
    (void)d;
    if (sscanf(line, "%u:%u %11s %" SCNu64, &io.major, &io.minor, io.op,
               &io.value) == 4)
        *MORE(ios) = io;
}

/* v2: "8:0 rbytes=5 wbytes=6 rios=7 ..." is one line for both lists. */
static void read_io_v2(struct cg_details *d, void *list, char *line)
{
    const struct {
        const char *key, *op;
        struct cg_ios *list;
    } kinds[] = {
        {"rbytes", "Read",    &d->io_bytes     },
        {"wbytes", "Write",   &d->io_bytes     },
        {"dbytes", "Discard", &d->io_bytes     },
        {"rios",   "Read",    &d->io_operations},
        {"wios",   "Write",   &d->io_operations},
        {"dios",   "Discard", &d->io_operations},
    };
    struct cg_io io = {0};
    (void)list;
    if (sscanf(line, "%u:%u", &io.major, &io.minor) != 2 ||
        strchr(line, '=') == NULL)
        return;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        snprintf(io.op, sizeof io.op, "%s", kinds[i].op);
        io.value = cg_sum(line, kinds[i].key);
        *MORE(kinds[i].list) = io;
    }
}

/* "cpu user system", and then a line "0 5 6" for each processor. */
static void read_cpu(struct cg_details *d, void *list, char *line)
{
    struct cg_cpus *cpus = list;
    struct cg_cpu cpu = {0};
    (void)d;
    if (sscanf(line, "%*u %" SCNu64 " %" SCNu64, &cpu.user_ns,
               &cpu.system_ns) != 2)
        return;
    *MORE(cpus) = cpu;
}

/* "5 6 7 ": a number for each processor, that read_cpu has found. */
static void read_cpu_totals(struct cg_details *d, void *list, char *line)
{
    struct cg_cpus *cpus = list;
    (void)d;
    for (size_t i = 0; i < cpus->n; i++)
        cpus->v[i].ns = strtoull(line, &line, 10);
}

/* "some avg10=0.12 avg60=0.00 avg300=0.00 total=55", and the same of "full". */
static void read_pressure(struct cg_details *d, void *field, char *line)
{
    struct cg_pressure *p = field;
    struct cg_stall stall;
    (void)d;
    char who[8];
    if (sscanf(line, "%7s avg10=%lf avg60=%lf avg300=%lf total=%" SCNu64, who,
               &stall.avg10, &stall.avg60, &stall.avg300, &stall.total_us) != 5)
        return;
    p->there = true;
    *(who[0] == 's' ? &p->some : &p->full) = stall;
}

#define THROTTLE(name) "blkio.throttle." name "_recursive"
/* clang-format off */
static const struct {
    int version;
    enum cg_controller controller;
    const char *file;
    void (*read)(struct cg_details *d, void *field, char *line);
    size_t field;
} lists[] = {
    {1, CG_CPUACCT, "cpuacct.usage_all", read_cpu, AT(cpus)},
    {1, CG_CPUACCT, "cpuacct.usage_percpu", read_cpu_totals, AT(cpus)},
    {1, CG_MEMORY, "memory.stat", read_entry, AT(memory_stat)},
    {2, CG_MEMORY, "memory.stat", read_entry, AT(memory_stat)},
    {2, CG_MEMORY, "memory.events", read_entry, AT(memory_events)},
    {1, CG_IO, THROTTLE("io_service_bytes"), read_io_v1, AT(io_bytes)},
    {1, CG_IO, THROTTLE("io_serviced"), read_io_v1, AT(io_operations)},
    {2, CG_IO, "io.stat", read_io_v2, 0},
    {2, CG_CPU, "cpu.pressure", read_pressure, AT(cpu_pressure)},
    {2, CG_MEMORY, "memory.pressure", read_pressure, AT(memory_pressure)},
    {2, CG_IO, "io.pressure", read_pressure, AT(io_pressure)},
};
/* clang-format on */

static int read_lists(const struct cg *cg, struct cg_details *ret,
                      struct err *e)
{
    auto_text struct text text = {0};
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        if (cg_version(cg, lists[i].controller) != lists[i].version)
            continue;
        int dir = cg_dir(cg, lists[i].controller);
        int r = look(dir, lists[i].file, &text, e);
        if (r < 0)
            return r;
        char *at = text.s, *line;
        while ((line = next_line(&at)) != NULL)
            lists[i].read(ret, (char *)ret + lists[i].field, line);
    }
    return 0;
}

/* Each number is a file of its own. */
static int read_cpuset(const struct cg *cg, struct cg_details *ret,
                       struct err *e)
{
    static const char *const names[] = {
        "cpu_exclusive",   "mem_hardwall",       "mem_exclusive",
        "memory_migrate",  "memory_spread_page", "memory_spread_slab",
        "memory_pressure", "sched_load_balance", "sched_relax_domain_level",
    };
    int version = cg_version(cg, CG_CPUSET), dir = cg_dir(cg, CG_CPUSET), r = 0;
    const char *which = version == 1 ? "" : ".effective";
    auto_text struct text text = {0}, file = {0};
    if (version == 0)
        return 0;
    struct {
        const char *name;
        char *out;
    } sets[] = {
        {"cpus", ret->cpuset_cpus},
        {"mems", ret->cpuset_mems}
    };
    for (size_t i = 0; r >= 0 && i < 2; i++) {
        text_clear(&file);
        text_addf(&file, "cpuset.%s%s", sets[i].name, which);
        r = look(dir, file.s, &text, e);
        text_trim(&text);
        snprintf(sets[i].out, sizeof ret->cpuset_cpus, "%s", text.s);
    }
    for (size_t i = 0; version == 1 && r >= 0 && i < 9; i++) {
        struct cg_entry *entry = MORE(&ret->cpuset);
        snprintf(entry->name, sizeof entry->name, "%s", names[i]);
        text_clear(&file);
        text_addf(&file, "cpuset.%s", names[i]);
        r = look(dir, file.s, &text, e);
        entry->value = (uint64_t)strtoll(text.s, NULL, 10);
    }
    return r;
}

int cg_details_get(const struct cg *cg, struct cg_details *ret, struct err *e)
{
    static const struct cg_table table = {counters,
                                          sizeof counters / sizeof counters[0]};
    *ret = (struct cg_details){0};
    int r = cg_get_stats(cg, &ret->stats, e);
    if (r < 0)
        return r;
    r = cg_read_counters(cg, &table, ret, e);
    if (r >= 0 && cg_version(cg, CG_MEMORY) == 2)
        add_memory_to_swap(ret);
    if (r >= 0)
        r = read_lists(cg, ret, e);
    if (r >= 0)
        r = cg_read_huge(cg, &ret->huge, e);
    if (r >= 0)
        r = read_cpuset(cg, ret, e);
    if (r < 0) {
        err_add(e, "read the counters of %s", cg->path);
        cg_details_done(ret);
    }
    return r < 0 ? r : 0;
}

void cg_details_done(struct cg_details *details)
{
    free(details->cpus.v);
    free(details->memory_stat.v);
    free(details->memory_events.v);
    free(details->io_bytes.v);
    free(details->io_operations.v);
    free(details->huge.v);
    free(details->cpuset.v);
    *details = (struct cg_details){0};
}
