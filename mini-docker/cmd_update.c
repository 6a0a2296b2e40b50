/* mini-docker update: other limits for a container, while it runs or not. */
#include "request_limits.h"

#include "engine_check.h"
#include "field.h"

#include <errno.h>
#include <stdio.h>

/* clang-format off */
static const struct option options[] = {
    REQUEST_BLKIO_WEIGHT,
    REQUEST_CPU_PERIOD,
    REQUEST_CPU_QUOTA,
    REQUEST_CPU_RT_PERIOD,
    REQUEST_CPU_RT_RUNTIME,
    REQUEST_CPU_SHARES,
    REQUEST_CPUS,
    REQUEST_CPUSET_CPUS,
    REQUEST_CPUSET_MEMS,
    REQUEST_KERNEL_MEMORY,
    REQUEST_MEMORY,
    REQUEST_MEMORY_RESERVATION,
    REQUEST_MEMORY_SWAP,
    REQUEST_PIDS_LIMIT,
    REQUEST_RESTART,
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
    int r = engine_check_limits(call->doc, e);
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
