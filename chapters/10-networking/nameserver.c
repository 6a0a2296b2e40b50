/* The name server: its sockets, its loop, its own answers. See nameserver.h. */
#include "nameserver_parts.h"

#include "netns.h"
#include "own.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>

static const char own_address[] = "127.0.0.11";
enum { PORT = 53, BACKLOG = 64, EVENTS = 64 };

static int open_socket(int netns, int type, struct err *e)
{
    auto_fd int fd = netns_socket(netns, AF_INET, type | SOCK_NONBLOCK, 0, e);
    if (fd < 0)
        return fd;
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    inet_pton(AF_INET, own_address, &at.sin_addr);
    /* Connections of an earlier server may linger. */
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    if (bind(fd, (const struct sockaddr *)&at, sizeof at) < 0)
        return err_sys(e, errno, "name server at %s:%d", own_address, PORT);
    if (type == SOCK_STREAM && listen(fd, BACKLOG) < 0)
        return err_sys(e, errno, "listen at %s:%d", own_address, PORT);
    return fd_take(&fd);
}

/* @lab 10.6 both sockets, or none and -1 in both places; open_socket makes one
 */
int nameserver_listen(int netns, struct nameserver *ret, struct err *e)
{
    ret->udp = ret->tcp = -1;
    auto_fd int udp = open_socket(netns, SOCK_DGRAM, e);
    if (udp < 0)
        return udp;
    int tcp = open_socket(netns, SOCK_STREAM, e);
    if (tcp < 0)
        return tcp;
    ret->udp = fd_take(&udp);
    ret->tcp = tcp;
    return 0;
}

void nameserver_done(struct nameserver *ns)
{
    own_close(&ns->udp);
    own_close(&ns->tcp);
    strv_done(&ns->upstream);
    strv_done(&ns->links);
}

int64_t nameserver_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

uint16_t nameserver_id(void)
{
    uint16_t id = 0;
    (void)!getrandom(&id, sizeof id, 0);
    return id;
}

/* Up to 8 bits of source, 24 of index, 32 of serial number. */
uint64_t nameserver_event(enum nameserver_source source, size_t index,
                          uint32_t serial)
{
    return (uint64_t)source << 56 | (uint64_t)index << 32 | serial;
}

int nameserver_watch(struct nameserver_state *state, int operation, int fd,
                     uint32_t events, uint64_t what)
{
    struct epoll_event event = {.events = events, .data.u64 = what};
    return epoll_ctl(state->epoll, operation, fd, &event) < 0 ? -errno : 0;
}

/* "fe80::1%eth0": the link is part of such an address. */
static bool read_address(const char *text, struct nameserver_address *ret)
{
    auto_free char *bare = text_format("%.*s", (int)strcspn(text, "%"), text);
    struct ip ip;
    *ret = (struct nameserver_address){0};
    if (ip_parse(bare, &ip) < 0)
        return false;
    if (ip.family == AF_INET) {
        ret->ip4.sin_family = AF_INET;
        ret->ip4.sin_port = htons(PORT);
        memcpy(&ret->ip4.sin_addr, ip.bytes, 4);
        ret->size = sizeof ret->ip4;
        return true;
    }
    ret->ip6.sin6_family = AF_INET6;
    ret->ip6.sin6_port = htons(PORT);
    memcpy(&ret->ip6.sin6_addr, ip.bytes, 16);
    if (text[strlen(bare)] == '%')
        ret->ip6.sin6_scope_id = if_nametoindex(text + strlen(bare) + 1);
    ret->size = sizeof ret->ip6;
    return true;
}

size_t nameserver_failed(struct nameserver_state *state,
                         const struct dns_query *query)
{
    const struct dns_answer answer = {.rcode = DNS_SERVFAIL};
    return dns_reply(query, &answer, state->reply, DNS_UDP_ROOM);
}

