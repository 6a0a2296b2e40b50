/* Builds: the context comes as the body, what happens goes back as lines. */
#include "api.h"

#include "field.h"
#include "own.h"
#include "prune_filter.h"

#include <errno.h>
#include <string.h>

/* --- what was asked for --------------------------------------------------- */

/* Of a parameter with the value of JSON. */
static int read_json(const struct api_call *call, const char *name,
                     json_type type, json_t *ret, struct err *e)
{
    const char *said = query_text(&call->query, name);
    if (said == NULL)
        return 0;
    json_t *value = json_loads(said, 0, NULL);
    if (value == NULL || json_typeof(value) != type) {
        json_decref(value);
        return err_set(e, EINVAL, "invalid value of %s: no JSON of its kind",
                       name);
    }
    json_object_set_new(ret, name, value);
    return 0;
}

/* A variable without a value is none; all others are strings. */
static int check_map(json_t *doc, const char *name, struct err *e)
{
    const char *key;
    json_t *value;
    void *next;
    json_t *map = json_object_get(doc, name);
    json_object_foreach_safe(map, next, key, value)
    {
        if (json_is_null(value))
            json_object_del(map, key);
        else if (!json_is_string(value))
            return err_set(e, EINVAL, "invalid value of %s: no string", name);
    }
    return 0;
}

static int read_structures(const struct api_call *call, json_t *ret,
                           struct err *e)
{
    static const struct {
        const char *name;
        json_type type;
    } parts[] = {
        {"buildargs", JSON_OBJECT},
        {"labels",    JSON_OBJECT},
        {"cachefrom", JSON_ARRAY },
        {"ulimits",   JSON_ARRAY },
    };
    int r = 0;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0] && r == 0; i++)
        r = read_json(call, parts[i].name, parts[i].type, ret, e);
    for (size_t i = 0; i < 2 && r == 0; i++)
        r = check_map(ret, parts[i].name, e);
    return r;
}

static int read_numbers(const struct api_call *call, json_t *ret, struct err *e)
{
    static const char *const names[] = {"memory",    "memswap",  "cpushares",
                                        "cpuperiod", "cpuquota", "shmsize"};
    int r = 0;
    for (size_t i = 0; i < sizeof names / sizeof names[0] && r == 0; i++) {
        int64_t value = 0;
        r = query_int(&call->query, names[i], 0, &value, e);
        if (r == 0 && value != 0)
            json_object_set_new(ret, names[i], json_integer(value));
    }
    return r;
}

static void read_words(const struct api_call *call, json_t *ret)
{
    static const char *const texts[] = {"target",     "networkmode",
                                        "platform",   "cpusetcpus",
                                        "cpusetmems", "cgroupparent"};
    static const char *const flags[] = {"nocache", "pull", "squash", "rm",
                                        "forcerm"};
    static const char *const lists[] = {"t", "extrahosts"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        const char *value = query_text(&call->query, texts[i]);
        if (value != NULL)
            json_object_set_new(ret, texts[i], json_string(value));
    }
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
        if (query_get(&call->query, flags[i]) != NULL)
            json_object_set_new(
                ret, flags[i],
                json_boolean(query_bool(&call->query, flags[i])));
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        auto_strv struct strv values = {0};
        query_all(&call->query, lists[i], &values);
        if (values.n > 0)
            json_object_set_new(ret, lists[i], field_list(&values));
    }
}

static int read_query(const struct api_call *call, json_t *ret, struct err *e)
{
    read_words(call, ret);
    int r = read_numbers(call, ret, e);
    return r < 0 ? r : read_structures(call, ret, e);
}

/* --- the context ---------------------------------------------------------- */

enum { TAR_BLOCK = 512 };

/* A client that puts a Dockerfile in at the end of a context (build -f) closes
 * the connection before its tar is filled up to a whole block, and readers in
 * Go take it so. Here the rest is added; that all has come is known from HTTP.
 */
struct context {
    struct http *http;
    uint64_t len;
    bool is_packed;
    size_t missing; /* of the last block */
};

static ssize_t read_context(void *arg, void *bytes, size_t len)
{
    struct context *context = arg;
    ssize_t n = http_read(context->http, bytes, len);
    if (n > 0) {
        if (context->len == 0)
            context->is_packed =
                layer_recognise(bytes, (size_t)n) != LAYER_PLAIN;
        context->len += (uint64_t)n;
        context->missing = -context->len % TAR_BLOCK;
    }
    if (n != 0 || context->is_packed)
        return n;
    size_t more = context->missing < len ? context->missing : len;
    memset(bytes, 0, more);
    context->missing -= more;
    return (ssize_t)more;
}

