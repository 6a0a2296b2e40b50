/* What goes on for as long as a container runs: attach, logs, stats. */
#include "api.h"
#include "bridge.h"

#include "field.h"
#include "log.h"
#include "own.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* --- attach --------------------------------------------------------------- */

int api_read_size(const struct api_call *call, int64_t *ret_rows,
                  int64_t *ret_columns, struct err *e)
{
    int r = query_int(&call->query, "h", 0, ret_rows, e);
    return r < 0 ? r : query_int(&call->query, "w", 0, ret_columns, e);
}

static int resize(struct api_call *call, struct err *e)
{
    int64_t rows, columns;
    int r = api_read_size(call, &rows, &columns, e);
    if (r == 0)
        r = engine_server_resize(call->engine, call->names[0], (int)rows,
                                 (int)columns, e);
    return r < 0 ? r : api_answer_empty(call, 200);
}

/* Docker's keys, unless others are asked for. */
int api_read_keys(const struct api_call *call, struct attach_keys *ret,
                  struct err *e)
{
    const char *keys = query_text(&call->query, "detachKeys");
    return attach_read_keys(keys != NULL ? keys : "ctrl-p,ctrl-q", ret, e);
}

/* --- logs ----------------------------------------------------------------- */

struct show {
    struct api_call *call;
    bool terminal, has_times, has_details;
};

static int send_record(void *arg, const struct log_record *record,
                       struct err *e)
{
    const struct show *show = arg;
    auto_text struct text line = {0};
    char head[8];
    size_t stamp = show->has_times ? strlen(record->time_text) + 1 : 0;
    int r = bridge_put_head(head, record->stream, stamp + record->len, e);
    if (r < 0)
        return r;
    if (!show->terminal)
        text_addn(&line, head, sizeof head);
    if (show->has_times)
        text_addf(&line, "%s ", record->time_text);
    text_addn(&line, record->bytes, record->len);
    return http_send(show->call->http, line.s, line.len);
}

static int read_log_query(const struct api_call *call, struct log_query *ret,
                          struct err *e)
{
    const char *tail = query_text(&call->query, "tail");
    *ret = (struct log_query){.tail = -1,
                              .out = query_bool(&call->query, "stdout"),
                              .err = query_bool(&call->query, "stderr")};
    if (tail != NULL && (text_to_i64(tail, &ret->tail) < 0 || ret->tail < 0))
        ret->tail = -1;
    if (!ret->out && !ret->err)
        return err_set(e, EINVAL,
                       "Bad parameters: you must choose at least one stream");
    int r = api_read_time(call, "since", &ret->since, e);
    return r < 0 ? r : api_read_time(call, "until", &ret->until, e);
}

static int logs(struct api_call *call, struct err *e)
{
    json_auto_t *doc = NULL;
    struct engine_log log = {.dirfd = -1, .stop_fd = -1};
    struct log_query query;
    bool follows = query_bool(&call->query, "follow");
    int r = engine_inspect(call->engine, call->names[0], false, &doc, e);
    if (r == 0)
        r = read_log_query(call, &query, e);
    if (r == 0)
        r = engine_log_open(call->engine, call->names[0], follows, &log, e);
    struct show show = {.call = call,
                        .terminal = field_bool(doc, "Config.Tty"),
                        .has_times = query_bool(&call->query, "timestamps")};
    if (r == 0) {
        query.stop_fd = log.stop_fd;
        query.follow = log.stop_fd >= 0;
        http_end_with_client(call->http);
        r = http_begin(call->http, 200, bridge_type(call, show.terminal));
    }
    if (r == 0)
        r = log_read(log.dirfd, log.name, &query, send_record, &show, e);
    engine_log_close(&log);
    return r < 0 ? r : http_end(call->http);
}

/* --- stats ---------------------------------------------------------------- */

/* One look, with the one before it. */
static int send_stats(struct api_call *call, json_t **before, struct err *e)
{
    static const char *const moved[][2] = {
        {"preread",      "read"     },
        {"precpu_stats", "cpu_stats"},
    };
    json_t *now = NULL;
    int r = engine_stats(call->engine, call->names[0], &now, e);
    if (r < 0)
        return r;
    for (size_t i = 0; i < 2; i++) {
        json_t *old = json_object_get(*before, moved[i][1]);
        json_object_set_new(now, moved[i][0],
                            old != NULL ? json_incref(old)
                            : i == 0    ? json_string("0001-01-01T00:00:00Z")
                                        : json_object());
    }
    json_decref(*before);
    *before = now;
    return api_send_line(call, now);
}

static int stats(struct api_call *call, struct err *e)
{
    bool streams = query_get(&call->query, "stream") == NULL ||
                   query_bool(&call->query, "stream");
    json_t *before = NULL;
    int r = 0;
    if (!streams && !query_bool(&call->query, "one-shot")) {
        r = engine_stats(call->engine, call->names[0], &before, e);
        sleep(1);
    }
    if (r == 0 && streams)
        http_end_with_client(call->http);
    while (r == 0) {
        r = send_stats(call, &before, e);
        if (!streams)
            break;
        sleep(1);
    }
    json_decref(before);
    return api_end_lines(call, r, e);
}

static int attach(struct api_call *call, struct err *e)
{
    const struct engine_seat seat = {
        .input = query_bool(&call->query, "stdin"),
        .output = query_bool(&call->query, "stdout"),
        .error = query_bool(&call->query, "stderr"),
    };
    auto_engine_server_link struct engine_server_link link =
        ENGINE_SERVER_LINK_INIT;
    auto_bridge struct bridge bridge = {.link = &link, .input = seat.input};
    int r = api_read_keys(call, &bridge.keys, e);
    if (r == 0 && query_bool(&call->query, "stream"))
        r = engine_server_attach(call->engine, call->names[0], &seat, &link, e);
    if (r == 0)
        r = bridge_open(&bridge, call, e);
    return r < 0 ? r : bridge_run(&bridge, e);
}

const struct api_route api_stream_routes[] = {
    {"POST", "/containers/{}/attach", attach, 0},
    {"POST", "/containers/{}/resize", resize, 0},
    {"GET",  "/containers/{}/logs",   logs,   0},
    {"GET",  "/containers/{}/stats",  stats,  0},
    {NULL,   NULL,                    NULL,   0},
};
