/* mini-docker network ls: which networks there are. */
#include "command.h"

#include "field.h"
#include "filter_option.h"
#include "network_filter.h"
#include "own.h"
#include "table.h"

#include <errno.h>
#include <string.h>

/* clang-format off */
static const struct option options[] = {
    {"filter", 'f', &filter_option, "Filters",
     "Show only what fits (dangling=, driver=, id=, label=, name=, scope=, "
     "type=)"},
    {"format", 0, &option_string, "Format",
     "Print as 'table', 'table TEMPLATE', 'json' or 'TEMPLATE', where a "
     "template names fields: {{.Name}}"},
    {"no-trunc", 0, &option_bool, "NoTrunc", "Do not truncate the output"},
    {"quiet", 'q', &option_bool, "Quiet", "Only display network IDs"},
    {0},
};
/* clang-format on */

static const struct table_forms forms = {
    .raw = "network_id: {{.ID}}\nname: {{.Name}}\ndriver: {{.Driver}}\n"
           "scope: {{.Scope}}\n",
    .short_raw = "network_id: {{.ID}}",
    .short_table = "{{.ID}}",
};
static const struct table_column columns[] = {
    {"ID",        "NETWORK ID", true },
    {"Name",      "NAME",       true },
    {"Driver",    "DRIVER",     true },
    {"Scope",     "SCOPE",      true },
    {"CreatedAt", "CREATED AT", false},
    {"IPv4",      "IPV4",       false},
    {"IPv6",      "IPV6",       false},
    {"Internal",  "INTERNAL",   false},
    {"Labels",    "LABELS",     false},
    {NULL,        NULL,         false},
};

/* "2026-11-23T19:25:02.435988614Z" as Go prints a time. */
static json_t *created_at(const json_t *network)
{
    const char *text = field_string(network, "Created");
    if (text == NULL || strlen(text) < 20)
        return json_string("");
    return json_sprintf("%.10s %.*s +0000 UTC", text, (int)strlen(text) - 12,
                        text + 11);
}

static json_t *make_row(const json_t *network, bool whole)
{
    static const char *const same[] = {"Name", "Driver", "Scope"};
    static const struct {
        const char *column, *member;
    } flags[] = {
        {"IPv4",     "EnableIPv4"},
        {"IPv6",     "EnableIPv6"},
        {"Internal", "Internal"  },
    };
    json_t *row = json_object();
    doc_set(row, "ID",
            json_sprintf("%.*s", whole ? 64 : 12, field_string(network, "Id")));
    for (size_t i = 0; i < 3; i++)
        doc_set(row, same[i], json_string(field_string(network, same[i])));
    for (size_t i = 0; i < 3; i++)
        doc_set(row, flags[i].column,
                json_string(field_bool(network, flags[i].member) ? "true"
                                                                 : "false"));
    auto_free char *labels = command_join_labels(network);
    doc_set(row, "Labels", json_string(labels));
    doc_set(row, "CreatedAt", created_at(network));
    return row;
}

static int run(struct call *call, struct err *e)
{
    auto_engine struct engine *engine = NULL;
    auto_doc json_t *networks = NULL;
    auto_strv struct strv damaged = {0}, said = {0};
    field_strings(call->doc, "Filters", &said);
    int r = network_filter_check(&said, e);
    if (r == 0)
        r = engine_open(&engine, call->root, e);
    if (r == 0)
        r = engine_networks(engine, &networks, &damaged, e);
    if (r < 0)
        return r;
    command_complain_all(&damaged);
    auto_doc json_t *rows = json_array();
    size_t i;
    const json_t *network;
    json_array_foreach(networks, i, network)
    {
        if (network_filter_fits(&said, network))
            json_array_append_new(
                rows, make_row(network, field_bool(call->doc, "NoTrunc")));
    }
    const char *format = table_format(&forms, field_string(call->doc, "Format"),
                                      field_bool(call->doc, "Quiet"));
    return table_print(columns, rows, format, stdout, e);
}

const struct command command_network_ls = {
    .name = "network ls",
    .aliases = {"network list"},
    .synopsis = "[OPTIONS]",
    .summary = "List networks",
    .options = options,
    .run = run,
};
