/* mini-docker rmi: remove images. */
#include "command.h"

#include "field.h"

#include <errno.h>
#include <stdio.h>

/* clang-format off */
static const struct option options[] = {
    {"force", 'f', &option_bool, "Force", "Force removal of the image"},
    {"no-prune", 0, &option_bool, "NoPrune", "Do not delete untagged parents"},
    {"platform", 0, &option_list, "Platforms",
     "Remove only the given platform variant. Formatted as "
     "\"os[/arch[/variant]]\" (e.g., \"linux/amd64\")"},
    {0},
};
/* clang-format on */

/* The store has one platform for each name: it is that one, or nothing is
 * removed. */
static int check_platform(struct engine *engine, const struct call *call,
                          const char *name, struct err *e)
{
    auto_strv struct strv wanted = {0};
    auto_image struct image image = {0};
    field_strings(call->doc, "Platforms", &wanted);
    if (wanted.n > 1)
        return err_set(e, EINVAL, "multiple platforms are not supported");
    return wanted.n == 0 ? 0
                         : image_find_for(engine_images(engine), name,
                                          wanted.v[0], &image, e);
}

static int remove_one(struct engine *engine, const struct call *call,
                      const char *name, struct err *e)
{
    auto_strv struct strv said = {0};
    int r = check_platform(engine, call, name, e);
    if (r == 0)
        r = engine_remove_image(engine, name, field_bool(call->doc, "Force"),
                                &said, e);
    for (size_t i = 0; i < said.n; i++)
        printf("%s\n", said.v[i]);
    return r;
}

static int run(struct call *call, struct err *e)
{
    return command_each(call, remove_one, e);
}

const struct command command_rmi = {
    .name = "rmi",
    .aliases = {"image rm", "image remove"},
    .synopsis = "[OPTIONS] IMAGE [IMAGE...]",
    .summary = "Remove one or more images",
    .options = options,
    .min_operands = 1,
    .max_operands = COMMAND_ANY,
    .run = run,
};
