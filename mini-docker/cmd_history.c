/* mini-docker history: how an image came to be, step by step. */
#include "command.h"

#include "field.h"
#include "own.h"
#include "table.h"

#include <string.h>
#include <time.h>

/* clang-format off */
static const struct option options[] = {
    {"format", 0, &option_string, "Format",
     "Print as 'table', 'table TEMPLATE', 'json' or 'TEMPLATE', where a "
     "template names fields: {{.ID}}"},
    {"human", 'H', &option_bool, "Human",
     "Print sizes and dates in human readable format (default true)"},
    {"no-trunc", 0, &option_bool, "NoTrunc", "Don't truncate output"},
    {"platform", 0, &option_string, "Platform",
     "Show history for the given platform. Formatted as "
     "\"os[/arch[/variant]]\" (e.g., \"linux/amd64\")"},
    {"quiet", 'q', &option_bool, "Quiet", "Only show image IDs"},
    {0},
};
/* clang-format on */

static const struct table_column columns[] = {
    {"ID",           "IMAGE",      true },
    {"CreatedSince", "CREATED",    true },
    {"CreatedAt",    "CREATED AT", false},
    {"CreatedBy",    "CREATED BY", true },
    {"Size",         "SIZE",       true },
    {"Comment",      "COMMENT",    true },
    {NULL,           NULL,         false},
};
static const char for_machines[] =
    "table {{.ID}}\t{{.CreatedAt}}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}";

/* Docker's widest "CREATED BY". */
enum { BY_WIDTH = 45 };

/* A step as Dockerfiles are written may hold tabs, which would end a cell. */
static char *show_command(const char *by, bool whole)
{
    auto_free char *flat = own_strdup(by);
    for (char *c = flat; *c != '\0'; c++)
        if (*c == '\t')
            *c = ' ';
    return whole ? own_take(&flat) : table_cut(flat, BY_WIDTH);
}

static char *show_time(int64_t created)
{
    time_t when = created;
    struct tm tm;
    char out[40] = "";
    if (localtime_r(&when, &tm) == NULL)
        return own_strdup(out);
    strftime(out, sizeof out, "%Y-%m-%dT%H:%M:%S%z", &tm);
    size_t len = strlen(out);
    if (text_ends(out, "+0000"))
        return text_format("%.*sZ", (int)len - 5, out);
    /* RFC 3339 has a colon in the zone, strftime(3) has none. */
    return text_format("%.*s:%s", (int)len - 2, out, out + len - 2);
}

static json_t *make_row(const json_t *step, bool whole, bool human)
{
    const char *id = field_string(step, "Id");
    int64_t created = field_int(step, "Created", 0);
    int64_t size = field_int(step, "Size", 0);
    char ago[32], shown[16];
    text_from_seconds(time(NULL) - created, ago);
    text_from_bytes((uint64_t)size, shown);
    auto_free char *by = show_command(field_string(step, "CreatedBy"), whole);
    auto_free char *at = show_time(created);
    bool is_cut = !whole && text_starts(id, "sha256:");
    json_t *row = json_object();
    doc_set(row, "ID",
            is_cut ? json_sprintf("%.12s", id + strlen("sha256:"))
                   : json_string(id));
    doc_set(row, "CreatedSince", json_sprintf("%s ago", ago));
    doc_set(row, "CreatedAt", json_string(at));
    doc_set(row, "CreatedBy", json_string(by));
    doc_set(row, "Size",
            human ? json_string(shown) : json_sprintf("%lld", (long long)size));
    doc_set(row, "Comment", json_string(field_string(step, "Comment")));
    return row;
}

static int run(struct call *call, struct err *e)
{
    auto_engine struct engine *engine = NULL;
    auto_image struct image image = {0};
    int r = engine_open(&engine, call->root, e);
    if (r == 0)
        r = image_find_for(engine_images(engine), call->operands.v[0],
                           field_string(call->doc, "Platform"), &image, e);
    if (r < 0)
        return r;
    bool human =
        field_get(call->doc, "Human") == NULL || field_bool(call->doc, "Human");
    auto_doc json_t *steps = image_history(engine_images(engine), &image);
    auto_doc json_t *rows = json_array();
    size_t i;
    const json_t *step;
    json_array_foreach(steps, i, step) json_array_append_new(
        rows, make_row(step, field_bool(call->doc, "NoTrunc"), human));
    const char *format = table_format(
        &(struct table_forms){.short_table = "{{.ID}}"},
        field_string(call->doc, "Format"), field_bool(call->doc, "Quiet"));
    if (format == NULL && !human)
        format = for_machines;
    return table_print(columns, rows, format, stdout, e);
}

const struct command command_history = {
    .name = "history",
    .aliases = {"image history"},
    .synopsis = "[OPTIONS] IMAGE",
    .summary = "Show the history of an image",
    .options = options,
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