int nameserver_answer(struct nameserver_state *state, const uint8_t *message,
                      size_t len, size_t room, struct dns_query *query)
{
    int rcode = dns_parse(message, len, query);
    if (rcode < 0)
        return 0;
    struct dns_answer answer = {.rcode = rcode, .ttl_s = NAMESERVER_TTL_S};
    if (room == 0)
        room = dns_room(query, sizeof state->reply);
    /* A whole zone is nothing we have, or pass on. */
    if (rcode == 0 && (query->type == DNS_AXFR || query->type == DNS_IXFR))
        answer.rcode = DNS_REFUSED;
    if (answer.rcode == 0) {
        int n = nameserver_find(&state->names, query);
        if (n < 0 && state->n_upstream > 0)
            return -EAGAIN;
        answer.rcode = n < 0 ? DNS_SERVFAIL : DNS_NOERROR;
        answer.n = n < 0 ? 0 : (size_t)n;
        answer.records = state->names.records;
        answer.first = n > 1 ? state->names.turn++ % (size_t)n : 0;
    }
    return (int)dns_reply(query, &answer, state->reply, room);
}

static void dispatch(struct nameserver_state *state,
                     const struct epoll_event *event)
{
    enum nameserver_source source = event->data.u64 >> 56;
    size_t index = event->data.u64 >> 32 & 0xffffff;
    bool is_stream = source == NAMESERVER_CLIENT || source == NAMESERVER_SERVER;
    if (source == NAMESERVER_UDP)
        nameserver_udp_ready(state);
    else if (source == NAMESERVER_LISTENER)
        nameserver_listener_ready(state);
    else if (source == NAMESERVER_QUESTION)
        nameserver_question_ready(state, index);
    else if (is_stream &&
             state->streams[index].serial == (uint32_t)event->data.u64)
        nameserver_stream_ready(state, index, source);
}

/* Call whose time has come; returns how long the next one has, -1: none. */
static int64_t call_due(struct nameserver_state *state)
{
    if (state->n_questions + state->n_streams == 0)
        return -1;
    int64_t now = nameserver_now_ms(), next = INT64_MAX;
    for (size_t i = 0; i < NAMESERVER_QUESTIONS; i++) {
        struct nameserver_question *question = &state->questions[i];
        if (question->bytes != NULL && question->due_ms <= now)
            nameserver_question_due(state, i);
        if (question->bytes != NULL && question->due_ms < next)
            next = question->due_ms;
    }
    for (size_t i = 0; i < NAMESERVER_STREAMS; i++) {
        struct nameserver_stream *stream = &state->streams[i];
        if (stream->step != NAMESERVER_FREE && stream->due_ms <= now)
            nameserver_stream_due(state, i);
        if (stream->step != NAMESERVER_FREE && stream->due_ms < next)
            next = stream->due_ms;
    }
    return next == INT64_MAX ? -1 : next > now ? next - now : 0;
}

static int run(struct nameserver_state *state, struct err *e)
{
    struct epoll_event events[EVENTS];
    for (;;) {
        int n = epoll_wait(state->epoll, events, EVENTS, (int)call_due(state));
        if (n < 0 && errno != EINTR)
            return err_sys(e, errno, "wait for questions");
        for (int i = 0; i < n; i++)
            dispatch(state, &events[i]);
    }
}

int nameserver_serve(struct nameserver *ns, struct err *e)
{
    /* Uncleared: pages of the buffers that nothing reaches cost nothing. */
    struct nameserver_state *state = own_room(sizeof *state);
    memset(state, 0, offsetof(struct nameserver_state, datagram));
    state->ns = ns;
    for (size_t i = 0; i < ns->upstream.n; i++)
        if (state->n_upstream < NAMESERVER_UPSTREAM &&
            read_address(ns->upstream.v[i],
                         &state->upstream[state->n_upstream]))
            state->n_upstream++;
    nameserver_names_open(&state->names, ns);
    int r = state->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (r >= 0)
        r = nameserver_watch(state, EPOLL_CTL_ADD, ns->udp, EPOLLIN,
                             nameserver_event(NAMESERVER_UDP, 0, 0));
    if (r >= 0)
        r = nameserver_watch(state, EPOLL_CTL_ADD, ns->tcp, EPOLLIN,
                             nameserver_event(NAMESERVER_LISTENER, 0, 0));
    r = r < 0 ? err_sys(e, errno, "wait for questions") : run(state, e);
    nameserver_names_close(&state->names);
    own_close(&state->epoll);
    free(state);
    return r;
}
