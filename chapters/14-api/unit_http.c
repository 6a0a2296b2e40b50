/* One connection of a client, at the other end of a socketpair. What is asked
 * fits into the socket, so nobody has to wait for anybody. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "own.h"
#include "test_client.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define END "\r\n\r\n"
#define CHUNKED "Transfer-Encoding: chunked" END

/* "GET /a [body] ..." of all requests, then how it ended. */
static void serve(struct http *http, struct text *ret)
{
    struct err e = {0};
    int r;
    while ((r = http_next(http, &e)) > 0) {
        const struct http_request *request = http_request(http);
        auto_text struct text body = {0};
        text_addf(ret, "%s %s ", request->method, request->target);
        int read = http_read_all(http, &body, 100000, &e);
        text_addf(ret, "[%s] ", read < 0 ? "?" : body.len > 0 ? body.s : "");
        http_answer(http, 200, "text/plain", "OK", 2);
    }
    text_addf(ret, "%d", r);
}

static const struct {
    const char *said, *understood;
} cases[] = {
    {"",                                                                      "0"            },
    {"GET /a HTTP/1.1" END,                                                   "GET /a [] 0"  },
    {"\r\nGET /a HTTP/1.1" END,                                               "GET /a [] 0"  },
    {"GET /a HTTP/1.1\r\nHost: d" END "HEAD /b HTTP/1.1" END,
     "GET /a [] HEAD /b [] 0"                                                                },
    {"POST /a HTTP/1.1\r\nContent-Length: 3" END "abcGET /b HTTP/1.1" END,
     "POST /a [abc] GET /b [] 0"                                                             },
    {"POST /a HTTP/1.1\r\n" CHUNKED "3\r\nabc\r\n2;x=y\r\nde\r\n0" END
     "GET /b HTTP/1.1" END,
     "POST /a [abcde] GET /b [] 0"                                                           },
    {"POST /a HTTP/1.1\r\n" CHUNKED "0\r\nTrailer: x" END,                    "POST /a [] 0" },
 /* The body is shorter than was said. */
    {"POST /a HTTP/1.1\r\nContent-Length: 9" END "abc",                       "POST /a [?] 0"},
    {"POST /a HTTP/1.1\r\n" CHUNKED "3\r\nab",                                "POST /a [?] 0"},
    {"POST /a HTTP/1.1\r\n" CHUNKED "zz\r\nab\r\n0" END,                      "POST /a [?] 0"},
    {"POST /a HTTP/1.1\r\n" CHUNKED "-1\r\nab\r\n0" END,                      "POST /a [?] 0"},
    {"POST /a HTTP/1.1\r\n" CHUNKED "fffffffffffffffff\r\nab",                "POST /a [?] 0"},
    {"POST /a HTTP/1.1\r\n" CHUNKED "2\r\nabX\r\n0" END,                      "POST /a [?] 0"},
 /* Two lengths: whose would the next request be? */
    {"POST /a HTTP/1.1\r\nContent-Length: 3\r\n" CHUNKED "3\r\nabc\r\n0" END,
     "-EBADMSG"                                                                              },
    {"POST /a HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4" END "abcd",
     "-EBADMSG"                                                                              },
    {"POST /a HTTP/1.1\r\nContent-Length: x" END,                             "-EBADMSG"     },
    {"POST /a HTTP/1.1\r\nContent-Length: 99999999999999999999" END,
     "-EBADMSG"                                                                              },
    {"hello" END,                                                             "-EBADMSG"     },
    {"GET /a HTTP/1.1\r\nno colon" END,                                       "-EBADMSG"     },
    {"GET /a HTTP/x" END,                                                     "-EBADMSG"     },
    {"GET  HTTP/1.1" END,                                                     "-EBADMSG"     },
    {"\x16\x03\x01\x02",                                                      "-EBADMSG"     },
    {"GET /a HTTP/1.1\r\nHost:",                                              "-EPIPE"       },
    {"GET /a",                                                                "-EPIPE"       },
 /* Who says so, or speaks the old language, is left after his answer. */
    {"GET /a HTTP/1.0" END "GET /b HTTP/1.0" END,                             "GET /a [] 0"  },
    {"GET /a HTTP/1.0\r\nConnection: keep-alive" END "GET /b HTTP/1.1" END,
     "GET /a [] GET /b [] 0"                                                                 },
    {"GET /a HTTP/1.1\r\nConnection: close" END "GET /b HTTP/1.1" END,
     "GET /a [] 0"                                                                           },
};

