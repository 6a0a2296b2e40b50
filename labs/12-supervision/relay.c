#include "relay.h"

#include "own.h"
#include "proc.h"
#include "sys.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* A write of this much to a pipe that polled writable does not block. */
#define SAFE_WRITE 4096

/* Which signals are the container's: all but those that tell us about
 * ourselves. SIGTTIN and SIGTTOU stop us, as the terminal wants. */
void relay_signals(sigset_t *set)
{
    static const int ours[] = {SIGCHLD, SIGPIPE, SIGTTIN, SIGTTOU, SIGTSTP,
                               SIGSEGV, SIGBUS,  SIGFPE,  SIGILL,  SIGABRT,
                               SIGTRAP, SIGSYS,  SIGURG,  SIGWINCH};
    sigfillset(set);
    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++)
        sigdelset(set, ours[i]);
}

/*
 * From here on these signals wait for us to fetch them. Not later: one that
 * comes after the clone and before we are ready would find us with its default
 * action, and kill us beside a container that nobody follows any more. */
static int open_signals(struct relay *relay, bool terminal, struct err *e)
{
    /* TODO lab 12.2: block relay_signals()' set, keeping old_mask and has_mask;
     * a signalfd(2) of it, close-on-exec and non-blocking, into
     * relay->signals */
    return err_set(e, ENOSYS, "lab 12.2 is not written yet");
}

/*
 * Copies of our own streams. One that is closed counts as /dev/null. All three
 * are copied before anything else is opened: open(2) gives out the lowest free
 * number, so with our input closed a pipe's end becomes descriptor 0, and
 * would be taken for the input.
 */
static int take_ours(struct relay *relay, int flags, struct err *e)
{
    int *ours[3] = {&relay->channels[0].from, &relay->channels[1].to,
                    &relay->channels[2].to};
    int first = (flags & RELAY_STDIN) != 0 ? 0 : 1;
    for (int i = first; i < 3; i++)
        *ours[i] = fcntl(i, F_DUPFD_CLOEXEC, 3);
    for (int i = first; i < 3; i++) {
        if (*ours[i] >= 0)
            continue;
        *ours[i] = sys_openat(AT_FDCWD, "/dev/null", O_RDWR | O_CLOEXEC, 0);
        if (*ours[i] < 0)
            return err_sys(e, *ours[i], "open /dev/null");
    }
    return 0;
}

/*
 * A pipe for one stream. The container reads from the first and writes to the
 * others. */
static int open_pipe(struct relay *relay, int stream, struct err *e)
{
    /* TODO lab 12.1: pipe2(2), close-on-exec: the container's end is
     * theirs[stream], ours the open side of channels[stream] */
    return err_set(e, ENOSYS, "lab 12.1 is not written yet");
}

static int open_streams(struct relay *relay, int flags, struct err *e)
{
    int r = take_ours(relay, flags, e);
    if (r == 0 && (flags & RELAY_STDIN) != 0) {
        r = open_pipe(relay, STDIN_FILENO, e);
    } else if (r == 0) {
        r = relay->theirs[0] =
            sys_openat(AT_FDCWD, "/dev/null", O_RDONLY | O_CLOEXEC, 0);
        if (r < 0)
            err_sys(e, r, "open /dev/null");
    }
    if (r >= 0)
        r = open_pipe(relay, STDOUT_FILENO, e);
    return r < 0 ? r : open_pipe(relay, STDERR_FILENO, e);
}

int relay_open(struct relay *ret, int flags, int ret_ends[3], struct err *e)
{
    *ret = (struct relay)RELAY_INIT;
    /* Untouched pages of the buffers cost nothing. */
    ret->channels = own_alloc(3 * sizeof *ret->channels);
    for (int i = 0; i < 3; i++)
        ret->channels[i].from = ret->channels[i].to = -1;
    bool terminal = (flags & RELAY_TERMINAL) != 0;
    int r = terminal ? 0 : open_streams(ret, flags, e);
    if (r == 0 && (flags & RELAY_NO_SIGNALS) == 0)
        r = open_signals(ret, terminal, e);
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

/* Fill the empty buffer: how many bytes it got. End of file closes the channel,
 * which is how the other side learns of it. */
static ssize_t channel_read(struct relay_channel *channel)
{
    ssize_t n = read(channel->from, channel->bytes, sizeof channel->bytes);
    if (n > 0) {
        channel->begin = 0;
        channel->end = (size_t)n;
    } else if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
        channel_close(channel);
    }
    return n;
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
        if (info.ssi_signo == SIGWINCH)
            relay_resize(relay);
        else
            proc_signal(relay->pidfd, (int)info.ssi_signo, NULL);
}

/*
 * Wait for something to do, and do it. A channel waits either for room or for
 * bytes, never for both, so that nobody can make us keep more than one buffer.
 * The process's end is looked at last: what was ready with it is done first. */
static int turn(struct relay *relay, bool *ret_ended, struct err *e)
{
    /* TODO lab 12.3: poll(2) the pidfd, the signals and one end of each channel
     * (`to` while its buffer has bytes, else `from`); then pass_signals,
     * channel_write or channel_read; *ret_ended says whether the process has
     * ended */
    return err_set(e, ENOSYS, "lab 12.3 is not written yet");
}

/*
 * The process has ended: deliver what it wrote, which is what is in the pipe at
 * this moment. Someone else may still hold the other end, where the pid
 * namespace is shared, and may write for ever: that is not waited for. Nor may
 * we block, since the others may take bytes out again (/proc/self/fd/1 can be
 * opened for reading). */
static int drain(struct relay_channel *channel, struct err *e)
{
    /* TODO lab 12.4: FIONREAD tells how much; write what the buffer has, and
     * read and write until that much has been read */
    return err_set(e, ENOSYS, "lab 12.4 is not written yet");
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
    for (int i = 1; i < 3 && r == 0; i++)
        r = drain(&relay->channels[i], e);
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
    own_close(&relay->master);
    own_close(&relay->signals);
    if (relay->has_modes)
        tcsetattr(STDIN_FILENO, TCSADRAIN, &relay->old_modes);
    relay->has_modes = false;
    if (relay->has_mask)
        sigprocmask(SIG_SETMASK, &relay->old_mask, NULL);
    relay->has_mask = false;
}
