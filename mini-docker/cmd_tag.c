/* mini-docker tag: one more name for an image. */
#include "command.h"

/* clang-format off */
static const struct option options[] = {
    {0},
};
/* clang-format on */

static int run(struct call *call, struct err *e)
{
    auto_engine struct engine *engine = NULL;
    int r = engine_open(&engine, call->root, e);
    if (r == 0)
        r = engine_enter(engine, e);
    return r < 0 ? r
                 : image_tag(engine_images(engine), call->operands.v[0],
                             call->operands.v[1], e);
}

const struct command command_tag = {
    .name = "tag",
    .aliases = {"image tag"},
    .synopsis = "SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]",
    .summary = "Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE",
    .options = options,
    .min_operands = 2,
    .max_operands = 2,
    .run = run,
};
