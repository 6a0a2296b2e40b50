/*
 * streams.h - private: between a container's streams and who sits in front of
 * them, on both sides of the connection to a keeper.
 */
#ifndef STREAMS_H
#define STREAMS_H

#include "attach.h"
#include "ctr.h"
#include "engine.h"
#include "hub.h"

/* --- the caller ----------------------------------------------------------- */

/* {"do": "attach", "streams": ...}: which streams the seat is for. */
json_t *streams_request(const struct engine_seat *seat);
/* Before the start; see attach_open. */
int streams_open(struct attach *attach, bool terminal,
                 const struct engine_seat *seat, struct err *e);
/* Follow it to its end: 0..255, or ENGINE_DETACHED. */
int streams_sit(struct attach *attach, int fd, struct engine_seat *seat,
                struct err *e);

/* --- the keeper ----------------------------------------------------------- */

/* The exit code where nobody can tell how it ended: neither a code of its own
 * nor a signal. */
enum { STREAMS_UNKNOWN = 125 };

/* Streams that are on their way to a process: pipes, or a terminal, which is
 * made inside and whose master comes to us through a socket. */
struct streams {
    bool terminal;
    int console[2];
};
/* Make them and put them into options->stdio or console_socket. */
int streams_make(struct streams *ret, struct hub *hub, bool terminal,
                 struct ctr_options *options, struct err *e);
/* `r` is how the start went, and is returned if it failed; else the hub has
 * them from now on. */
int streams_take(struct streams *streams, struct hub *hub, int r,
                 struct err *e);
/* The text of an answer: `e`, or success where its code is 0, and `more`
 * members, which are taken; NULL: none. The caller frees. */
char *streams_answer(const struct err *e, json_t *more);
/* Of {"do": "resize", "rows": ..., "columns": ...}. */
struct frame_size streams_size(const json_t *ask);
/* Tell whoever started us how it went. */
void streams_tell(int client, const struct err *e);

#endif
