/* A connection: one request after another, and when it is HTTP no more. */
#include "contract.h"
#include "own.h"
#include "test_client.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#define END "\r\n\r\n"
#define UPGRADE "Connection: Upgrade\r\nUpgrade: tcp"

static struct err why;
static int client;

static struct http *says(const char *said)
{
    return client_says(said, strlen(said), &client);
}

static void must_be_next(struct http *http, const char *method,
                         const char *target)
{
    int r = http_next(http, &why);
    ck_assert_msg(r == 1, "%d: %s", r, why.msg);
    ck_assert_str_eq(http_request(http)->method, method);
    ck_assert_str_eq(http_request(http)->target, target);
}

/* --- one request after another -------------------------------------------- */

START_TEST(lab_14_3_requests_come_one_after_another)
{
    auto_text struct text heard = {0};
    struct http *http = says("GET /a?b=c HTTP/1.1\r\nHost: d" END
                             "POST /b HTTP/1.1\r\nContent-Length: 3" END "abc"
                             "HEAD /c HTTP/1.1" END);
    must_be_next(http, "GET", "/a?b=c");
    ck_assert(!http_request(http)->is_head && !http_request(http)->upgrades);
    ck_assert_str_eq(http_header(http, "Host"), "d");
    http_answer(http, 200, "text/plain", "one", 3);
    must_be_next(http, "POST", "/b");
    char body[4] = "";
    ck_assert_ptr_null(http_header(http, "Host"));
    ck_assert_int_eq(http_read(http, body, 3), 3);
    ck_assert_str_eq(body, "abc");
    http_answer(http, 200, "text/plain", "two", 3);
    must_be_next(http, "HEAD", "/c");
    ck_assert(http_request(http)->is_head);
    http_answer(http, 200, "text/plain", "three", 5);
    ck_assert_int_eq(http_next(http, &why), 0);
    http_close(http);
    client_hears(client, &heard);
    ck_assert_ptr_nonnull(strstr(heard.s, END "one"));
    ck_assert_ptr_nonnull(strstr(heard.s, END "two"));
    ck_assert_ptr_null(strstr(heard.s, "three"));
}
END_TEST

/* What nobody read of a body is not the next request, though it looks like one
 * and comes later than the head. */
START_TEST(lab_14_3_a_body_that_nobody_read_is_skipped)
{
    static const char looks[] = "GET /no HTTP/1.1" END;
    auto_text struct text said = {0};
    enum { LOOKS = 5000 };
    text_addf(&said, "POST /a HTTP/1.1\r\nContent-Length: %zu" END,
              LOOKS * strlen(looks));
    for (int i = 0; i < LOOKS; i++)
        text_add(&said, looks);
    text_addf(&said,
              "POST /b HTTP/1.1\r\nTransfer-Encoding: chunked" END
              "%zx\r\n%s\r\n0" END "GET /c HTTP/1.1" END,
              strlen(looks), looks);
    struct http *http = says(said.s);
    must_be_next(http, "POST", "/a");
    must_be_next(http, "POST", "/b");
    must_be_next(http, "GET", "/c");
    http_close(http);
    close(client);
    /* It ends in the middle: the client has left. */
    http = says("POST /a HTTP/1.1\r\nContent-Length: 20" END "abc");
    must_be_next(http, "POST", "/a");
    ck_assert_int_eq(http_next(http, &why), 0);
    http_close(http);
    close(client);
}
END_TEST

START_TEST(lab_14_3_who_is_to_be_left_is_left)
{
    static const char *const heads[] = {
        "GET /a HTTP/1.1\r\nConnection: close" END,
        "GET /a HTTP/1.0" END,
    };
    for (size_t i = 0; i < 2; i++) {
        auto_text struct text heard = {0};
        auto_free char *both = text_format("%sGET /b HTTP/1.1" END, heads[i]);
        struct http *http = says(both);
        must_be_next(http, "GET", "/a");
        http_answer(http, 200, "text/plain", "OK", 2);
        ck_assert_int_eq(http_next(http, &why), 0);
        http_close(http);
        client_hears(client, &heard);
        ck_assert_ptr_nonnull(strstr(heard.s, "Connection: close\r\n"));
    }
    auto_text struct text heard = {0};
    struct http *http = says("GET /a HTTP/1.0\r\nConnection: keep-alive" END
                             "GET /b HTTP/1.1" END);
    must_be_next(http, "GET", "/a");
    must_be_next(http, "GET", "/b");
    http_close(http);
    client_hears(client, &heard);
}
END_TEST

START_TEST(lab_14_3_who_asks_whether_to_go_on_may)
{
    static const struct {
        const char *header, *told;
    } cases[] = {
        {"Expect: 100-continue", "HTTP/1.1 100 Continue" END},
        {"expect: 100-Continue", "HTTP/1.1 100 Continue" END},
        {"Expect: 200-ok",       ""                         },
        {"Accept: 100-continue", ""                         },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        auto_text struct text heard = {0};
        auto_free char *said = text_format(
            "POST / HTTP/1.1\r\nContent-Length: 0\r\n%s" END, cases[i].header);
        struct http *http = says(said);
        must_be_next(http, "POST", "/");
        http_close(http);
        client_hears(client, &heard);
        ck_assert_str_eq(heard.len > 0 ? heard.s : "", cases[i].told);
    }
}
END_TEST

