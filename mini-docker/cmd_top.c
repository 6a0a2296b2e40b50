/* mini-docker top: the processes of a container. */
#include "command.h"

#include "field.h"
#include "table.h"

static const struct option options[] = {{0}};

static int run(struct call *call, struct err *e)
{
    auto_strv struct strv ps = {0};
    for (size_t i = 1; i < call->operands.n; i++)
        strv_add(&ps, call->operands.v[i]);
    auto_engine struct engine *engine = NULL;
    auto_doc json_t *top = NULL;
    int r = engine_open(&engine, call->root, e);
    if (r == 0)
        r = engine_top(engine, call->operands.v[0], &ps, &top, e);
    if (r < 0)
        return r;
    json_t *rows = json_object_get(top, "Processes");
    json_array_insert(rows, 0, json_object_get(top, "Titles"));
    table_print_cells(rows, 20, stdout);
    return 0;
}

const struct command command_top = {
    .name = "top",
    .aliases = {"container top"},
    .synopsis = "CONTAINER [ps OPTIONS]",
    .summary = "Display the running processes of a container",
    .options = options,
    .min_operands = 1,
    .max_operands = COMMAND_ANY,
    .stop_at_operand = true,
    .run = run,
};
