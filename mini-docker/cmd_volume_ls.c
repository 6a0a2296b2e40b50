/* mini-docker volume ls: which volumes there are. */
#include "command.h"

#include "field.h"
#include "filter_option.h"
#include "own.h"
#include "row.h"
#include "table.h"
#include "volume_filter.h"

/* clang-format off */
static const struct option options[] = {
    {"cluster", 0, &option_bool, OPTION_NOT_YET,
     "Display only cluster volumes, and use cluster volume list formatting"},
    {"filter", 'f', &filter_option, "Filters",
     "Show only what fits (dangling=, driver=, label=, name=)"},
    {"format", 0, &option_string, "Format",
     "Print as 'table', 'table TEMPLATE', 'json' or 'TEMPLATE', where a "
     "template names fields: {{.Name}}"},
    {"quiet", 'q', &option_bool, "Quiet", "Only display volume names"},
    {0},
};
/* clang-format on */

static const struct table_forms forms = {
    .raw = "name: {{.Name}}\ndriver: {{.Driver}}\n",
    .short_raw = "name: {{.Name}}",
    .short_table = "{{.Name}}",
};
static const struct table_column columns[] = {
    {"Driver",       "DRIVER",       true },
    {"Name",         "VOLUME NAME",  true },
    {"Availability", "AVAILABILITY", false},
    {"Group",        "GROUP",        false},
    {"Labels",       "LABELS",       false},
    {"Links",        "LINKS",        false},
    {"Mountpoint",   "MOUNTPOINT",   false},
    {"Scope",        "SCOPE",        false},
    {"Size",         "SIZE",         false},
    {"Status",       "STATUS",       false},
    {NULL,           NULL,           false},
};

/* What is told by `system df` alone, or is of clusters. */
static const char *const unknown[] = {"Availability", "Group", "Links", "Size",
                                      "Status"};

json_t *row_of_volume(const json_t *volume)
{
    static const char *const same[] = {"Driver", "Mountpoint", "Name", "Scope"};
    json_t *row = json_object();
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++)
        doc_set(row, unknown[i], json_string("N/A"));
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
        doc_set(row, same[i], json_string(field_string(volume, same[i])));
    auto_free char *labels = command_join_labels(volume);
    doc_set(row, "Labels", json_string(labels));
    return row;
}

static json_t *make_rows(const json_t *volumes, const struct strv *said)
{
    json_t *rows = json_array();
    size_t i;
    const json_t *volume;
    json_array_foreach(volumes, i, volume)
    {
        if (volume_filter_fits(said, volume))
            json_array_append_new(rows, row_of_volume(volume));
    }
    return rows;
}

static int run(struct call *call, struct err *e)
{
    auto_engine struct engine *engine = NULL;
    auto_doc json_t *volumes = NULL;
    auto_strv struct strv damaged = {0}, said = {0};
    field_strings(call->doc, "Filters", &said);
    int r = volume_filter_check(&said, e);
    /* Who uses them is known from reading every container's record. */
    bool counts = list_filter_value(&said, "dangling") != NULL;
    if (r == 0)
        r = engine_open(&engine, call->root, e);
    if (r == 0)
        r = engine_volumes(engine, counts ? ENGINE_VOLUME_REFS : 0, &volumes,
                           &damaged, e);
    if (r < 0)
        return r;
    command_complain_all(&damaged);
    auto_doc json_t *rows = make_rows(volumes, &said);
    const char *format = table_format(&forms, field_string(call->doc, "Format"),
                                      field_bool(call->doc, "Quiet"));
    return table_print(columns, rows, format, stdout, e);
}

const struct command command_volume_ls = {
    .name = "volume ls",
    .aliases = {"volume list"},
    .synopsis = "[OPTIONS]",
    .summary = "List volumes",
    .options = options,
    .run = run,
};
