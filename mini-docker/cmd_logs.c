/* mini-docker logs: what a container printed. */
#include "command.h"

#include "field.h"
#include "log.h"
#include "own.h"
#include "when.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* clang-format off */
static const struct option options[] = {
    {"details", 0, &option_bool, "Details",
     "Show extra details provided to logs"},
    {"follow", 'f', &option_bool, "Follow", "Follow log output"},
    {"since", 0, &option_string, "Since",
     "Show logs since timestamp (2013-01-02T13:23:37Z) or relative (42m for "
     "42 minutes)"},
    {"tail", 'n', &option_string, "Tail",
     "Number of lines to show from the end of the logs (default all)"},
    {"timestamps", 't', &option_bool, "Timestamps", "Show timestamps"},
    {"until", 0, &option_string, "Until",
     "Show logs before a timestamp (2013-01-02T13:23:37Z) or relative (42m "
     "for 42 minutes)"},
    {0},
};
/* clang-format on */

/* Docker takes whatever is no number for "all". */
static int64_t read_tail(const json_t *doc)
{
    int64_t tail = -1;
    const char *value = field_string(doc, "Tail");
    if (value == NULL || text_to_i64(value, &tail) < 0 || tail < 0)
        return -1;
    return tail;
}

struct show {
    bool has_times, has_details, is_following;
};

/* As in the query of an URL. */
static void print_escaped(FILE *to, const char *s)
{
    for (; *s != '\0'; s++)
        if (isalnum((unsigned char)*s) || strchr("-_.~", *s) != NULL)
            fputc(*s, to);
        else if (*s == ' ')
            fputc('+', to);
        else
            fprintf(to, "%%%02X", (unsigned char)*s);
}

/* A log that Docker wrote may name labels and variables. */
static void print_details(FILE *to, const char *attrs)
{
    json_auto_t *all = attrs == NULL ? NULL : json_loads(attrs, 0, NULL);
    const char *key, *separator = "";
    json_t *value;
    json_object_foreach(all, key, value)
    {
        const char *text = json_string_value(value);
        fputs(separator, to);
        print_escaped(to, key);
        fputc('=', to);
        print_escaped(to, text != NULL ? text : "");
        separator = ",";
    }
    fputc(' ', to);
}

static int print(void *arg, const struct log_record *record, struct err *e)
{
    const struct show *show = arg;
    FILE *to = record->stream == 1 ? stdout : stderr;
    if (show->has_times)
        fprintf(to, "%s ", record->time_text);
    if (show->has_details)
        print_details(to, record->attrs);
    fwrite(record->bytes, 1, record->len, to);
    if (show->is_following)
        fflush(to);
    return ferror(to) ? err_sys(e, EIO, "write the log") : 0;
}

static int run(struct call *call, struct err *e)
{
    auto_engine struct engine *engine = NULL;
    struct engine_log log = {.dirfd = -1, .stop_fd = -1};
    struct show show = {field_bool(call->doc, "Timestamps"),
                        field_bool(call->doc, "Details"),
                        field_bool(call->doc, "Follow")};
    struct log_query query = {
        .tail = read_tail(call->doc), .out = true, .err = true};
    int r = when_read_option(call->doc, "Since", "since", &query.since, e);
    if (r == 0)
        r = when_read_option(call->doc, "Until", "until", &query.until, e);
    if (r == 0)
        r = engine_open(&engine, call->root, e);
    if (r == 0)
        r = engine_log_open(engine, call->operands.v[0], show.is_following,
                            &log, e);
    query.stop_fd = log.stop_fd;
    query.follow = log.stop_fd >= 0;
    if (r == 0)
        r = log_read(log.dirfd, log.name, &query, print, &show, e);
    engine_log_close(&log);
    return r;
}

const struct command command_logs = {
    .name = "logs",
    .aliases = {"container logs"},
    .synopsis = "[OPTIONS] CONTAINER",
    .summary = "Fetch the logs of a container",
    .options = options,
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
