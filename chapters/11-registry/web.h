/*
 * web.h - HTTP: a request, the head of its answer, and the body as it comes.
 *
 * Done by the program mini-docker-web, which has libcurl and runs beside us as
 * long as the struct is open: one request after the other, connections are
 * kept. What is sent and received passes through a socket. Nothing is decided
 * there: redirections are not followed, names and tokens not made up.
 *
 *     auto_web struct web web = WEB_NONE;
 *     auto_web_answer struct web_answer answer = {0};
 *     if (web_open(&web, program, &e) < 0 ||
 *         web_ask(&web, &request, &answer, &e) < 0)
 *         return ...
 *     while ((n = web_read(&web, bytes, sizeof bytes, &e)) > 0) ...
 *
 * -ECONNREFUSED, -ETIMEDOUT, -EHOSTUNREACH, -ECONNRESET (cut short): what a
 * second try may mend; -EKEYREJECTED: its certificate is not trusted; -EPROTO:
 * it does not speak TLS, or HTTP; -ENOENT: the program is not installed. It
 * dies with us. After a fork both have it, and only one may ask.
 */
#ifndef WEB_H
#define WEB_H

#include "err.h"
#include "layer.h"
#include "text.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct web {
    int fd, pidfd;
    uint32_t left; /* of the piece that is being read */
    bool is_in_body;
};
#define WEB_NONE                                                               \
    {                                                                          \
        .fd = -1, .pidfd = -1                                                  \
    }
#define auto_web __attribute__((cleanup(web_close)))
int web_open(struct web *web, const char *program, struct err *e);
void web_close(struct web *web);

/* Whom to believe that it is who it says. */
struct web_trust {
    const char *ca;         /* PEM, beside the machine's own; NULL: none */
    const char *cert, *key; /* paths of ours; NULL: none */
    bool is_unverified;     /* anybody */
};

struct web_request {
    const char *method, *url;
    const struct strv *headers; /* "Name: value"; NULL: none */
    struct web_trust trust;
    int connect_s, stall_s;          /* to begin, and without a byte */
    const struct layer_source *body; /* NULL: none */
    uint64_t size;                   /* of that */
};

/* A body from memory: with {web_text_read, &text} as its source. */
struct web_text {
    const struct text *text;
    size_t at;
};
ssize_t web_text_read(void *web_text, void *bytes, size_t len);
int web_text_rewind(void *web_text);

/* Add what is to be part of a URL's query, or of a form. */
void web_escape(struct text *to, const char *value);

struct web_answer {
    int status;
    json_t *headers; /* by names in lower case */
    char *location;  /* whole; or NULL */
};
#define auto_web_answer __attribute__((cleanup(web_answer_done)))
void web_answer_done(struct web_answer *answer);
/* NULL: it has none. Borrowed. */
const char *web_header(const struct web_answer *answer, const char *name);

/* Send a request, with its body, and wait for the head: its status, or -errno.
 * What is left of an earlier answer is passed over. */
int web_ask(struct web *web, const struct web_request *request,
            struct web_answer *ret, struct err *e);
/* The next bytes of the body; 0 at its end. */
ssize_t web_read(struct web *web, void *bytes, size_t len, struct err *e);
/* All of it, if it is no longer than `most`: -E2BIG. */
int web_read_all(struct web *web, size_t most, struct text *ret, struct err *e);

#endif