static const char *name_of(const char *r)
{
    return strcmp(r, "-74") == 0   ? "-EBADMSG"
           : strcmp(r, "-32") == 0 ? "-EPIPE"
                                   : r;
}

static void what_is_understood(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int client;
        auto_text struct text got = {0}, answer = {0};
        struct http *http =
            client_says(cases[i].said, strlen(cases[i].said), &client);
        serve(http, &got);
        http_close(http);
        client_hears(client, &answer);
        if (strcmp(name_of(got.s), cases[i].understood) != 0)
            fail_msg("%s\nunderstood as: %s", cases[i].said, got.s);
    }
}

struct slow {
    int fd;
    const char *bytes;
};
static void *say_slowly(void *arg)
{
    const struct slow *slow = arg;
    for (const char *at = slow->bytes; *at != '\0'; at++)
        if (send(slow->fd, at, 1, MSG_NOSIGNAL) != 1)
            break;
    shutdown(slow->fd, SHUT_WR);
    return NULL;
}

/* However it is cut, it says the same. */
static void byte_by_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int ends[2];
        pthread_t thread;
        auto_text struct text got = {0};
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
        struct slow slow = {ends[0], cases[i].said};
        pthread_create(&thread, NULL, say_slowly, &slow);
        struct http *http = http_open(ends[1]);
        serve(http, &got);
        http_close(http);
        pthread_join(thread, NULL);
        close(ends[0]);
        if (strcmp(name_of(got.s), cases[i].understood) != 0)
            fail_msg("%s\nunderstood as: %s", cases[i].said, got.s);
    }
}

static int next_of_head(size_t len)
{
    auto_text struct text head = {0};
    struct err e = {0};
    int client;
    text_add(&head, "GET / HTTP/1.1\r\nX: ");
    while (head.len < len - strlen(END))
        text_add(&head, "x");
    text_add(&head, END);
    struct http *http = client_says(head.s, head.len, &client);
    int r = http_next(http, &e);
    http_close(http);
    close(client);
    return r;
}

static void heads_have_an_end(void **state)
{
    (void)state;
    assert_int_equal(next_of_head(32 * 1024), 1);
    assert_int_equal(next_of_head(33 * 1024), -EMSGSIZE);
    assert_int_equal(next_of_head(200 * 1024), -EMSGSIZE);
}

static void bodies_have_an_end(void **state)
{
    static const char said[] = "POST / HTTP/1.1\r\nContent-Length: 11" END
                               "hello worldGET /b HTTP/1.1" END;
    struct err e = {0};
    int client;
    (void)state;
    auto_text struct text body = {0}, all = {0};
    struct http *http = client_says(said, strlen(said), &client);
    assert_int_equal(http_next(http, &e), 1);
    assert_int_equal(http_read_all(http, &body, 10, &e), -EFBIG);
    /* What nobody reads is skipped. */
    assert_int_equal(http_next(http, &e), 1);
    assert_string_equal(http_request(http)->target, "/b");
    assert_int_equal(http_read_all(http, &all, 10, &e), 0);
    http_close(http);
    close(client);
}

static void headers_are_found_in_any_case(void **state)
{
    static const char said[] = "GET / HTTP/1.1\r\nX-Registry-Auth:  e30= \r\n"
                               "Empty:\r\nHost: d" END;
    int client;
    (void)state;
    struct http *http = client_says(said, strlen(said), &client);
    assert_int_equal(http_next(http, NULL), 1);
    assert_string_equal(http_header(http, "x-registry-auth"), "e30=");
    assert_string_equal(http_header(http, "HOST"), "d");
    assert_string_equal(http_header(http, "empty"), "");
    assert_null(http_header(http, "X-Registry"));
    http_close(http);
    close(client);
}

/* --- answers -------------------------------------------------------------- */

static void whole(struct http *http)
{
    http_add_header(http, "X", "y");
    http_answer(http, 404, "text/plain", "no", 2);
}
static void empty(struct http *http)
{
    http_answer(http, 204, NULL, NULL, 0);
}
static void streamed(struct http *http)
{
    http_begin(http, 200, "text/plain");
    http_send(http, "0123456789abcdef", 16);
    http_send(http, "", 0);
    http_send(http, "x", 1);
    http_end(http);
}
static void hijacked(struct http *http)
{
    auto_text struct text early = {0};
    int fd = http_hijack(http, "raw", &early, NULL);
    assert_int_equal(write(fd, "<", 1), 1);
    if (early.len > 0)
        assert_int_equal(write(fd, early.s, early.len), early.len);
}

