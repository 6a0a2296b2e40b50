/* mini-docker version: the program and what it runs on. */
#include "command.h"

#include "field.h"
#include "help.h"
#include "table.h"

#include <stdio.h>

static const struct option options[] = {
    {"format",        'f', &option_string, "Format", "Print as 'json' or 'TEMPLATE'"},
    {0},
};

/* The lines of a section, from the document of GET /version. */
static const struct {
    const char *label, *member;
} lines[] = {
    {"Version:",     "Version"      },
    {"API version:", "ApiVersion"   },
    {"Git commit:",  "GitCommit"    },
    {"Kernel:",      "KernelVersion"},
};

const char *help_version(void)
{
    return MINI_DOCKER_VERSION;
}

void help_print_version(FILE *out)
{
    fprintf(out, "mini-docker version %s, build %s\n", MINI_DOCKER_VERSION,
            MINI_DOCKER_COMMIT);
}

/* Docker prints a client and a server; here one program is both. */
static void print(const json_t *version)
{
    puts("mini-docker:");
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        const char *value = field_string(version, lines[i].member);
        printf(" %-18s%s\n", lines[i].label, value == NULL ? "" : value);
    }
    printf(" %-18s%s/%s\n", "OS/Arch:", field_string(version, "Os"),
           field_string(version, "Arch"));
}

static int run(struct call *call, struct err *e)
{
    auto_engine struct engine *engine = NULL;
    auto_doc json_t *version = NULL;
    int r = engine_open(&engine, call->root, e);
    if (r == 0)
        r = engine_version(engine, &version, e);
    if (r < 0)
        return r;
    const char *format = field_string(call->doc, "Format");
    if (format != NULL)
        return table_print_one(version, format, stdout, e);
    print(version);
    return 0;
}

const struct command command_version = {
    .name = "version",
    .synopsis = "[OPTIONS]",
    .summary = "Show the version information",
    .options = options,
    .run = run,
};
