/* What events --stats prints: the group's counters, in runc's words. */
#include "cg_details.h"
#include "oci_store.h"

#include "own.h"

#include <errno.h>
#include <stdlib.h>

static int open_group(const struct oci_runtime *runtime, const char *id,
                      struct cg *ret, struct err *e)
{
    auto_oci_container struct oci_container container = OCI_CONTAINER_INIT;
    int r = oci_container_open(&container, runtime, id, false, e);
    if (r < 0)
        return r;
    if (oci_container_status(&container) == OCI_STOPPED)
        return err_set(e, ESRCH, "container not running: \"%s\"", id);
    return oci_container_open_group(&container, ret, e);
}

uint64_t oci_oom_kills(const struct oci_runtime *runtime, const char *id)
{
    auto_cg struct cg cg = CG_INIT;
    struct cg_stats stats = {0};
    if (open_group(runtime, id, &cg, NULL) < 0 ||
        cg_get_stats(&cg, &stats, NULL) < 0)
        return 0;
    return stats.oom_kills;
}

/* --- parts --- */

/* JSON as others read it has doubles beyond 2^53 and jansson a sign bit; a
 * limit that is "none" is the largest number that both can hold. */
static json_t *number(uint64_t value)
{
    return json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value);
}

static json_t *stall(const struct cg_stall *stall)
{
    return json_pack("{s:f, s:f, s:f, s:o}", "avg10", stall->avg10, "avg60",
                     stall->avg60, "avg300", stall->avg300, "total",
                     number(stall->total_us));
}

static json_t *pressure(const struct cg_pressure *pressure)
{
    if (!pressure->there)
        return NULL;
    return json_pack("{s:o, s:o}", "some", stall(&pressure->some), "full",
                     stall(&pressure->full));
}

static json_t *cpu(const struct cg_details *details)
{
    json_t *all = json_array(), *user = json_array(), *kernel = json_array();
    for (size_t i = 0; i < details->cpus.n; i++) {
        json_array_append_new(all, number(details->cpus.v[i].ns));
        json_array_append_new(user, number(details->cpus.v[i].user_ns));
        json_array_append_new(kernel, number(details->cpus.v[i].system_ns));
    }
    const struct cg_stats *stats = &details->stats;
    return json_pack(
        "{s:{s:o, s:o, s:o, s:o, s:o, s:o}, s:{s:o, s:o, s:o}, "
        "s:o*}",
        "usage", "total", number(stats->cpu_ns), "percpu", all, "percpu_kernel",
        kernel, "percpu_user", user, "kernel", number(stats->cpu_system_ns),
        "user", number(stats->cpu_user_ns), "throttling", "periods",
        number(stats->periods), "throttledPeriods",
        number(stats->throttled_periods), "throttledTime",
        number(stats->throttled_ns), "psi", pressure(&details->cpu_pressure));
}

static json_t *memory_kind(const struct cg_memory *memory)
{
    return json_pack("{s:o, s:o, s:o, s:o}", "limit", number(memory->limit),
                     "usage", number(memory->usage), "max",
                     number(memory->max_usage), "failcnt",
                     number(memory->failures));
}

static json_t *entries(const struct cg_entries *entries)
{
    json_t *object = json_object();
    for (size_t i = 0; i < entries->n; i++)
        json_object_set_new(object, entries->v[i].name,
                            number(entries->v[i].value));
    return object;
}

static json_t *memory(const struct cg_details *details)
{
    return json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:o*}", "cache",
        number(details->memory_cache), "usage", memory_kind(&details->memory),
        "swap", memory_kind(&details->swap), "kernel",
        memory_kind(&details->kernel), "kernelTCP", memory_kind(&details->tcp),
        "raw", entries(&details->memory_stat), "psi",
        pressure(&details->memory_pressure));
}

/* "0-2,7" -> [0, 1, 2, 7] */
static json_t *cpu_list(const char *set)
{
    enum { MOST = 8192 }; /* the kernel's NR_CPUS at its largest */
    json_t *list = json_array();
    while (*set >= '0' && *set <= '9') {
        char *end;
        unsigned long first = strtoul(set, &end, 10), last = first;
        if (*end == '-')
            last = strtoul(end + 1, &end, 10);
        for (; first <= last && first < MOST; first++)
            json_array_append_new(list, json_integer((json_int_t)first));
        set = end + (*end == ',');
    }
    return list;
}

/* The kernel's -1 of sched_relax_domain_level is one here, too. */
static json_t *cpuset(const struct cg_details *details)
{
    json_t *object =
        json_pack("{s:o, s:o}", "cpus", cpu_list(details->cpuset_cpus), "mems",
                  cpu_list(details->cpuset_mems));
    for (size_t i = 0; i < details->cpuset.n; i++)
        json_object_set_new(
            object, details->cpuset.v[i].name,
            json_integer((json_int_t)details->cpuset.v[i].value));
    return object;
}

static json_t *ios(const struct cg_ios *ios)
{
    json_t *list = json_array();
    for (size_t i = 0; i < ios->n; i++)
        json_array_append_new(list, json_pack("{s:i, s:i, s:s, s:o}", "major",
                                              (int)ios->v[i].major, "minor",
                                              (int)ios->v[i].minor, "op",
                                              ios->v[i].op, "value",
                                              number(ios->v[i].value)));
    return list;
}

static json_t *hugetlb(const struct cg_huges *huges)
{
    json_t *object = json_object();
    for (size_t i = 0; i < huges->n; i++) {
        const struct cg_memory *bytes = &huges->v[i].bytes;
        json_object_set_new(object, huges->v[i].size,
                            json_pack("{s:o, s:o, s:o}", "usage",
                                      number(bytes->usage), "max",
                                      number(bytes->max_usage), "failcnt",
                                      number(bytes->failures)));
    }
    return object;
}

int oci_stats(const struct oci_runtime *runtime, const char *id, json_t **ret,
              struct err *e)
{
    auto_cg struct cg cg = CG_INIT;
    auto_cg_details struct cg_details details = {0};
    int r = open_group(runtime, id, &cg, e);
    if (r == 0)
        r = cg_details_get(&cg, &details, e);
    if (r < 0)
        return r;
    *ret = json_pack("{s:o, s:o, s:o, s:{s:o, s:o}, s:{s:o, s:o, s:o*}, s:o, "
                     "s:{}, s:n}",
                     "cpu", cpu(&details), "cpuset", cpuset(&details), "memory",
                     memory(&details), "pids", "current",
                     number(details.stats.pids), "limit",
                     number(details.stats.pids_limit == UINT64_MAX
                                ? 0
                                : details.stats.pids_limit),
                     "blkio", "ioServiceBytesRecursive", ios(&details.io_bytes),
                     "ioServicedRecursive", ios(&details.io_operations), "psi",
                     pressure(&details.io_pressure), "hugetlb",
                     hugetlb(&details.huge), "intel_rdt", "network_interfaces");
    return 0;
}
