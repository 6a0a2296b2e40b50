/* mini-docker volume rm: remove volumes that no container uses. */
#include "command.h"

#include "field.h"

#include <errno.h>
#include <stdio.h>

/* clang-format off */
static const struct option options[] = {
    {"force", 'f', &option_bool, "Force",
     "Force the removal of one or more volumes"},
    {0},
};
/* clang-format on */

/* With --force one that is not there is as good as removed. */
static int remove_one(struct engine *engine, const struct call *call,
                      const char *name, struct err *e)
{
    int r = engine_volume_remove(engine, name, e);
    if (r == -ENOENT && field_bool(call->doc, "Force"))
        r = 0;
    if (r >= 0)
        printf("%s\n", name);
    return r;
}

static int run(struct call *call, struct err *e)
{
    return command_each(call, remove_one, e);
}

const struct command command_volume_rm = {
    .name = "volume rm",
    .aliases = {"volume remove"},
    .synopsis = "[OPTIONS] VOLUME [VOLUME...]",
    .summary = "Remove one or more volumes",
    .options = options,
    .min_operands = 1,
    .max_operands = COMMAND_ANY,
    .run = run,
};
