/* Whose request is it? Every path that clients were seen to ask for, and some
 * that none should. And which versions are spoken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api.h"
#include "own.h"
#include "test_client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* clang-format off */
static const struct {
    const char *method, *path;
    const char *pattern; /* NULL: nobody's */
    const char *name;    /* or NULL */
    bool known;
} cases[] = {
    {"HEAD", "/_ping", "/_ping", NULL, true},
    {"GET", "/_ping", "/_ping", NULL, true},
    {"GET", "/version", "/version", NULL, true},
    {"GET", "/info", "/info", NULL, true},
    {"GET", "/events", "/events", NULL, true},
    {"POST", "/containers/create", "/containers/create", NULL, true},
    {"GET", "/containers/json", "/containers/json", NULL, true},
    {"POST", "/containers/prune", "/containers/prune", NULL, true},
    {"DELETE", "/containers/c1", "/containers/{}", "c1", true},
    {"POST", "/containers/c1/attach", "/containers/{}/attach", "c1", true},
    {"GET", "/containers/c1/changes", "/containers/{}/changes", "c1", true},
    {"POST", "/containers/c1/exec", "/containers/{}/exec", "c1", true},
    {"GET", "/containers/c1/export", "/containers/{}/export", "c1", true},
    {"GET", "/containers/c1/json", "/containers/{}/json", "c1", true},
    {"POST", "/containers/c1/kill", "/containers/{}/kill", "c1", true},
    {"GET", "/containers/c1/logs", "/containers/{}/logs", "c1", true},
    {"POST", "/containers/c1/pause", "/containers/{}/pause", "c1", true},
    {"POST", "/containers/c1/rename", "/containers/{}/rename", "c1", true},
    {"POST", "/containers/c1/resize", "/containers/{}/resize", "c1", true},
    {"POST", "/containers/c1/restart", "/containers/{}/restart", "c1", true},
    {"POST", "/containers/c1/start", "/containers/{}/start", "c1", true},
    {"GET", "/containers/c1/stats", "/containers/{}/stats", "c1", true},
    {"POST", "/containers/c1/stop", "/containers/{}/stop", "c1", true},
    {"GET", "/containers/c1/top", "/containers/{}/top", "c1", true},
    {"POST", "/containers/c1/unpause", "/containers/{}/unpause", "c1", true},
    {"POST", "/containers/c1/update", "/containers/{}/update", "c1", true},
    {"POST", "/containers/c1/wait", "/containers/{}/wait", "c1", true},
    {"GET", "/exec/e/json", "/exec/{}/json", "e", true},
    {"POST", "/exec/e/resize", "/exec/{}/resize", "e", true},
    {"POST", "/exec/e/start", "/exec/{}/start", "e", true},
    {"GET", "/networks", "/networks", NULL, true},
    {"POST", "/networks/create", "/networks/create", NULL, true},
    {"POST", "/networks/prune", "/networks/prune", NULL, true},
    {"GET", "/networks/n", "/networks/{}", "n", true},
    {"DELETE", "/networks/n", "/networks/{}", "n", true},
    {"POST", "/networks/n/connect", "/networks/{}/connect", "n", true},
    {"POST", "/networks/n/disconnect", "/networks/{}/disconnect", "n", true},
    {"GET", "/volumes", "/volumes", NULL, true},
    {"POST", "/volumes/create", "/volumes/create", NULL, true},
    {"POST", "/volumes/prune", "/volumes/prune", NULL, true},
    {"GET", "/volumes/v", "/volumes/{}", "v", true},
    {"DELETE", "/volumes/v", "/volumes/{}", "v", true},
    {"POST", "/auth", "/auth", NULL, true},
    {"POST", "/commit", "/commit", NULL, true},
    {"POST", "/images/create", "/images/create", NULL, true},
    {"GET", "/images/get", "/images/get", NULL, true},
    {"GET", "/images/json", "/images/json", NULL, true},
    {"POST", "/images/load", "/images/load", NULL, true},
    {"POST", "/images/prune", "/images/prune", NULL, true},
    {"GET", "/images/search", "/images/search", NULL, true},
    {"DELETE", "/images/i", "/images/{}", "i", true},
    {"GET", "/images/i/history", "/images/{}/history", "i", true},
    {"GET", "/images/i/json", "/images/{}/json", "i", true},
    {"GET", "/images/a.b:5000/c/d:e/json", "/images/{}/json",
     "a.b:5000/c/d:e", true},
    {"GET", "/images/a%2Fb/json", "/images/{}/json", "a/b", true},
    {"DELETE", "/images/a/b@sha256:0", "/images/{}", "a/b@sha256:0", true},
    {"GET", "/images/a/json/json", "/images/{}/json", "a/json", true},
    {"POST", "/images/a/b/push", "/images/{}/push", "a/b", true},
    {"POST", "/images/a/b/tag", "/images/{}/tag", "a/b", true},
    {"GET", "/nodes", "/nodes", NULL, true},
    {"GET", "/secrets", "/secrets", NULL, true},
    {"GET", "/services", "/services", NULL, true},
    {"GET", "/plugins", "/plugins", NULL, true},
    {"GET", "/plugins/p/json", "/plugins/{}/json", "p", true},
    /* Names as they were meant. */
    {"GET", "/containers/a%20b/json", "/containers/{}/json", "a b", true},
    {"GET", "/containers/a+b/json", "/containers/{}/json", "a+b", true},
    {"GET", "/containers/json/json", "/containers/{}/json", "json", true},
    {"DELETE", "/containers/json", "/containers/{}", "json", true},
    /* Nobody's. */
    {"GET", "/", NULL, NULL, false},
    {"GET", "", NULL, NULL, false},
    {"GET", "/nosuch", NULL, NULL, false},
    {"GET", "/containers", NULL, NULL, false},
    {"GET", "/containers/", NULL, NULL, false},
    {"GET", "/containers//json", NULL, NULL, false},
    {"GET", "/containers/c1/nosuch", NULL, NULL, false},
    {"GET", "/containers/a/b/json", NULL, NULL, false},
    {"GET", "/containers/a%2Fb/json", NULL, NULL, false},
    {"GET", "/containers/..%2f..%2fx/json", NULL, NULL, false},
    {"GET", "/containers/c1/json/", NULL, NULL, false},
    {"GET", "/CONTAINERS/json", NULL, NULL, false},
    {"GET", "/info/", NULL, NULL, false},
    {"GET", "//info", NULL, NULL, false},
    /* Somebody's, but not so. */
    {"PUT", "/info", NULL, NULL, true},
    {"HEAD", "/info", NULL, NULL, true},
    {"GE", "/info", NULL, NULL, true},
    {"GETS", "/info", NULL, NULL, true},
    {"", "/_ping", NULL, NULL, true},
    {"POST", "/_ping", NULL, NULL, true},
    {"GET", "/containers/create", NULL, NULL, true},
    {"GET", "/containers/c1/start", NULL, NULL, true},
    {"DELETE", "/networks", NULL, NULL, true},
};
/* clang-format on */

