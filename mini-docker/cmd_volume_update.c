/* mini-docker volume update: only volumes of a cluster have what it changes. */
#include "command.h"

#include <errno.h>

/* clang-format off */
static const struct option options[] = {
    {"availability", 0, &option_string, "Availability",
     "Cluster Volume availability (\"active\", \"pause\", \"drain\") (default "
     "\"active\")"},
    {0},
};
/* clang-format on */

static int run(struct call *call, struct err *e)
{
    auto_engine struct engine *engine = NULL;
    auto_doc json_t *volume = NULL;
    int r = engine_open(&engine, call->root, e);
    if (r == 0)
        r = engine_volume_inspect(engine, call->operands.v[0], &volume, e);
    return r < 0 ? r : err_set(e, EINVAL, "Can only update cluster volumes");
}

const struct command command_volume_update = {
    .name = "volume update",
    .synopsis = "[OPTIONS] VOLUME",
    .summary = "Update a volume (cluster volumes only)",
    .options = options,
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
