/* mini-docker help: about a command, and what is made from the tables. */
#include "help.h"

#include "field.h"

#include <errno.h>
#include <string.h>

/* clang-format off */
static const struct option options[] = {
    {"completion", 0, &option_string, "Completion",
     "Print the completion for a shell (bash)"},
    {"man", 0, &option_bool, "Man", "Print the manual page"},
    {0},
};
/* clang-format on */

static int run(struct call *call, struct err *e)
{
    const char *shell = field_string(call->doc, "Completion");
    if (shell != NULL && strcmp(shell, "bash") != 0)
        return err_set(e, ENOSYS, "completion for %s is not built yet", shell);
    if (shell != NULL) {
        help_print_bash(stdout);
        return 0;
    }
    if (field_bool(call->doc, "Man")) {
        help_print_man(stdout);
        return 0;
    }
    if (call->operands.n == 0) {
        help_print_all(stdout);
        return 0;
    }
    const struct command *command;
    const char *topic = call->operands.v[0];
    const struct command_group *group = command_find_group(topic);
    if (command_find(call->operands.v, &command) > 0)
        help_print(command, stdout);
    else if (group != NULL)
        help_print_group(group, stdout);
    else
        return err_set(e, EINVAL, "unknown help topic: %s", topic);
    return 0;
}

const struct command command_help = {
    .name = "help",
    .synopsis = "[OPTIONS] [COMMAND]",
    .summary = "Help about the command",
    .options = options,
    .max_operands = 2,
    .run = run,
};
