/* mini-docker run and create: a new container. */
#include "request.h"

#include "engine_registry.h"
#include "field.h"
#include "own.h"
#include "seat.h"
#include "transfer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* What is wrong with where we sit, and not with what is asked for. */
static int check_seat(const json_t *doc, struct err *e)
{
    if (!field_bool(doc, "Cli.Detach"))
        return seat_check_input(field_bool(doc, "Tty"),
                                field_bool(doc, "OpenStdin"), e);
    return field_get(doc, "Cli.Attach") == NULL
               ? 0
               : err_set(e, EINVAL, "Conflicting options: -a and -d");
}

static int check(struct call *call, struct err *e)
{
    int r = request_finish(call, e);
    if (r == 0)
        r = request_check_line(call->doc, e);
    return r < 0 ? r : request_open_trace(call->doc, e);
}

/* What `run` refuses is always 125, whoever does it. */
static int check_all(struct call *call, struct err *e)
{
    int r = check(call, e);
    return r < 0 ? r : request_check(call->doc, e);
}

static struct engine_create make_order(struct call *call, const json_t *cli)
{
    const char *name = field_string(cli, "Name");
    const char *cidfile = field_string(call->doc, "HostConfig.ContainerIDFile");
    const char *platform = field_string(cli, "Platform");
    seat_put_size(call->doc, "HostConfig.ConsoleSize");
    return (struct engine_create){
        .document = call->doc,
        .name = name == NULL || name[0] == '\0' ? NULL : name,
        .cidfile = cidfile == NULL || cidfile[0] == '\0' ? NULL : cidfile,
        .platform = platform == NULL || platform[0] == '\0' ? NULL : platform,
        .warn = command_warn,
    };
}

/* --- the image ----------------------------------------------------------- */

/* What to pull, if anything; what is told goes to standard error, as Docker's
 * does, so that output is the container's alone. */
struct wanted {
    struct pull pull;
    struct progress lines;
    const char *when; /* "always", "missing", "never" */
};

static void want(struct wanted *ret, const struct engine_create *order,
                 const json_t *cli)
{
    const char *when = field_string(cli, "Pull");
    *ret = (struct wanted){
        .lines = {.is_shown = !field_bool(cli, "Quiet"), .is_on_error = true},
        .when = when == NULL || when[0] == '\0' ? "missing" : when,
        .pull = { .name = field_string(order->document,                   "Image"),
                  .platform = order->platform,
                  .tell = transfer_tell}
    };
    ret->pull.arg = &ret->lines;
}

static int pull_first(struct engine *engine, const struct wanted *wanted,
                      struct err *e)
{
    return strcmp(wanted->when, "always") == 0
               ? engine_registry_pull(engine, &wanted->pull, e)
               : 0;
}

/* After an attempt: is it worth another one? */
static bool may_be_had(struct engine *engine, struct wanted *wanted, int r,
                       struct err *e)
{
    bool is_had = r == -ENOENT && strcmp(wanted->when, "never") != 0 &&
                  engine_registry_provide(engine, &wanted->pull, e) == 0;
    progress_done(&wanted->lines);
    return is_had;
}

static int create(struct call *call, struct err *e)
{
    int r = request_check(call->doc, e);
    if (r < 0)
        return r;
    auto_doc json_t *cli = doc_take(call->doc, "Cli");
    struct engine_create order = make_order(call, cli);
    auto_engine struct engine *engine = NULL;
    struct wanted wanted;
    char id[ENGINE_ID_SIZE];
    want(&wanted, &order, cli);
    r = engine_open(&engine, call->root, e);
    if (r == 0)
        r = pull_first(engine, &wanted, e);
    if (r == 0)
        r = engine_create(engine, &order, id, e);
    if (r < 0 && may_be_had(engine, &wanted, r, e))
        r = engine_create(engine, &order, id, e);
    if (r == 0)
        puts(id);
    return r;
}

static int run(struct call *call, struct err *e)
{
    struct engine_seat seat;
    int r = seat_init(&seat, call->doc, e);
    if (r < 0)
        return r;
    if (check_seat(call->doc, e) < 0) {
        command_complain(e->msg);
        return 1; /* as Docker, whose 125 is its engine's */
    }
    auto_doc json_t *cli = doc_take(call->doc, "Cli");
    bool detached = field_bool(cli, "Detach");
    seat.input = field_bool(call->doc, "AttachStdin");
    seat.output = field_bool(call->doc, "AttachStdout");
    seat.error = field_bool(call->doc, "AttachStderr");
    struct engine_create order = make_order(call, cli);
    auto_engine struct engine *engine = NULL;
    struct wanted wanted;
    char id[ENGINE_ID_SIZE];
    want(&wanted, &order, cli);
    r = engine_open(&engine, call->root, e);
    if (r == 0)
        r = pull_first(engine, &wanted, e);
    if (r == 0)
        r = engine_run(engine, &order, detached ? NULL : &seat, id, e);
    if (r < 0 && may_be_had(engine, &wanted, r, e))
        r = engine_run(engine, &order, detached ? NULL : &seat, id, e);
    if (r == 0 && detached)
        puts(id);
    return seat_result(&seat, r);
}

const struct command command_run = {
    .name = "run",
    .aliases = {"container run"},
    .synopsis = "[OPTIONS] IMAGE [COMMAND] [ARG...]",
    .summary = "Create and run a new container from an image",
    .options = request_options,
    .min_operands = 1,
    .max_operands = COMMAND_ANY,
    .stop_at_operand = true,
    .failure = 125,
    .check = check_all,
    .run = run,
};

const struct command command_create = {
    .name = "create",
    .aliases = {"container create"},
    .synopsis = "[OPTIONS] IMAGE [COMMAND] [ARG...]",
    .summary = "Create a new container",
    .options = request_options + REQUEST_OF_RUN,
    .min_operands = 1,
    .max_operands = COMMAND_ANY,
    .stop_at_operand = true,
    .check = check,
    .run = create,
};
