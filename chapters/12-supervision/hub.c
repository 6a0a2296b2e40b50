/* The hub's clients: who is there, what waits for whom. */
#include "hub_parts.h"

#include "own.h"
#include "talk.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

/* --- frames that wait ----------------------------------------------------- */

static bool lags(const struct hub_client *client)
{
    return client->first != NULL;
}

static void watch(struct hub_client *client)
{
    loop_modify(client->hub->options.loop, client->fd,
                EPOLLIN | (lags(client) ? EPOLLOUT : 0), NULL);
}

static void drop_queue(struct hub_client *client)
{
    while (lags(client)) {
        struct hub_frame *frame = client->first;
        client->first = frame->next;
        own_free(&frame);
    }
    client->last = &client->first;
}

static void leave(struct hub_client *client)
{
    struct hub *hub = client->hub;
    if (client->fd < 0)
        return;
    loop_remove(hub->options.loop, client->fd);
    own_close(&client->fd);
    drop_queue(client);
    bool had_input = (client->streams & HUB_INPUT) != 0;
    client->streams = 0;
    if (had_input && hub->options.input_once)
        client->input_ends = true; /* what it said still goes in */
    else
        client->begin = client->end = 0;
    if (hub->options.left != NULL)
        hub->options.left(hub->options.arg, client);
    hub_feed(hub);
    hub_balance(hub, NULL);
}

static void flush(struct hub_client *client)
{
    while (lags(client)) {
        struct hub_frame *frame = client->first;
        int r = frame_send(client->fd, frame->kind, frame->bytes, frame->len);
        if (r == -EAGAIN)
            return;
        if (r < 0) {
            leave(client);
            return;
        }
        client->first = frame->next;
        if (client->first == NULL)
            client->last = &client->first;
        own_free(&frame);
    }
    if (client->dismissed) {
        leave(client);
        return;
    }
    watch(client);
    hub_balance(client->hub, NULL);
}

static void enqueue(struct hub_client *client, enum frame_kind kind,
                    const void *bytes, size_t len)
{
    struct hub_frame *frame = own_alloc(sizeof *frame + len);
    frame->kind = kind;
    frame->len = len;
    if (len > 0)
        memcpy(frame->bytes, bytes, len);
    *client->last = frame;
    client->last = &frame->next;
    watch(client);
}

void hub_send(struct hub_client *client, enum frame_kind kind,
              const void *bytes, size_t len)
{
    if (client->fd < 0)
        return;
    int r = lags(client) ? -EAGAIN : frame_send(client->fd, kind, bytes, len);
    if (r == -EAGAIN)
        enqueue(client, kind, bytes, len);
    else if (r < 0)
        leave(client);
}

/* --- what clients say ----------------------------------------------------- */

static void take_input(struct hub_client *client, const struct frame *frame)
{
    bool may = (client->streams & HUB_INPUT) != 0;
    if (!may || frame->len == 0 || client->begin < client->end)
        return; /* the last has to be taken first: frame.h */
    if (client->input == NULL)
        client->input = own_room(FRAME_MOST);
    memcpy(client->input, frame->bytes, frame->len);
    client->begin = 0;
    client->end = frame->len;
    hub_feed(client->hub);
}

static void hear(struct hub_client *client, const struct frame *frame)
{
    const struct hub_options *options = &client->hub->options;
    struct frame_size size;
    int signal;
    switch (frame->kind) {
    case FRAME_ASK:
        options->ask(options->arg, client, frame->bytes);
        break;
    case FRAME_INPUT:
        take_input(client, frame);
        break;
    case FRAME_INPUT_END:
        client->input_ends = true;
        hub_feed(client->hub);
        break;
    case FRAME_SIZE:
        if (frame->len != sizeof size)
            break;
        memcpy(&size, frame->bytes, sizeof size);
        hub_resize(client->hub, &size);
        break;
    case FRAME_SIGNAL:
        if (frame->len != sizeof signal)
            break;
        memcpy(&signal, frame->bytes, sizeof signal);
        options->signal(options->arg, signal);
        break;
    default: /* not for us to hear */
        break;
    }
}

