/* In front of a container: bytes, signals, sizes, and the way out. */
#include "attach.h"

#include "frame.h"
#include "own.h"
#include "relay.h"
#include "sys.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* A write of this much to a pipe that polled writable does not block. */
#define SAFE_WRITE 4096

/* What is on its way to us: one frame, printed as far as `done`. */
struct attach_work {
    struct frame frame;
    size_t done;
    int to; /* 1 or 2 while it is being printed, else 0 */
};

/* --- beginning and end ---------------------------------------------------- */

/* With a terminal most signals are keys, which go in as bytes; what is left
 * tells us to end, and that must not leave a raw terminal behind. */
static void choose_signals(const struct attach *attach, sigset_t *set)
{
    static const int ending[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};
    sigemptyset(set);
    if (attach->options.signals) {
        relay_signals(set);
    } else if (attach->options.terminal) {
        for (size_t i = 0; i < sizeof ending / sizeof ending[0]; i++)
            sigaddset(set, ending[i]);
    }
    if (attach->options.terminal)
        sigaddset(set, SIGWINCH);
}

static void set_raw(struct attach *attach)
{
    if (!attach->options.terminal || !attach->options.input ||
        tcgetattr(STDIN_FILENO, &attach->old_modes) < 0)
        return;
    struct termios raw = attach->old_modes;
    cfmakeraw(&raw);
    attach->has_modes = tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) == 0;
}

int attach_open(struct attach *ret, const struct attach_options *options,
                struct err *e)
{
    *ret = (struct attach){
        .options = *options, .signals = -1, .sifted.keys = options->keys};
    sigset_t set;
    choose_signals(ret, &set);
    sigprocmask(SIG_BLOCK, &set, &ret->old_mask);
    ret->has_mask = true;
    ret->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (ret->signals < 0)
        return err_sys(e, errno, "signalfd");
    ret->work = own_room(sizeof *ret->work);
    ret->work->to = 0;
    return 0;
}

void attach_close(struct attach *attach)
{
    if (attach->has_modes)
        tcsetattr(STDIN_FILENO, TCSADRAIN, &attach->old_modes);
    if (attach->has_mask)
        sigprocmask(SIG_SETMASK, &attach->old_mask, NULL);
    attach->has_modes = attach->has_mask = false;
    own_close(&attach->signals);
    own_free(&attach->work);
}

/* --- what we say ---------------------------------------------------------- */

static void send_size(int fd)
{
    struct winsize window;
    if (sys_ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) < 0 &&
        sys_ioctl(STDIN_FILENO, TIOCGWINSZ, &window) < 0)
        return;
    struct frame_size size = {.rows = window.ws_row, .columns = window.ws_col};
    frame_send(fd, FRAME_SIZE, &size, sizeof size);
}

/* A monitor that is gone takes no input. Whether it had said the end before it
 * went, what we still hear tells. */
static int end_input(struct attach *attach, int r)
{
    if (r != -EPIPE)
        return r;
    attach->input_ended = true;
    return 0;
}

/* One piece of our input; the next when the monitor has taken this one. */
static int send_input(struct attach *attach, int fd)
{
    char in[FRAME_MOST - ATTACH_KEYS], out[FRAME_MOST];
    bool detached = false;
    ssize_t n = read(STDIN_FILENO, in, sizeof in);
    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return 0;
    if (n <= 0) {
        attach->input_ended = true;
        return end_input(attach, frame_send(fd, FRAME_INPUT_END, NULL, 0));
    }
    bool has_keys = attach->options.terminal && attach->options.keys.n > 0;
    size_t len =
        has_keys ? attach_sift(&attach->sifted, in, (size_t)n, out, &detached)
                 : (size_t)n;
    int r = len > 0 ? frame_send(fd, FRAME_INPUT, has_keys ? out : in, len) : 0;
    attach->waits = len > 0;
    r = end_input(attach, r);
    return r < 0 ? r : detached ? ATTACH_DETACHED : 0;
}

