#include "api.h"

#include "field.h"
#include "own.h"
#include "watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* JSON bodies are read whole: the largest are lists of a container's mounts. */
enum { BODY_MOST = 4 << 20 };

/* --- answers -------------------------------------------------------------- */

int api_answer(struct api_call *call, int status, json_t *doc)
{
    json_auto_t *owned = doc != NULL ? doc : json_object();
    auto_free char *text = json_dumps(owned, JSON_COMPACT | JSON_ENCODE_ANY);
    auto_text struct text line = {0};
    text_addf(&line, "%s\n", text);
    return http_answer(call->http, status, "application/json", line.s,
                       line.len);
}

int api_answer_empty(struct api_call *call, int status)
{
    return http_answer(call->http, status, NULL, NULL, 0);
}

json_t *api_words(const char *words)
{
    auto_text struct text quoted = {0};
    quote_add(&quoted, words, strlen(words));
    return json_loadb(quoted.s, quoted.len, JSON_DECODE_ANY, NULL);
}

int api_answer_error(struct api_call *call, int status, const char *message)
{
    return api_answer(call, status,
                      json_pack("{s:o}", "message", api_words(message)));
}

int api_send_line(struct api_call *call, const json_t *doc)
{
    auto_free char *text = json_dumps(doc, JSON_COMPACT);
    auto_free char *line = text_format("%s\r\n", text);
    int r = http_has_answered(call->http)
                ? 0
                : http_begin(call->http, 200, "application/json");
    return r < 0 ? r : http_send(call->http, line, strlen(line));
}

int api_end_lines(struct api_call *call, int r, const struct err *e)
{
    if (r < 0 && !http_has_answered(call->http))
        return r;
    if (r < 0) {
        json_auto_t *line =
            json_pack("{s:{s:o}, s:o}", "errorDetail", "message",
                      api_words(e->msg), "error", api_words(e->msg));
        api_send_line(call, line);
    }
    if (!http_has_answered(call->http))
        http_begin(call->http, 200, "application/json");
    return http_end(call->http);
}

int api_need(const struct api_call *call, const char *name, const char **ret,
             struct err *e)
{
    *ret = query_text(&call->query, name);
    return *ret != NULL
               ? 0
               : err_set(e, EINVAL, "the parameter %s is missing", name);
}

/* --- from errors to statuses ---------------------------------------------- */

static int status_of(int code)
{
    static const struct {
        int code, status;
    } table[] = {
        {ENOENT,       404},
        {EINVAL,       400},
        {EBADMSG,      400},
        {ENOTUNIQ,     400},
        {ENAMETOOLONG, 400},
        {EEXIST,       409},
        {EBUSY,        409},
        {ESRCH,        409},
        {EALREADY,     409},
        {ENOTDIR,      400},
        {EBADRQC,      405},
        {EPERM,        403},
        {EROFS,        403},
        {EACCES,       403},
        {EFBIG,        413},
        {EMSGSIZE,     431},
        {ETIMEDOUT,    408},
        {ENOSYS,       501},
        {EOPNOTSUPP,   501},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (table[i].code == code)
            return table[i].status;
    return 500;
}

/* --- one request ---------------------------------------------------------- */

/* "/v1.47/info" is "/info" of 1.47. What is no version stays. */
static int take_version(struct api_call *call, const char **path, struct err *e)
{
    unsigned int major, minor;
    int len = 0;
    call->version = API_NEWEST;
    if (sscanf(*path, "/v%1u.%3u%n", &major, &minor, &len) != 2 ||
        (*path)[len] != '/')
        return 0;
    call->version = (int)(major * 1000 + minor);
    *path += len;
    if (call->version > API_NEWEST)
        return err_set(e, EINVAL,
                       "client version %u.%u is too new. Maximum supported API "
                       "version is " API_VERSION,
                       major, minor);
    return call->version >= API_OLDEST
               ? 0
               : err_set(e, EINVAL,
                         "client version %u.%u is too old. Minimum supported "
                         "API version is " API_MIN_VERSION
                         ", please upgrade your client to a newer version",
                         major, minor);
}

/* A page in a browser may send anything but this without being asked for it. */
static int check_type(const struct api_call *call, struct err *e)
{
    static const char json[] = "application/json";
    const char *type = http_header(call->http, "Content-Type");
    if (type == NULL || (strncmp(type, json, sizeof json - 1) == 0 &&
                         strchr("; ", type[sizeof json - 1]) != NULL))
        return 0;
    return err_set(e, EINVAL,
                   "unsupported Content-Type header (%s): must be "
                   "'application/json'",
                   type);
}

static int read_body(struct api_call *call, struct err *e)
{
    auto_text struct text text = {0};
    json_error_t why;
    int r = http_read_all(call->http, &text, BODY_MOST, e);
    if (r < 0 || text.len == 0)
        return r;
    r = check_type(call, e);
    if (r < 0)
        return r;
    call->body = json_loadb(text.s, text.len, 0, &why);
    return call->body != NULL
               ? 0
               : err_set(e, EINVAL, "invalid JSON: %s", why.text);
}

static int act(struct api_call *call, const struct http_request *request,
               struct err *e)
{
    query_parse(&call->query, request->target);
    const char *path = call->query.path;
    const struct api_route *route = NULL;
    int r = take_version(call, &path, e);
    if (r == 0)
        r = api_find_route(call, request->method, path, &route, e);
    if (r < 0 || route == NULL)
        return r;
    if ((route->flags & API_BODY) != 0)
        r = read_body(call, e);
    return r < 0 ? r : route->act(call, e);
}

static void add_headers(struct http *http)
{
    http_add_header(http, "Api-Version", API_VERSION);
    http_add_header(http, "Docker-Experimental", "false");
    http_add_header(http, "Ostype", "linux");
    http_add_header(http, "Server",
                    "mini-docker/" MINI_DOCKER_VERSION " (linux)");
}

/* False: what was answered is cut short, and only hanging up can tell. */
static bool serve_one(struct api_call call)
{
    struct err why = {0};
    add_headers(call.http);
    int r = act(&call, http_request(call.http), &why);
    bool is_cut = r < 0 && http_has_answered(call.http);
    if (r < 0 && !is_cut)
        api_answer_error(&call, status_of(why.code), why.msg);
    query_done(&call.query);
    own_free(&call.names[0]);
    own_free(&call.names[1]);
    json_decref(call.body);
    return !is_cut;
}

void api_serve(struct http *http, struct engine *engine)
{
    struct err why = {0};
    struct api_memory memory = {.stamp = NULL};
    struct api_call call = {.engine = engine, .http = http, .memory = &memory};
    int r;
    while ((r = http_next(http, &why)) > 0 && serve_one(call))
        continue;
    if (r < 0)
        api_answer_error(&call, status_of(why.code), why.msg);
    own_free(&memory.stamp);
    free(memory.list);
}
