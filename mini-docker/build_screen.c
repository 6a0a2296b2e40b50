#include "build_screen.h"

#include "build_board.h"
#include "cells.h"
#include "terminal.h"

#include "files.h"
#include "own.h"
#include "proc.h"
#include "talk.h"
#include "trace.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

/* What one message holds at most, and how often pictures come. */
enum { MOST_BYTES = 16 * 1024, FRAME_MS = 100 };

/* --- pictures ------------------------------------------------------------- */

/* How many rows of the screen the lines take. */
static size_t count_rows(const struct text *lines, size_t columns)
{
    size_t rows = 0;
    for (const char *line = lines->s; line != NULL && *line != '\0';) {
        size_t len = strcspn(line, "\n"), cells = cells_count(line, len);
        rows += cells > columns ? (cells + columns - 1) / columns : 1;
        line += len + 1;
    }
    return rows;
}

void build_screen_replace(const struct text *before, const struct text *now,
                          size_t columns, struct text *ret)
{
    size_t up = before != NULL ? count_rows(before, columns) : 0;
    text_add(ret, "\033[?25l");
    if (up > 0)
        text_addf(ret, "\033[%zuA", up);
    text_add(ret, "\r");
    for (const char *line = now->s; line != NULL && *line != '\0';) {
        size_t len = strcspn(line, "\n");
        text_addn(ret, line, len);
        text_add(ret, "\033[K\n");
        line += len + 1;
    }
    text_add(ret, "\033[J\033[?25h");
}

/* --- in the process that draws -------------------------------------------- */

struct painter {
    int fd, terminal, signals;
    struct build_board board;
    struct text drawn; /* what stands there */
    uint64_t drawn_ms;
};

static struct build_board_view look(const struct painter *p)
{
    struct winsize size = terminal_size(p->terminal);
    return (struct build_board_view){size.ws_row, size.ws_col,
                                     engine_build_clock_ms()};
}

/* `lines` are taken over. */
static void show(struct painter *p, struct text *lines, size_t columns,
                 const struct text *below)
{
    auto_text struct text out = {0};
    build_screen_replace(&p->drawn, lines, columns, &out);
    if (below != NULL)
        text_addn(&out, below->s, below->len);
    files_write_all(p->terminal, out.s, out.len);
    text_done(&p->drawn);
    p->drawn = *lines;
    *lines = (struct text){0};
}

static void draw(struct painter *p)
{
    struct build_board_view view = look(p);
    auto_text struct text lines = {0};
    build_board_draw(&p->board, &view, &lines);
    p->drawn_ms = view.now_ms;
    if (p->drawn.len != lines.len ||
        memcmp(p->drawn.s, lines.s, lines.len) != 0)
        show(p, &lines, view.columns, NULL);
}

static void draw_end(struct painter *p)
{
    struct build_board_view view = look(p);
    auto_text struct text lines = {0}, words = {0};
    build_board_draw_end(&p->board, view.columns, &lines);
    build_board_draw_words(&p->board, &words);
    show(p, &lines, view.columns, &words);
}

/* One event. 0: an empty one, after the last; -1: the build has ended without
 * that. */
static int take(struct painter *p)
{
    struct engine_build_event event;
    char bytes[MOST_BYTES];
    struct iovec parts[] = {
        {&event, sizeof event},
        {bytes,  sizeof bytes}
    };
    ssize_t n = TEMP_FAILURE_RETRY(readv(p->fd, parts, 2));
    if (n < (ssize_t)sizeof event)
        return n == 1 ? 0 : -1;
    event.bytes = bytes;
    event.len = (size_t)n - sizeof event;
    build_board_add(&p->board, &event);
    return 1;
}

/* Until it is time for a picture, or an event is there: true. */
static bool wait_for(struct painter *p)
{
    struct pollfd from[] = {
        {.fd = p->fd,      .events = POLLIN},
        {.fd = p->signals, .events = POLLIN},
    };
    uint64_t since = engine_build_clock_ms() - p->drawn_ms;
    int left = p->board.n == 0    ? -1
               : since < FRAME_MS ? (int)(FRAME_MS - since)
                                  : 0;
    if (poll(from, 2, left) <= 0)
        return false;
    struct signalfd_siginfo info;
    /* We were stopped, and a shell has written where we were. */
    if (from[1].revents != 0 && read(p->signals, &info, sizeof info) > 0)
        text_clear(&p->drawn);
    return from[0].revents != 0;
}

static _Noreturn void paint(struct painter *p)
{
    sigset_t all, stops;
    sigfillset(&all);
    /* Ctrl-c is for the build, which says when it has ended. */
    sigdelset(&all, SIGTSTP);
    sigprocmask(SIG_BLOCK, &all, NULL);
    sigemptyset(&stops);
    sigaddset(&stops, SIGCONT);
    p->signals = signalfd(-1, &stops, SFD_CLOEXEC);
    int more = 1;
    while (more > 0) {
        if (wait_for(p))
            more = take(p);
        if (more > 0 && p->board.n > 0 &&
            engine_build_clock_ms() - p->drawn_ms >= FRAME_MS)
            draw(p);
    }
    if (more == 0 && p->board.n > 0)
        draw_end(p);
    _exit(0);
}

/* --- in the build --------------------------------------------------------- */

int build_screen_open(struct build_screen *screen, int terminal,
                      bool has_colours, struct err *e)
{
    int pair[2];
    *screen = (struct build_screen){-1, -1};
    int r = talk_pair(pair, e);
    if (r < 0)
        return r;
    int pid = proc_clone(0, -1, &screen->pidfd, e);
    if (pid == 0) {
        trace_leave();
        own_close(&pair[0]);
        struct painter painter = {.fd = pair[1],
                                  .terminal = terminal,
                                  .board = {.has_colours = has_colours}};
        paint(&painter);
    }
    own_close(&pair[1]);
    screen->fd = pair[0];
    return pid < 0 ? pid : 0;
}

/* Who does not hear us any more has lost its terminal; the build goes on. */
static void send_parts(const struct build_screen *screen, struct iovec *parts,
                       size_t n)
{
    const struct msghdr message = {.msg_iov = parts, .msg_iovlen = n};
    TEMP_FAILURE_RETRY(sendmsg(screen->fd, &message, MSG_NOSIGNAL));
}

void build_screen_tell(const struct build_screen *screen,
                       const struct engine_build_event *event)
{
    size_t at = 0;
    do {
        size_t len = event->len - at;
        len = len < MOST_BYTES ? len : MOST_BYTES;
        struct iovec parts[] = {
            {(void *)(uintptr_t)event,               sizeof *event},
            {(void *)(uintptr_t)(event->bytes + at), len          },
        };
        send_parts(screen, parts, 2);
        at += len;
        /* A step has one beginning; nobody sees more of its words. */
    } while (at < event->len && event->kind != ENGINE_BUILD_STEP);
}

void build_screen_close(struct build_screen *screen)
{
    char end = 0;
    struct iovec part = {&end, 1};
    if (screen->fd >= 0) {
        send_parts(screen, &part, 1);
        proc_wait(screen->pidfd, NULL);
    }
    own_close(&screen->fd);
    own_close(&screen->pidfd);
    *screen = (struct build_screen){-1, -1};
}
