/* Questions by TCP (RFC 7766): a message behind its length. A connection does
 * one thing at a time, so each step has one descriptor, one direction and one
 * frame: that is the table. */
#include "nameserver_parts.h"

#include "own.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

enum { LENGTH = 2 };

static size_t index_of(const struct nameserver_state *state,
                       const struct nameserver_stream *stream)
{
    return (size_t)(stream - state->streams);
}

/* Wait for `events` of one side. */
static int watch(struct nameserver_state *state,
                 struct nameserver_stream *stream,
                 enum nameserver_source source, int operation, uint32_t events)
{
    int fd = source == NAMESERVER_CLIENT ? stream->client : stream->upstream;
    return nameserver_watch(
        state, operation, fd, events,
        nameserver_event(source, index_of(state, stream), stream->serial));
}

/* While all places are taken nobody is accepted, and waits in the backlog. */
static void listen_if(struct nameserver_state *state, bool wanted)
{
    nameserver_watch(state, EPOLL_CTL_MOD, state->ns->tcp, wanted ? EPOLLIN : 0,
                     nameserver_event(NAMESERVER_LISTENER, 0, 0));
}

static void frame_done(struct nameserver_frame *frame)
{
    free(frame->bytes);
    *frame = (struct nameserver_frame){0};
}

static void close_stream(struct nameserver_state *state,
                         struct nameserver_stream *stream)
{
    own_close(&stream->client);
    own_close(&stream->upstream);
    frame_done(&stream->question);
    frame_done(&stream->answer);
    stream->step = NAMESERVER_FREE;
    stream->serial++;
    if (state->n_streams-- == NAMESERVER_STREAMS)
        listen_if(state, true);
}

static void set_frame(struct nameserver_frame *frame, const uint8_t *message,
                      size_t len)
{
    frame_done(frame);
    frame->bytes = own_alloc(LENGTH + len);
    dns_set_id(frame->bytes, (uint16_t)len); /* the same two bytes, in front */
    memcpy(frame->bytes + LENGTH, message, len);
    frame->len = LENGTH + len;
}

/* 1: the frame is whole; 0: it goes on later; -1: no more of it will come. */
static int receive_frame(int fd, struct nameserver_frame *frame)
{
    if (frame->bytes == NULL) {
        frame->bytes = own_alloc(LENGTH);
        frame->len = LENGTH;
    }
    for (;;) {
        ssize_t n = recv(fd, frame->bytes + frame->done,
                         frame->len - frame->done, MSG_DONTWAIT);
        if (n < 0)
            return errno == EAGAIN || errno == EINTR ? 0 : -1;
        if (n == 0)
            return -1;
        frame->done += (size_t)n;
        if (frame->done < frame->len)
            continue;
        if (frame->len > LENGTH)
            return 1;
        size_t more = (size_t)(frame->bytes[0] << 8 | frame->bytes[1]);
        if (more < DNS_HEADER)
            return -1;
        frame->len += more;
        frame->bytes = own_grow(frame->bytes, frame->len);
    }
}

static int send_frame(int fd, struct nameserver_frame *frame)
{
    while (frame->done < frame->len) {
        ssize_t n = send(fd, frame->bytes + frame->done,
                         frame->len - frame->done, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0)
            return errno == EAGAIN || errno == EINTR ? 0 : -1;
        frame->done += (size_t)n;
    }
    return 1;
}

/* What each step does with which side. */
static const struct {
    enum nameserver_source source;
    uint32_t events;
    int (*move)(int fd, struct nameserver_frame *frame);
    bool is_answer;
} steps[] = {
    [NAMESERVER_TAKE] = {NAMESERVER_CLIENT, EPOLLIN,  receive_frame, false},
    [NAMESERVER_ASK] = {NAMESERVER_SERVER, EPOLLOUT, send_frame,    false},
    [NAMESERVER_HEAR] = {NAMESERVER_SERVER, EPOLLIN,  receive_frame, true },
    [NAMESERVER_GIVE] = {NAMESERVER_CLIENT, EPOLLOUT, send_frame,    true },
};

/* Wait for what the step needs, and of the other side for nothing: that it has
 * gone is told even so. */
static void begin(struct nameserver_state *state,
                  struct nameserver_stream *stream, enum nameserver_step step)
{
    stream->step = step;
    stream->due_ms = nameserver_now_ms() + NAMESERVER_STREAM_MS;
    enum nameserver_source source = steps[step].source;
    watch(state, stream, NAMESERVER_CLIENT, EPOLL_CTL_MOD,
          source == NAMESERVER_CLIENT ? steps[step].events : 0);
    if (source == NAMESERVER_SERVER)
        watch(state, stream, source, EPOLL_CTL_MOD, steps[step].events);
}

static void give(struct nameserver_state *state,
                 struct nameserver_stream *stream, const uint8_t *message,
                 size_t len)
{
    own_close(&stream->upstream);
    set_frame(&stream->answer, message, len);
    begin(state, stream, NAMESERVER_GIVE);
}

