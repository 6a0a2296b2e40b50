/* mini-docker rm: remove containers. */
#include "command.h"

#include "field.h"

#include <stdio.h>

/* clang-format off */
static const struct option options[] = {
    {"force", 'f', &option_bool, "Force",
     "Force the removal of a running container (uses SIGKILL)"},
    {"link", 'l', &option_bool, OPTION_NOT_YET, "Remove the specified link"},
    {"volumes", 'v', &option_bool, "Volumes",
     "Remove anonymous volumes associated with the container"},
    {0},
};
/* clang-format on */

static int remove_one(struct engine *engine, const struct call *call,
                      const char *name, struct err *e)
{
    int flags = (field_bool(call->doc, "Force") ? ENGINE_FORCE : 0) |
                (field_bool(call->doc, "Volumes") ? ENGINE_VOLUMES : 0);
    int r = engine_remove(engine, name, flags, e);
    if (r >= 0)
        printf("%s\n", name);
    return r;
}

static int run(struct call *call, struct err *e)
{
    return command_each(call, remove_one, e);
}

const struct command command_rm = {
    .name = "rm",
    .aliases = {"container rm", "container remove"},
    .synopsis = "[OPTIONS] CONTAINER [CONTAINER...]",
    .summary = "Remove one or more containers",
    .options = options,
    .min_operands = 1,
    .max_operands = COMMAND_ANY,
    .run = run,
};
