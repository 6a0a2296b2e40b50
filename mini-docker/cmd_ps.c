/* mini-docker ps: which containers there are. */
#include "command.h"

#include "container_filter.h"
#include "field.h"
#include "filter_option.h"
#include "own.h"
#include "row.h"
#include "table.h"

#include <string.h>
#include <time.h>

/* clang-format off */
static const struct option options[] = {
    {"all", 'a', &option_bool, "All",
     "Show all containers (default shows just running)"},
    {"filter", 'f', &filter_option, "Filters",
     "Show only what fits (id=, name=, label=, status=, exited=, ancestor=, "
     "before=, since=, health=, network=)"},
    {"format", 0, &option_string, "Format",
     "Print as 'table', 'table TEMPLATE', 'json' or 'TEMPLATE', where a "
     "template names fields: {{.ID}}"},
    {"last", 'n', &option_int, "Last",
     "Show n last created containers (includes all states) (default -1)"},
    {"latest", 'l', &option_bool, "Latest",
     "Show the latest created container (includes all states)"},
    {"no-trunc", 0, &option_bool, "NoTrunc", "Don't truncate output"},
    {"quiet", 'q', &option_bool, "Quiet", "Only display container IDs"},
    {"size", 's', &option_bool, "Size", "Display total file sizes"},
    {0},
};
/* clang-format on */

static const struct table_column columns[] = {
    {"ID",           "CONTAINER ID",  true },
    {"Image",        "IMAGE",         true },
    {"Command",      "COMMAND",       true },
    {"RunningFor",   "CREATED",       true },
    {"Status",       "STATUS",        true },
    {"Ports",        "PORTS",         true },
    {"Names",        "NAMES",         true },
    {"Size",         "SIZE",          false},
    {"CreatedAt",    "CREATED AT",    false},
    {"State",        "STATE",         false},
    {"Labels",       "LABELS",        false},
    {"Mounts",       "MOUNTS",        false},
    {"LocalVolumes", "LOCAL VOLUMES", false},
    {"Networks",     "NETWORKS",      false},
    {NULL,           NULL,            false},
};
#define RAW                                                                    \
    "container_id: {{.ID}}\nimage: {{.Image}}\ncommand: {{.Command}}\n"        \
    "created_at: {{.CreatedAt}}\nstate: {{- pad .State 1 0}}\n"                \
    "status: {{- pad .Status 1 0}}\nnames: {{.Names}}\n"                       \
    "labels: {{- pad .Labels 1 0}}\nports: {{- pad .Ports 1 0}}\n"
static const struct table_forms forms = {
    .raw = RAW,
    .short_raw = "container_id: {{.ID}}",
    .short_table = "{{.ID}}",
};
static const char raw_with_size[] = RAW "size: {{.Size}}\n";
static const char with_size[] =
    "table {{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t"
    "{{.Ports}}\t{{.Names}}\t{{.Size}}";

/* --- rows ---------------------------------------------------------------- */

static void put_names(json_t *row, const json_t *container)
{
    auto_text struct text names = {0};
    size_t i;
    const json_t *item;
    json_array_foreach(field_get(container, "Names"), i, item)
    {
        const char *name = json_string_value(item);
        text_addf(&names, "%s%s", i == 0 ? "" : ",", name + (name[0] == '/'));
    }
    doc_set(row, "Names", json_string(names.len > 0 ? names.s : ""));
}

/* Volumes by their names, which may be long, and binds by their sources. */
static void put_mounts(json_t *row, const json_t *container, bool whole)
{
    auto_text struct text list = {0};
    int volumes = 0;
    size_t i;
    const json_t *mount;
    json_array_foreach(json_object_get(container, "Mounts"), i, mount)
    {
        const char *name = field_string(mount, "Name");
        const char *shown = name != NULL ? name : field_string(mount, "Source");
        volumes += name != NULL;
        auto_free char *cut = whole ? own_strdup(shown) : table_cut(shown, 15);
        text_addf(&list, "%s%s", i == 0 ? "" : ",", cut);
    }
    doc_set(row, "Mounts", json_string(list.len > 0 ? list.s : ""));
    doc_set(row, "LocalVolumes", json_sprintf("%d", volumes));
}

