/*
 * test_hub.h - what stands for a monitor: a process with a loop, a hub, and a
 * worker that stands for the container. The test is a client.
 *
 *     struct scene scene = {work, .first = HUB_OUTPUT};
 *     int fd = start(&scene, -1);
 *     ... frame_send(fd, ...), hear(fd) ...
 *     keeper_is_done();
 */
#ifndef TEST_HUB_H
#define TEST_HUB_H

#include "contract.h"
#include "hub.h"
#include "own.h"
#include "proc.h"
#include "talk.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

struct keeper {
    struct loop *loop;
    struct hub *hub;
    int pidfd;
};

static inline void on_ask(void *arg, struct hub_client *client,
                          const char *text)
{
    (void)arg;
    hub_attach(client, (int)strtol(text, NULL, 10));
    hub_answer(client, "{}");
}

static inline void on_signal(void *arg, int signal)
{
    struct keeper *k = arg;
    proc_signal(k->pidfd, signal, NULL);
}

static inline void on_left(void *arg, struct hub_client *client)
{
    struct keeper *k = arg;
    (void)client;
    if (k->pidfd < 0 && hub_is_idle(k->hub))
        loop_stop(k->loop);
}

static inline void on_end(void *arg, uint32_t events)
{
    struct keeper *k = arg;
    (void)events;
    loop_remove(k->loop, k->pidfd);
    hub_drain(k->hub);
    int code = proc_wait(k->pidfd, NULL);
    own_close(&k->pidfd);
    hub_ended(k->hub, code, code == 99 ? "not clean" : "");
    if (hub_is_idle(k->hub))
        loop_stop(k->loop);
}

struct scene {
    int (*work)(void); /* the container */
    bool input, once, terminal;
    int first; /* what the first client is attached to */
};

static inline void worker(const int ends[3], int (*work)(void))
{
    signal(SIGPIPE, SIG_DFL);
    for (int i = 0; i < 3; i++)
        dup2(ends[i], i);
    close_range(3, ~0u, 0);
    _exit(work());
}

static inline void keep(const struct scene *scene, int client, int listener_dir)
{
    struct keeper k = {.pidfd = -1};
    struct hub_client *first;
    struct err e;
    int ends[3] = {-1, -1, -1}, master = -1, slave = -1;
    /* Check has handlers of its own, which would pass a signal on to the test.
     * The worker is born without them: it may be sent one at once. */
    for (int i = 1; i < NSIG; i++)
        signal(i, SIG_DFL);
    signal(SIGPIPE, SIG_IGN);
    if (loop_open(&k.loop, &e) < 0)
        _exit(1);
    const struct hub_options options = {
        .loop = k.loop,
        .input = scene->input,
        .input_once = scene->once,
        .ask = on_ask,
        .signal = on_signal,
        .left = on_left,
        .arg = &k,
    };
    int r = hub_open(&k.hub, &options, &e);
    if (r == 0 && listener_dir >= 0)
        r = hub_listen(k.hub, listener_dir, "socket", &e);
    if (r == 0)
        r = hub_add(k.hub, client, &first, &e);
    if (r == 0)
        hub_attach(first, scene->first);
    if (r == 0 && !scene->terminal)
        r = hub_pipes(k.hub, ends, &e);
    if (r == 0 && scene->terminal) {
        r = openpty(&master, &slave, NULL, NULL, NULL);
        ends[0] = ends[1] = ends[2] = slave;
        r = r < 0 ? r : hub_terminal(k.hub, master, &e);
    }
    if (r < 0 || proc_clone(0, -1, &k.pidfd, &e) < 0)
        _exit(2);
    if (k.pidfd < 0)
        worker(ends, scene->work);
    own_close(&slave);
    hub_started(k.hub);
    loop_add(k.loop, k.pidfd, EPOLLIN, on_end, &k, &e);
    r = loop_run(k.loop, &e);
    hub_close(k.hub);
    loop_close(k.loop);
    _exit(r < 0 ? 3 : 0);
}

static pid_t keeper;

/* The first client's connection. */
static inline int start(const struct scene *scene, int listener_dir)
{
    int pair[2];
    ck_assert_int_eq(talk_pair(pair, NULL), 0);
    keeper = fork();
    if (keeper == 0) {
        close(pair[0]);
        keep(scene, pair[1], listener_dir);
    }
    close(pair[1]);
    return pair[0];
}

static inline void keeper_is_done(void)
{
    int status;
    ck_assert_int_eq(waitpid(keeper, &status, 0), keeper);
    ck_assert_int_eq(status, 0);
}

static struct frame frame;

static inline enum frame_kind hear(int fd)
{
    ck_assert_int_eq(frame_receive(fd, &frame), 0);
    return frame.kind;
}

static inline int told_code(void)
{
    int code;
    ck_assert_uint_ge(frame.len, sizeof code);
    memcpy(&code, frame.bytes, sizeof code);
    return code;
}

static inline unsigned char pattern(size_t n)
{
    return (unsigned char)(n % 251);
}

enum { MUCH = 3 * 1000 * 1000 };

static inline int write_pattern(void)
{
    static unsigned char block[10007];
    for (size_t done = 0; done < MUCH; done += sizeof block) {
        for (size_t i = 0; i < sizeof block; i++)
            block[i] = pattern(done + i);
        for (size_t i = 0; i < sizeof block;) {
            ssize_t n = write(1, block + i, sizeof block - i);
            if (n <= 0)
                return 1;
            i += (size_t)n;
        }
    }
    return 7;
}

/* Is the frame the pattern, from byte `at` on? (Not an assertion a byte: each
 * of those is a system call.) */
static inline void frame_is_pattern(size_t at)
{
    size_t i = 0;
    while (i < frame.len && (unsigned char)frame.bytes[i] == pattern(at + i))
        i++;
    ck_assert_uint_eq(i, frame.len);
}

/* All output of a connection is the pattern; then comes the end. */
static inline size_t read_pattern(int fd)
{
    size_t total = 0;
    for (; hear(fd) == FRAME_OUTPUT; total += frame.len)
        frame_is_pattern(total);
    ck_assert_int_eq(frame.kind, FRAME_END);
    return total;
}

#endif
