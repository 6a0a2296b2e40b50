/* mini-docker pause and unpause: all processes of a container stand still. */
#include "command.h"

#include <stdio.h>

static const struct option options[] = {{0}};

static int pause_one(struct engine *engine, const struct call *call,
                     const char *name, struct err *e)
{
    int r = engine_pause(engine, name, call->command == &command_pause, e);
    if (r >= 0)
        puts(name);
    return r;
}

static int run(struct call *call, struct err *e)
{
    return command_each(call, pause_one, e);
}

const struct command command_pause = {
    .name = "pause",
    .aliases = {"container pause"},
    .synopsis = "CONTAINER [CONTAINER...]",
    .summary = "Pause all processes within one or more containers",
    .options = options,
    .min_operands = 1,
    .max_operands = COMMAND_ANY,
    .run = run,
};

const struct command command_unpause = {
    .name = "unpause",
    .aliases = {"container unpause"},
    .synopsis = "CONTAINER [CONTAINER...]",
    .summary = "Unpause all processes within one or more containers",
    .options = options,
    .min_operands = 1,
    .max_operands = COMMAND_ANY,
    .run = run,
};
