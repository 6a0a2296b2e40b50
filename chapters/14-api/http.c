#include "http_parts.h"

#include "loop.h"
#include "own.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

/* --- what the parser calls ------------------------------------------------ */

static struct http *owner(http_parser *parser)
{
    return parser->data;
}

/* Non-zero ends the parsing. */
static int count(struct http *http, size_t len)
{
    http->head_len += len;
    return http->head_len > HEAD_MOST;
}

static int on_url(http_parser *parser, const char *at, size_t len)
{
    struct http *http = owner(parser);
    text_addn(&http->target, at, len);
    return count(http, len);
}

static void finish_header(struct http *http)
{
    text_trim(&http->value);
    if (http->name.len > 0)
        strv_addf(&http->headers, "%s=%s", http->name.s,
                  http->value.len > 0 ? http->value.s : "");
    text_clear(&http->name);
    text_clear(&http->value);
    http->in_value = false;
}

static int on_header_field(http_parser *parser, const char *at, size_t len)
{
    struct http *http = owner(parser);
    if (http->in_value)
        finish_header(http);
    text_addn(&http->name, at, len);
    return count(http, len);
}

static int on_header_value(http_parser *parser, const char *at, size_t len)
{
    struct http *http = owner(parser);
    http->in_value = true;
    text_addn(&http->value, at, len);
    return count(http, len);
}

static int on_headers_complete(http_parser *parser)
{
    struct http *http = owner(parser);
    finish_header(http);
    http->has_head = true;
    return 0;
}

/* No longer than what it was taken from. */
static int on_body(http_parser *parser, const char *at, size_t len)
{
    struct http *http = owner(parser);
    memcpy(http->body + http->body_len, at, len);
    http->body_len += len;
    return 0;
}

/* What follows is the next request, or no HTTP. */
static int on_message_complete(http_parser *parser)
{
    owner(parser)->has_all = true;
    http_parser_pause(parser, 1);
    return 0;
}

static const http_parser_settings settings = {
    .on_url = on_url,
    .on_header_field = on_header_field,
    .on_header_value = on_header_value,
    .on_headers_complete = on_headers_complete,
    .on_body = on_body,
    .on_message_complete = on_message_complete,
};

/* --- reading -------------------------------------------------------------- */

static int64_t now_ms(void)
{
    return loop_now_ns() / 1000000;
}

/* Wait until there is something; -1: for ever. */
static int wait_for_input(int fd, int64_t ms)
{
    struct pollfd in = {.fd = fd, .events = POLLIN};
    int n;
    do
        n = poll(&in, 1, ms > INT32_MAX ? -1 : (int)ms);
    while (n < 0 && errno == EINTR);
    return n == 0 ? -ETIMEDOUT : n < 0 ? -errno : 0;
}

/* More bytes into `raw`, which is empty. 1; 0: no more will come. */
static int fill(struct http *http, int64_t ms)
{
    int r = wait_for_input(http->fd, ms);
    if (r < 0)
        return r;
    ssize_t n;
    do
        n = read(http->fd, http->raw, sizeof http->raw);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return errno == ECONNRESET ? 0 : -errno;
    http->raw_at = 0;
    http->raw_len = (size_t)n;
    return n > 0;
}

/* Take apart what is in `raw`, as far as it belongs to this request. */
static int parse(struct http *http)
{
    http->body_at = http->body_len = 0;
    size_t n =
        http_parser_execute(&http->parser, &settings, http->raw + http->raw_at,
                            http->raw_len - http->raw_at);
    http->raw_at += n;
    enum http_errno code = HTTP_PARSER_ERRNO(&http->parser);
    if (code == HPE_OK || code == HPE_PAUSED)
        return 0;
    return http->head_len > HEAD_MOST || code == HPE_HEADER_OVERFLOW ? -EMSGSIZE
                                                                     : -EBADMSG;
}

ssize_t http_read(void *arg, void *bytes, size_t len)
{
    struct http *http = arg;
    while (http->body_at == http->body_len) {
        if (http->has_all)
            return 0;
        int r = http->raw_at < http->raw_len ? 1 : fill(http, INT64_MAX);
        if (r == 0) /* in the middle of it */
            return -EPIPE;
        if (r > 0)
            r = parse(http);
        if (r < 0)
            return r;
    }
    size_t n = http->body_len - http->body_at;
    n = n < len ? n : len;
    memcpy(bytes, http->body + http->body_at, n);
    http->body_at += n;
    return (ssize_t)n;
}

