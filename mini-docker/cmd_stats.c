/* mini-docker stats: what containers use, now and every second. */
#include "command.h"

#include "field.h"
#include "own.h"
#include "stats_row.h"
#include "table.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* How much of the processors is used shows between two looks. The first line
 * shall not be long in coming. */
enum { FIRST_MS = 500, NEXT_MS = 1000 };

/* clang-format off */
static const struct option options[] = {
    {"all", 'a', &option_bool, "All",
     "Show all containers (default shows just running)"},
    {"format", 0, &option_string, "Format",
     "Print as 'table', 'table TEMPLATE', 'json' or 'TEMPLATE', where a "
     "template names fields: {{.Container}} {{.ID}} {{.Name}} {{.CPUPerc}} "
     "{{.MemUsage}} {{.MemPerc}} {{.NetIO}} {{.BlockIO}} {{.PIDs}}"},
    {"no-stream", 0, &option_bool, "NoStream",
     "Disable streaming stats and only pull the first result"},
    {"no-trunc", 0, &option_bool, "NoTrunc", "Do not truncate output"},
    {0},
};
/* clang-format on */

static const struct table_column columns[] = {
    {"ID",        "CONTAINER ID",      true },
    {"Name",      "NAME",              true },
    {"CPUPerc",   "CPU %",             true },
    {"MemUsage",  "MEM USAGE / LIMIT", true },
    {"MemPerc",   "MEM %",             true },
    {"NetIO",     "NET I/O",           true },
    {"BlockIO",   "BLOCK I/O",         true },
    {"PIDs",      "PIDS",              true },
    {"Container", "CONTAINER",         false},
    {NULL,        NULL,                false},
};

struct watch {
    struct call *call;
    struct engine *engine;
    json_t *before; /* what each said the last time, by how it is called */
};

/* --- looking -------------------------------------------------------------- */

/* Ask one container, and keep what it says for the next look. One that was
 * there and cannot be asked any more has a name still, and no numbers. */
static int look_at(const struct watch *watch, const char *name, json_t *seen,
                   struct err *e)
{
    json_t *now = NULL;
    const json_t *before = json_object_get(watch->before, name);
    int r = engine_stats(watch->engine, name, &now, e);
    if (r < 0 && before != NULL)
        now = json_pack("{s:O, s:O?}", "id", json_object_get(before, "id"),
                        "name", json_object_get(before, "name"));
    else if (r < 0)
        return r;
    json_object_set_new(seen, name, now);
    return 0;
}

static int look_at_named(const struct watch *watch, json_t *seen)
{
    const struct strv *names = &watch->call->operands;
    for (size_t i = 0; i < names->n; i++) {
        struct err why = {0};
        if (look_at(watch, names->v[i], seen, &why) < 0)
            strv_add(&watch->call->failures, why.msg);
    }
    return 0;
}

/* Those that there are now; what ends meanwhile is not one of them. */
static int look_at_all(const struct watch *watch, json_t *seen, struct err *e)
{
    auto_doc json_t *containers = NULL;
    bool all = field_bool(watch->call->doc, "All");
    int r = engine_containers(watch->engine, all ? ENGINE_ALL : 0, &containers,
                              NULL, e);
    size_t i;
    const json_t *item;
    json_array_foreach(containers, i, item)
        look_at(watch, field_string(item, "Id"), seen, NULL);
    return r;
}

/* Look once. Rows for the table, in the order in which they were asked for. */
static int look(struct watch *watch, json_t **ret, struct err *e)
{
    json_t *seen = json_object(), *now;
    bool named = watch->call->operands.n > 0;
    int r = named ? look_at_named(watch, seen) : look_at_all(watch, seen, e);
    bool whole = field_bool(watch->call->doc, "NoTrunc");
    const char *name;
    *ret = json_array();
    json_object_foreach(seen, name, now)
    {
        auto_free char *shown =
            named || whole ? own_strdup(name) : text_format("%.12s", name);
        json_array_append_new(
            *ret,
            stats_row(shown, now, json_object_get(watch->before, name), whole));
    }
    json_decref(watch->before);
    watch->before = seen;
    return r;
}

/* --- showing -------------------------------------------------------------- */

/* On a terminal each table is drawn over the last one, line by line: who
 * cleared the screen first would make it flicker. */
static void draw(const char *text)
{
    fputs("\033[H", stdout);
    for (; *text != '\0'; text += strcspn(text, "\n") + 1)
        printf("%.*s\033[K\n", (int)strcspn(text, "\n"), text);
    fputs("\033[J", stdout);
}

static int show(const struct watch *watch, const json_t *rows, struct err *e)
{
    auto_free char *text = NULL;
    size_t len;
    FILE *stream = open_memstream(&text, &len);
    if (stream == NULL)
        return err_sys(e, errno, "open a stream");
    const char *format = field_string(watch->call->doc, "Format");
    int r = table_print(columns, rows, format, stream, e);
    fclose(stream);
    if (r < 0)
        return r;
    if (isatty(STDOUT_FILENO) && !field_bool(watch->call->doc, "NoStream"))
        draw(text);
    else
        fputs(text, stdout);
    return fflush(stdout) == 0 ? 0 : err_sys(e, errno, "standard output");
}

static int show_next(struct watch *watch, int after_ms, struct err *e)
{
    auto_doc json_t *rows = NULL;
    usleep((useconds_t)after_ms * 1000);
    int r = look(watch, &rows, e);
    return r < 0 ? r : show(watch, rows, e);
}

static int run(struct call *call, struct err *e)
{
    auto_engine struct engine *engine = NULL;
    auto_doc json_t *first = NULL;
    int r = engine_open(&engine, call->root, e);
    if (r < 0)
        return r;
    struct watch watch = {.call = call, .engine = engine};
    r = look(&watch, &first, e);
    if (r == 0 && call->failures.n > 0)
        r = 1;
    for (int ms = FIRST_MS; r == 0; ms = NEXT_MS) {
        r = show_next(&watch, ms, e);
        if (field_bool(call->doc, "NoStream"))
            break;
    }
    json_decref(watch.before);
    return r;
}

const struct command command_stats = {
    .name = "stats",
    .aliases = {"container stats"},
    .synopsis = "[OPTIONS] [CONTAINER...]",
    .summary = "Display a live stream of container(s) resource usage "
               "statistics",
    .options = options,
    .max_operands = COMMAND_ANY,
    .run = run,
};
