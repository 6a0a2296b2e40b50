/* mini-docker volume create: a directory that outlives containers. */
#include "request.h"

#include "field.h"
#include "own.h"

#include <stdio.h>

/* clang-format off */
static const struct option options[] = {
    {"driver", 'd', &option_string, "Driver",
     "Specify volume driver name (default \"local\")"},
    {"label", 0, &request_label, "Labels", "Set metadata for a volume"},
    {"opt", 'o', &option_map, "DriverOpts",
     "Set driver specific options (type=tmpfs,device=tmpfs; "
     "type=none,o=bind,device=/path)"},
    {0},
};
/* clang-format on */

static int run(struct call *call, struct err *e)
{
    auto_engine struct engine *engine = NULL;
    auto_doc json_t *volume = NULL;
    if (call->operands.n > 0)
        doc_set(call->doc, "Name", json_string(call->operands.v[0]));
    int r = engine_open(&engine, call->root, e);
    if (r == 0)
        r = engine_volume_create(engine, call->doc, &volume, e);
    if (r == 0)
        printf("%s\n", field_string(volume, "Name"));
    return r;
}

const struct command command_volume_create = {
    .name = "volume create",
    .synopsis = "[OPTIONS] [VOLUME]",
    .summary = "Create a volume",
    .options = options,
    .max_operands = 1,
    .run = run,
};
