/* mini-docker update: other limits for a container, while it runs or not. */
#include "request.h"

#include "field.h"

#include <errno.h>
#include <stdio.h>

#define HOST(member) "HostConfig." #member

/* clang-format off */
static const struct option options[] = {
    {"blkio-weight", 0, &option_uint16, HOST(BlkioWeight),
     "Share of block IO, between 10 and 1000, or 0 to leave it (default 0)"},
    {"cpu-period", 0, &option_int, HOST(CpuPeriod),
     "Length of the scheduler's accounting period, in microseconds"},
    {"cpu-quota", 0, &option_int, HOST(CpuQuota),
     "CPU time per period, in microseconds"},
    {"cpu-rt-period", 0, &option_int, OPTION_NOT_YET,
     "Real-time period, in microseconds"},
    {"cpu-rt-runtime", 0, &option_int, OPTION_NOT_YET,
     "Real-time CPU time per period, in microseconds"},
    {"cpu-shares", 'c', &option_int, HOST(CpuShares),
     "Share of CPU time when it is scarce (relative weight)"},
    {"cpus", 0, &option_cpus, HOST(NanoCpus), "Number of CPUs"},
    {"cpuset-cpus", 0, &option_string, HOST(CpusetCpus),
     "CPUs in which to allow execution (0-3, 0,1)"},
    {"cpuset-mems", 0, &option_string, HOST(CpusetMems),
     "Memory nodes in which to allow execution (0-3, 0,1)"},
    {"memory", 'm', &option_bytes, HOST(Memory), "Memory limit"},
    {"memory-reservation", 0, &option_bytes, HOST(MemoryReservation),
     "Memory soft limit"},
    {"memory-swap", 0, &request_swap, HOST(MemorySwap),
     "Memory and swap together, -1 for unlimited swap"},
    {"pids-limit", 0, &option_int, HOST(PidsLimit),
     "How many processes it may have (-1 for unlimited)"},
    {"restart", 0, &request_restart, HOST(RestartPolicy),
     "Restart policy to apply when it exits"},
    {0},
};
/* clang-format on */

static int update_one(struct engine *engine, const struct call *call,
                      const char *name, struct err *e)
{
    int r = engine_update(engine, name, field_get(call->doc, "HostConfig"), e);
    if (r >= 0)
        puts(name);
    return r;
}

static int run(struct call *call, struct err *e)
{
    if (field_get(call->doc, "HostConfig") == NULL)
        return err_set(e, EINVAL,
                       "you must provide one or more flags when using this "
                       "command");
    int r = request_check_limits(call->doc, e);
    return r < 0 ? r : command_each(call, update_one, e);
}

const struct command command_update = {
    .name = "update",
    .aliases = {"container update"},
    .synopsis = "[OPTIONS] CONTAINER [CONTAINER...]",
    .summary = "Update configuration of one or more containers",
    .options = options,
    .min_operands = 1,
    .max_operands = COMMAND_ANY,
    .run = run,
};
