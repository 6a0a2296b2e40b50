/* mini-docker commit: an image of what a container has become. */
#include "command.h"
#include "output.h"

#include "field.h"

#include <stdio.h>

/* clang-format off */
static const struct option options[] = {
    {"author", 'a', &option_string, "Author",
     "Author (e.g., \"John Hannibal Smith <hannibal@a-team.com>\")"},
    {"change", 'c', &option_list, "Changes",
     "Apply Dockerfile instruction to the created image"},
    {"message", 'm', &option_string, "Message", "Commit message"},
    {"pause", 'p', &option_bool, "Pause",
     "Pause container during commit (default true)"},
    {0},
};
/* clang-format on */

static int run(struct call *call, struct err *e)
{
    auto_engine struct engine *engine = NULL;
    auto_strv struct strv changes = {0};
    const json_t *pause = field_get(call->doc, "Pause");
    field_strings(call->doc, "Changes", &changes);
    struct engine_commit request = {
        .container = call->operands.v[0],
        .name = call->operands.n > 1 ? call->operands.v[1] : NULL,
        .author = field_string(call->doc, "Author"),
        .message = field_string(call->doc, "Message"),
        .changes = &changes,
        .pause = pause == NULL || json_is_true(pause),
        .notice = output_notice,
    };
    char id[72];
    int r = engine_open(&engine, call->root, e);
    if (r == 0)
        r = engine_commit(engine, &request, id, e);
    if (r < 0)
        return r;
    printf("%s\n", id);
    return 0;
}

const struct command command_commit = {
    .name = "commit",
    .aliases = {"container commit"},
    .synopsis = "[OPTIONS] CONTAINER [REPOSITORY[:TAG]]",
    .summary = "Create a new image from a container's changes",
    .options = options,
    .min_operands = 1,
    .max_operands = 2,
    .run = run,
};
