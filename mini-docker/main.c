/*
 * main.c - from argv to an exit status.
 *
 * Nothing is done here: the words before the command are read with the table
 * of global options, the command is found in the table of commands, its own
 * table reads the rest, and its function does the work. This is the one place
 * that prints errors, each on one line that begins with the program's name.
 */
#include "command.h"
#include "early.h"
#include "fault.h"
#include "field.h"
#include "help.h"
#include "own.h"
#include "runc.h"
#include "shield.h"
#include "sys.h"
#include "trace.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Docker's statuses: a command line that cannot be read, and the rest. */
enum { STATUS_USAGE = 125, STATUS_FAILURE = 1 };

/* A command line that is wrong: say why, and where to read how. */
static int refuse(const struct call *call, int status, struct err *e)
{
    const char *name = call->command == NULL ? NULL : call->command->name;
    if (e->code == ENOSYS && name != NULL)
        err_add(e, "%s", name);
    command_complain(e->msg);
    if (e->code != ENOSYS)
        fprintf(stderr, "See 'mini-docker %s%s--help'.\n",
                name == NULL ? "" : name, name == NULL ? "" : " ");
    return status;
}

static int check_operands(const struct call *call, struct err *e)
{
    const struct command *command = call->command;
    size_t n = call->operands.n;
    if (n >= command->min_operands && n <= command->max_operands)
        return 0;
    if (command->max_operands == 0)
        return err_set(e, EINVAL, "'mini-docker %s' accepts no arguments",
                       command->name);
    size_t least = command->min_operands, most = command->max_operands;
    bool is_range = least > 0 && least < most && most != COMMAND_ANY;
    auto_free char *begin =
        is_range ? text_format("at least %zu and ", least) : NULL;
    size_t limit = is_range || least == 0 ? most : least;
    return err_set(e, EINVAL, "'mini-docker %s' requires %s%s%zu argument%s",
                   command->name, is_range ? begin : "",
                   least == most            ? ""
                   : is_range || least == 0 ? "at most "
                                            : "at least ",
                   limit, limit == 1 ? "" : "s");
}

/* Run a command whose name has been taken off argv. */
static int run_command(struct call *call, char **argv)
{
    struct err e = {0};
    struct option_line line = {
        .options = call->command->options,
        .argv = argv,
        .stop_at_operand = call->command->stop_at_operand,
    };
    int r = option_parse(&line, call->doc, &call->operands, &e);
    if (r < 0)
        return refuse(call, STATUS_USAGE, &e);
    if (r == OPTION_HELP) {
        help_print(call->command, stdout);
        return 0;
    }
    if (check_operands(call, &e) < 0)
        return refuse(call, STATUS_FAILURE, &e);
    if (call->command->check != NULL && call->command->check(call, &e) < 0)
        return refuse(call, STATUS_USAGE, &e);
    r = call->command->run(call, &e);
    for (size_t i = 0; i < call->failures.n; i++)
        command_complain(call->failures.v[i]);
    if (r >= 0)
        return r;
    command_complain(e.msg);
    int failure = call->command->failure;
    int code = engine_exit_code(&e);
    return failure == 0 ? STATUS_FAILURE : code == 125 ? failure : code;
}

/* Find the command that the first operands name. */
static int find_command(struct call *call, char **argv)
{
    int words = command_find(argv, &call->command);
    call->group = words == 2 ? argv[0] : NULL;
    if (words > 0)
        return run_command(call, argv + words);
    struct err e = {0};
    const struct command_group *group = command_find_group(argv[0]);
    const char *sub = group != NULL ? argv[1] : NULL;
    if (group != NULL && (sub == NULL || sub[0] == '-')) {
        help_print_group(group, stdout);
        return 0;
    }
    const char *gap = sub == NULL ? "" : " ";
    if (command_is_not_yet(sub == NULL ? argv[0] : sub)) {
        err_set(&e, ENOSYS, "%s%s%s is not built yet", argv[0], gap,
                sub == NULL ? "" : sub);
        return refuse(call, STATUS_USAGE, &e);
    }
    err_set(&e, EINVAL, "'%s%s%s' is not a mini-docker command.", argv[0], gap,
            sub == NULL ? "" : sub);
    return refuse(call, STATUS_FAILURE, &e);
}

static int run(struct call *call, char **argv)
{
    struct err e = {0};
    if (trace_open(getenv("MINI_DOCKER_TRACE"), &e) < 0 ||
        fault_open(getenv("MINI_DOCKER_FAULT"), &e) < 0)
        return refuse(call, STATUS_USAGE, &e);
    auto_strv struct strv words = {0};
    auto_doc json_t *global = json_object();
    struct option_line line = {.options = command_options(),
                               .argv = argv + 1,
                               .stop_at_operand = true};
    int r = option_parse(&line, global, &words, &e);
    if (r < 0)
        return refuse(call, STATUS_USAGE, &e);
    if (field_bool(global, "Version")) {
        help_print_version(stdout);
        return 0;
    }
    if (r == OPTION_HELP || words.n == 0) {
        help_print_all(stdout);
        return 0;
    }
    call->root = field_string(global, "Root");
    return find_command(call, words.v);
}

/* A standard stream that is closed would be the number of the next file that
 * is opened: what the container says would be written into that. */
static bool open_standard_streams(void)
{
    for (int fd = 0; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 &&
            sys_openat(AT_FDCWD, "/dev/null", O_RDWR, 0) != fd)
            return false;
    return true;
}

int main(int argc, char **argv)
{
    if (argc == 0 || !open_standard_streams())
        return STATUS_USAGE;
    struct err e = {0};
    if (early_enters_container(argv) && shield_self(argv, &e) < 0) {
        fprintf(stderr, "%s: %s\n", basename(argv[0]), e.msg);
        return STATUS_USAGE;
    }
    /* One program, two names: see runc.h. */
    if (strcmp(basename(argv[0]), "mini-runc") == 0)
        return runc_main(argv);
    struct call call = {.doc = json_object()};
    int status = run(&call, argv);
    trace_close();
    strv_done(&call.operands);
    strv_done(&call.failures);
    strv_done(&call.failed);
    json_decref(call.doc);
    /* Output that did not arrive (a full disk) is a failure like any other. */
    if (fflush(stdout) != 0 && status == 0) {
        fprintf(stderr, "mini-docker: standard output: %s\n", strerror(errno));
        status = STATUS_FAILURE;
    }
    return status;
}
