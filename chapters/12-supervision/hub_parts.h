/*
 * hub_parts.h - private: what hub.c (clients) and hub_streams.c (the
 * container) share.
 */
#ifndef HUB_PARTS_H
#define HUB_PARTS_H

#include "hub.h"

/* A frame on its way to a client. */
struct hub_frame {
    struct hub_frame *next;
    enum frame_kind kind;
    size_t len;
    char bytes[];
};

struct hub_client {
    struct hub_client *next;
    struct hub *hub;
    int fd;      /* -1: has left, and is freed at the end of the turn */
    int streams; /* HUB_* */
    bool dismissed;
    struct hub_frame *first, **last; /* the queue; empty while it keeps up */
    /* Input that the container has not taken yet. */
    char *input;
    size_t begin, end;
    bool input_ends; /* after that */
};

struct hub {
    struct hub_options options;
    int listener; /* -1: none */
    struct hub_client *clients;
    int theirs[3]; /* the container's ends until it has started */
    int in, out, err;
    int master;          /* of a terminal: `in` and `out` are copies of it */
    bool held;           /* nothing is read: a client has to catch up */
    bool is_ending;      /* not yet all who are attached were told the end */
    struct frame *frame; /* what a client said */
    char *block;         /* what the container wrote: FRAME_MOST bytes */
};

/* hub.c: give a frame to a client; it is queued where it has to wait. */
void hub_send(struct hub_client *client, enum frame_kind kind,
              const void *bytes, size_t len);

/* hub_streams.c: read from the container, or, while a client lags, do not. */
int hub_balance(struct hub *hub, struct err *e);
/* Move clients' input on; whose went, hears FRAME_TAKEN. */
void hub_feed(struct hub *hub);
void hub_close_streams(struct hub *hub);

#endif
