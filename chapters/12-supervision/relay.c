#include "relay.h"

#include "own.h"
#include "proc.h"
#include "sys.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* A write of this much to a pipe that polled writable does not block. */
#define SAFE_WRITE 4096

/* Which signals are the container's: all but those that tell us about
 * ourselves. SIGTTIN and SIGTTOU stop us, as the terminal wants. */
static void passed_on(sigset_t *set)
{
    static const int ours[] = {SIGCHLD, SIGPIPE, SIGTTIN, SIGTTOU, SIGTSTP,
                               SIGSEGV, SIGBUS,  SIGFPE,  SIGILL,  SIGABRT,
                               SIGTRAP, SIGSYS,  SIGURG,  SIGWINCH};
    sigfillset(set);
    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++)
        sigdelset(set, ours[i]);
}

static int open_signals(struct relay *relay, struct err *e)
{
    sigset_t set;
    passed_on(&set);
    sigprocmask(SIG_BLOCK, &set, &relay->old_mask);
    relay->has_mask = true;
    relay->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (relay->signals < 0)
        return err_sys(e, errno, "signalfd");
    return 0;
}

static int open_stdin(struct relay *relay, bool wanted, struct err *e)
{
    if (!wanted) {
        relay->theirs[0] =
            sys_openat(AT_FDCWD, "/dev/null", O_RDONLY | O_CLOEXEC, 0);
        if (relay->theirs[0] < 0)
            return err_sys(e, relay->theirs[0], "open /dev/null");
        return 0;
    }
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return err_sys(e, errno, "pipe");
    relay->theirs[0] = ends[0];
    relay->channels[0].from = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
    relay->channels[0].to = ends[1];
    if (relay->channels[0].from < 0) /* ours is closed: so is the container's */
        own_close(&relay->channels[0].to);
    return 0;
}

static int open_output(struct relay *relay, int stream, struct err *e)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return err_sys(e, errno, "pipe");
    relay->theirs[stream] = ends[1];
    relay->channels[stream].from = ends[0];
    relay->channels[stream].to = fcntl(stream, F_DUPFD_CLOEXEC, 3);
    return 0;
}

int relay_open(struct relay *ret, int flags, int ret_ends[3], struct err *e)
{
    *ret = (struct relay)RELAY_INIT;
    /* Untouched pages of the buffers cost nothing. */
    ret->channels = own_alloc(3 * sizeof *ret->channels);
    for (int i = 0; i < 3; i++)
        ret->channels[i].from = ret->channels[i].to = -1;
    int r = open_stdin(ret, (flags & RELAY_STDIN) != 0, e);
    if (r == 0)
        r = open_output(ret, 1, e);
    if (r == 0)
        r = open_output(ret, 2, e);
    if (r == 0 && (flags & RELAY_NO_SIGNALS) == 0)
        r = open_signals(ret, e);
    if (r < 0) {
        relay_close(ret);
        return r;
    }
    memcpy(ret_ends, ret->theirs, sizeof ret->theirs);
    return 0;
}

void relay_started(struct relay *relay, int pidfd)
{
    relay->pidfd = pidfd;
    for (int i = 0; i < 3; i++)
        own_close(&relay->theirs[i]);
}

static void channel_close(struct relay_channel *channel)
{
    own_close(&channel->from);
    own_close(&channel->to);
    channel->begin = channel->end = 0;
}

/* Fill the empty buffer. End of file closes the channel, which is how the
 * other side learns of it. */
static void channel_read(struct relay_channel *channel)
{
    ssize_t n = read(channel->from, channel->bytes, sizeof channel->bytes);
    if (n > 0) {
        channel->begin = 0;
        channel->end = (size_t)n;
    } else if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
        channel_close(channel);
    }
}

static void channel_write(struct relay_channel *channel)
{
    size_t len = channel->end - channel->begin;
    if (len > SAFE_WRITE)
        len = SAFE_WRITE;
    ssize_t n = write(channel->to, channel->bytes + channel->begin, len);
    if (n > 0)
        channel->begin += (size_t)n;
    else if (n < 0 && errno != EINTR && errno != EAGAIN)
        channel_close(channel); /* EPIPE: nobody listens any more */
}

static void pass_signals(const struct relay *relay)
{
    struct signalfd_siginfo info;
    while (read(relay->signals, &info, sizeof info) == sizeof info)
        proc_signal(relay->pidfd, (int)info.ssi_signo, NULL);
}

/* Wait for something to do, and do it. The process's end is told apart. */
static int turn(struct relay *relay, bool *ret_ended, struct err *e)
{
    struct pollfd fds[5] = {
        {.fd = relay->pidfd,   .events = POLLIN},
        {.fd = relay->signals, .events = POLLIN},
    };
    for (int i = 0; i < 3; i++) {
        const struct relay_channel *channel = &relay->channels[i];
        bool full = channel->begin < channel->end;
        fds[2 + i].fd = full ? channel->to : channel->from;
        fds[2 + i].events = full ? POLLOUT : POLLIN;
    }
    if (poll(fds, 5, -1) < 0)
        return errno == EINTR ? 0 : err_sys(e, errno, "poll");
    if (fds[1].revents != 0)
        pass_signals(relay);
    for (int i = 0; i < 3; i++) {
        struct relay_channel *channel = &relay->channels[i];
        if (fds[2 + i].revents == 0)
            continue;
        if (channel->begin < channel->end)
            channel_write(channel);
        else
            channel_read(channel);
    }
    *ret_ended = fds[0].revents != 0;
    return 0;
}

/* The process has ended: deliver what is in the pipes. Someone else may still
 * hold their other end (a shared pid namespace), so empty is the end, too. */
static void drain(struct relay_channel *channel)
{
    if (channel->from < 0)
        return;
    fcntl(channel->from, F_SETFL, O_NONBLOCK);
    for (;;) {
        while (channel->begin < channel->end && channel->to >= 0)
            channel_write(channel);
        if (channel->from < 0)
            return;
        channel_read(channel);
        if (channel->begin >= channel->end)
            return;
    }
}

int relay_run(struct relay *relay, struct err *e)
{
    /* Writing to a closed pipe shall be an error, not our death. */
    struct sigaction old;
    sigaction(SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, &old);
    bool ended = false;
    int r = 0;
    while (r == 0 && !ended)
        r = turn(relay, &ended, e);
    for (int i = 1; i < 3; i++)
        drain(&relay->channels[i]);
    sigaction(SIGPIPE, &old, NULL);
    return r;
}

void relay_close(struct relay *relay)
{
    for (int i = 0; i < 3; i++) {
        own_close(&relay->theirs[i]);
        if (relay->channels != NULL)
            channel_close(&relay->channels[i]);
    }
    own_free(&relay->channels);
    own_close(&relay->signals);
    if (relay->has_mask)
        sigprocmask(SIG_SETMASK, &relay->old_mask, NULL);
    relay->has_mask = false;
}
