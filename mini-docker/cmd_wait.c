/* mini-docker wait: until containers have ended; their exit codes. */
#include "command.h"

#include <stdio.h>

static const struct option options[] = {{0}};

static int wait_one(struct engine *engine, const struct call *call,
                    const char *name, struct err *e)
{
    (void)call;
    int r = engine_wait(engine, name, "not-running", e);
    if (r >= 0)
        printf("%d\n", r);
    return r;
}

static int run(struct call *call, struct err *e)
{
    return command_each(call, wait_one, e);
}

const struct command command_wait = {
    .name = "wait",
    .aliases = {"container wait"},
    .synopsis = "CONTAINER [CONTAINER...]",
    .summary = "Block until one or more containers stop, then print their exit "
               "codes",
    .options = options,
    .min_operands = 1,
    .max_operands = COMMAND_ANY,
    .run = run,
};