/* An answer may still be given to what is no HTTP, and then nothing more. */
START_TEST(lab_14_3_what_is_no_request_is_refused)
{
    static const struct {
        const char *said;
        int result;
    } cases[] = {
        {"hello" END "GET /a HTTP/1.1" END,                   -EBADMSG},
        {"GET /a HTTP/1.1\r\nno colon" END "GET /b HTTP/1.1", -EBADMSG},
        {"GET /a HTTP/1.1\r\nHost:",                          -EPIPE  },
        {"",                                                  0       },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        auto_text struct text heard = {0};
        struct err e = {0};
        struct http *http = says(cases[i].said);
        ck_assert_int_eq(http_next(http, &e), cases[i].result);
        ck_assert_int_eq(e.code, -cases[i].result);
        if (cases[i].result == -EBADMSG) {
            ck_assert(text_starts(e.msg, "the request is not HTTP: "));
            http_answer(http, 400, NULL, NULL, 0);
            ck_assert_int_eq(http_next(http, &e), 0);
        }
        http_close(http);
        client_hears(client, &heard);
        if (cases[i].result == -EBADMSG)
            ck_assert_ptr_nonnull(strstr(heard.s, "Connection: close\r\n"));
    }
}
END_TEST

START_TEST(lab_14_3_who_wants_another_protocol_is_known)
{
    struct http *http = says("POST /a HTTP/1.1\r\n" UPGRADE END);
    must_be_next(http, "POST", "/a");
    ck_assert(http_request(http)->upgrades);
    http_close(http);
    close(client);
}
END_TEST

/* --- HTTP no more ----------------------------------------------------------
 */

static int hijack(struct http *http, struct text *ret_early)
{
    int fd = http_hijack(http, "raw/stream", ret_early, &why);
    ck_assert_msg(fd >= 0, "%s", why.msg);
    return fd;
}

START_TEST(lab_14_4_the_client_is_told_by_which_status)
{
    static const struct {
        const char *said, *heard;
    } cases[] = {
        {"POST / HTTP/1.1\r\n" UPGRADE END,
         "HTTP/1.1 101 UPGRADED\r\nContent-Type: raw/stream\r\n" UPGRADE END
         "<bytes>"},
        {"POST / HTTP/1.1" END,
         "HTTP/1.1 200 OK\r\nContent-Type: raw/stream\r\nConnection: close" END
         "<bytes>"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        auto_text struct text early = {0}, heard = {0};
        struct http *http = says(cases[i].said);
        must_be_next(http, "POST", "/");
        int fd = hijack(http, &early);
        ck_assert_int_eq(write(fd, "<bytes>", 7), 7);
        ck_assert_uint_eq(early.len, 0);
        ck_assert(http_has_answered(http));
        http_close(http);
        client_hears(client, &heard);
        ck_assert_str_eq(heard.s, cases[i].heard);
    }
}
END_TEST

/* Behind the request, and behind its body, the container's input begins. It may
 * look like a request. */
START_TEST(lab_14_4_what_came_early_is_input)
{
    static const char *const heads[] = {
        "POST / HTTP/1.1\r\n" UPGRADE END,
        "POST / HTTP/1.1\r\nContent-Length: 2\r\n" UPGRADE END "{}",
        "POST / HTTP/1.1\r\nContent-Length: 2" END "{}",
    };
    static const char input[] = "GET /a HTTP/1.1" END;
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        auto_text struct text body = {0}, early = {0};
        auto_free char *said = text_format("%s%s", heads[i], input);
        struct http *http = says(said);
        must_be_next(http, "POST", "/");
        ck_assert_int_eq(http_read_all(http, &body, 10, &why), 0);
        text_add(&early, "> ");
        int fd = hijack(http, &early);
        char more;
        ck_assert_str_eq(early.s + 2, input);
        ck_assert(text_starts(early.s, "> "));
        ck_assert_int_eq(read(fd, &more, 1), 0);
        /* It is no request, and will be none. */
        ck_assert_int_eq(http_next(http, &why), 0);
        http_close(http);
        close(client);
    }
}
END_TEST

START_TEST(lab_14_4_a_client_that_has_gone_is_told)
{
    auto_text struct text early = {0};
    struct err e = {0};
    struct http *http = says("POST / HTTP/1.1\r\n" UPGRADE END);
    must_be_next(http, "POST", "/");
    close(client);
    ck_assert_int_eq(http_hijack(http, "raw/stream", &early, &e), -EPIPE);
    ck_assert_int_eq(e.code, EPIPE);
    ck_assert_int_eq(http_next(http, &e), 0);
    http_close(http);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, lab_14_3_requests_come_one_after_another);
    tcase_add_test(tc, lab_14_3_a_body_that_nobody_read_is_skipped);
    tcase_add_test(tc, lab_14_3_who_is_to_be_left_is_left);
    tcase_add_test(tc, lab_14_3_who_asks_whether_to_go_on_may);
    tcase_add_test(tc, lab_14_3_what_is_no_request_is_refused);
    tcase_add_test(tc, lab_14_3_who_wants_another_protocol_is_known);
    tcase_add_test(tc, lab_14_4_the_client_is_told_by_which_status);
    tcase_add_test(tc, lab_14_4_what_came_early_is_input);
    tcase_add_test(tc, lab_14_4_a_client_that_has_gone_is_told);
}

int main(void)
{
    return contract_main("connections", add);
}
