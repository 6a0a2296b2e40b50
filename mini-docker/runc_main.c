/* mini-runc: from argv to an operation of chapter 06, and errors to the log. */
#include "runc.h"

#include "fault.h"
#include "field.h"
#include "files.h"
#include "help.h"
#include "own.h"
#include "trace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const struct runc_command *const table[] = {
    &runc_create, &runc_delete, &runc_events, &runc_exec,  &runc_features,
    &runc_kill,   &runc_list,   &runc_pause,  &runc_ps,    &runc_resume,
    &runc_run,    &runc_spec,   &runc_start,  &runc_state, &runc_update,
};
enum { NO_SUCH_COMMAND = 3 }; /* the exit status that runc has for it */
static const char *const not_yet[] = {"checkpoint", "restore"};

/* clang-format off */
static const struct option options[] = {
    {"cgroup-manager", 0, &option_string, "CgroupManager",
     "cgroupfs: control groups are made directly; nothing else is supported"},
    {"criu", 0, &option_string, "Criu", "Ignored: there are no checkpoints"},
    {"debug", 0, &option_bool, "Debug", "Tell every step (MINI_DOCKER_TRACE)"},
    {"log", 0, &option_string, "Log", "Write errors to this file as well"},
    {"log-format", 0, &option_string, "LogFormat", "text or json"},
    {"root", 0, &option_string, "Root",
     "Where the state of containers is kept (default: /run/mini-runc)"},
    {"rootless", 0, &option_string, "Rootless",
     "Ignored: what this user may do is found out (true, false or auto)"},
    {"systemd-cgroup", 0, &option_bool, "SystemdCgroup",
     "Refused: control groups are made directly"},
    {"version", 'v', &option_bool, "Version", "Print the version and quit"},
    {0},
};
/* clang-format on */

/* --- errors --- */

static void log_line(const char *path, const char *format, const char *message)
{
    auto_fd int fd =
        open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    char date[40];
    time_t now = time(NULL);
    struct tm tm;
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
    auto_doc json_t *entry = json_pack("{s:s, s:s, s:s}", "level", "error",
                                       "msg", message, "time", date);
    auto_free char *json = json_dumps(entry, JSON_COMPACT);
    auto_free char *quoted =
        json_dumps(json_object_get(entry, "msg"), JSON_ENCODE_ANY);
    auto_free char *line =
        format != NULL && strcmp(format, "json") == 0
            ? text_format("%s\n", json)
            : text_format("time=\"%s\" level=error msg=%s\n", date, quoted);
    if (fd >= 0)
        files_write_all(fd, line, strlen(line));
}

static int fail(const struct runc_call *call, int status, const struct err *e)
{
    const char *path = field_string(call->global, "Log");
    fflush(stdout);
    fprintf(stderr, "mini-runc: %s\n", e->msg);
    if (path != NULL)
        log_line(path, field_string(call->global, "LogFormat"), e->msg);
    return status;
}

/* --- the command line --- */

static void print_help(const struct runc_command *command)
{
    if (command != NULL) {
        printf("Usage:  mini-runc %s %s\n\n%s\n", command->name,
               command->synopsis, command->summary);
        help_print_options(command->options, stdout);
        return;
    }
    printf("Usage:  mini-runc [OPTIONS] COMMAND\n\n"
           "An OCI runtime: runs the containers that bundles describe\n\n"
           "Commands:\n");
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        printf("  %-10s  %s\n", table[i]->name, table[i]->summary);
    help_print_options(options, stdout);
}

static const struct runc_command *find(const char *name)
{
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (strcmp(table[i]->name, name) == 0)
            return table[i];
    return NULL;
}

static int unknown(struct runc_call *call, const char *name, struct err *e)
{
    for (size_t i = 0; i < sizeof not_yet / sizeof not_yet[0]; i++)
        if (strcmp(not_yet[i], name) == 0)
            return err_set(e, ENOSYS, "%s is not built yet", name);
    call->failure = NO_SUCH_COMMAND;
    return err_set(e, EINVAL, "No help topic for '%s'", name);
}

static int check_operands(const struct runc_call *call, struct err *e)
{
    const struct runc_command *command = call->command;
    size_t n = call->operands.n;
    if (n >= command->min_operands && n <= command->max_operands)
        return 0;
    return err_set(e, EINVAL, "%s: usage: mini-runc %s %s", command->name,
                   command->name, command->synopsis);
}

