/* mini-runc update: other limits for a container that runs. */
#include "runc.h"

#include "doc.h"
#include "field.h"
#include "files.h"
#include "own.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Bytes; or -1 for as much as there is. */
static int set_limit(const struct option *option, const char *value,
                     json_t *doc, struct err *e)
{
    json_int_t bytes = -1;
    int r = strcmp(value, "-1") == 0 ? 0 : option_read_bytes(value, &bytes, e);
    if (r == 0)
        doc_set(doc, option->path, json_integer(bytes));
    return r;
}
static const struct option_kind option_limit = {"bytes", NULL, set_limit,
                                                false};

/* clang-format off */
static const struct option options[] = {
    {"blkio-weight", 0, &option_int, "BlkioWeight", "10 to 1000"},
    {"cpu-burst", 0, &option_int, "CpuBurst", "Microseconds"},
    {"cpu-idle", 0, &option_int, "CpuIdle", "1: only when nobody else runs"},
    {"cpu-period", 0, &option_int, "CpuPeriod", "Microseconds"},
    {"cpu-quota", 0, &option_int, "CpuQuota", "Microseconds per period"},
    {"cpu-rt-period", 0, &option_int, "CpuRtPeriod", "Microseconds"},
    {"cpu-rt-runtime", 0, &option_int, "CpuRtRuntime", "Microseconds"},
    {"cpu-share", 0, &option_int, "CpuShares", "Relative weight"},
    {"cpu-shares", 0, &option_int, "CpuShares", "The same"},
    {"cpuset-cpus", 0, &option_string, "CpusetCpus", "CPUs: 0-3,7"},
    {"cpuset-mems", 0, &option_string, "CpusetMems", "Memory nodes: 0-1"},
    {"kernel-memory", 0, &option_limit, "KernelMemory", "Bytes (cgroup v1)"},
    {"kernel-memory-tcp", 0, &option_limit, "KernelMemoryTcp",
     "Bytes for the buffers of TCP (cgroup v1)"},
    {"l3-cache-schema", 0, &option_string, "L3CacheSchema",
     "Refused: resource control of caches is not supported"},
    {"mem-bw-schema", 0, &option_string, "MemBwSchema",
     "Refused: resource control of memory bandwidth is not supported"},
    {"memory", 0, &option_limit, "Memory", "Bytes, -1: unlimited"},
    {"memory-reservation", 0, &option_limit, "MemoryReservation", "Bytes"},
    {"memory-swap", 0, &option_limit, "MemorySwap",
     "Bytes of memory and swap together, -1: unlimited"},
    {"pids-limit", 0, &option_int, "Pids", "Processes, -1: unlimited"},
    {"resources", 'r', &option_string, "Resources",
     "A file with a resources object, in place of all that; -: standard input"},
    {0},
};
/* clang-format on */

#define AT(member) offsetof(struct cg_limits, member)
static const struct {
    const char *member;
    size_t offset;
} numbers[] = {
    {"BlkioWeight",       AT(io_weight)         },
    {"CpuBurst",          AT(cpu_burst)         },
    {"CpuIdle",           AT(cpu_idle)          },
    {"CpuPeriod",         AT(cpu_period)        },
    {"CpuQuota",          AT(cpu_quota)         },
    {"CpuRtPeriod",       AT(cpu_rt_period)     },
    {"CpuRtRuntime",      AT(cpu_rt_runtime)    },
    {"CpuShares",         AT(cpu_shares)        },
    {"KernelMemory",      AT(memory_kernel)     },
    {"KernelMemoryTcp",   AT(memory_tcp)        },
    {"Memory",            AT(memory)            },
    {"MemoryReservation", AT(memory_reservation)},
    {"MemorySwap",        AT(memory_swap)       },
    {"Pids",              AT(pids)              },
};

static int read_set(const json_t *doc, const char *member, char *out,
                    size_t size, struct err *e)
{
    const char *set = field_string(doc, member);
    if (set == NULL)
        return 0;
    if (strlen(set) >= size || strspn(set, "0123456789,-") != strlen(set))
        return err_set(e, EINVAL, "%s: \"%s\" is no list", member, set);
    memcpy(out, set, strlen(set) + 1);
    return 0;
}

static int read_options(const json_t *doc, struct cg_limits *limits,
                        struct err *e)
{
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        int64_t value = field_int(doc, numbers[i].member, CG_UNSET);
        *(int64_t *)((char *)limits + numbers[i].offset) = value;
    }
    int r = read_set(doc, "CpusetCpus", limits->cpuset_cpus,
                     sizeof limits->cpuset_cpus, e);
    return r < 0 ? r
                 : read_set(doc, "CpusetMems", limits->cpuset_mems,
                            sizeof limits->cpuset_mems, e);
}

/* Intel's RDT: schemata of a group of resctrl, which containers have none of.
 */
static int refuse_schemata(const json_t *doc, struct err *e)
{
    static const char *const members[][2] = {
        {"L3CacheSchema", "l3-cache-schema"},
        {"MemBwSchema",   "mem-bw-schema"  },
    };
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        const char *schema = field_string(doc, members[i][0]);
        if (schema != NULL && schema[0] != '\0')
            return err_set(e, ENOTSUP,
                           "--%s: Intel RDT (resctrl) is not supported",
                           members[i][1]);
    }
    return 0;
}

static int read_file(const char *path, struct cg_limits *limits, struct err *e)
{
    auto_text struct text text = {0};
    const char *name = strcmp(path, "-") == 0 ? "/dev/stdin" : path;
    int r = files_read(AT_FDCWD, name, &text, e);
    return r < 0 ? r : oci_resources_parse(limits, text.s, text.len, path, e);
}

static int update(struct runc_call *call, struct err *e)
{
    struct cg_limits limits = CG_LIMITS_INIT;
    const char *file = field_string(call->doc, "Resources");
    int r = refuse_schemata(call->doc, e);
    if (r == 0)
        r = file != NULL ? read_file(file, &limits, e)
                         : read_options(call->doc, &limits, e);
    limits.strict = true;
    if (r == 0)
        r = oci_update(call->runtime, call->id, &limits, e);
    cg_limits_done(&limits);
    return r;
}

const struct runc_command runc_update = {
    .name = "update",
    .synopsis = "[OPTIONS] ID",
    .summary = "Change the limits of a container",
    .options = options,
    .min_operands = 1,
    .max_operands = 1,
    .run = update,
};
