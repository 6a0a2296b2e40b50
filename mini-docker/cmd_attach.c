/* mini-docker attach: sit down in front of a container that runs. */
#include "seat.h"

#include "field.h"

/* clang-format off */
static const struct option options[] = {
    {"detach-keys", 0, &option_string, "Cli.DetachKeys",
     "Override the key sequence for detaching a container"},
    {"no-stdin", 0, &option_bool, "NoStdin", "Do not attach STDIN"},
    {"sig-proxy", 0, &option_bool, "Cli.SigProxy",
     "Proxy all received signals to the process (default true)"},
    {0},
};
/* clang-format on */

static int run(struct call *call, struct err *e)
{
    struct engine_seat seat;
    auto_engine struct engine *engine = NULL;
    json_t *doc = NULL;
    const char *name = call->operands.v[0];
    int r = seat_init(&seat, call->doc, e);
    if (r == 0)
        r = engine_open(&engine, call->root, e);
    if (r == 0)
        r = engine_inspect(engine, name, false, &doc, e);
    if (r < 0)
        return r;
    /* engine_attach leaves it out where the container has none. */
    seat.input = !field_bool(call->doc, "NoStdin");
    seat.output = seat.error = true;
    if (field_is(doc, "State.Status", "running")) /* else that is told */
        r = seat_check_input(field_bool(doc, "Config.Tty"), seat.input, e);
    json_decref(doc);
    if (r == 0)
        r = engine_attach(engine, name, &seat, e);
    return seat_result(&seat, seat_check_left(r, e));
}

const struct command command_attach = {
    .name = "attach",
    .aliases = {"container attach"},
    .synopsis = "[OPTIONS] CONTAINER",
    .summary = "Attach local standard input, output, and error streams to a "
               "running container",
    .options = options,
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
