/*
 * http.h - one connection of a client: HTTP/1.1 as RFC 9112 has it.
 *
 * A connection has a process of its own, and so everything here simply waits:
 * for the next request, for the next piece of a body, for room to write. What
 * a request says is taken apart by http_parser; who reads a body pulls it
 * (layer.h's sources do), and who has much to tell pushes it.
 *
 *     struct http *http = http_open(fd);
 *     while (http_next(http, &e) > 0) {
 *         const struct http_request *request = http_request(http);
 *         ... request->method, request->target ...
 *         http_answer(http, 200, "text/plain", "OK", 2);
 *     }
 *     http_close(http);
 *
 * An answer of unknown length goes out in chunks, each at once:
 *
 *     http_begin(http, 200, "application/json");
 *     http_send(http, line, len);
 *     http_end(http);
 *
 * And a connection may stop being HTTP: after http_hijack its descriptor
 * carries bytes, both ways (RFC 9110, 7.8, "Upgrade"; Docker calls it so).
 *
 * What of a body nobody read is skipped before the next request. A head may
 * have 32 KiB, and must be complete within half a minute of its first byte.
 * Never raises SIGPIPE. Errors: -EPIPE, the client is gone; -EBADMSG, what it
 * says is not HTTP; -EMSGSIZE, its head is too long; -ETIMEDOUT.
 */
#ifndef HTTP_H
#define HTTP_H

#include "err.h"
#include "text.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct http;

struct http_request {
    const char *method; /* "GET" */
    const char *target; /* "/v1.47/info?x=y", as it was written */
    bool upgrades;      /* it asks for another protocol */
    bool is_head;       /* only the head of the answer is wanted */
};

/* The descriptor is the connection's from now on. */
struct http *http_open(int fd);
/* NULL is fine. */
void http_close(struct http *http);

/* Wait for a request. 1: there is one; 0: the client has left, or is to be
 * left; -errno: an answer may still be given, and then nothing more. */
int http_next(struct http *http, struct err *e);
/* Of the last http_next; valid until the next one. */
const struct http_request *http_request(const struct http *http);
/* The value of a header, or NULL; its name in any case of letters. */
const char *http_header(const struct http *http, const char *name);

/* The next bytes of the body, as a layer_source reads: how many; 0 at its end;
 * -errno. */
ssize_t http_read(void *http, void *bytes, size_t len);
/* All of it, at most `most` bytes: -EFBIG. */
int http_read_all(struct http *http, struct text *ret, size_t most,
                  struct err *e);

/* A whole answer. `type` NULL: without a body. 0 or -errno. */
int http_answer(struct http *http, int status, const char *type,
                const void *bytes, size_t len);
/* A header more for the answer that comes next. */
void http_add_header(struct http *http, const char *name, const char *value);
/* An answer in chunks; http_send gives 0 or -errno. */
int http_begin(struct http *http, int status, const char *type);
int http_send(struct http *http, const void *bytes, size_t len);
int http_end(struct http *http);
/* Has an answer to this request begun? */
bool http_has_answered(const struct http *http);

/* Answer with 101 where an upgrade was asked for, else with 200, and be HTTP no
 * more. The descriptor, which stays the connection's; in *ret_early, what the
 * client had sent already. Or -errno. */
int http_hijack(struct http *http, const char *type, struct text *ret_early,
                struct err *e);

/* From now on the process ends when the client leaves: for an answer that may
 * have nothing to say for hours. Nothing here may be half done then. */
void http_end_with_client(struct http *http);

#endif
