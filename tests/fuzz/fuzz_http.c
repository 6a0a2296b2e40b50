/* Requests as a client may send them (chapter 14): heads, bodies, chunks, one
 * request after another. What is asked of the engine is not answered here. */
#include "api.h"
#include "fuzz.h"

#include <sys/socket.h>
#include <unistd.h>

enum { BODY_MOST = 2000 };

/* Whose is it, and what does it say? */
static void look_at(struct http *http)
{
    const struct http_request *request = http_request(http);
    struct api_call call = {.http = http};
    struct err e = {0};
    const struct api_route *route = NULL;
    fuzz_must(request->method != NULL && request->target != NULL);
    query_parse(&call.query, request->target);
    int found =
        api_find_route(&call, request->method, call.query.path, &route, &e);
    fuzz_must_say(found, &e);
    fuzz_must((found == 0) == (route != NULL));
    fuzz_must(route == NULL || strstr(route->path, "{}") == NULL ||
              call.names[0][0] != '\0');
    auto_text struct text body = {0};
    int r = http_read_all(http, &body, BODY_MOST, &e);
    fuzz_must_say(r, &e);
    fuzz_must(body.len <= BODY_MOST);
    http_answer(http, r < 0 ? 400 : 200, "text/plain", "OK", 2);
    query_done(&call.query);
    own_free(&call.names[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int ends[2];
    char answers[8192];
    struct err e = {0};
    int r;
    fuzz_must(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    fuzz_must(size == 0 || write(ends[0], data, size) == (ssize_t)size);
    shutdown(ends[0], SHUT_WR);
    struct http *http = http_open(ends[1]);
    while ((r = http_next(http, &e)) > 0)
        look_at(http);
    fuzz_must_say(r, &e);
    http_close(http);
    while (read(ends[0], answers, sizeof answers) > 0)
        continue;
    close(ends[0]);
    return 0;
}
