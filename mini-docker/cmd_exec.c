/* mini-docker exec: one more process in a container that runs. */
#include "request.h"

#include "field.h"
#include "own.h"
#include "seat.h"

#include <errno.h>

/* clang-format off */
static const struct option options[] = {
    {"detach", 'd', &option_bool, "Cli.Detach",
     "Detached mode: run command in the background"},
    {"detach-keys", 0, &option_string, "Cli.DetachKeys",
     "Override the key sequence for detaching a container"},
    {"env", 'e', &request_env, "Env", "Set environment variables"},
    {"env-file", 0, &option_list, "Cli.EnvFiles",
     "Read in a file of environment variables"},
    {"interactive", 'i', &option_bool, "AttachStdin",
     "Keep STDIN open even if not attached"},
    {"privileged", 0, &option_bool, "Privileged",
     "Give extended privileges to the command"},
    {"tty", 't', &option_bool, "Tty", "Allocate a pseudo-TTY"},
    {"user", 'u', &option_string, "User",
     "Username or UID (format: \"<name|uid>[:<group|gid>]\")"},
    {"workdir", 'w', &option_string, "WorkingDir",
     "Working directory inside the container"},
    {0},
};
/* clang-format on */

static int check(struct call *call, struct err *e)
{
    int r = request_put_env(call->doc, e);
    for (size_t i = 1; r == 0 && i < call->operands.n; i++)
        r = request_put_word(call->doc, "Cmd", call->operands.v[i], i, e);
    return r;
}

/* A terminal that is missing is told only if the container is not. */
static int check_input(struct engine *engine, const struct call *call,
                       struct err *e)
{
    struct err why = {0};
    auto_doc json_t *doc = NULL;
    int r = seat_check_input(field_bool(call->doc, "Tty"),
                             field_bool(call->doc, "AttachStdin"), &why);
    int found =
        r < 0 ? engine_inspect(engine, call->operands.v[0], false, &doc, e) : 0;
    return found < 0 ? found : r < 0 ? err_set(e, why.code, "%s", why.msg) : 0;
}

static int run(struct call *call, struct err *e)
{
    struct engine_seat seat;
    auto_engine struct engine *engine = NULL;
    bool detached = field_bool(call->doc, "Cli.Detach");
    int r = seat_init(&seat, call->doc, e);
    if (r == 0)
        r = engine_open(&engine, call->root, e);
    if (r == 0 && !detached)
        r = check_input(engine, call, e);
    seat.input = field_bool(call->doc, "AttachStdin");
    seat.output = seat.error = true;
    seat_put_size(call->doc, "ConsoleSize");
    if (r == 0)
        r = engine_exec(engine, call->operands.v[0], call->doc,
                        detached ? NULL : &seat, e);
    return seat_result(&seat, seat_check_left(r, e));
}

const struct command command_exec = {
    .name = "exec",
    .aliases = {"container exec"},
    .synopsis = "[OPTIONS] CONTAINER COMMAND [ARG...]",
    .summary = "Execute a command in a running container",
    .options = options,
    .min_operands = 2,
    .max_operands = COMMAND_ANY,
    .stop_at_operand = true,
    .failure = 1,
    .check = check,
    .run = run,
};
