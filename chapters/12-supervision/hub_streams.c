/* The hub's other side: the container's ends of pipes, or its terminal. */
#include "hub_parts.h"

#include "own.h"
#include "sys.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* --- out of the container ------------------------------------------------- */

static void stop_watching(struct hub *hub, int *fd)
{
    if (*fd >= 0)
        loop_remove(hub->options.loop, *fd);
    own_close(fd);
}

static void spread(struct hub *hub, int stream, size_t len)
{
    static const struct {
        int bit;
        enum frame_kind kind;
    } streams[] = {
        [1] = {HUB_OUTPUT, FRAME_OUTPUT},
          [2] = {HUB_ERROR,  FRAME_ERROR }
    };
    /* A full disk must not stop the container: what cannot be kept is still
     * shown. */
    if (hub->options.log != NULL)
        log_write(hub->options.log, stream, hub->block, len, NULL);
    for (struct hub_client *c = hub->clients; c != NULL; c = c->next)
        if ((c->streams & streams[stream].bit) != 0)
            hub_send(c, streams[stream].kind, hub->block, len);
}

/* Bytes carried; 0 at the end, also that of a terminal (EIO: no process has
 * its other side open any more); -EAGAIN where there is nothing now. */
static ssize_t carry(struct hub *hub, int stream)
{
    int *fd = stream == 1 ? &hub->out : &hub->err;
    ssize_t n = read(*fd, hub->block, FRAME_MOST);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return -EAGAIN;
    if (n > 0)
        spread(hub, stream, (size_t)n);
    else
        stop_watching(hub, fd);
    return n > 0 ? n : 0;
}

static void on_out(void *arg, uint32_t events)
{
    (void)events;
    carry(arg, 1);
    hub_balance(arg, NULL);
}

static void on_err(void *arg, uint32_t events)
{
    (void)events;
    carry(arg, 2);
    hub_balance(arg, NULL);
}

/*
 * Nothing is read from the container while anybody has to catch up with what
 * was: that is what bounds the queues.
 *
 * @lab 12.7 held is whether a client that is attached has a frame waiting; if
 * that is not what it was, keep it and loop_modify both outputs that are open:
 * wait for nothing, or for EPOLLIN
 */
int hub_balance(struct hub *hub, struct err *e)
{
    bool held = false;
    for (struct hub_client *c = hub->clients; c != NULL; c = c->next)
        held = held || (c->streams != 0 && c->first != NULL);
    if (hub->held == held)
        return 0;
    hub->held = held;
    int r = 0;
    if (hub->out >= 0)
        r = loop_modify(hub->options.loop, hub->out, held ? 0 : EPOLLIN, e);
    if (hub->err >= 0 && r == 0)
        r = loop_modify(hub->options.loop, hub->err, held ? 0 : EPOLLIN, e);
    return r;
}

/* --- into the container --------------------------------------------------- */

static void on_in(void *arg, uint32_t events)
{
    (void)events;
    hub_feed(arg);
}

static bool is_pending(const struct hub_client *client)
{
    return client->begin < client->end;
}

/* True when it all went. What nobody will read any more counts as taken. */
static bool push(struct hub *hub, struct hub_client *client)
{
    while (is_pending(client)) {
        ssize_t n = hub->in < 0 ? -1
                                : write(hub->in, client->input + client->begin,
                                        client->end - client->begin);
        if (n < 0 && hub->in >= 0 && errno == EAGAIN)
            return false;
        if (n < 0 && hub->in >= 0 && errno == EINTR)
            continue;
        if (n < 0) {
            client->begin = client->end;
            stop_watching(hub, &hub->in);
        } else {
            client->begin += (size_t)n;
        }
    }
    return true;
}

void hub_feed(struct hub *hub)
{
    bool waits = false, ends = false;
    for (struct hub_client *c = hub->clients; c != NULL; c = c->next) {
        bool had = is_pending(c);
        if (had && !push(hub, c))
            waits = true;
        else if (had)
            hub_send(c, FRAME_TAKEN, NULL, 0);
        ends = ends || (c->input_ends && !is_pending(c));
    }
    if (ends && hub->options.input_once && hub->master < 0)
        stop_watching(hub, &hub->in);
    if (hub->in >= 0)
        loop_modify(hub->options.loop, hub->in, waits ? EPOLLOUT : 0, NULL);
}

