/* mini-docker rename. */
#include "request.h"

#include <errno.h>

static const struct option options[] = {{0}};

static int check(const struct call *call, struct err *e)
{
    const char *to = call->operands.v[1];
    return request_is_name(to + (to[0] == '/'))
               ? 0
               : err_set(e, EINVAL,
                         "Invalid container name (%s), only "
                         "[a-zA-Z0-9][a-zA-Z0-9_.-] are allowed",
                         to);
}

static int run(struct call *call, struct err *e)
{
    auto_engine struct engine *engine = NULL;
    const char *to = call->operands.v[1];
    int r = check(call, e);
    if (r == 0)
        r = engine_open(&engine, call->root, e);
    return r < 0 ? r
                 : engine_rename(engine, call->operands.v[0],
                                 to + (to[0] == '/'), e);
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