static int pass_signals(const struct attach *attach, int fd)
{
    struct signalfd_siginfo info;
    while (read(attach->signals, &info, sizeof info) == sizeof info) {
        int signal = (int)info.ssi_signo;
        if (signal == SIGWINCH)
            send_size(fd);
        else if (attach->options.signals)
            frame_send(fd, FRAME_SIGNAL, &signal, sizeof signal);
        else
            return ATTACH_SIGNAL + signal;
    }
    return 0;
}

/* --- what we hear --------------------------------------------------------- */

/* 0 to go on. Nobody listens to us any more: then we go, as SIGPIPE would have
 * it, and the container runs on. */
static int print(struct attach_work *work)
{
    size_t len = work->frame.len - work->done;
    if (len > SAFE_WRITE)
        len = SAFE_WRITE;
    ssize_t n = write(work->to, work->frame.bytes + work->done, len);
    if (n < 0 && errno == EBADF) /* closed: as if it were /dev/null */
        n = (ssize_t)len;
    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return 0;
    if (n < 0)
        return errno == EPIPE ? ATTACH_SIGNAL + SIGPIPE : -errno;
    work->done += (size_t)n;
    if (work->done == work->frame.len)
        work->to = 0;
    return 0;
}

/* 0 to go on; 1: the end, with its code in *ret. */
static int hear(struct attach *attach, int fd, int *ret)
{
    struct attach_work *work = attach->work;
    int r = frame_receive(fd, &work->frame);
    if (r < 0)
        return r == -EAGAIN ? 0 : r;
    switch (work->frame.kind) {
    case FRAME_OUTPUT:
    case FRAME_ERROR:
        work->to = work->frame.kind == FRAME_OUTPUT ? 1 : 2;
        work->done = 0;
        return print(work);
    case FRAME_TAKEN:
        attach->waits = false;
        return 0;
    case FRAME_END:
        if (work->frame.len < sizeof *ret)
            return -EPROTO;
        memcpy(ret, work->frame.bytes, sizeof *ret);
        if (work->frame.len > sizeof *ret && attach->unclean != NULL)
            err_set(attach->unclean, EBUSY, "%s",
                    work->frame.bytes + sizeof *ret);
        return 1;
    default:
        return 0;
    }
}

/* What we wait for: while something is being printed, room for it and nothing
 * else that the monitor has to say, so that a slow reader of ours slows the
 * container down. */
static int turn(struct attach *attach, int fd, int *ret)
{
    struct attach_work *work = attach->work;
    bool printing = work->to > 0;
    bool reading =
        attach->options.input && !attach->waits && !attach->input_ended;
    struct pollfd fds[] = {
        {.fd = attach->signals,             .events = POLLIN },
        {.fd = printing ? -1 : fd,          .events = POLLIN },
        {.fd = printing ? work->to : -1,    .events = POLLOUT},
        {.fd = reading ? STDIN_FILENO : -1, .events = POLLIN },
    };
    if (poll(fds, 4, -1) < 0)
        return errno == EINTR ? 0 : -errno;
    int r = fds[0].revents != 0 ? pass_signals(attach, fd) : 0;
    if (r == 0 && fds[1].revents != 0)
        r = hear(attach, fd, ret);
    if (r == 0 && fds[2].revents != 0)
        r = print(work);
    if (r == 0 && fds[3].revents != 0)
        r = send_input(attach, fd);
    return r;
}

int attach_run(struct attach *attach, int fd, struct err *e)
{
    struct sigaction old;
    sigaction(SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, &old);
    set_raw(attach);
    if (attach->options.terminal)
        send_size(fd);
    int code = 0, r = 0;
    while (r == 0)
        r = turn(attach, fd, &code);
    sigaction(SIGPIPE, &old, NULL);
    if (r == 1)
        return code;
    if (r == -EPIPE)
        return err_set(e, EPIPE, "the container's monitor is gone");
    return r < 0 ? err_sys(e, r, "follow the container") : r;
}
