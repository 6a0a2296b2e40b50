/* What is asked of the engine as a whole: ping, version, info ... */
#include "api.h"

#include "event_filter.h"
#include "field.h"
#include "own.h"

#include <errno.h>
#include <string.h>
#include <time.h>

static int ping(struct api_call *call, struct err *e)
{
    (void)e;
    http_add_header(call->http, "Cache-Control",
                    "no-cache, no-store, must-revalidate");
    http_add_header(call->http, "Pragma", "no-cache");
    return http_answer(call->http, 200, "text/plain; charset=utf-8", "OK", 2);
}

static void set(json_t *doc, const char *member, json_t *value)
{
    json_object_set_new(doc, member, value);
}

/* The engine's own version, and that of the API that we speak for it. */
static int version(struct api_call *call, struct err *e)
{
    json_t *doc = NULL;
    int r = engine_version(call->engine, &doc, e);
    if (r < 0)
        return r;
    json_t *details = json_deep_copy(doc);
    json_object_del(details, "Version");
    set(details, "MinAPIVersion", json_string(API_MIN_VERSION));
    set(details, "Experimental", json_string("false"));
    set(details, "ApiVersion", json_string(API_VERSION));
    set(doc, "ApiVersion", json_string(API_VERSION));
    set(doc, "MinAPIVersion", json_string(API_MIN_VERSION));
    set(doc, "Platform", json_pack("{s:s}", "Name", "mini-docker"));
    set(doc, "Components",
        json_pack("[{s:s, s:O, s:o}]", "Name", "Engine", "Version",
                  json_object_get(doc, "Version"), "Details", details));
    return api_answer(call, 200, doc);
}

/* What a server tells beside it: which of Docker's parts there are. A daemon's
 * containers outlive it, which Docker calls live restore. */
static json_t *make_parts(void)
{
    json_t *plugins = json_pack("{s:[s], s:[s, s, s], s:[s, s], s:n}", "Volume",
                                "local", "Network", "bridge", "host", "null",
                                "Log", "json-file", "none", "Authorization");
    json_t *swarm =
        json_pack("{s:s, s:s, s:s, s:b, s:s, s:n}", "NodeID", "", "NodeAddr",
                  "", "LocalNodeState", "inactive", "ControlAvailable", 0,
                  "Error", "", "RemoteManagers");
    json_t *registries =
        json_pack("{s:[s, s], s:{}, s:[]}", "InsecureRegistryCIDRs", "::1/128",
                  "127.0.0.0/8", "IndexConfigs", "Mirrors");
    return json_pack(
        "{s:o, s:o, s:o, s:s, s:s, s:{s:{s:s}}, s:s, s:b, s:b, s:[], s:s}",
        "Plugins", plugins, "Swarm", swarm, "RegistryConfig", registries,
        "LoggingDriver", "json-file", "DefaultRuntime", "mini-runc", "Runtimes",
        "mini-runc", "path", "mini-runc", "InitBinary", "mini-docker-init",
        "LiveRestoreEnabled", 1, "ExperimentalBuild", 0, "Labels",
        "IndexServerAddress", "https://index.docker.io/v1/");
}

static int info(struct api_call *call, struct err *e)
{
    json_t *doc = NULL;
    int r = engine_info(call->engine, &doc, e);
    if (r < 0)
        return r;
    json_auto_t *parts = make_parts();
    json_object_update_missing(doc, parts);
    return api_answer(call, 200, doc);
}

/* --- events --------------------------------------------------------------- */

struct watch {
    struct api_call *call;
    struct strv filters;
};

static int send_event(void *arg, const json_t *event, struct err *e)
{
    const struct watch *watch = arg;
    (void)e;
    if (!event_filter_fits(&watch->filters, event))
        return 0;
    auto_free char *text = json_dumps(event, JSON_COMPACT);
    auto_free char *line = text_format("%s\n", text);
    return http_send(watch->call->http, line, strlen(line));
}

/* Seconds since 1970, perhaps with a fraction. */
int api_read_time(const struct api_call *call, const char *name,
                  struct timespec *ret, struct err *e)
{
    const char *value = query_text(&call->query, name);
    if (value == NULL)
        return 0;
    const char *dot = strchr(value, '.');
    auto_free char *seconds =
        text_format("%.*s", (int)strcspn(value, "."), value);
    auto_free char *parts = text_format("%.9s", dot != NULL ? dot + 1 : "0");
    int64_t whole = 0, fraction = 0;
    if (text_to_i64(seconds, &whole) < 0 || text_to_i64(parts, &fraction) < 0)
        return err_set(e, EINVAL, "bad value of %s: %s is no time", name,
                       value);
    for (size_t n = strlen(parts); n < 9; n++)
        fraction *= 10;
    *ret = (struct timespec){.tv_sec = whole, .tv_nsec = fraction};
    return 0;
}

static int events(struct api_call *call, struct err *e)
{
    struct watch watch = {.call = call};
    struct engine_events query = {.each = send_event, .arg = &watch};
    int r = query_filters(&call->query, &watch.filters, e);
    if (r == 0)
        r = event_filter_check(&watch.filters, e);
    if (r == 0)
        r = api_read_time(call, "since", &query.since, e);
    if (r == 0)
        r = api_read_time(call, "until", &query.until, e);
    if (r == 0) {
        http_end_with_client(call->http);
        r = http_begin(call->http, 200, "application/json");
    }
    if (r == 0)
        r = engine_events(call->engine, &query, e);
    strv_done(&watch.filters);
    return r < 0 ? r : http_end(call->http);
}

const struct api_route api_system_routes[] = {
    {"GET|HEAD", "/_ping",   ping,    0},
    {"GET",      "/version", version, 0},
    {"GET",      "/info",    info,    0},
    {"GET",      "/events",  events,  0},
    {NULL,       NULL,       NULL,    0},
};
