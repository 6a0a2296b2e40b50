/* mini-runc state, list, ps, kill, delete, pause, resume. */
#include "runc.h"

#include "field.h"
#include "own.h"
#include "proc.h"
#include "ps.h"
#include "table.h"

#include <errno.h>
#include <regex.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct option no_options[] = {{0}};

/* --- looking --- */

static int state(struct runc_call *call, struct err *e)
{
    auto_doc json_t *state = NULL;
    int r = oci_state(call->runtime, call->id, &state, e);
    if (r == 0)
        runc_print_json(state);
    return r;
}

const struct runc_command runc_state = {
    .name = "state",
    .synopsis = "ID",
    .summary = "Print the state of a container",
    .options = no_options,
    .min_operands = 1,
    .max_operands = 1,
    .run = state,
};

/* clang-format off */
static const struct option list_options[] = {
    {"format", 'f', &option_string, "Format", "table or json"},
    {"quiet", 'q', &option_bool, "Quiet", "Only the ids"},
    {0},
};
static const struct table_column list_columns[] = {
    {"id", "ID", true},           {"pid", "PID", true},
    {"status", "STATUS", true},   {"bundle", "BUNDLE", true},
    {"created", "CREATED", true}, {"owner", "OWNER", true},
    {0},
};
/* clang-format on */

static int print_list(json_t *states, struct err *e)
{
    for (size_t i = 0; i < json_array_size(states); i++) {
        json_t *row = json_array_get(states, i);
        auto_free char *pid = text_format("%d", (int)field_int(row, "pid", 0));
        json_object_set_new(row, "pid", json_string(pid));
    }
    return table_print(list_columns, states, NULL, stdout, e);
}

static int list(struct runc_call *call, struct err *e)
{
    auto_doc json_t *states = NULL;
    const char *format = field_string(call->doc, "Format");
    bool json = format != NULL && strcmp(format, "json") == 0;
    if (format != NULL && !json && strcmp(format, "table") != 0)
        return err_set(e, EINVAL, "--format: \"%s\" is not table or json",
                       format);
    int r = oci_list(call->runtime, &states, e);
    if (r < 0)
        return r;
    if (field_bool(call->doc, "Quiet")) {
        for (size_t i = 0; i < json_array_size(states); i++)
            printf("%s\n", field_string(json_array_get(states, i), "id"));
        return 0;
    }
    if (!json)
        return print_list(states, e);
    /* Go has no empty list where nothing was put in, and so has runc. */
    bool none = json_array_size(states) == 0;
    auto_doc json_t *null = json_null();
    json_dumpf(none ? null : states, stdout, JSON_COMPACT | JSON_ENCODE_ANY);
    putchar('\n');
    return 0;
}

const struct runc_command runc_list = {
    .name = "list",
    .synopsis = "[OPTIONS]",
    .summary = "List the containers below the state root",
    .options = list_options,
    .run = list,
};

/* --- ps --- */

/* clang-format off */
static const struct option ps_options[] = {
    {"format", 'f', &option_string, "Format", "table or json"},
    {0},
};
/* clang-format on */

static int print_table(const struct runc_call *call, const pid_t *pids,
                       size_t n, struct err *e)
{
    auto_strv struct strv options = {0}, lines = {0};
    for (size_t i = 1; i < call->operands.n; i++)
        strv_add(&options, call->operands.v[i]);
    int r = ps_lines(&options, pids, n, &lines, e);
    for (size_t i = 0; i < lines.n; i++)
        puts(lines.v[i]);
    return r;
}

static int ps(struct runc_call *call, struct err *e)
{
    auto_free pid_t *pids = NULL;
    size_t n = 0;
    int r = oci_processes(call->runtime, call->id, &pids, &n, e);
    if (r < 0)
        return r;
    const char *format = field_string(call->doc, "Format");
    if (format == NULL || strcmp(format, "table") == 0)
        return print_table(call, pids, n, e);
    if (strcmp(format, "json") != 0)
        return err_set(e, EINVAL, "--format: \"%s\" is not table or json",
                       format);
    for (size_t i = 0; i < n; i++)
        printf("%s%d", i == 0 ? "[" : ",", pids[i]);
    printf("%s]\n", n == 0 ? "[" : "");
    return 0;
}

