/* mini-docker stop and restart: the end of a container, and perhaps a new
 * beginning. */
#include "command.h"

#include "field.h"
#include "proc.h"

#include <errno.h>

/* clang-format off */
static const struct option options[] = {
    {"signal", 's', &option_string, "Signal", "Signal to send to the container"},
    {"time", 't', &option_int, "Timeout",
     "Seconds to wait before killing the container"},
    {"timeout", 0, &option_int, "Timeout",
     "Seconds to wait before killing the container"},
    {0},
};
/* clang-format on */

static int check(const struct call *call, struct err *e)
{
    const char *signal = field_string(call->doc, "Signal");
    return signal == NULL || signal[0] == '\0' || proc_signal_number(signal) > 0
               ? 0
               : err_set(e, EINVAL, "invalid signal: %s", signal);
}

static struct engine_stop read_wish(const struct call *call)
{
    const char *signal = field_string(call->doc, "Signal");
    return (struct engine_stop){
        .signal = signal != NULL && signal[0] != '\0' ? signal : NULL,
        .has_timeout = field_get(call->doc, "Timeout") != NULL,
        .timeout_s = field_int(call->doc, "Timeout", 0),
    };
}

static int stop_one(struct engine *engine, const struct call *call,
                    const char *name, struct err *e)
{
    struct engine_stop how = read_wish(call);
    return call->command == &command_stop
               ? engine_stop(engine, name, &how, e)
               : engine_restart(engine, name, &how, e);
}

static int run(struct call *call, struct err *e)
{
    int r = check(call, e);
    return r < 0 ? r : command_each_at_once(call, stop_one, e);
}

const struct command command_stop = {
    .name = "stop",
    .aliases = {"container stop"},
    .synopsis = "[OPTIONS] CONTAINER [CONTAINER...]",
    .summary = "Stop one or more running containers",
    .options = options,
    .min_operands = 1,
    .max_operands = COMMAND_ANY,
    .run = run,
};

const struct command command_restart = {
    .name = "restart",
    .aliases = {"container restart"},
    .synopsis = "[OPTIONS] CONTAINER [CONTAINER...]",
    .summary = "Restart one or more containers",
    .options = options,
    .min_operands = 1,
    .max_operands = COMMAND_ANY,
    .run = run,
};