static void put_networks(json_t *row, const json_t *container)
{
    auto_text struct text list = {0};
    const char *name;
    json_t *settings;
    text_add(&list, "");
    json_object_foreach(
        (json_t *)(uintptr_t)field_get(container, "NetworkSettings.Networks"),
        name, settings) text_addf(&list, "%s%s", list.len > 0 ? "," : "", name);
    doc_set(row, "Networks", json_string(list.s));
}

static const char *or_empty(const char *s)
{
    return s == NULL ? "" : s;
}

/* What is shown only where a format asks for it. */
static void add_hidden(json_t *row, const json_t *container, bool whole)
{
    auto_free char *at = table_time(field_int(container, "Created", 0));
    auto_free char *labels = command_join_labels(container);
    doc_set(row, "State",
            json_string(or_empty(field_string(container, "State"))));
    doc_set(row, "CreatedAt", json_string(at));
    doc_set(row, "Size", json_string("0B")); /* nobody has asked */
    doc_set(row, "Labels", json_string(labels));
    put_mounts(row, container, whole);
    put_networks(row, container);
}

json_t *row_of_container(const json_t *container, int flags)
{
    bool whole = (flags & ROW_WHOLE) != 0;
    const char *id = or_empty(field_string(container, "Id"));
    const char *image = or_empty(field_string(container, "Image"));
    const char *command = or_empty(field_string(container, "Command"));
    int64_t created = field_int(container, "Created", 0);
    char ago[32];
    text_from_seconds(time(NULL) - created, ago);
    auto_free char *cut = whole ? own_strdup(command) : table_cut(command, 20);
    auto_free char *quoted = table_quote(cut);
    bool is_id = !whole && text_starts(image, "sha256:");
    json_t *row = json_object();
    doc_set(row, "ID", json_sprintf("%.*s", whole ? 64 : 12, id));
    doc_set(row, "Image",
            is_id ? json_sprintf("%.12s", image + 7)
                  : json_string(image[0] == '\0' ? "<no image>" : image));
    doc_set(row, "Command", json_string(quoted));
    doc_set(row, "RunningFor", json_sprintf("%s ago", ago));
    doc_set(row, "Status",
            json_string(or_empty(field_string(container, "Status"))));
    auto_free char *ports = row_ports(json_object_get(container, "Ports"));
    doc_set(row, "Ports", json_string(ports));
    put_names(row, container);
    if (!(flags & ROW_SHOWN))
        add_hidden(row, container, whole);
    return row;
}

/* What it wrote, and that with its image. One that went away since it was
 * listed has written nothing. */
static void put_size(json_t *row, struct engine *engine, const char *id)
{
    char own[16], all[16];
    auto_doc json_t *doc = NULL;
    if (engine_inspect(engine, id, true, &doc, NULL) < 0)
        return;
    text_from_bytes((uint64_t)field_int(doc, "SizeRw", 0), own);
    text_from_bytes((uint64_t)field_int(doc, "SizeRootFs", 0), all);
    doc_set(row, "Size", json_sprintf("%s (virtual %s)", own, all));
}

static bool wants_size(const json_t *wish)
{
    const char *format = field_string(wish, "Format");
    return !field_bool(wish, "Quiet") &&
           (field_bool(wish, "Size") ||
            (format != NULL && strstr(format, ".Size") != NULL));
}

/* How many at most; -1: any number. */
static int64_t last_of(const json_t *wish)
{
    return field_bool(wish, "Latest") ? 1 : field_int(wish, "Last", -1);
}

/* Also those that do not run? Who asks for a state, or what only one of them
 * has, means all. */
