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

/* The lines of a section, from its document. */
static const struct {
    const char *label, *member;
} lines[] = {
    {"Version:",     "Version"      },
    {"API version:", "ApiVersion"   },
    {"Git commit:",  "GitCommit"    },
    {"Kernel:",      "KernelVersion"},
    {"Context:",     "Context"      },
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

static void print_section(const char *title, const json_t *section)
{
    printf("%s:\n", title);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        const char *value = field_string(section, lines[i].member);
        if (value != NULL)
            printf(" %-18s%s\n", lines[i].label, value);
    }
    printf(" %-18s%s/%s\n", "OS/Arch:", field_string(section, "Os"),
           field_string(section, "Arch"));
}

/* Docker has a client and a server with a version each; here one program is
 * both, and they differ in what is said of each. */
static json_t *make_sections(json_t *server)
{
    json_t *client = json_copy(server);
    json_object_del(client, "KernelVersion");
    json_object_set(client, "DefaultAPIVersion",
                    json_object_get(server, "ApiVersion"));
    json_object_set_new(client, "Context", json_string("default"));
    return json_pack("{s:o, s:O}", "Client", client, "Server", server);
}

static int run(struct call *call, struct err *e)
{
    auto_engine struct engine *engine = NULL;
    auto_doc json_t *server = NULL;
    const char *format = field_string(call->doc, "Format");
    if (table_check(format, e) < 0)
        return command_refuse_format(e);
    int r = engine_open(&engine, call->root, e);
    if (r == 0)
        r = engine_version(engine, &server, e);
    if (r < 0)
        return r;
    auto_doc json_t *version = make_sections(server);
    if (format != NULL)
        return table_print_one(version, format, stdout, e);
    print_section("Client", field_get(version, "Client"));
    puts("");
    print_section("Server", field_get(version, "Server"));
    return 0;
}

const struct command command_version = {
    .name = "version",
    .synopsis = "[OPTIONS]",
    .summary = "Show the version information",
    .options = options,
    .run = run,
};
