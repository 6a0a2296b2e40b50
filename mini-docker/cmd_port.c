/* mini-docker port: which ports of a container the host publishes. */
#include "command.h"

#include "own.h"

#include <errno.h>
#include <string.h>

static const struct option options[] = {{0}};

/* "80" or "80/udp", as a port and its protocol, which is tcp where none is
 * said. */
static int read_port(const char *said, char **ret, struct err *e)
{
    const char *slash = strchr(said, '/');
    auto_free char *number =
        slash != NULL ? text_format("%.*s", (int)(slash - said), said)
                      : own_strdup(said);
    uint64_t port;
    if (text_to_u64(number, &port) < 0 || port > UINT16_MAX)
        return err_set(e, EINVAL, "invalid port '%s'", said);
    *ret = text_format("%s/%s", number, slash != NULL ? slash + 1 : "tcp");
    return 0;
}

/* Nothing can be published yet: `run -p` is refused. So a list of all has no
 * line, and each port that is asked for is not among them. */
static int run(struct call *call, struct err *e)
{
    const char *name = call->operands.v[0];
    auto_engine struct engine *engine = NULL;
    auto_doc json_t *container = NULL;
    auto_free char *port = NULL;
    int r = call->operands.n > 1 ? read_port(call->operands.v[1], &port, e) : 0;
    if (r == 0)
        r = engine_open(&engine, call->root, e);
    if (r == 0)
        r = engine_inspect(engine, name, false, &container, e);
    if (r < 0 || port == NULL)
        return r;
    return err_set(e, ENOENT, "No public port '%s' published for %s", port,
                   name);
}

const struct command command_port = {
    .name = "port",
    .aliases = {"container port"},
    .synopsis = "CONTAINER [PRIVATE_PORT[/PROTO]]",
    .summary = "List port mappings or a specific mapping for the container",
    .options = options,
    .min_operands = 1,
    .max_operands = 2,
    .run = run,
};
