/* mini-docker events: what happens to containers, images and volumes. */
#include "command.h"

#include "event_filter.h"
#include "field.h"
#include "filter_option.h"
#include "own.h"
#include "template.h"
#include "when.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* clang-format off */
static const struct option options[] = {
    {"filter", 'f', &filter_option, "Filter",
     "Filter output based on conditions provided"},
    {"format", 0, &option_string, "Format",
     "Print as 'json', or as a 'TEMPLATE', which names fields: {{.Type}}"},
    {"since", 0, &option_string, "Since",
     "Show all events created since timestamp"},
    {"until", 0, &option_string, "Until", "Stream events until this timestamp"},
    {0},
};
/* clang-format on */

struct show {
    struct strv said; /* the filters */
    bool is_json;
    struct template *form; /* NULL: Docker's line */
};

/* --- how one is shown ----------------------------------------------------- */

/* "2026-01-02T03:04:05.678900000+01:00": the machine's zone. */
static void add_time(struct text *line, int64_t nanoseconds)
{
    time_t seconds = nanoseconds / 1000000000;
    struct tm tm;
    char date[32], zone[8];
    localtime_r(&seconds, &tm);
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &tm);
    strftime(zone, sizeof zone, "%z", &tm);
    text_addf(line, "%s.%09d", date, (int)(nanoseconds % 1000000000));
    if (tm.tm_gmtoff == 0)
        text_add(line, "Z");
    else
        text_addf(line, "%.3s:%s", zone, zone + 3);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* " (image=busybox, name=web)" */
static void add_attributes(struct text *line, const json_t *event)
{
    auto_strv struct strv pairs = {0};
    const char *key;
    json_t *value;
    json_t *all = (json_t *)(uintptr_t)field_get(event, "Actor.Attributes");
    json_object_foreach(all, key, value)
    {
        const char *text = json_string_value(value);
        strv_addf(&pairs, "%s=%s", key, text != NULL ? text : "");
    }
    if (pairs.n == 0)
        return;
    qsort(pairs.v, pairs.n, sizeof *pairs.v, by_name);
    for (size_t i = 0; i < pairs.n; i++)
        text_addf(line, "%s%s", i > 0 ? ", " : " (", pairs.v[i]);
    text_add(line, ")");
}

static void add_line(struct text *line, const json_t *event)
{
    const char *id = field_string(event, "Actor.ID");
    add_time(line, field_int(event, "timeNano", 0));
    text_addf(line, " %s %s %s", field_string(event, "Type"),
              field_string(event, "Action"), id != NULL ? id : "");
    add_attributes(line, event);
}

/* As templates know it: by the names that Go has for its members, all of which
 * are there. */
static json_t *make_dot(const json_t *event)
{
    static const struct {
        const char *name, *member;
    } members[] = {
        {"Status", "status"},
        {"ID",     "id"    },
        {"From",   "from"  },
        {"Type",   "Type"  },
        {"Action", "Action"},
        {"Scope",  "scope" },
    };
    json_t *dot = json_object();
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        const char *text = field_string(event, members[i].member);
        doc_set(dot, members[i].name, json_string(text != NULL ? text : ""));
    }
    json_object_set(dot, "Actor", json_object_get(event, "Actor"));
    json_object_set(dot, "Time", json_object_get(event, "time"));
    json_object_set(dot, "TimeNano", json_object_get(event, "timeNano"));
    return dot;
}

static int add_shown(struct text *line, const struct show *show,
                     const json_t *event, struct err *e)
{
    if (show->form != NULL) {
        auto_doc json_t *dot = make_dot(event);
        return template_execute(show->form, dot, 0, line, e);
    }
    auto_free char *json =
        show->is_json ? json_dumps(event, JSON_COMPACT) : NULL;
    if (json != NULL)
        text_add(line, json);
    else
        add_line(line, event);
    return 0;
}

static int show_one(void *arg, const json_t *event, struct err *e)
{
    const struct show *show = arg;
    if (!event_filter_fits(&show->said, event))
        return 0;
    auto_text struct text line = {0};
    int r = add_shown(&line, show, event, e);
    if (r < 0)
        return r;
    text_add(&line, "\n");
    fwrite(line.s, 1, line.len, stdout);
    /* Whoever waits for it at the end of a pipe has it at once. */
    return fflush(stdout) == 0 ? 0 : err_sys(e, errno, "write the events");
}

/* --- the command ---------------------------------------------------------- */

static int read_format(struct show *show, const char *format, struct err *e)
{
    if (format == NULL || format[0] == '\0')
        return 0;
    show->is_json =
        strcmp(format, "json") == 0 || strcmp(format, "{{json .}}") == 0;
    return show->is_json ? 0 : template_parse(format, &show->form, e);
}

/* What has no member of that name is refused before the first event comes. */
static int check_format(const struct show *show, struct err *e)
{
    static const char any[] = "{\"Actor\": {\"ID\": \"\", \"Attributes\": {}},"
                              " \"time\": 0, \"timeNano\": 0}";
    auto_doc json_t *event = json_loads(any, 0, NULL);
    auto_text struct text line = {0};
    return show->form == NULL ? 0 : add_shown(&line, show, event, e);
}

/* In Docker's words, which here are others than elsewhere. */
static int refuse_format(const struct err *e)
{
    const char *why = strstr(e->msg, "template: ");
    struct err said;
    err_set(&said, e->code, "Error parsing format: %s",
            why != NULL ? why : e->msg);
    return command_refuse_format(&said);
}

static int show_all(struct show *show, struct call *call, struct err *e)
{
    auto_engine struct engine *engine = NULL;
    struct engine_events query = {.each = show_one, .arg = show};
    int r = event_filter_check(&show->said, e);
    if (r == 0)
        r = when_read_option(call->doc, "Since", "since", &query.since, e);
    if (r == 0)
        r = when_read_option(call->doc, "Until", "until", &query.until, e);
    if (r == 0)
        r = engine_open(&engine, call->root, e);
    if (r == 0)
        r = engine_events(engine, &query, e);
    return r;
}

static int run(struct call *call, struct err *e)
{
    struct show show = {.form = NULL};
    field_strings(call->doc, "Filter", &show.said);
    int r = read_format(&show, field_string(call->doc, "Format"), e);
    if (r == 0)
        r = check_format(&show, e);
    r = r < 0 ? refuse_format(e) : show_all(&show, call, e);
    template_free(show.form);
    strv_done(&show.said);
    return r;
}

const struct command command_events = {
    .name = "events",
    .aliases = {"system events"},
    .synopsis = "[OPTIONS]",
    .summary = "Get real time events from the server",
    .options = options,
    .run = run,
};
