/*
 * test_carrier.h - a relay at work in a process of its own, between a test and
 * a worker that stands for the container.
 *
 *     test  ==pipes==  carrier (relay_run)  ==pipes==  worker
 *
 * The test holds the outer ends. What carrier and worker have to tell of
 * themselves goes through `news`, a pipe that the relay knows nothing of: the
 * worker's end of it is descriptor 3. Nothing here sleeps.
 */
#ifndef TEST_CARRIER_H
#define TEST_CARRIER_H

#include "contract.h"
#include "own.h"
#include "proc.h"
#include "relay.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NEWS = 3 };

/* Flags beside relay_open's. */
enum {
    CLOSED = 8, /* the carrier's own streams are closed */
    LINGERS =
        16,     /* the worker ends after carrier_release, with all delivered */
    EXACT = 32, /* the relay fails also where only what it does after the end
                   does: delivering what is left */
};

struct carrier {
    pid_t pid;
    int in, out, err; /* the test's ends */
    int news;         /* reads what the worker says; end of file: it ended */
};

/* In the worker: its streams, and nothing else but the news. */
static inline void carrier_worker(int flags, const int ends[3], int news,
                                  int (*work)(void))
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    for (int i = 0; i < 3; i++)
        if (dup2(ends[i], i) < 0)
            _exit(98);
    if (dup2(news, NEWS) < 0 || close_range(NEWS + 1, ~0u, 0) < 0)
        _exit(99);
    int r = work();
    struct pollfd reader = {.fd = NEWS};
    while ((flags & LINGERS) != 0 && (reader.revents & POLLERR) == 0)
        poll(&reader, 1, -1);
    _exit(r);
}

static inline void carrier_note_nothing(int signal)
{
    (void)signal;
}

/* In the carrier: what the engine does around a relay. */
static inline void carrier_main(int flags, int news, int (*work)(void))
{
    struct relay relay = RELAY_INIT;
    struct err e = {0};
    int ends[3];
    auto_fd int pidfd = -1;
    int r = relay_open(&relay, flags & ~(CLOSED | LINGERS | EXACT), ends, &e);
    if (r == 0)
        r = proc_clone(0, -1, &pidfd, &e);
    if (r == 0 && pidfd < 0 && relay.theirs[1] >= 0)
        carrier_worker(flags, ends, news, work);
    close(news);
    if (r > 0) {
        relay_started(&relay, pidfd);
        r = relay_run(&relay, &e);
        struct pollfd end = {.fd = pidfd, .events = POLLIN};
        if (r < 0 && (flags & EXACT) == 0 && poll(&end, 1, 0) == 1)
            r = 0;
    }
    relay_close(&relay);
    if (r == 0)
        r = proc_wait(pidfd, &e);
    _exit(r < 0 ? 120 : r);
}

/* Three pipes, a carrier between them, a worker behind it. */
static inline struct carrier carrier_start(int flags, int (*work)(void))
{
    int in[2], out[2], err[2], news[2];
    ck_assert(pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0 &&
              pipe2(err, O_CLOEXEC) == 0 && pipe2(news, O_CLOEXEC) == 0);
    pid_t pid = fork();
    if (pid == 0) {
        for (int i = 1; i < NSIG; i++) /* Check has handlers of its own */
            signal(i, SIG_DFL);
        /* Of all signals one interrupts it and means nothing. */
        sigaction(SIGURG,
                  &(struct sigaction){.sa_handler = carrier_note_nothing},
                  NULL);
        int high = fcntl(news[1], F_DUPFD_CLOEXEC, 30);
        dup2(in[0], 0);
        dup2(out[1], 1);
        dup2(err[1], 2);
        close_range(3, (unsigned int)high - 1, 0);
        if ((flags & CLOSED) != 0)
            close_range(0, 2, 0);
        carrier_main(flags, high, work);
    }
    close(in[0]);
    close(out[1]);
    close(err[1]);
    close(news[1]);
    return (struct carrier){
        .pid = pid, .in = in[1], .out = out[0], .err = err[0], .news = news[0]};
}

/* What the engine would return: exit code, 128 + N, 120 where the relay
 * failed; -N where signal N killed the carrier. */
static inline int carrier_wait(const struct carrier *c)
{
    int status = 0;
    ck_assert_int_eq(waitpid(c->pid, &status, 0), c->pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* Let a worker that LINGERS end. */
static inline void carrier_release(struct carrier *c)
{
    close(c->news);
    c->news = -1;
}

/* One byte of news, or the end of it: 0. */
static inline int carrier_hear(const struct carrier *c)
{
    char word;
    return read(c->news, &word, 1) == 1 ? word : 0;
}

/* The test's pattern: byte n of a stream is this. 251 is prime, so that no
 * buffer's size hides a shift. */
static inline unsigned char pattern(size_t n)
{
    return (unsigned char)(n % 251);
}

/* Write `total` bytes of the pattern; how many were taken. */
static inline size_t pattern_write(int fd, size_t total)
{
    unsigned char block[5000];
    size_t done = 0;
    while (done < total) {
        size_t len = total - done < sizeof block ? total - done : sizeof block;
        for (size_t i = 0; i < len; i++)
            block[i] = pattern(done + i);
        ssize_t n = write(fd, block, len);
        if (n <= 0)
            break;
        done += (size_t)n;
    }
    return done;
}

/* Write the pattern to a non-blocking pipe until it has had no room for a
 * while, or `most` bytes were taken; how many they were. Pages go first, for
 * the sake of kernels whose calls are slow; single bytes fill what these leave.
 */
static inline size_t pattern_fill(int fd, size_t most)
{
    struct pollfd room = {.fd = fd, .events = POLLOUT};
    unsigned char block[251 * 18]; /* a page, whatever byte it begins with */
    size_t done = 0, len = 4096;
    for (size_t i = 0; i < sizeof block; i++)
        block[i] = pattern(i);
    while (done < most && poll(&room, 1, 200) == 1) {
        ssize_t n = write(fd, block + pattern(done), len);
        done += n > 0 ? (size_t)n : 0;
        len = n > 0 ? 4096 : 1;
    }
    return done;
}

/* Read the pattern until end of file, or `most` bytes: how many they were;
 * (size_t)-1 if one of them is wrong. */
static inline size_t pattern_read(int fd, size_t most)
{
    unsigned char block[7000];
    size_t done = 0;
    ssize_t n;
    while (done < most && (n = read(fd, block, sizeof block)) > 0)
        for (ssize_t i = 0; i < n; i++)
            if (block[i] != pattern(done++))
                return (size_t)-1;
    return done;
}

#endif