static void each_path_has_its_route(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct api_call call = {.engine = NULL};
        const struct api_route *route = NULL;
        int r =
            api_find_route(&call, cases[i].method, cases[i].path, &route, NULL);
        auto_free char *name = call.names[0];
        const char *want = cases[i].pattern, *meant = cases[i].name;
        if ((route == NULL) != (want == NULL) ||
            (route != NULL && strcmp(route->path, want) != 0) ||
            (name == NULL) != (meant == NULL) ||
            (name != NULL && strcmp(name, meant) != 0) ||
            r != (want != NULL     ? 0
                  : cases[i].known ? -EBADRQC
                                   : -ENOENT))
            fail_msg("%s %s: %s, %s, %d", cases[i].method, cases[i].path,
                     route == NULL ? "none" : route->path, name, r);
    }
}

/* The whole of what is answered to a request that needs no engine. */
static void ask(const char *said, struct text *ret)
{
    int client;
    struct http *http = client_says(said, strlen(said), &client);
    api_serve(http, NULL);
    http_close(http);
    client_hears(client, ret);
}

/* clang-format off */
static const struct {
    const char *line, *status, *words;
} talks[] = {
    {"GET /_ping", "200 OK", "OK"},
    {"GET /v1.24/_ping", "200 OK", "OK"},
    {"GET /v1.47/_ping?x=y", "200 OK", "OK"},
    {"GET /v1.23/_ping", "400 Bad Request",
     "client version 1.23 is too old. Minimum supported API version is 1.24"},
    {"GET /v1.48/_ping", "400 Bad Request",
     "client version 1.48 is too new. Maximum supported API version is 1.47"},
    {"GET /v0.1/_ping", "400 Bad Request", "too old"},
    {"GET /v9.9/_ping", "400 Bad Request", "too new"},
    {"GET /v1.999/_ping", "400 Bad Request", "too new"},
    {"GET /v1.9999/_ping", "404 Not Found", "page not found"},
    {"GET /v1.-1/_ping", "400 Bad Request", "version"},
    {"GET /v1/_ping", "404 Not Found", "page not found"},
    {"GET /v1.47x/_ping", "404 Not Found", "page not found"},
    {"GET /v1.47", "404 Not Found", "page not found"},
    {"GET /v1.47/v1.47/_ping", "404 Not Found", "page not found"},
    {"GET /nosuch", "404 Not Found", "page not found"},
    {"PUT /_ping", "405 Method Not Allowed", "method not allowed"},
    {"GET /plugins/%ff%22%5c%0a/json", "404 Not Found",
     "plugin \\\"\u00ff\\\"\\\\"},
    {"GET /nodes", "503 Service Unavailable", "not a swarm manager"},
};
/* clang-format on */

static void what_needs_no_engine(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof talks / sizeof talks[0]; i++) {
        auto_text struct text got = {0};
        auto_free char *said =
            text_format("%s HTTP/1.1\r\n\r\n", talks[i].line);
        auto_free char *status =
            text_format("HTTP/1.1 %s\r\n", talks[i].status);
        ask(said, &got);
        if (!text_starts(got.s, status) || !strstr(got.s, talks[i].words))
            fail_msg("%s: %s", talks[i].line, got.s);
        if (!text_starts(talks[i].status, "200"))
            assert_non_null(strstr(got.s, "Content-Type: application/json"));
        assert_non_null(strstr(got.s, "Api-Version: 1.47"));
    }
}

static void what_is_no_http_is_told_so(void **state)
{
    (void)state;
    auto_text struct text got = {0};
    ask("hello\r\n\r\n", &got);
    assert_true(text_starts(got.s, "HTTP/1.1 400 Bad"));
    assert_non_null(strstr(got.s, "\"message\":\"the request is not HTTP"));
    assert_non_null(strstr(got.s, "Connection: close"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_path_has_its_route),
        cmocka_unit_test(what_needs_no_engine),
        cmocka_unit_test(what_is_no_http_is_told_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
