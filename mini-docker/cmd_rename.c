/* mini-docker rename. */
#include "engine_check.h"
#include "request.h"

#include <errno.h>

static const struct option options[] = {{0}};

static int run(struct call *call, struct err *e)
{
    auto_engine struct engine *engine = NULL;
    const char *from = call->operands.v[0], *to = call->operands.v[1];
    if (from[0] == '\0' || to[0] == '\0')
        return err_set(e, EINVAL, "Neither old nor new names may be empty");
    to += to[0] == '/'; /* inspect shows names with a slash */
    int r = engine_check_name(to, e);
    if (r == 0)
        r = engine_open(&engine, call->root, e);
    return r < 0 ? r : engine_rename(engine, from, to, e);
}

const struct command command_rename = {
    .name = "rename",
    .aliases = {"container rename"},
    .synopsis = "CONTAINER NEW_NAME",
    .summary = "Rename a container",
    .options = options,
    .min_operands = 2,
    .max_operands = 2,
    .run = run,
};