void hub_resize(struct hub *hub, const struct frame_size *size)
{
    struct winsize window = {.ws_row = size->rows, .ws_col = size->columns};
    if (hub->master >= 0)
        sys_ioctl(hub->master, TIOCSWINSZ, &window);
}

/* --- beginning and end ---------------------------------------------------- */

static int watch_all(struct hub *hub, struct err *e)
{
    const struct {
        int fd;
        void (*ready)(void *arg, uint32_t events);
    } ours[] = {
        {hub->in,  on_in },
        {hub->out, on_out},
        {hub->err, on_err},
    };
    int r = 0;
    for (size_t i = 0; i < 3 && r >= 0; i++) {
        if (ours[i].fd < 0)
            continue;
        if (fcntl(ours[i].fd, F_SETFL, O_NONBLOCK) < 0)
            return err_sys(e, errno, "a stream");
        if (ours[i].ready != NULL)
            r = loop_add(hub->options.loop, ours[i].fd, hub->held ? 0 : EPOLLIN,
                         ours[i].ready, hub, e);
    }
    return r < 0 ? r : 0;
}

static int open_pipe(struct hub *hub, int stream, int *ret_ours, struct err *e)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return err_sys(e, errno, "pipe");
    bool is_input = stream == STDIN_FILENO;
    hub->theirs[stream] = ends[is_input ? 0 : 1];
    *ret_ours = ends[is_input ? 1 : 0];
    return 0;
}

int hub_pipes(struct hub *hub, int ret_ends[3], struct err *e)
{
    int r = 0;
    if (hub->options.input)
        r = open_pipe(hub, STDIN_FILENO, &hub->in, e);
    else
        hub->theirs[0] =
            sys_openat(AT_FDCWD, "/dev/null", O_RDONLY | O_CLOEXEC, 0);
    if (r == 0 && hub->theirs[0] < 0)
        r = err_sys(e, hub->theirs[0], "open /dev/null");
    if (r == 0)
        r = open_pipe(hub, STDOUT_FILENO, &hub->out, e);
    if (r == 0)
        r = open_pipe(hub, STDERR_FILENO, &hub->err, e);
    if (r == 0)
        r = watch_all(hub, e);
    for (int i = 0; i < 3; i++)
        ret_ends[i] = hub->theirs[i];
    return r;
}

int hub_terminal(struct hub *hub, int master, struct err *e)
{
    hub->master = master;
    hub->out = fcntl(master, F_DUPFD_CLOEXEC, 3);
    hub->in = hub->options.input ? fcntl(master, F_DUPFD_CLOEXEC, 3) : -1;
    if (hub->out < 0 || (hub->options.input && hub->in < 0))
        return err_sys(e, errno, "terminal");
    return watch_all(hub, e);
}

void hub_started(struct hub *hub)
{
    for (int i = 0; i < 3; i++)
        own_close(&hub->theirs[i]);
}

/*
 * What it wrote is in the pipes at this moment. Somebody else may still hold
 * the other end, where the pid namespace is shared, and may write for ever:
 * that is not waited for.
 */
void hub_drain(struct hub *hub)
{
    for (int stream = 1; stream <= 2; stream++) {
        const int *fd = stream == 1 ? &hub->out : &hub->err;
        int left = 0;
        if (*fd >= 0 && hub->master < 0)
            sys_ioctl(*fd, FIONREAD, &left);
        else if (*fd >= 0)
            left = 1 << 20; /* a terminal's queue is shorter and ends */
        while (left > 0 && *fd >= 0) {
            ssize_t n = carry(hub, stream);
            if (n <= 0)
                break;
            left -= (int)n;
        }
    }
    if (hub->options.log != NULL)
        log_flush(hub->options.log, NULL);
    hub_close_streams(hub);
}

void hub_close_streams(struct hub *hub)
{
    hub_started(hub);
    stop_watching(hub, &hub->in);
    stop_watching(hub, &hub->out);
    stop_watching(hub, &hub->err);
    own_close(&hub->master);
}
