/* Questions by UDP: answered at once, or passed on and remembered. */
#include "nameserver_parts.h"

#include "own.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>

/* Others get their turn after so many. */
enum { BATCH = 64 };

static void forget(struct nameserver_state *state,
                   struct nameserver_question *question)
{
    for (size_t i = 0; i < NAMESERVER_UPSTREAM; i++)
        own_close(&question->fds[i]);
    own_free(&question->bytes);
    state->n_questions--;
}

static void send_reply(const struct nameserver_state *state,
                       const struct sockaddr_in *client, const uint8_t *bytes,
                       size_t len)
{
    /* A client who takes no answers has none. */
    sendto(state->ns->udp, bytes, len, MSG_DONTWAIT,
           (const struct sockaddr *)client, sizeof *client);
}

static void fail(struct nameserver_state *state,
                 struct nameserver_question *question)
{
    struct dns_query query;
    dns_parse(question->bytes, question->len, &query);
    send_reply(state, &question->client, state->reply,
               nameserver_failed(state, &query));
    forget(state, question);
}

static int connect_to(struct nameserver_state *state,
                      struct nameserver_question *question, unsigned int which)
{
    const struct nameserver_address *to = &state->upstream[which];
    auto_fd int fd =
        socket(to->any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    /* The kernel chooses the source port, at random; and from then on it takes
     * nothing from any other address. */
    if (fd < 0 || connect(fd, &to->any, to->size) < 0)
        return -errno;
    size_t index = (size_t)(question - state->questions);
    int r = nameserver_watch(state, EPOLL_CTL_ADD, fd, EPOLLIN,
                             nameserver_event(NAMESERVER_QUESTION, index, 0));
    if (r == 0)
        question->fds[which] = fd_take(&fd);
    return r;
}

/* Ask one of them, with our id in the place of the client's. False: it cannot
 * even be sent. */
static bool ask(struct nameserver_state *state,
                struct nameserver_question *question, unsigned int which)
{
    if (question->fds[which] < 0 && connect_to(state, question, which) < 0)
        return false;
    uint8_t id[2];
    dns_set_id(id, question->id);
    const struct iovec parts[] = {
        {id,                  sizeof id                },
        {question->bytes + 2, question->len - sizeof id},
    };
    return writev(question->fds[which], parts, 2) >= 0;
}

/* The next in turn who can be asked; when all have been, it has failed. */
static void ask_next(struct nameserver_state *state,
                     struct nameserver_question *question)
{
    while (question->tries < NAMESERVER_TRIES) {
        unsigned int which = question->tries++ % state->n_upstream;
        bool is_sent = ask(state, question, which);
        question->due_ms = nameserver_now_ms() + NAMESERVER_WAIT_MS;
        if (is_sent)
            return;
    }
    fail(state, question);
}

void nameserver_question_due(struct nameserver_state *state, size_t index)
{
    ask_next(state, &state->questions[index]);
}

/* A free place; if there is none, the oldest makes room. */
static struct nameserver_question *take_place(struct nameserver_state *state)
{
    struct nameserver_question *oldest = &state->questions[0];
    for (size_t i = 0; i < NAMESERVER_QUESTIONS; i++) {
        struct nameserver_question *question = &state->questions[i];
        if (question->bytes == NULL)
            return question;
        if (question->begin_ms < oldest->begin_ms)
            oldest = question;
    }
    fail(state, oldest);
    return oldest;
}

static void pass_on(struct nameserver_state *state, const uint8_t *bytes,
                    size_t len, const struct sockaddr_in *client)
{
    struct nameserver_question *question = take_place(state);
    *question = (struct nameserver_question){
        .bytes = own_alloc(len),
        .len = len,
        .client = *client,
        .id = nameserver_id(),
        .fds = {-1, -1, -1},
        .begin_ms = nameserver_now_ms(),
    };
    memcpy(question->bytes, bytes, len);
    state->n_questions++;
    ask_next(state, question);
}

void nameserver_udp_ready(struct nameserver_state *state)
{
    for (int i = 0; i < BATCH; i++) {
        struct sockaddr_in client;
        socklen_t size = sizeof client;
        ssize_t len =
            recvfrom(state->ns->udp, state->datagram, NAMESERVER_QUERY_MOST,
                     MSG_DONTWAIT, (struct sockaddr *)&client, &size);
        if (len < 0)
            return;
        struct dns_query query;
        int n =
            nameserver_answer(state, state->datagram, (size_t)len, 0, &query);
        if (n > 0)
            send_reply(state, &client, state->reply, (size_t)n);
        else if (n == -EAGAIN)
            pass_on(state, state->datagram, (size_t)len, &client);
    }
}

/* An upstream server that fails is as good as none, while there are others. */
static bool is_failure(int rcode)
{
    return rcode == DNS_SERVFAIL || rcode == DNS_REFUSED ||
           rcode == DNS_NOTIMP || rcode == DNS_FORMERR;
}

/* What came for a question from one of the servers. */
static void take_answer(struct nameserver_state *state,
                        struct nameserver_question *question, size_t len)
{
    struct dns_query query;
    dns_parse(question->bytes, question->len, &query);
    int rcode = dns_check(state->datagram, len, question->id, &query);
    if (rcode < 0)
        return;
    if (is_failure(rcode) && ++question->failures < state->n_upstream) {
        if (question->tries < state->n_upstream)
            ask_next(state, question);
        return;
    }
    dns_adopt(state->datagram, &query);
    len = dns_truncate(state->datagram, len, dns_room(&query, DNS_MOST));
    send_reply(state, &question->client, state->datagram, len);
    forget(state, question);
}

void nameserver_question_ready(struct nameserver_state *state, size_t index)
{
    struct nameserver_question *question = &state->questions[index];
    for (size_t i = 0; i < NAMESERVER_UPSTREAM; i++) {
        if (question->bytes == NULL || question->fds[i] < 0)
            continue;
        ssize_t n =
            recv(question->fds[i], state->datagram, sizeof state->datagram, 0);
        if (n >= 0)
            take_answer(state, question, (size_t)n);
        else if (errno != EAGAIN && errno != EINTR)
            ask_next(state, question); /* nobody is at that address */
    }
}
