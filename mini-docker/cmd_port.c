/* mini-docker port: which ports of a container the host publishes. */
#include "command.h"

#include "field.h"
#include "own.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
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

static void print_binding(const json_t *binding)
{
    const char *ip = field_string(binding, "HostIp");
    bool is_v6 = strchr(ip, ':') != NULL;
    printf("%s%s%s:%s\n", is_v6 ? "[" : "", ip, is_v6 ? "]" : "",
           field_string(binding, "HostPort"));
}

/* Of one port, the addresses alone. */
static void print_all(const char *port, const json_t *bindings, bool names)
{
    size_t i;
    const json_t *binding;
    json_array_foreach(bindings, i, binding)
    {
        if (names)
            printf("%s -> ", port);
        print_binding(binding);
    }
}

static int compare(const void *a, const void *b)
{
    const char *one = *(char *const *)a, *other = *(char *const *)b;
    long x = strtol(one, NULL, 10), y = strtol(other, NULL, 10);
    return x != y ? (x > y) - (x < y) : strcmp(one, other);
}

static void print_in_order(json_t *ports)
{
    auto_strv struct strv names = {0};
    const char *port;
    json_t *bindings;
    json_object_foreach(ports, port, bindings) strv_add(&names, port);
    if (names.n > 0)
        qsort(names.v, names.n, sizeof *names.v, compare);
    for (size_t i = 0; i < names.n; i++)
        print_all(names.v[i], json_object_get(ports, names.v[i]), true);
}

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
    if (r < 0)
        return r;
    json_t *ports =
        json_object_get(json_object_get(container, "NetworkSettings"), "Ports");
    if (port == NULL) {
        print_in_order(ports);
        return 0;
    }
    const json_t *bindings = json_object_get(ports, port);
    if (json_array_size(bindings) == 0)
        return err_set(e, ENOENT, "No public port '%s' published for %s", port,
                       name);
    print_all(port, bindings, false);
    return 0;
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
