/* mini-docker export: all files of a container as an archive. */
#include "command.h"
#include "output.h"

#include "field.h"

/* clang-format off */
static const struct option options[] = {
    {"output", 'o', &option_string, "Output",
     "Write to a file, instead of STDOUT"},
    {0},
};
/* clang-format on */

static int export(void *arg, int fd, struct err *e)
{
    const struct call *call = arg;
    auto_engine struct engine *engine = NULL;
    struct pack_options out = {
        .target = {output_add, &fd},
          .notice = output_notice
    };
    int r = engine_open(&engine, call->root, e);
    return r < 0 ? r : engine_export(engine, call->operands.v[0], &out, e);
}

static int run(struct call *call, struct err *e)
{
    return output_write(field_string(call->doc, "Output"),
                        "failed to export container", export, call, e);
}

const struct command command_export = {
    .name = "export",
    .aliases = {"container export"},
    .synopsis = "[OPTIONS] CONTAINER",
    .summary = "Export a container's filesystem as a tar archive",
    .options = options,
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