static void on_client(void *arg, uint32_t events)
{
    struct hub_client *client = arg;
    struct hub *hub = client->hub;
    if ((events & EPOLLOUT) != 0)
        flush(client);
    if (client->fd < 0 || (events & ~(uint32_t)EPOLLOUT) == 0)
        return;
    int r = frame_receive(client->fd, hub->frame);
    if (r == 0)
        hear(client, hub->frame);
    else if (r != -EAGAIN)
        leave(client);
}

/* --- coming and going ----------------------------------------------------- */

/* Those who have left are freed when nobody further down the stack can still
 * be busy with them: before the next one comes, and at the end. */
static void bury(struct hub *hub)
{
    struct hub_client **at = &hub->clients;
    while (*at != NULL) {
        struct hub_client *client = *at;
        if (client->fd >= 0 || client->begin < client->end) {
            at = &client->next;
            continue;
        }
        *at = client->next;
        own_free(&client->input);
        own_free(&client);
    }
}

int hub_add(struct hub *hub, int fd, struct hub_client **ret, struct err *e)
{
    struct hub_client *client = own_alloc(sizeof *client);
    *client = (struct hub_client){.hub = hub, .fd = fd};
    client->last = &client->first;
    int r =
        fcntl(fd, F_SETFL, O_NONBLOCK) < 0 ? err_sys(e, errno, "a client") : 0;
    if (r == 0)
        r = loop_add(hub->options.loop, fd, EPOLLIN, on_client, client, e);
    if (r < 0) {
        own_close(&fd);
        own_free(&client);
        return r;
    }
    client->next = hub->clients;
    hub->clients = client;
    if (ret != NULL)
        *ret = client;
    return 0;
}

static void on_listener(void *arg, uint32_t events)
{
    struct hub *hub = arg;
    (void)events;
    bury(hub);
    int fd = accept4(hub->listener, NULL, NULL, SOCK_CLOEXEC);
    if (fd >= 0)
        hub_add(hub, fd, NULL, NULL);
}

int hub_listen(struct hub *hub, int dirfd, const char *path, struct err *e)
{
    hub->listener = talk_listen(dirfd, path, e);
    return hub->listener < 0 ? hub->listener
                             : loop_add(hub->options.loop, hub->listener,
                                        EPOLLIN, on_listener, hub, e);
}

void hub_attach(struct hub_client *client, int streams)
{
    client->streams = streams;
}

void hub_answer(struct hub_client *client, const char *text)
{
    hub_send(client, FRAME_ANSWER, text, strlen(text));
}

void hub_dismiss(struct hub_client *client)
{
    client->dismissed = true;
    if (client->fd >= 0 && !lags(client))
        leave(client);
}

void hub_ended(struct hub *hub, int code, const char *unclean)
{
    auto_text struct text end = {0};
    text_addn(&end, &code, sizeof code);
    text_add(&end, unclean);
    hub->is_ending = true;
    for (struct hub_client *c = hub->clients; c != NULL; c = c->next) {
        if (c->streams == 0)
            continue;
        hub_send(c, FRAME_END, end.s, end.len);
        hub_dismiss(c);
    }
    hub->is_ending = false;
}

bool hub_is_idle(const struct hub *hub)
{
    if (hub->is_ending)
        return false;
    for (const struct hub_client *c = hub->clients; c != NULL; c = c->next)
        if (c->fd >= 0 && lags(c))
            return false;
    return true;
}

int hub_open(struct hub **ret, const struct hub_options *options, struct err *e)
{
    (void)e;
    struct hub *hub = own_alloc(sizeof *hub);
    hub->options = *options;
    hub->frame = own_room(sizeof *hub->frame);
    hub->block = own_room(FRAME_MOST);
    hub->listener = hub->in = hub->out = hub->err = hub->master = -1;
    for (int i = 0; i < 3; i++)
        hub->theirs[i] = -1;
    *ret = hub;
    return 0;
}

void hub_close(struct hub *hub)
{
    if (hub == NULL)
        return;
    hub_close_streams(hub);
    if (hub->listener >= 0)
        loop_remove(hub->options.loop, hub->listener);
    own_close(&hub->listener);
    hub->options.left = NULL;
    for (struct hub_client *c = hub->clients; c != NULL; c = c->next) {
        leave(c);
        c->begin = c->end = 0;
    }
    bury(hub);
    own_free(&hub->frame);
    own_free(&hub->block);
    own_free(&hub);
}
