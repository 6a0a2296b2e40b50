/* mini-docker run: a new container, in the foreground. */
#include "request.h"

#include "field.h"
#include "own.h"
#include "trace.h"

#include <stdio.h>

static int check(struct call *call, struct err *e)
{
    int r = request_finish(call, e);
    if (r == 0)
        r = request_check(call->doc, e);
    const char *wish = field_string(call->doc, "Cli.Trace");
    if (r == 0 && wish != NULL) {
        trace_close(); /* --trace wins over MINI_DOCKER_TRACE */
        r = trace_open(wish, e);
    }
    return r;
}

static void warn(const char *message)
{
    fflush(stdout);
    fprintf(stderr, "WARNING: limits are not applied: %s\n", message);
}

static int run(struct call *call, struct err *e)
{
    auto_doc json_t *cli = doc_take(call->doc, "Cli");
    const char *name = field_string(cli, "Name");
    const char *cidfile = field_string(call->doc, "HostConfig.ContainerIDFile");
    const json_t *proxy = field_get(cli, "SigProxy");
    struct engine_run order = {
        .document = call->doc,
        .name = name == NULL || name[0] == '\0' ? NULL : name,
        .cidfile = cidfile == NULL || cidfile[0] == '\0' ? NULL : cidfile,
        .warn = warn,
        .no_signal_proxy = proxy != NULL && json_is_false(proxy),
    };
    auto_engine struct engine *engine = NULL;
    int r = engine_open(&engine, call->root, e);
    if (r == 0)
        r = engine_run(engine, &order, e);
    if (r >= 0 && order.unclean.code != 0)
        command_complain(order.unclean.msg);
    return r;
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
    .check = check,
    .run = run,
};