static int connect_to(struct nameserver_state *state,
                      struct nameserver_stream *stream, unsigned int which)
{
    const struct nameserver_address *to = &state->upstream[which];
    own_close(&stream->upstream);
    stream->upstream = socket(to->any.sa_family,
                              SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (stream->upstream < 0 ||
        (connect(stream->upstream, &to->any, to->size) < 0 &&
         errno != EINPROGRESS))
        return -errno;
    return watch(state, stream, NAMESERVER_SERVER, EPOLL_CTL_ADD, EPOLLOUT);
}

/* Each server once: a connection is not lost as a datagram is. */
static void ask_next(struct nameserver_state *state,
                     struct nameserver_stream *stream)
{
    uint8_t *message = stream->question.bytes + LENGTH;
    frame_done(&stream->answer);
    while (stream->tries < state->n_upstream) {
        stream->question.done = 0;
        if (connect_to(state, stream, stream->tries++) == 0) {
            begin(state, stream, NAMESERVER_ASK);
            return;
        }
    }
    struct dns_query query;
    dns_parse(message, stream->question.len - LENGTH, &query);
    size_t len = nameserver_failed(state, &query);
    give(state, stream, state->reply, len);
}

/* The question is here. One that is longer than any is not heard to its end. */
static void took(struct nameserver_state *state,
                 struct nameserver_stream *stream)
{
    struct dns_query query;
    const uint8_t *message = stream->question.bytes + LENGTH;
    size_t len = stream->question.len - LENGTH;
    int n = nameserver_answer(state, message, len, DNS_MOST, &query);
    stream->tries = 0;
    if (n == 0)
        close_stream(state, stream);
    else if (n > 0)
        give(state, stream, state->reply, (size_t)n);
    else
        ask_next(state, stream);
}

static void asked(struct nameserver_state *state,
                  struct nameserver_stream *stream)
{
    begin(state, stream, NAMESERVER_HEAR);
}

static void heard(struct nameserver_state *state,
                  struct nameserver_stream *stream)
{
    struct dns_query query;
    uint8_t *reply = stream->answer.bytes + LENGTH;
    size_t len = stream->answer.len - LENGTH;
    dns_parse(stream->question.bytes + LENGTH, stream->question.len - LENGTH,
              &query);
    int rcode = dns_check(reply, len, query.id, &query);
    bool is_last = stream->tries == state->n_upstream;
    if (rcode < 0 ||
        ((rcode == DNS_SERVFAIL || rcode == DNS_REFUSED) && !is_last)) {
        ask_next(state, stream);
        return;
    }
    dns_adopt(reply, &query);
    own_close(&stream->upstream);
    stream->answer.done = 0;
    begin(state, stream, NAMESERVER_GIVE);
}

/* Another question may follow. */
static void gave(struct nameserver_state *state,
                 struct nameserver_stream *stream)
{
    frame_done(&stream->question);
    frame_done(&stream->answer);
    begin(state, stream, NAMESERVER_TAKE);
}

void nameserver_stream_ready(struct nameserver_state *state, size_t index,
                             enum nameserver_source source)
{
    static void (*const after[])(struct nameserver_state * state,
                                 struct nameserver_stream * stream) = {
        [NAMESERVER_TAKE] = took,
        [NAMESERVER_ASK] = asked,
        [NAMESERVER_HEAR] = heard,
        [NAMESERVER_GIVE] = gave,
    };
    struct nameserver_stream *stream = &state->streams[index];
    enum nameserver_step step = stream->step;
    if (steps[step].source != source) {
        /* The client has gone while we asked for it. */
        close_stream(state, stream);
        return;
    }
    bool is_client = source == NAMESERVER_CLIENT;
    int r = steps[step].move(is_client ? stream->client : stream->upstream,
                             steps[step].is_answer ? &stream->answer
                                                   : &stream->question);
    bool is_too_long = step == NAMESERVER_TAKE &&
                       stream->question.len > LENGTH + NAMESERVER_QUERY_MOST;
    if (is_too_long || (r < 0 && is_client))
        close_stream(state, stream);
    else if (r < 0)
        ask_next(state, stream);
    else if (r > 0)
        after[step](state, stream);
}

/* A client has had its time; of a server's silence it is told. */
void nameserver_stream_due(struct nameserver_state *state, size_t index)
{
    struct nameserver_stream *stream = &state->streams[index];
    if (steps[stream->step].source == NAMESERVER_CLIENT)
        close_stream(state, stream);
    else
        ask_next(state, stream);
}

void nameserver_listener_ready(struct nameserver_state *state)
{
    int fd = accept4(state->ns->tcp, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0)
        return;
    struct nameserver_stream *stream = state->streams;
    while (stream->step != NAMESERVER_FREE)
        stream++;
    stream->client = fd;
    stream->upstream = -1;
    if (++state->n_streams == NAMESERVER_STREAMS)
        listen_if(state, false);
    if (watch(state, stream, NAMESERVER_CLIENT, EPOLL_CTL_ADD, 0) < 0)
        close_stream(state, stream);
    else
        begin(state, stream, NAMESERVER_TAKE);
}
