/* mini-docker kill: a signal for the first process of a container. */
#include "command.h"

#include "field.h"
#include "proc.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>

/* clang-format off */
static const struct option options[] = {
    {"signal", 's', &option_string, "Signal",
     "Signal to send to the container (default KILL)"},
    {0},
};
/* clang-format on */

static int read_signal(const struct call *call)
{
    const char *signal = field_string(call->doc, "Signal");
    return signal == NULL || signal[0] == '\0' ? SIGKILL
                                               : proc_signal_number(signal);
}

static int check(const struct call *call, struct err *e)
{
    const char *signal = field_string(call->doc, "Signal");
    int64_t number = 0;
    if (read_signal(call) > 0)
        return 0;
    bool is_number = text_to_i64(signal, &number) == 0 && number != 0;
    return is_number
               ? err_set(e, EINVAL,
                         "the linux daemon does not support signal %s", signal)
               : err_set(e, EINVAL, "invalid signal: %s", signal);
}

static int kill_one(struct engine *engine, const struct call *call,
                    const char *name, struct err *e)
{
    int r = engine_kill(engine, name, read_signal(call), e);
    if (r >= 0)
        puts(name);
    return r;
}

static int run(struct call *call, struct err *e)
{
    int r = check(call, e);
    return r < 0 ? r : command_each(call, kill_one, e);
}

const struct command command_kill = {
    .name = "kill",
    .aliases = {"container kill"},
    .synopsis = "[OPTIONS] CONTAINER [CONTAINER...]",
    .summary = "Kill one or more running containers",
    .options = options,
    .min_operands = 1,
    .max_operands = COMMAND_ANY,
    .run = run,
};
