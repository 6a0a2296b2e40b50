/*
 * hub.h - a container's streams between its log and those who are attached.
 *
 * A container gets pipes, or a terminal, never files of ours (relay.h says
 * why). The hub holds the other ends, for as long as the container lives, and
 * so longer than anybody who looks at it: what comes out goes to the log and
 * to every client that asked for it, what clients say goes in.
 *
 *     struct hub_options options = {.loop = loop, .log = log, .input = true,
 *                                   .ask = on_request, .arg = monitor};
 *     hub_open(&hub, &options, &e);
 *     hub_listen(hub, dirfd, "web/socket", &e);      // clients come here
 *     hub_pipes(hub, ends, &e);                      // before the clone
 *     ... the container gets ends[] as descriptors 0, 1, 2 ...
 *     hub_started(hub);
 *     ... loop_run ...
 *     hub_ended(hub, code, "");                      // it has ended
 *     ... loop_run until hub_is_idle ...             // slow readers get all
 *     hub_close(hub);
 *
 * Who reads slowly slows the container down, as at the end of any pipe: while
 * a frame waits for one client, nothing more is read from the container. With
 * nobody attached, the log takes everything, and a container never waits for
 * a reader that is not there.
 *
 * Ownership: the hub owns its descriptors, its clients and the ends that it
 * gives out; loop and log are borrowed. One thread, one loop. Not for use
 * after a fork. Needs nothing.
 */
#ifndef HUB_H
#define HUB_H

#include "err.h"
#include "frame.h"
#include "log.h"
#include "loop.h"

#include <stdbool.h>

struct hub;
struct hub_client;

struct hub_options {
    struct loop *loop;
    struct log *log; /* NULL: nothing is kept */
    bool input;      /* it has an input; else that is /dev/null */
    bool input_once; /* the first client that ends its input ends it */
    /* A request (FRAME_ASK), a signal to pass on, a client that has left. */
    void (*ask)(void *arg, struct hub_client *client, const char *text);
    void (*signal)(void *arg, int signal);
    void (*left)(void *arg, struct hub_client *client);
    void *arg;
};

int hub_open(struct hub **ret, const struct hub_options *options,
             struct err *e);
/* Clients that still wait lose what they wait for. NULL is fine. */
void hub_close(struct hub *hub);

/* Clients connect to the socket `path` below dirfd; or are there already, at
 * the other end of `fd`, which the hub owns then, also on error. */
int hub_listen(struct hub *hub, int dirfd, const char *path, struct err *e);
int hub_add(struct hub *hub, int fd, struct hub_client **ret, struct err *e);

/* Streams for the next start. Pipes: ret_ends are what the child shall have as
 * 0, 1, 2, and the hub's own until hub_started. Or a terminal, whose master
 * side the hub owns from now on, also on error. 0 or -errno. */
int hub_pipes(struct hub *hub, int ret_ends[3], struct err *e);
int hub_terminal(struct hub *hub, int master, struct err *e);
void hub_started(struct hub *hub);
void hub_resize(struct hub *hub, const struct frame_size *size);

/* What a client is to get and may give. */
enum { HUB_INPUT = 1, HUB_OUTPUT = 2, HUB_ERROR = 4 };
void hub_attach(struct hub_client *client, int streams);
void hub_answer(struct hub_client *client, const char *text);
/* Hang up when all is delivered. */
void hub_dismiss(struct hub_client *client);

/* The process has ended: deliver what it wrote, and close its streams; what
 * others who hold them write later is not waited for. */
void hub_drain(struct hub *hub);
/* Tell those who are attached the exit code and what could not be cleaned up
 * (""), and dismiss them. Ask hub_is_idle afterwards: who had left meanwhile
 * (`left`) was not the last. */
void hub_ended(struct hub *hub, int code, const char *unclean);
/* Nobody waits for anything more of us. */
bool hub_is_idle(const struct hub *hub);

#endif
