#include "bridge.h"

#include "frame.h"
#include "own.h"

#include <errno.h>
#include <linux/sockios.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define HEAD_IS_READ_S 1 /* so long a client has time for that */

/* A bridge at work. */
struct work {
    struct bridge *bridge;
    struct attach_sifted sifted;
    bool waits, input_ended; /* as in attach.c */
    struct frame frame;
};

/* Pieces have heads since 1.42 by name; before that the type said nothing. */
const char *bridge_type(const struct api_call *call, bool terminal)
{
    return terminal || call->version < 1042
               ? "application/vnd.docker.raw-stream"
               : "application/vnd.docker.multiplexed-stream";
}

int bridge_send(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        bytes += n;
        len -= (size_t)n;
    }
    return 0;
}

/* @lab 14.1 the stream, three zeros, and the length, most significant byte
 * first; refuse a length that has no room there */
int bridge_put_head(char head[8], int stream, size_t len, struct err *e)
{
    if (len > UINT32_MAX)
        return err_set(e, EMSGSIZE, "a piece of %zu bytes is too long", len);
    memset(head, 0, 8);
    head[0] = (char)stream;
    for (int i = 0; i < 4; i++)
        head[4 + i] = (char)(len >> (24 - 8 * i));
    return 0;
}

/* --- from the container --------------------------------------------------- */

int bridge_send_piece(const struct bridge *bridge, int stream,
                      const char *bytes, size_t len, struct err *e)
{
    char head[8];
    bool has_head = !bridge->link->terminal && len > 0;
    int r = has_head ? bridge_put_head(head, stream, len, e) : 0;
    if (has_head && r == 0)
        r = bridge_send(bridge->client, head, sizeof head);
    return r < 0 ? r : bridge_send(bridge->client, bytes, len);
}

/* 0 to go on; 1: that was all. */
static int hear(struct work *work, struct err *e)
{
    int r = frame_receive(work->bridge->link->fd, &work->frame);
    if (r < 0)
        return r == -EAGAIN ? 0 : 1;
    switch (work->frame.kind) {
    case FRAME_OUTPUT:
        return bridge_send_piece(work->bridge, 1, work->frame.bytes,
                                 work->frame.len, e);
    case FRAME_ERROR:
        return bridge_send_piece(work->bridge, 2, work->frame.bytes,
                                 work->frame.len, e);
    case FRAME_TAKEN:
        work->waits = false;
        return 0;
    case FRAME_END:
        return 1;
    default:
        return 0;
    }
}

/* --- from the client ------------------------------------------------------ */

/* 1: it has typed the keys. */
static int pass_on(struct work *work, const char *in, size_t len)
{
    char out[FRAME_MOST];
    bool detached = false;
    bool sifts = work->bridge->link->terminal && work->sifted.keys.n > 0;
    if (sifts)
        len = attach_sift(&work->sifted, in, len, out, &detached);
    int r = len > 0 ? frame_send(work->bridge->link->fd, FRAME_INPUT,
                                 sifts ? out : in, len)
                    : 0;
    work->waits = len > 0 && r == 0;
    work->input_ended |= r < 0; /* its monitor is gone: hear() tells */
    work->bridge->detached = detached;
    return detached;
}

static int take_input(struct work *work)
{
    char in[FRAME_MOST - ATTACH_KEYS];
    if (work->bridge->early.len > 0) {
        size_t len = work->bridge->early.len < sizeof in
                         ? work->bridge->early.len
                         : sizeof in;
        memcpy(in, work->bridge->early.s, len);
        memmove(work->bridge->early.s, work->bridge->early.s + len,
                work->bridge->early.len - len);
        work->bridge->early.len -= len;
        return pass_on(work, in, len);
    }
    ssize_t n = read(work->bridge->client, in, sizeof in);
    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return 0;
    if (n > 0)
        return pass_on(work, in, (size_t)n);
    work->input_ended = true;
    frame_send(work->bridge->link->fd, FRAME_INPUT_END, NULL, 0);
    return 0;
}

/* A client that wants no input to be taken may still say something; it counts
 * for nothing. */
static void ignore_input(struct work *work)
{
    char in[4096];
    ssize_t n = read(work->bridge->client, in, sizeof in);
    work->input_ended |= n == 0 || (n < 0 && errno != EINTR);
}

/* --- the bridge ----------------------------------------------------------- */

/* Half a hang-up (shutdown(2)) is the end of the input; a whole one is the end.
 * While nobody is there yet to take it, input stays where it is.
 *
 * @lab 14.5 wait for the link, and for the client while its input can be
 * passed on; hear or meet whoever is at the link; then see whether the client
 * has hung up, and take what it says, what it said early first */
static int turn(struct work *work, struct err *e)
{
    struct engine_server_link *link = work->bridge->link;
    bool connected = link->waiting == NULL;
    bool reads = connected && !work->input_ended && !work->waits;
    struct pollfd fds[] = {
        {.fd = link->fd,             .events = POLLIN            },
        {.fd = work->bridge->client, .events = reads ? POLLIN : 0},
    };
    bool has_early =
        reads && work->bridge->input && work->bridge->early.len > 0;
    if (poll(fds, 2, has_early ? 0 : -1) < 0)
        return errno == EINTR ? 0 : -errno;
    int r = 0;
    if (fds[0].revents != 0)
        r = connected ? hear(work, e) : engine_server_meet(link, e);
    if (r == 0 && (fds[1].revents & (POLLHUP | POLLERR)) != 0)
        return -EPIPE;
    if (r == 0 && reads && ((fds[1].revents & POLLIN) != 0 || has_early)) {
        if (work->bridge->input)
            r = take_input(work);
        else
            ignore_input(work);
    }
    return r;
}

/* Some read the answer's head through a buffer, and all that follows past it:
 * bytes that came in one piece with the head are lost to them (docker-py). From
 * Docker there is never any, as it takes long to start a program. SIOCOUTQ is
 * what of ours was not read yet: unix(7). */
static void wait_until_read(int client)
{
    const struct timespec moment = {.tv_nsec = 100 * 1000};
    int unread = 0;
    for (int i = 0; i < HEAD_IS_READ_S * 10 * 1000; i++) {
        if (ioctl(client, SIOCOUTQ, &unread) < 0 || unread == 0)
            return;
        nanosleep(&moment, NULL);
    }
}

int bridge_open(struct bridge *bridge, struct api_call *call, struct err *e)
{
    bridge->client =
        http_hijack(call->http, bridge_type(call, bridge->link->terminal),
                    &bridge->early, e);
    if (bridge->client < 0)
        return bridge->client;
    wait_until_read(bridge->client);
    return 0;
}

int bridge_run(struct bridge *bridge, struct err *e)
{
    struct work *work = own_room(sizeof *work);
    work->bridge = bridge;
    work->sifted = (struct attach_sifted){.keys = bridge->keys};
    work->waits = work->input_ended = false;
    int r = 0;
    while (r == 0)
        r = turn(work, e);
    own_free(&work);
    return r < 0 ? r : 0;
}

void bridge_done(struct bridge *bridge)
{
    text_done(&bridge->early);
}