const struct runc_command runc_ps = {
    .name = "ps",
    .synopsis = "[OPTIONS] ID [PS-OPTION...]",
    .summary = "Show the processes of a container",
    .options = ps_options,
    .min_operands = 1,
    .max_operands = 1000,
    .stop_at_operand = true,
    .run = ps,
};

/* --- signals and the end --- */

/* clang-format off */
#define REGEX                                                                  \
    {"regex", 'r', &option_bool, "Regex",                                      \
     "ID is a regular expression (regex(7)): every container that it matches"}
static const struct option kill_options[] = {
    {"all", 'a', &option_bool, "All", "To every process in it"},
    REGEX,
    {0},
};
static const struct option delete_options[] = {
    {"force", 'f', &option_bool, "Force",
     "End it if it runs (uses SIGKILL); that it is not there is no error"},
    REGEX,
    {0},
};
/* clang-format on */

static int match_all(struct runc_call *call, const regex_t *pattern,
                     int (*act)(struct runc_call *call, struct err *e),
                     struct err *e)
{
    auto_doc json_t *states = NULL;
    int failed = 0, r = oci_list(call->runtime, &states, e);
    for (size_t i = 0; r == 0 && i < json_array_size(states); i++) {
        call->id = field_string(json_array_get(states, i), "id");
        int one = 0;
        if (regexec(pattern, call->id, 0, NULL, 0) == 0)
            one = act(call, failed == 0 ? e : NULL);
        if (one < 0 && failed == 0)
            failed = one;
    }
    call->id = NULL;
    return r < 0 ? r : failed;
}

/* Do it to the container, or with --regex to each that the words match. One
 * that refuses does not save the others. */
static int act_on(struct runc_call *call,
                  int (*act)(struct runc_call *call, struct err *e),
                  struct err *e)
{
    regex_t pattern;
    if (!field_bool(call->doc, "Regex"))
        return act(call, e);
    if (regcomp(&pattern, call->id, REG_EXTENDED | REG_NOSUB) != 0)
        return err_set(e, EINVAL, "--regex: \"%s\" is no regular expression",
                       call->id);
    int r = match_all(call, &pattern, act, e);
    regfree(&pattern);
    return r;
}

static int kill_one(struct runc_call *call, struct err *e)
{
    const char *name = call->operands.n > 1 ? call->operands.v[1] : "TERM";
    /* 0 sends nothing, and tells whether it lives: kill(2). */
    int signal = strcmp(name, "0") == 0 ? 0 : proc_signal_number(name);
    if (signal < 0)
        return err_set(e, EINVAL, "unknown signal \"%s\"", name);
    return oci_kill(call->runtime, call->id, signal,
                    field_bool(call->doc, "All"), e);
}

static int kill_it(struct runc_call *call, struct err *e)
{
    return act_on(call, kill_one, e);
}

const struct runc_command runc_kill = {
    .name = "kill",
    .synopsis = "[OPTIONS] ID [SIGNAL]",
    .summary = "Send a signal (default: SIGTERM) to a container's process",
    .options = kill_options,
    .min_operands = 1,
    .max_operands = 2,
    .run = kill_it,
};

static int delete_one(struct runc_call *call, struct err *e)
{
    return oci_delete(call->runtime, call->id, field_bool(call->doc, "Force"),
                      runc_warn, e);
}

static int delete (struct runc_call *call, struct err *e)
{
    return act_on(call, delete_one, e);
}

const struct runc_command runc_delete = {
    .name = "delete",
    .synopsis = "[OPTIONS] ID",
    .summary = "Take away all that is left of a container",
    .options = delete_options,
    .min_operands = 1,
    .max_operands = 1,
    .run = delete,
};

static int pause_it(struct runc_call *call, struct err *e)
{
    return oci_pause(call->runtime, call->id, e);
}

const struct runc_command runc_pause = {
    .name = "pause",
    .synopsis = "ID",
    .summary = "Stop every process of a container where it is",
    .options = no_options,
    .min_operands = 1,
    .max_operands = 1,
    .run = pause_it,
};

static int resume(struct runc_call *call, struct err *e)
{
    return oci_resume(call->runtime, call->id, e);
}

const struct runc_command runc_resume = {
    .name = "resume",
    .synopsis = "ID",
    .summary = "Let the processes of a paused container go on",
    .options = no_options,
    .min_operands = 1,
    .max_operands = 1,
    .run = resume,
};