/* --- what is told --------------------------------------------------------- */

struct telling {
    struct api_call *call;
    bool is_quiet;
    struct text kept; /* of a quiet one, for when it fails */
};

static void send_stream(struct api_call *call, const char *bytes, size_t len)
{
    json_auto_t *line = json_pack("{s:o}", "stream", field_text(bytes, len));
    if (len > 0)
        api_send_line(call, line);
}

static void say(struct telling *telling, const char *bytes, size_t len)
{
    if (telling->is_quiet)
        text_addn(&telling->kept, bytes, len);
    else
        send_stream(telling->call, bytes, len);
}

static void tell(void *arg, const struct engine_build_event *event)
{
    static const char cached[] = " ---> Using cache\n";
    struct telling *telling = arg;
    auto_text struct text text = {0};
    if (event->kind == ENGINE_BUILD_STEP)
        text_addf(&text, "Step %zu/%zu : ", event->step, event->n_steps);
    if (event->kind == ENGINE_BUILD_CACHED)
        say(telling, cached, strlen(cached));
    text_addn(&text, event->bytes, event->len);
    say(telling, text.s, text.len);
    if (event->kind == ENGINE_BUILD_STEP)
        say(telling, "\n", 1);
}

static void send_id(struct telling *telling, const char *id)
{
    json_auto_t *aux = json_pack("{s:{s:s}}", "aux", "ID", id);
    auto_free char *line = text_format("%s\n", id);
    api_send_line(telling->call, aux);
    if (telling->is_quiet)
        send_stream(telling->call, line, strlen(line));
}

/* Of a RUN that failed its exit code is told as well. */
static int end(struct telling *telling, const struct engine_build *order, int r,
               const struct err *e)
{
    struct api_call *call = telling->call;
    if (r == 0)
        send_id(telling, order->id);
    if (r < 0 && telling->is_quiet)
        send_stream(call, telling->kept.s, telling->kept.len);
    if (r == 0 || order->code == 0)
        return api_end_lines(call, r, e);
    json_auto_t *line =
        json_pack("{s:{s:i, s:s}, s:s}", "errorDetail", "code", order->code,
                  "message", e->msg, "error", e->msg);
    api_send_line(call, line);
    return http_end(call->http);
}

static int build(struct api_call *call, struct err *e)
{
    struct telling telling = {.call = call,
                              .is_quiet = query_bool(&call->query, "q")};
    struct context context = {.http = call->http};
    struct layer_source body = {read_context, &context};
    json_auto_t *query = json_object(), *accounts = NULL;
    const char *file = query_text(&call->query, "dockerfile");
    struct engine_build order = {
        .query = query,
        .archive = &body,
        .place = "-",
        .dockerfile_name = file != NULL ? file : "Dockerfile",
        .tell = tell,
        .arg = &telling,
    };
    int r = read_query(call, query, e);
    if (r == 0)
        r = api_read_accounts(call, &accounts, e);
    if (r < 0)
        return r;
    order.accounts = accounts;
    order.remote = query_text(&call->query, "remote");
    if (order.remote != NULL)
        order.archive = NULL;
    http_end_with_client(call->http);
    r = engine_build(call->engine, &order, e);
    r = end(&telling, &order, r, e);
    text_done(&telling.kept);
    text_done(&order.excerpt);
    return r;
}

/* --- what builds remember ------------------------------------------------- */

/* all=1: also what images have. */
static int prune(struct api_call *call, struct err *e)
{
    struct prune_filter filter = {.all = query_bool(&call->query, "all")};
    json_t *doc = NULL;
    int64_t keep = 0;
    int r = query_int(&call->query, "keep-storage", 0, &keep, e);
    if (r == 0)
        r = query_filters(&call->query, &filter.said, e);
    if (r == 0)
        r = prune_filter_check_builds(&filter, e);
    const struct engine_prune what = {prune_filter_build, &filter,
                                      keep > 0 ? (uint64_t)keep : 0};
    if (r == 0)
        r = engine_build_prune(call->engine, &what, &doc, e);
    strv_done(&filter.said);
    return r < 0 ? r : api_answer(call, 200, doc);
}

const struct api_route api_build_routes[] = {
    {"POST", "/build",       build, 0},
    {"POST", "/build/prune", prune, 0},
    {NULL,   NULL,           NULL,  0},
};
