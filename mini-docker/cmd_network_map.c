/* mini-docker network map: bridges, containers, addresses, published ports, and
 * the rules between them. */
#include "command.h"

#include "field.h"
#include "network_map.h"
#include "table.h"

/* clang-format off */
static const struct option options[] = {
    {"format", 0, &option_string, "Format",
     "Print as 'json' or 'TEMPLATE', where a template names fields: "
     "{{len .Networks}}"},
    {"html", 0, &option_bool, "Html", "Print one HTML page"},
    {0},
};
/* clang-format on */

static int run(struct call *call, struct err *e)
{
    auto_engine struct engine *engine = NULL;
    auto_doc json_t *map = NULL;
    auto_strv struct strv damaged = {0};
    const char *format = field_string(call->doc, "Format");
    int r = engine_open(&engine, call->root, e);
    if (r == 0)
        r = network_map_make(engine, &map, &damaged, e);
    if (r < 0)
        return r;
    command_complain_all(&damaged);
    if (format != NULL)
        return table_print_one(map, format, stdout, e);
    if (field_bool(call->doc, "Html"))
        network_map_html(map, stdout);
    else
        network_map_text(map, stdout);
    return 0;
}

const struct command command_network_map = {
    .name = "network map",
    .synopsis = "[OPTIONS]",
    .summary = "Draw networks, who is in them, and the rules between them",
    .options = options,
    .run = run,
};
