/* mini-docker info: what there is, and on what machine. */
#include "command.h"

#include "field.h"
#include "own.h"
#include "table.h"

#include <inttypes.h>
#include <stdio.h>

static const struct option options[] = {
    {"format",        'f', &option_string, "Format", "Print as 'json' or 'TEMPLATE'"},
    {0},
};

/* What is printed, in Docker's order and with its words. */
static const struct line {
    const char *label, *member;
    bool is_size;
} lines[] = {
    {"Containers:",       "Containers",        false},
    {" Running:",         "ContainersRunning", false},
    {" Paused:",          "ContainersPaused",  false},
    {" Stopped:",         "ContainersStopped", false},
    {"Images:",           "Images",            false},
    {"Server Version:",   "ServerVersion",     false},
    {"Storage Driver:",   "Driver",            false},
    {"Cgroup Driver:",    "CgroupDriver",      false},
    {"Cgroup Version:",   "CgroupVersion",     false},
    {"Cgroup Layout:",    "CgroupLayout",      false},
    {"Security Options:", "SecurityOptions",   false},
    {"Kernel Version:",   "KernelVersion",     false},
    {"Operating System:", "OperatingSystem",   false},
    {"OSType:",           "OSType",            false},
    {"Architecture:",     "Architecture",      false},
    {"CPUs:",             "NCPU",              false},
    {"Total Memory:",     "MemTotal",          true },
    {"Name:",             "Name",              false},
    {"Docker Root Dir:",  "DockerRootDir",     false},
};

/* What Docker says of the command line, as against its daemon. */
static json_t *make_client(const json_t *info)
{
    return json_pack("{s:b, s:s?, s:s, s:[], s:[]}", "Debug", 0, "Version",
                     field_string(info, "ServerVersion"), "Context", "default",
                     "Plugins", "Warnings");
}

static void print_client(const json_t *client)
{
    printf("Client:\n Version:    %s\n Context:    %s\n Debug Mode: false\n\n",
           field_string(client, "Version"), field_string(client, "Context"));
}

static void print_line(const json_t *info, const struct line *line)
{
    char size[16];
    const json_t *value = field_get(info, line->member);
    if (value == NULL)
        return;
    printf(" %s", line->label);
    if (line->is_size)
        printf(" %s",
               text_from_memory((uint64_t)json_integer_value(value), size));
    else if (json_is_integer(value))
        printf(" %" PRId64, (int64_t)json_integer_value(value));
    else if (json_is_string(value))
        printf(" %s", json_string_value(value));
    size_t i;
    const json_t *item;
    json_array_foreach(value, i, item)
        printf("\n  %s", json_string_value(item));
    putchar('\n');
}

static int run(struct call *call, struct err *e)
{
    auto_engine struct engine *engine = NULL;
    auto_doc json_t *info = NULL;
    const char *format = field_string(call->doc, "Format");
    if (table_check(format, e) < 0)
        return command_refuse_format(e);
    int r = engine_open(&engine, call->root, e);
    if (r == 0)
        r = engine_info(engine, &info, e);
    if (r < 0)
        return r;
    json_object_set_new(info, "ClientInfo", make_client(info));
    if (format != NULL)
        return table_print_one(info, format, stdout, e);
    print_client(field_get(info, "ClientInfo"));
    puts("Server:");
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        print_line(info, &lines[i]);
    fflush(stdout); /* warnings come last, as Docker has it */
    size_t i;
    const json_t *warning;
    json_array_foreach(field_get(info, "Warnings"), i, warning)
        fprintf(stderr, "%s\n", json_string_value(warning));
    return 0;
}

const struct command command_info = {
    .name = "info",
    .aliases = {"system info"},
    .synopsis = "[OPTIONS]",
    .summary = "Display system-wide information",
    .options = options,
    .run = run,
};
