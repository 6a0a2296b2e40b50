/* One direction of a connection: socket, pipe, socket, by splice(2). See
 * forward_parts.h. */
#include "forward_parts.h"

#include "own.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* Bytes on their way in one direction, and how often it goes round before
 * others have their turn. */
enum { HELD_MAX = 256 * 1024, ROUNDS = 8 };

/* A pipe is needed only while bytes are under way: a thousand connections that
 * say nothing have none. */
static int take_pipe(struct relay *relay, struct flow *flow)
{
    if (flow->pipe[0] >= 0)
        return 0;
    if (relay->n_pool > 0) {
        relay->n_pool--;
        flow->pipe[0] = relay->pool[relay->n_pool][0];
        flow->pipe[1] = relay->pool[relay->n_pool][1];
        return 0;
    }
    if (pipe2(flow->pipe, O_CLOEXEC | O_NONBLOCK) < 0)
        return -errno;
    fcntl(flow->pipe[1], F_SETPIPE_SZ, HELD_MAX); /* else 64 KiB do as well */
    return 0;
}

static void give_pipe(struct relay *relay, struct flow *flow)
{
    if (flow->pipe[0] < 0)
        return;
    if (flow->held > 0 || relay->n_pool == POOL) {
        forward_flow_close(relay, flow);
        return;
    }
    relay->pool[relay->n_pool][0] = fd_take(&flow->pipe[0]);
    relay->pool[relay->n_pool][1] = fd_take(&flow->pipe[1]);
    relay->n_pool++;
}

void forward_flow_close(struct relay *relay, struct flow *flow)
{
    (void)relay;
    own_close(&flow->pipe[0]);
    own_close(&flow->pipe[1]);
}

/* The pages change owner; nothing is copied. Bytes, 0 at the end, -errno. */
static ssize_t move(int from, int to, size_t len)
{
    ssize_t n;
    do
        n = splice(from, NULL, to, NULL, len,
                   SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    while (n < 0 && errno == EINTR);
    return n < 0 ? -errno : n;
}

/* Into the pipe. -EAGAIN: nothing came, or the pipe is full. */
static int fill(struct relay *relay, struct flow *flow)
{
    if (flow->has_ended || flow->held >= HELD_MAX)
        return 0;
    int r = take_pipe(relay, flow);
    if (r < 0)
        return r == -EAGAIN ? -EMFILE : r;
    ssize_t n = move(flow->from, flow->pipe[1], HELD_MAX - flow->held);
    if (n < 0)
        return (int)n;
    flow->has_ended = n == 0;
    flow->held += (unsigned int)n;
    return 0;
}

static int drain(struct flow *flow)
{
    if (flow->held == 0)
        return 0;
    ssize_t n = move(flow->pipe[0], flow->to, flow->held);
    if (n < 0)
        return (int)n;
    flow->held -= (unsigned int)n;
    return 0;
}

static enum flow_state end(struct relay *relay, struct flow *flow)
{
    give_pipe(relay, flow);
    flow->is_done = true;
    shutdown(flow->to, SHUT_WR);
    return FLOW_WAITS;
}

/* "Not now" of the source counts only if the pipe was empty: a full pipe says
 * the same. */
enum flow_state forward_flow_go_on(struct relay *relay, struct flow *flow)
{
    for (int i = 0; i < ROUNDS && !flow->is_done; i++) {
        bool was_empty = flow->held == 0;
        int r = fill(relay, flow);
        if (r == -EAGAIN && was_empty) {
            give_pipe(relay, flow);
            return FLOW_WAITS;
        }
        if (r < 0 && r != -EAGAIN)
            return FLOW_IS_BROKEN;
        r = drain(flow);
        if (r < 0)
            return r == -EAGAIN ? FLOW_WAITS : FLOW_IS_BROKEN;
        if (flow->has_ended && flow->held == 0)
            return end(relay, flow);
    }
    return flow->is_done ? FLOW_WAITS : FLOW_HAD_ITS_SHARE;
}
