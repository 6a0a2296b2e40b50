/* mini-docker search: repositories of Docker Hub, or of a registry. */
#include "command.h"

#include "engine_registry.h"
#include "field.h"
#include "own.h"
#include "search.h"
#include "search_filter.h"
#include "table.h"

#include <stdio.h>
#include <string.h>

/* clang-format off */
static const struct option options[] = {
    {"filter", 'f', &option_list, "Filters",
     "Filter output based on conditions provided (is-automated=, "
     "is-official=, stars=)"},
    {"format", 0, &option_string, "Format",
     "Print as 'table', 'table TEMPLATE', 'json' or 'TEMPLATE', where a "
     "template names fields: {{.Name}}"},
    {"limit", 0, &option_int, "Limit", "Max number of search results"},
    {"no-trunc", 0, &option_bool, "NoTrunc", "Don't truncate output"},
    {0},
};
/* clang-format on */

static const struct table_column columns[] = {
    {"Name",        "NAME",        true },
    {"Description", "DESCRIPTION", true },
    {"StarCount",   "STARS",       true },
    {"IsOfficial",  "OFFICIAL",    true },
    {"IsAutomated", "AUTOMATED",   false},
    {NULL,          NULL,          false},
};

enum { DESCRIPTION = 45 };

static json_t *make_row(const json_t *item, bool whole)
{
    const char *name = field_string(item, "name");
    const char *words = field_string(item, "description");
    auto_free char *flat = own_strdup(words != NULL ? words : "");
    for (char *c = flat; *c != '\0'; c++)
        if (*c == '\n' || *c == '\r' || *c == '\t')
            *c = ' ';
    auto_free char *shown =
        whole ? own_take(&flat) : table_cut(flat, DESCRIPTION);
    json_t *row = json_object();
    doc_set(row, "Name", json_string(name != NULL ? name : ""));
    doc_set(row, "Description", json_string(shown));
    doc_set(row, "StarCount",
            json_sprintf("%lld", (long long)field_int(item, "star_count", 0)));
    doc_set(row, "IsOfficial",
            json_string(field_bool(item, "is_official") ? "[OK]" : ""));
    doc_set(row, "IsAutomated",
            json_string(field_bool(item, "is_automated") ? "[OK]" : ""));
    return row;
}

static int find(const struct call *call, json_t **ret, struct err *e)
{
    const char *word, *term = call->operands.v[0];
    int64_t limit = field_int(call->doc, "Limit", SEARCH_USUAL);
    auto_engine_registry struct engine_registry registry = {0};
    auto_free char *domain = search_domain(term, &word);
    int r = engine_registry_init(&registry, domain, e);
    return r < 0 ? r : search_images(&registry.options, term, limit, ret, e);
}

static int run(struct call *call, struct err *e)
{
    auto_strv struct strv said = {0};
    auto_doc json_t *found = NULL, *rows = json_array();
    field_strings(call->doc, "Filters", &said);
    int r = search_filter_check(&said, e);
    if (r == 0)
        r = table_check(field_string(call->doc, "Format"), e);
    if (r == 0)
        r = find(call, &found, e);
    search_filter_apply(&said, found);
    size_t i;
    const json_t *item;
    json_array_foreach(found, i, item) json_array_append_new(
        rows, make_row(item, field_bool(call->doc, "NoTrunc")));
    return r < 0 ? r
                 : table_print(columns, rows, field_string(call->doc, "Format"),
                               stdout, e);
}

const struct command command_search = {
    .name = "search",
    .synopsis = "[OPTIONS] TERM",
    .summary = "Search Docker Hub, or a registry's catalogue, for images",
    .options = options,
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
