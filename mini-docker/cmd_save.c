/* mini-docker save: images as an archive. */
#include "command.h"
#include "output.h"
#include "progress.h"

#include "field.h"

#include <unistd.h>

/* clang-format off */
static const struct option options[] = {
    {"output", 'o', &option_string, "Output",
     "Write to a file, instead of STDOUT"},
    {"platform", 0, &option_string, "Platform",
     "Save only the given platform variant. Formatted as "
     "\"os[/arch[/variant]]\" (e.g., \"linux/amd64\")"},
    {0},
};
/* clang-format on */

static int save(void *arg, int fd, struct err *e)
{
    const struct call *call = arg;
    auto_engine struct engine *engine = NULL;
    int r = engine_open(&engine, call->root, e);
    if (r == 0)
        r = engine_enter(engine, e);
    if (r < 0)
        return r;
    auto_progress struct progress bars = {.action = "Saving layer",
                                          .is_shown = isatty(STDOUT_FILENO)};
    struct image_save what = {
        .names = &call->operands,
        .platform = field_string(call->doc, "Platform"),
        .target = {output_add, &fd},
        .progress = progress_tell,
        .arg = &bars
    };
    return image_save(engine_images(engine), &what, e);
}

static int run(struct call *call, struct err *e)
{
    return output_write(field_string(call->doc, "Output"),
                        "failed to save image", save, call, e);
}

const struct command command_save = {
    .name = "save",
    .aliases = {"image save"},
    .synopsis = "[OPTIONS] IMAGE [IMAGE...]",
    .summary = "Save one or more images to a tar archive (streamed to STDOUT "
               "by default)",
    .options = options,
    .min_operands = 1,
    .max_operands = COMMAND_ANY,
    .run = run,
};
