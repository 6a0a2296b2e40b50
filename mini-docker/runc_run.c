/* mini-runc create, start, run. */
#include "runc.h"

#include "field.h"
#include "own.h"
#include "proc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUNDLE                                                                 \
    {                                                                          \
        "bundle", 'b', &option_string, "Bundle",                               \
            "The bundle's directory (default: the current one)"                \
    }
#define COMMON                                                                 \
    {"config", 'f', &option_string, "Config",                                  \
     "The name of config.json in the bundle, or its path"},                    \
        {"no-subreaper", 0, &option_bool, "NoSubreaper",                       \
         "Ignored: we never adopt processes"},                                 \
        {"console-socket", 0, &option_string, "ConsoleSocket",                 \
         "Where to send the terminal: a unix socket"},                         \
        {"no-new-keyring", 0, &option_bool, "KeepKeyring",                     \
         "Keep the caller's session keyring"},                                 \
        {"no-pivot", 0, &option_bool, "NoPivot", "Do without pivot_root(2)"},  \
        {"pid-file", 0, &option_string, "PidFile",                             \
         "Write the process's pid to this file"},                              \
        {"pidfd-socket", 0, &option_string, "PidfdSocket",                     \
         "Where to send a pidfd of the process"},                              \
    {                                                                          \
        "preserve-fds", 0, &option_int, "PreserveFds",                         \
            "Descriptors beyond 2, and LISTEN_FDS, that it inherits"           \
    }

/* clang-format off */
static const struct option create_options[] = {BUNDLE, COMMON, {0}};
static const struct option run_options[] = {
    BUNDLE, COMMON,
    {"detach", 'd', &option_bool, "Detach", "Do not wait for its end"},
    {"keep", 0, &option_bool, "Keep", "Do not delete it when it has ended"},
    {0},
};
static const struct option no_options[] = {{0}};
/* clang-format on */

static unsigned int count(int64_t n)
{
    return n > 0 && n < 1024 ? (unsigned int)n : 0;
}

/* sd_listen_fds(3): what was handed to us is meant for the container. */
static unsigned int listen_fds(void)
{
    const char *value = getenv("LISTEN_FDS");
    int64_t n = 0;
    return value != NULL && text_to_i64(value, &n) == 0 ? count(n) : 0;
}

static struct oci_order order_from(const json_t *doc)
{
    const char *bundle = field_string(doc, "Bundle");
    return (struct oci_order){
        .bundle = bundle != NULL ? bundle : ".",
        .config = field_string(doc, "Config"),
        .console_socket = field_string(doc, "ConsoleSocket"),
        .pid_file = field_string(doc, "PidFile"),
        .pidfd_socket = field_string(doc, "PidfdSocket"),
        .listen_fds = listen_fds(),
        .keep_fds = listen_fds() + count(field_int(doc, "PreserveFds", 0)),
        .keep_keyring = field_bool(doc, "KeepKeyring"),
        .no_pivot = field_bool(doc, "NoPivot"),
        .stdio = {-1, -1, -1},
        .warn = runc_warn,
    };
}

static int create(struct runc_call *call, struct err *e)
{
    struct oci_order order = order_from(call->doc);
    return oci_create(call->runtime, call->id, &order, e);
}

static int start(struct runc_call *call, struct err *e)
{
    return oci_start(call->runtime, call->id, e);
}

/* In the foreground it gets pipes or a terminal of ours, as in `run` of an
 * engine; detached it has what we have. */
static int open_streams(struct oci_order *order, bool terminal, struct err *e)
{
    return runc_foreground_open(order->arg, terminal, order->stdio,
                                &order->console_fd, e);
}

static int run_foreground(struct runc_call *call, struct oci_order *order,
                          struct err *e)
{
    struct runc_foreground foreground = RUNC_FOREGROUND_INIT;
    order->dies_with_us = true;
    order->streams = open_streams;
    order->arg = &foreground;
    auto_fd int pidfd = oci_run(call->runtime, call->id, order, e);
    int r = pidfd;
    if (r >= 0)
        r = runc_foreground_follow(&foreground, pidfd, e);
    runc_foreground_close(&foreground);
    bool made = pidfd >= 0;
    struct err why = {0};
    if (made && !field_bool(call->doc, "Keep") &&
        oci_delete(call->runtime, call->id, true, runc_warn, &why) < 0 &&
        r >= 0)
        r = err_set(e, why.code, "%s", why.msg);
    return r;
}

static int run(struct runc_call *call, struct err *e)
{
    struct oci_order order = order_from(call->doc);
    bool detached =
        field_bool(call->doc, "Detach") || order.console_socket != NULL;
    if (!detached)
        return run_foreground(call, &order, e);
    auto_fd int pidfd = oci_run(call->runtime, call->id, &order, e);
    return pidfd < 0 ? pidfd : 0;
}

const struct runc_command runc_create = {
    .name = "create",
    .synopsis = "[OPTIONS] ID",
    .summary = "Make a container from a bundle, ready to be started",
    .options = create_options,
    .min_operands = 1,
    .max_operands = 1,
    .run = create,
};

const struct runc_command runc_start = {
    .name = "start",
    .synopsis = "ID",
    .summary = "Run the program of a container that was created",
    .options = no_options,
    .min_operands = 1,
    .max_operands = 1,
    .run = start,
};

const struct runc_command runc_run = {
    .name = "run",
    .synopsis = "[OPTIONS] ID",
    .summary = "Create a container, start it, and wait for its end",
    .options = run_options,
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