#define OLD " HTTP/1.0" END
#define NEW " HTTP/1.1" END
#define KIND "Content-Type: text/plain\r\n"
#define CLOSE "Connection: close\r\n"
#define UPGRADE "\r\nConnection: Upgrade\r\nUpgrade: tcp"
#define RAW "Content-Type: raw\r\n"
static const struct {
    const char *said;
    void (*act)(struct http *http);
    const char *answer;
} answers[] = {
    {"GET /" NEW,                                                        whole,
     "HTTP/1.1 404 Not Found\r\nX: y\r\n" KIND "Content-Length: 2" END "no"                                          },
    {"HEAD /" NEW,                                                       whole,
     "HTTP/1.1 404 Not Found\r\nX: y\r\n" KIND "Content-Length: 2" END                                               },
    {"GET /" OLD,                                                        whole,
     "HTTP/1.1 404 Not Found\r\nX: y\r\n" KIND CLOSE "Content-Length: 2" END
     "no"                                                                                                            },
    {"GET /" NEW,                                                        empty,    "HTTP/1.1 204 No Content" END     },
    {"GET /" NEW,                                                        streamed,
     "HTTP/1.1 200 OK\r\n" KIND CHUNKED
     "10\r\n0123456789abcdef\r\n1\r\nx\r\n0" END                                                                     },
    {"HEAD /" NEW,                                                       streamed, "HTTP/1.1 200 OK\r\n" KIND CHUNKED},
    {"GET /" OLD,                                                        streamed,
     "HTTP/1.1 200 OK\r\n" KIND CLOSE "\r\n0123456789abcdefx"                                                        },
    {"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 0" END, empty,
     "HTTP/1.1 100 Continue" END "HTTP/1.1 204 No Content" END                                                       },
    {"POST / HTTP/1.1" UPGRADE END "early",                              hijacked,
     "HTTP/1.1 101 UPGRADED\r\n" RAW "Connection: Upgrade\r\nUpgrade: tcp" END
     "<early"                                                                                                        },
    {"POST / HTTP/1.1\r\nContent-Length: 0" UPGRADE END "early",         hijacked,
     "HTTP/1.1 101 UPGRADED\r\n" RAW "Connection: Upgrade\r\nUpgrade: tcp" END
     "<early"                                                                                                        },
    {"POST /" NEW "early",                                               hijacked,
     "HTTP/1.1 200 OK\r\n" RAW CLOSE "\r\n<early"                                                                    },
};

static void what_is_answered(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        int client;
        auto_text struct text got = {0};
        struct http *http =
            client_says(answers[i].said, strlen(answers[i].said), &client);
        assert_int_equal(http_next(http, NULL), 1);
        answers[i].act(http);
        http_close(http);
        client_hears(client, &got);
        if (strcmp(got.s, answers[i].answer) != 0)
            fail_msg("%s\nanswered: %s", answers[i].said, got.s);
    }
}

/* The body of the request is no part of what comes after the upgrade. */
static void an_upgrade_with_a_body(void **state)
{
    static const char said[] =
        "POST / HTTP/1.1\r\nContent-Length: 2" UPGRADE END "{}early";
    int client;
    (void)state;
    auto_text struct text body = {0}, got = {0};
    struct http *http = client_says(said, strlen(said), &client);
    assert_int_equal(http_next(http, NULL), 1);
    assert_true(http_request(http)->upgrades);
    assert_int_equal(http_read_all(http, &body, 10, NULL), 0);
    assert_string_equal(body.s, "{}");
    hijacked(http);
    assert_int_equal(http_next(http, NULL), 0);
    http_close(http);
    client_hears(client, &got);
    assert_non_null(strstr(got.s, END "<early"));
}

static void a_client_that_has_gone(void **state)
{
    static const char said[] = "GET /" NEW "GET /" NEW;
    int client;
    (void)state;
    struct http *http = client_says(said, strlen(said), &client);
    assert_int_equal(http_next(http, NULL), 1);
    close(client);
    assert_int_equal(http_answer(http, 200, "a", "b", 1), -EPIPE);
    assert_int_equal(http_next(http, NULL), 0);
    http_close(http);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_understood),
        cmocka_unit_test(byte_by_byte),
        cmocka_unit_test(heads_have_an_end),
        cmocka_unit_test(bodies_have_an_end),
        cmocka_unit_test(headers_are_found_in_any_case),
        cmocka_unit_test(what_is_answered),
        cmocka_unit_test(an_upgrade_with_a_body),
        cmocka_unit_test(a_client_that_has_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