int http_read_all(struct http *http, struct text *ret, size_t most,
                  struct err *e)
{
    char piece[4096];
    ssize_t n;
    while ((n = http_read(http, piece, sizeof piece)) > 0) {
        if (ret->len + (size_t)n > most)
            return err_set(e, EFBIG, "the request's body is too large");
        text_addn(ret, piece, (size_t)n);
    }
    return n < 0 ? err_sys(e, (int)-n, "read the request's body") : 0;
}

/* --- from one request to the next ----------------------------------------- */

/* What nobody wanted to read: a little is skipped, for more than that it is
 * better to hang up. */
static bool skip_body(struct http *http)
{
    enum { MOST = 1 << 20 };
    char piece[4096];
    size_t skipped = 0;
    ssize_t n = 1;
    while (n > 0 && skipped < MOST) {
        n = http_read(http, piece, sizeof piece);
        skipped += n > 0 ? (size_t)n : 0;
    }
    return n == 0;
}

static void begin(struct http *http)
{
    http_parser_init(&http->parser, HTTP_REQUEST);
    http->parser.data = http;
    http->request = (struct http_request){.method = NULL};
    text_clear(&http->target);
    strv_done(&http->headers);
    strv_done(&http->more);
    http->head_len = 0;
    http->has_head = http->has_all = http->answered = http->chunked = false;
    http->body_at = http->body_len = 0;
}

static int refuse(struct http *http, int r, struct err *e)
{
    http->closes = true;
    return r == -EMSGSIZE
               ? err_set(e, EMSGSIZE, "the request's head is too long")
           : r == -ETIMEDOUT
               ? err_set(e, ETIMEDOUT, "the request's head is not complete")
               : err_set(
                     e, -r, "the request is not HTTP: %s",
                     http_errno_description(HTTP_PARSER_ERRNO(&http->parser)));
}

/* 1: all of the head is there; 0: the client has left before its first byte. */
static int read_head(struct http *http)
{
    int64_t until = -1;
    while (!http->has_head) {
        bool begun = until >= 0;
        int r = 1;
        if (http->raw_at == http->raw_len)
            r = fill(http, !begun             ? IDLE_MS
                           : until > now_ms() ? until - now_ms()
                                              : 0);
        if (r == 0 || (r == -ETIMEDOUT && !begun))
            return begun ? -EPIPE : 0;
        if (!begun)
            until = now_ms() + HEAD_MS;
        if (r > 0)
            r = parse(http);
        if (r < 0 && !http->has_head) /* of a bad body, who reads it hears */
            return r;
    }
    return 1;
}

/* @lab 14.3 leave who is to be left, and skip what nobody read of the last
 * request; begin anew and read the head; say what it asks for, whether it is
 * the last one, and that a client that asks may go on */
int http_next(struct http *http, struct err *e)
{
    bool is_first = http->parser.data == NULL;
    if (!is_first && (http->closes || !skip_body(http)))
        return 0;
    begin(http);
    int r = read_head(http);
    if (r < 0)
        return refuse(http, r, e);
    if (r == 0)
        return 0;
    http->request = (struct http_request){
        .method = http_method_str(http->parser.method),
        .target = http->target.s,
        .upgrades = http->parser.upgrade,
        .is_head = http->parser.method == HTTP_HEAD,
    };
    http->closes = !http_should_keep_alive(&http->parser);
    const char *expect = http_header(http, "Expect");
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
    if (expect != NULL && strcasecmp(expect, "100-continue") == 0)
        (void)!send(http->fd, go_on, strlen(go_on), MSG_NOSIGNAL);
    return 1;
}

const struct http_request *http_request(const struct http *http)
{
    return &http->request;
}

const char *http_header(const struct http *http, const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < http->headers.n; i++)
        if (strncasecmp(http->headers.v[i], name, len) == 0 &&
            http->headers.v[i][len] == '=')
            return http->headers.v[i] + len + 1;
    return NULL;
}

struct http *http_open(int fd)
{
    struct http *http = own_alloc(sizeof *http);
    *http = (struct http){.fd = fd};
    return http;
}

void http_close(struct http *http)
{
    if (http == NULL)
        return;
    own_close(&http->fd);
    text_done(&http->target);
    text_done(&http->name);
    text_done(&http->value);
    strv_done(&http->headers);
    strv_done(&http->more);
    free(http);
}