static bool wants_all(const json_t *wish, const struct strv *said)
{
    return field_bool(wish, "All") || last_of(wish) > 0 ||
           list_filter_value(said, "status") != NULL ||
           list_filter_value(said, "exited") != NULL;
}

/* Older or newer than one that need not run itself. */
static bool compares(const struct strv *said)
{
    return list_filter_value(said, "before") != NULL ||
           list_filter_value(said, "since") != NULL;
}

static int flags_of(const json_t *wish)
{
    bool default_columns =
        field_bool(wish, "Quiet") ||
        (field_string(wish, "Format") == NULL && !field_bool(wish, "Size"));
    return (field_bool(wish, "NoTrunc") ? ROW_WHOLE : 0) |
           (default_columns ? ROW_SHOWN : 0);
}

static int list_flags(const json_t *wish, const struct strv *said)
{
    bool all = wants_all(wish, said) || compares(said);
    bool networks = !(flags_of(wish) & ROW_SHOWN) ||
                    list_filter_value(said, "network") != NULL ||
                    list_filter_value(said, "publish") != NULL ||
                    list_filter_value(said, "expose") != NULL;
    return (all ? ENGINE_ALL : 0) | (networks ? ENGINE_NETWORKS : 0);
}

/* The rows to show, newest first as the engine lists them. */
static json_t *choose(const struct container_filter *filter, const json_t *wish,
                      struct engine *engine)
{
    int64_t last = last_of(wish);
    bool all = wants_all(wish, filter->said);
    json_t *rows = json_array();
    size_t i;
    const json_t *container;
    json_array_foreach(filter->containers, i, container)
    {
        bool shown = all || field_is(container, "State", "running") ||
                     field_is(container, "State", "paused") ||
                     field_is(container, "State", "restarting");
        if (last > 0 && json_array_size(rows) == (size_t)last)
            break;
        if (!shown || !container_filter_fits(filter, i))
            continue;
        json_t *row = row_of_container(container, flags_of(wish));
        if (wants_size(wish))
            put_size(row, engine, field_string(container, "Id"));
        json_array_append_new(rows, row);
    }
    return rows;
}

/* With -q a template of one's own is none here, as Docker has it. */
static const char *choose_format(const json_t *wish)
{
    bool is_short = field_bool(wish, "Quiet");
    const char *format = field_string(wish, "Format");
    if (is_short && format != NULL && strcmp(format, "raw") != 0)
        format = NULL;
    format = table_format(&forms, format, is_short);
    if (!field_bool(wish, "Size"))
        return format;
    return format == NULL        ? with_size
           : format == forms.raw ? raw_with_size
                                 : format;
}

static int run(struct call *call, struct err *e)
{
    auto_strv struct strv said = {0};
    field_strings(call->doc, "Filters", &said);
    int r = container_filter_check(&said, e);
    if (r < 0)
        return r;
    auto_engine struct engine *engine = NULL;
    auto_doc json_t *containers = NULL;
    auto_strv struct strv damaged = {0};
    auto_container_filter struct container_filter filter = {0};
    r = engine_open(&engine, call->root, e);
    if (r == 0)
        r = engine_containers(engine, list_flags(call->doc, &said), &containers,
                              &damaged, e);
    if (r == 0)
        r = container_filter_open(&filter, &said, containers,
                                  engine_images(engine), e);
    if (r < 0)
        return r;
    command_complain_all(&damaged);
    if (wants_size(call->doc) && (r = engine_enter(engine, e)) < 0)
        return r;
    auto_doc json_t *rows = choose(&filter, call->doc, engine);
    return table_print(columns, rows, choose_format(call->doc), stdout, e);
}

const struct command command_ps = {
    .name = "ps",
    .aliases = {"container ls", "container list", "container ps"},
    .synopsis = "[OPTIONS]",
    .summary = "List containers",
    .options = options,
    .run = run,
};
