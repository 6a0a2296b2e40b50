/* mini-runc spec, features, events. */
#include "runc.h"

#include "field.h"
#include "own.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- spec --- */

/* clang-format off */
static const struct option spec_options[] = {
    {"bundle", 'b', &option_string, "Bundle",
     "Where to write it (default: the current directory)"},
    {"file", 'f', &option_string, "File",
     "Its name there (default: config.json)"},
    {"rootless", 0, &option_bool, "Rootless", "For an ordinary user"},
    {0},
};
static const struct option no_options[] = {{0}};
/* clang-format on */

static int spec(struct runc_call *call, struct err *e)
{
    const char *bundle = field_string(call->doc, "Bundle");
    auto_free char *path = oci_config_path(bundle != NULL ? bundle : ".",
                                           field_string(call->doc, "File"));
    auto_doc json_t *config = oci_config_example(
        field_bool(call->doc, "Rootless"), geteuid(), getegid());
    /* One that is there is somebody's work. */
    auto_fd int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0)
        return err_sys(e, errno, "%s", path);
    if (json_dumpfd(config, fd, JSON_INDENT(4)) < 0 || write(fd, "\n", 1) < 1) {
        int code = errno;
        unlink(path);
        return err_sys(e, code, "%s", path);
    }
    return 0;
}

const struct runc_command runc_spec = {
    .name = "spec",
    .synopsis = "[OPTIONS]",
    .summary = "Write a config.json to start from",
    .options = spec_options,
    .run = spec,
};

/* --- features --- */

static int features(struct runc_call *call, struct err *e)
{
    (void)call;
    (void)e;
    auto_doc json_t *features = oci_features();
    runc_print_json(features);
    return 0;
}

const struct runc_command runc_features = {
    .name = "features",
    .synopsis = "",
    .summary = "Print what this runtime can do",
    .options = no_options,
    .run = features,
};

/* --- events --- */

/* clang-format off */
static const struct option events_options[] = {
    {"interval", 0, &option_duration, "Interval",
     "Between two statistics (default 5s)"},
    {"stats", 0, &option_bool, "Stats", "Statistics once, and no more"},
    {0},
};
/* clang-format on */

static void print_event(const char *type, const char *id, json_t *data)
{
    auto_doc json_t *event =
        json_pack("{s:s, s:s, s:o*}", "type", type, "id", id, "data", data);
    json_dumpf(event, stdout, JSON_COMPACT);
    putchar('\n');
    fflush(stdout);
}

static int print_stats(const struct runc_call *call, struct err *e)
{
    json_t *stats = NULL;
    int r = oci_stats(call->runtime, call->id, &stats, e);
    if (r == 0)
        print_event("stats", call->id, stats);
    return r;
}

/* "5s", "500ms", "2m": what people write for an interval. */
static int interval_ms(const char *text, int *ret, struct err *e)
{
    static const struct {
        const char *unit;
        int ms;
    } units[] = {
        {"ms", 1    },
        {"s",  1000 },
        {"m",  60000}
    };
    char *end = NULL;
    long number = text == NULL ? 5 : strtol(text, &end, 10);
    const char *unit = text == NULL ? "s" : end;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (strcmp(units[i].unit, unit) == 0 && number > 0 && number < 100000) {
            *ret = (int)number * units[i].ms;
            return 0;
        }
    return err_set(e, EINVAL, "--interval: \"%s\" is not like 5s", text);
}

/* Until the container ends: its kernel says when memory ran out. */
static int follow(struct runc_call *call, int ms, struct err *e)
{
    auto_fd int oom = oci_watch_oom(call->runtime, call->id, e);
    uint64_t seen = 0;
    bool running = oom >= 0;
    while (running) {
        struct pollfd event = {.fd = oom, .events = POLLIN};
        char drop[4096];
        if (poll(&event, 1, ms) > 0 && read(oom, drop, sizeof drop) < 0 &&
            errno != EAGAIN)
            break;
        auto_doc json_t *state = NULL;
        running = oci_state(call->runtime, call->id, &state, NULL) == 0 &&
                  !field_is(state, "status", "stopped");
        uint64_t kills = running ? oci_oom_kills(call->runtime, call->id) : 0;
        if (kills > seen)
            print_event("oom", call->id, NULL);
        seen = kills;
        if (running && event.revents == 0)
            running = print_stats(call, NULL) == 0;
    }
    return oom < 0 ? oom : 0;
}

static int events(struct runc_call *call, struct err *e)
{
    int ms = 0;
    int r = interval_ms(field_string(call->doc, "Interval"), &ms, e);
    if (r < 0)
        return r;
    return field_bool(call->doc, "Stats") ? print_stats(call, e)
                                          : follow(call, ms, e);
}

const struct runc_command runc_events = {
    .name = "events",
    .synopsis = "[OPTIONS] ID",
    .summary = "Statistics of a container, and when it runs out of memory",
    .options = events_options,
    .min_operands = 1,
    .max_operands = 1,
    .run = events,
};
