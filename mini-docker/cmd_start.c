/* mini-docker start: containers that are there begin to run. */
#include "seat.h"

#include "field.h"

#include <errno.h>
#include <stdio.h>

/* clang-format off */
static const struct option options[] = {
    {"attach", 'a', &option_bool, "Attach",
     "Attach STDOUT/STDERR and forward signals"},
    {"checkpoint", 0, &option_string, OPTION_NOT_YET,
     "Restore from this checkpoint"},
    {"checkpoint-dir", 0, &option_string, OPTION_NOT_YET,
     "Use a custom checkpoint storage directory"},
    {"detach-keys", 0, &option_string, "Cli.DetachKeys",
     "Override the key sequence for detaching a container"},
    {"interactive", 'i', &option_bool, "Interactive",
     "Attach container's STDIN"},
    {0},
};
/* clang-format on */

static int start_one(struct engine *engine, const struct call *call,
                     const char *name, struct err *e)
{
    (void)call;
    engine_tell_skipped(engine, name, command_warn);
    int r = engine_start(engine, name, NULL, e);
    if (r >= 0)
        puts(name);
    return r;
}

/* After the reasons, whom they are about, as Docker has it. */
static int start_all(struct call *call, struct err *e)
{
    int r = command_each(call, start_one, e);
    if (call->failed.n == 0)
        return r;
    auto_text struct text names = {0};
    strv_join(&call->failed, ", ", &names);
    strv_addf(&call->failures, "failed to start containers: %s", names.s);
    return r;
}

static int sit(struct call *call, struct err *e)
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
    seat.input = field_bool(call->doc, "Interactive") &&
                 field_bool(doc, "Config.OpenStdin");
    seat.output = seat.error = true;
    json_decref(doc);
    engine_tell_skipped(engine, name, command_warn);
    return seat_result(&seat, engine_start(engine, name, &seat, e));
}

static int run(struct call *call, struct err *e)
{
    bool attach =
        field_bool(call->doc, "Attach") || field_bool(call->doc, "Interactive");
    if (attach && call->operands.n > 1)
        return err_set(e, EINVAL,
                       "you cannot start and attach multiple containers at "
                       "once");
    return attach ? sit(call, e) : start_all(call, e);
}

const struct command command_start = {
    .name = "start",
    .aliases = {"container start"},
    .synopsis = "[OPTIONS] CONTAINER [CONTAINER...]",
    .summary = "Start one or more stopped containers",
    .options = options,
    .min_operands = 1,
    .max_operands = COMMAND_ANY,
    .run = run,
};
