/*
 * bridge.h - private to 14-api: a client's connection on one side, a
 * container's streams on the other.
 *
 * Without a terminal both of its streams come through one connection, each
 * piece behind a head of eight bytes (the stream, three zeros, the length,
 * most significant byte first: "Stream format" in the API's reference). With a
 * terminal there is one stream, and bytes are themselves. What the client sends
 * is the container's input either way.
 */
#ifndef BRIDGE_H
#define BRIDGE_H

#include "api.h"
#include "engine_server.h"

/* The content type of what a client gets. */
const char *bridge_type(const struct api_call *call, bool terminal);

struct bridge {
    struct engine_server_link *link;
    struct attach_keys keys; /* with a terminal, these leave */
    bool input;              /* what the client sends is wanted */
    bool detached;           /* result: the keys were typed */
    int client;              /* after bridge_open; borrowed */
    struct text early;       /* what it had sent before */
};
#define auto_bridge __attribute__((cleanup(bridge_done)))
void bridge_done(struct bridge *bridge);
/* Answer the request, whose connection is the client's side from now on; as
 * link->terminal says, with pieces or without. The head of the answer has been
 * read then, by any client that reads at all. */
int bridge_open(struct bridge *bridge, struct api_call *call, struct err *e);
/* Carry bytes until either side has gone. 0 or -errno. */
int bridge_run(struct bridge *bridge, struct err *e);
/* All of it. 0 or -errno. */
int bridge_send(int fd, const char *bytes, size_t len);
/* A piece of a stream, 1 or 2, and its head, if there are heads. 0 or -errno.
 */
int bridge_send_piece(const struct bridge *bridge, int stream,
                      const char *bytes, size_t len, struct err *e);
/* The head of a piece. -EMSGSIZE: it is longer than a head can say. */
int bridge_put_head(char head[8], int stream, size_t len, struct err *e);

#endif
