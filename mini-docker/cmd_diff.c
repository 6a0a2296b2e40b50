/* mini-docker diff: what a container has changed in its image's files. */
#include "command.h"

#include "field.h"

#include <stdio.h>

/* clang-format off */
static const struct option options[] = {
    {0},
};
/* clang-format on */

static int run(struct call *call, struct err *e)
{
    static const char letters[] = {'C', 'A', 'D'};
    auto_engine struct engine *engine = NULL;
    json_auto_t *changes = NULL;
    int r = engine_open(&engine, call->root, e);
    if (r == 0)
        r = engine_diff(engine, call->operands.v[0], &changes, e);
    if (r < 0)
        return r;
    size_t i;
    const json_t *change;
    json_array_foreach(changes, i, change)
        printf("%c %s\n", letters[field_int(change, "Kind", 0)],
               field_string(change, "Path"));
    return 0;
}

const struct command command_diff = {
    .name = "diff",
    .aliases = {"container diff"},
    .synopsis = "CONTAINER",
    .summary = "Inspect changes to files or directories on a container's "
               "filesystem",
    .options = options,
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
