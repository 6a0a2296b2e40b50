/*
 * test_stand.h - what stands for mini-docker-web and all servers behind it: the
 * other end of the socket, in which the answers lie before anybody asks.
 *
 *     struct stand stand;
 *     stand_open(&stand, "https://registry.example");
 *     stand_says(&stand, 302, "{}", "https://other.example/x");
 *     stand_gives(&stand, 200, "{}", "bytes");
 *     stand_ends(&stand);
 *     ... registry_ask(&stand.registry, &request, &answer, &e) ...
 *     stand_hears(&stand, "GET", "https://registry.example/v2/box/x");
 *     ck_assert_ptr_null(stand_header(&stand, "Range"));
 *     stand_hears_no_more(&stand);
 *     stand_close(&stand);
 *
 * One process and no network. Who asks more often than there are answers is
 * told that mini-docker-web has ended.
 */
#ifndef TEST_STAND_H
#define TEST_STAND_H

#include "contract.h"
#include "own.h"
#include "registry.h"
#include "wire.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

/* `result` is `wanted`; or the test ends with what its `e` says. */
#define must_be(result, wanted)                                                \
    do {                                                                       \
        long got_ = (long)(result);                                            \
        ck_assert_msg(got_ == (wanted), "%s: %ld: %s", #result, got_, e.msg);  \
    } while (0)

struct stand {
    int fd;
    struct registry registry; /* of the repository "box" */
    struct registry_options options;
    json_t *heard;    /* the last request */
    struct text body; /* of that */
};

static inline void stand_open(struct stand *stand, const char *base)
{
    int pair[2];
    *stand = (struct stand){.options = {.tries = 2}};
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair),
                     0);
    stand->fd = pair[0];
    stand->registry = (struct registry){
        .options = &stand->options,
        .web = {.fd = pair[1],               .pidfd = -1    },
        .host = {.bases = {own_strdup(base)}, .base_count = 1},
        .repository = own_strdup("box"),
        .actions = own_strdup("pull"),
    };
}

static inline void stand_close(struct stand *stand)
{
    registry_close(&stand->registry);
    own_close(&stand->fd);
    json_decref(stand->heard);
    text_done(&stand->body);
}

/* --- answers -------------------------------------------------------------- */

/* The head of an answer; "{...}" are its headers, by names in lower case. */
static inline void stand_begins(struct stand *stand, int status,
                                const char *headers, const char *location)
{
    json_auto_t *head = json_pack("{s:i, s:o}", "status", status, "headers",
                                  json_loads(headers, 0, NULL));
    ck_assert_ptr_nonnull(head);
    if (location != NULL)
        json_object_set_new(head, "location", json_string(location));
    ck_assert_int_eq(wire_send_json(stand->fd, WIRE_HEAD, head), 0);
}

/* Bytes of its body, and its end. */
static inline void stand_piece(struct stand *stand, const char *bytes)
{
    size_t len = strlen(bytes);
    ck_assert_int_eq(wire_send(stand->fd, WIRE_PIECE, bytes, len), 0);
}
static inline void stand_end(struct stand *stand)
{
    ck_assert_int_eq(wire_send(stand->fd, WIRE_END, "{}", 2), 0);
}

/* An answer without a body; one with a body. */
static inline void stand_says(struct stand *stand, int status,
                              const char *headers, const char *location)
{
    stand_begins(stand, status, headers, location);
    stand_end(stand);
}
static inline void stand_gives(struct stand *stand, int status,
                               const char *headers, const char *body)
{
    stand_begins(stand, status, headers, NULL);
    stand_piece(stand, body);
    stand_end(stand);
}

/* In place of an answer, or of the rest of one: it was cut off. */
static inline void stand_cuts(struct stand *stand)
{
    json_auto_t *end =
        json_pack("{s:i, s:s}", "errno", ECONNRESET, "error", "cut off");
    ck_assert_int_eq(wire_send_json(stand->fd, WIRE_END, end), 0);
}

/* There are no more answers. */
static inline void stand_ends(struct stand *stand)
{
    ck_assert_int_eq(shutdown(stand->fd, SHUT_WR), 0);
}

/* --- requests ------------------------------------------------------------- */

static inline bool stand_is_asked(struct stand *stand)
{
    char byte;
    return recv(stand->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 1;
}

static inline void stand_take_body(struct stand *stand)
{
    struct wire_frame frame;
    for (;;) {
        ck_assert_msg(stand_is_asked(stand), "a body that is not whole");
        ck_assert_int_eq(wire_next(stand->fd, &frame), 0);
        if (frame.kind != WIRE_PIECE)
            return;
        auto_free char *piece = own_room(frame.len + 1);
        ck_assert_int_eq(wire_read(stand->fd, piece, frame.len), 0);
        text_addn(&stand->body, piece, frame.len);
    }
}

/* What was asked for next. */
static inline void stand_hears(struct stand *stand, const char *method,
                               const char *url)
{
    struct wire_frame frame;
    json_decref(stand->heard);
    stand->heard = NULL;
    text_clear(&stand->body);
    ck_assert_msg(stand_is_asked(stand), "nobody asked: %s %s", method, url);
    ck_assert_int_eq(wire_next(stand->fd, &frame), 0);
    ck_assert_int_eq(wire_read_json(stand->fd, &frame, &stand->heard), 0);
    const json_t *heard = stand->heard;
    ck_assert_str_eq(json_string_value(json_object_get(heard, "method")),
                     method);
    ck_assert_str_eq(json_string_value(json_object_get(heard, "url")), url);
    if (json_object_get(heard, "size") != NULL)
        stand_take_body(stand);
}

static inline void stand_hears_no_more(struct stand *stand)
{
    ck_assert_msg(!stand_is_asked(stand), "asked for once too often");
}

/* A header of what was heard last; NULL: it has none. */
static inline const char *stand_header(const struct stand *stand,
                                       const char *name)
{
    size_t i, len = strlen(name);
    const json_t *header;
    json_array_foreach(json_object_get(stand->heard, "headers"), i, header)
    {
        const char *text = json_string_value(header);
        if (strncmp(text, name, len) == 0 && text[len] == ':')
            return text + len + strspn(text + len, ": ");
    }
    return NULL;
}

#endif
