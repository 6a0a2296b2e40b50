/* mini-docker network trace: would a packet get there, and who decides? */
#include "command.h"

#include "field.h"
#include "network_trace.h"
#include "table.h"

#include <stdio.h>

/* clang-format off */
static const struct option options[] = {
    {"format", 0, &option_string, "Format",
     "Print as 'json' or 'TEMPLATE', where a template names fields: "
     "{{.Passes}}"},
    {0},
};
/* clang-format on */

static void print(const json_t *trace)
{
    size_t i;
    const json_t *hop;
    printf("%s to %s\n", field_string(trace, "Source"),
           field_string(trace, "Target"));
    json_array_foreach(json_object_get(trace, "Hops"), i, hop)
        printf("%3zu  %-16s %s\n", i + 1, field_string(hop, "At"),
               field_string(hop, "What"));
    printf("%s: %s\n", field_bool(trace, "Passes") ? "passes" : "does not pass",
           field_string(trace, "By"));
}

/* 1: it does not get there. */
static int run(struct call *call, struct err *e)
{
    auto_engine struct engine *engine = NULL;
    auto_doc json_t *trace = NULL;
    const char *format = field_string(call->doc, "Format");
    int r = engine_open(&engine, call->root, e);
    if (r == 0)
        r = network_trace_make(engine, call->operands.v[0], call->operands.v[1],
                               &trace, e);
    if (r == 0 && format != NULL)
        r = table_print_one(trace, format, stdout, e);
    else if (r == 0)
        print(trace);
    return r < 0 ? r : !field_bool(trace, "Passes");
}

const struct command command_network_trace = {
    .name = "network trace",
    .synopsis = "[OPTIONS] CONTAINER|host DESTINATION:PORT[/udp]",
    .summary = "Tell hop by hop whether a packet would pass, and who decides",
    .options = options,
    .min_operands = 2,
    .max_operands = 2,
    .run = run,
};
