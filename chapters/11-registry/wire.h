/*
 * wire.h - private to this chapter: how we and mini-docker-web talk, over one
 * stream socket.
 *
 * Everything is a frame: a kind, a length, and so many bytes. We send a request
 * (a JSON object), pieces of its body, and an end; it answers with a head
 * (another object), pieces of a body, and an end that tells what went wrong.
 *
 *     request: {"method", "url", "headers": [...], "size": of the body or -1,
 *               "ca": PEM, "cert": path, "key": path, "unverified": bool,
 *               "connect_s", "stall_s"}
 *     head:    {"status", "headers": {lower-case name: value},
 *               "location": absolute}
 *     end:     {"errno", "error"}, or {}
 *
 * A body's pieces are passed on as they come, so neither side keeps one. 0 or
 * -errno; -EPIPE: the other side has gone.
 */
#ifndef WIRE_H
#define WIRE_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

enum wire_kind {
    WIRE_REQUEST = 'Q',
    WIRE_HEAD = 'H',
    WIRE_PIECE = 'P',
    WIRE_END = 'E'
};
/* No document is longer, and no piece. */
enum { WIRE_MOST = 4 * 1024 * 1024 };

struct wire_frame {
    uint32_t kind, len; /* of what follows */
};

int wire_send(int fd, enum wire_kind kind, const void *bytes, size_t len);
/* The same for a document. */
int wire_send_json(int fd, enum wire_kind kind, const json_t *document);
/* The next frame; its bytes are read by the caller, all of them. */
int wire_next(int fd, struct wire_frame *ret);
int wire_read(int fd, void *bytes, size_t len);
/* The bytes of a frame as an object; -EPROTO: they are none. Caller
 * json_decref()s. */
int wire_read_json(int fd, const struct wire_frame *frame, json_t **ret);

#endif
