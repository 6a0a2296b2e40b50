/* mini-docker network rm: remove networks that nobody is in. */
#include "command.h"

#include "field.h"

#include <errno.h>
#include <stdio.h>

/* clang-format off */
static const struct option options[] = {
    {"force", 'f', &option_bool, "Force",
     "Do not error if the network does not exist"},
    {0},
};
/* clang-format on */

static int remove_one(struct engine *engine, const struct call *call,
                      const char *name, struct err *e)
{
    int r = engine_network_remove(engine, name, e);
    if (r == -ENOENT && field_bool(call->doc, "Force"))
        return 0;
    if (r >= 0)
        printf("%s\n", name);
    return r;
}

static int run(struct call *call, struct err *e)
{
    return command_each(call, remove_one, e);
}

const struct command command_network_rm = {
    .name = "network rm",
    .aliases = {"network remove"},
    .synopsis = "NETWORK [NETWORK...]",
    .summary = "Remove one or more networks",
    .options = options,
    .min_operands = 1,
    .max_operands = COMMAND_ANY,
    .run = run,
};