void runc_warn(const char *message)
{
    fprintf(stderr, "mini-runc: warning: %s\n", message);
}

static int run_command(struct runc_call *call, char **argv, struct err *e)
{
    auto_oci_runtime struct oci_runtime runtime = OCI_RUNTIME_INIT;
    struct option_line line = {
        .options = call->command->options,
        .argv = argv,
        .stop_at_operand = call->command->stop_at_operand,
    };
    int r = option_parse(&line, call->doc, &call->operands, e);
    if (r == OPTION_HELP) {
        print_help(call->command);
        return 0;
    }
    if (r == 0)
        r = check_operands(call, e);
    if (r < 0)
        return r;
    call->failure = call->command->failure;
    call->runtime = &runtime;
    call->id = call->operands.n > 0 ? call->operands.v[0] : NULL;
    if (call->command->min_operands > 0 || call->command == &runc_list)
        r = oci_runtime_open(&runtime, field_string(call->global, "Root"), e);
    if (r == 0)
        r = call->command->run(call, e);
    call->runtime = NULL;
    return r;
}

static int check_global(const json_t *global, struct err *e)
{
    const char *format = field_string(global, "LogFormat");
    if (format != NULL && strcmp(format, "text") != 0 &&
        strcmp(format, "json") != 0)
        return err_set(e, EINVAL, "--log-format: \"%s\" is not text or json",
                       format);
    if (field_bool(global, "SystemdCgroup"))
        return err_set(e, ENOTSUP,
                       "--systemd-cgroup is not supported: "
                       "control groups are made directly");
    const char *manager = field_string(global, "CgroupManager");
    if (manager != NULL && strcmp(manager, "cgroupfs") != 0)
        return err_set(e, ENOTSUP,
                       "--cgroup-manager: \"%s\" is not supported: "
                       "control groups are made directly (cgroupfs)",
                       manager);
    const char *trace = getenv("MINI_DOCKER_TRACE");
    if (trace == NULL && field_bool(global, "Debug"))
        trace = "steps";
    int r = trace_open(trace, e);
    return r < 0 ? r : fault_open(getenv("MINI_DOCKER_FAULT"), e);
}

/* `mini-runc help [COMMAND]`, as runc has it. */
static int help(struct runc_call *call, const char *name, struct err *e)
{
    const struct runc_command *command = name != NULL ? find(name) : NULL;
    if (name != NULL && command == NULL)
        return unknown(call, name, e);
    print_help(command);
    return 0;
}

static int run(struct runc_call *call, json_t *global, char **argv)
{
    struct err e = {0};
    auto_strv struct strv words = {0};
    struct option_line line = {
        .options = options, .argv = argv + 1, .stop_at_operand = true};
    int r = option_parse(&line, global, &words, &e);
    if (r >= 0 && field_bool(global, "Version")) {
        printf("mini-runc version %s\nspec: %s\n", help_version(), OCI_VERSION);
        return 0;
    }
    if (r == OPTION_HELP || (r == 0 && words.n == 0)) {
        print_help(NULL);
        return 0;
    }
    if (r == 0)
        r = check_global(global, &e);
    if (r == 0 && strcmp(words.v[0], "help") == 0) {
        r = help(call, words.n > 1 ? words.v[1] : NULL, &e);
    } else if (r == 0) {
        call->command = find(words.v[0]);
        r = call->command == NULL ? unknown(call, words.v[0], &e)
                                  : run_command(call, words.v + 1, &e);
    }
    if (r >= 0)
        return r;
    return fail(call, call->failure != 0 ? call->failure : 1, &e);
}

int runc_main(char **argv)
{
    auto_doc json_t *global = json_object();
    auto_doc json_t *doc = json_object();
    struct runc_call call = {.global = global, .doc = doc};
    int status = run(&call, global, argv);
    trace_close();
    strv_done(&call.operands);
    if (fflush(stdout) != 0 && status == 0) {
        fprintf(stderr, "mini-runc: standard output: %s\n", strerror(errno));
        status = 1;
    }
    return status;
}

void runc_print_json(const json_t *doc)
{
    json_dumpf(doc, stdout, JSON_INDENT(2));
    putchar('\n');
}
