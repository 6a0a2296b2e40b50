/* The hub: between a container, its clients and nobody at all. */
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

/* What stands for a monitor: a process with a loop, a hub, and a worker that
 * stands for the container. The test is a client. */
struct keeper {
    struct loop *loop;
    struct hub *hub;
    int pidfd;
};

static void on_ask(void *arg, struct hub_client *client, const char *text)
{
    struct keeper *k = arg;
    hub_attach(k->hub, client, (int)strtol(text, NULL, 10));
    hub_answer(client, "{}");
}

static void on_signal(void *arg, int signal)
{
    struct keeper *k = arg;
    proc_signal(k->pidfd, signal, NULL);
}

static void on_left(void *arg, struct hub_client *client)
{
    struct keeper *k = arg;
    (void)client;
    if (k->pidfd < 0 && hub_is_idle(k->hub))
        loop_stop(k->loop);
}

static void on_end(void *arg, uint32_t events)
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

static void worker(const int ends[3], int (*work)(void))
{
    for (int i = 1; i < NSIG; i++) /* Check has handlers of its own */
        signal(i, SIG_DFL);
    for (int i = 0; i < 3; i++)
        dup2(ends[i], i);
    close_range(3, ~0u, 0);
    _exit(work());
}

static void keep(const struct scene *scene, int client, int listener_dir)
{
    struct keeper k = {.pidfd = -1};
    struct hub_client *first;
    struct err e;
    int ends[3] = {-1, -1, -1}, master = -1, slave = -1;
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
    hub_attach(k.hub, first, scene->first);
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
static int start(const struct scene *scene, int listener_dir)
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

static void keeper_is_done(void)
{
    int status;
    ck_assert_int_eq(waitpid(keeper, &status, 0), keeper);
    ck_assert_int_eq(status, 0);
}

static struct frame frame;

static enum frame_kind hear(int fd)
{
    ck_assert_int_eq(frame_receive(fd, &frame), 0);
    return frame.kind;
}

static int told_code(void)
{
    int code;
    ck_assert_uint_ge(frame.len, sizeof code);
    memcpy(&code, frame.bytes, sizeof code);
    return code;
}

static unsigned char pattern(size_t n)
{
    return (unsigned char)(n % 251);
}

enum { MUCH = 3 * 1000 * 1000 };

static int write_pattern(void)
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
static void frame_is_pattern(size_t at)
{
    size_t i = 0;
    while (i < frame.len && (unsigned char)frame.bytes[i] == pattern(at + i))
        i++;
    ck_assert_uint_eq(i, frame.len);
}

/* All output of a connection is the pattern; then comes the end. */
static size_t read_pattern(int fd)
{
    size_t total = 0;
    for (; hear(fd) == FRAME_OUTPUT; total += frame.len)
        frame_is_pattern(total);
    ck_assert_int_eq(frame.kind, FRAME_END);
    return total;
}

/* --- output --------------------------------------------------------------- */

START_TEST(all_of_it_arrives_and_then_the_end)
{
    struct scene scene = {write_pattern, .first = HUB_OUTPUT};
    int fd = start(&scene, -1);
    ck_assert_uint_ge(read_pattern(fd), MUCH);
    ck_assert_int_eq(told_code(), 7);
    ck_assert_int_eq(frame_receive(fd, &frame), -EPIPE);
    keeper_is_done();
}
END_TEST

static int both_streams(void)
{
    return write(1, "out", 3) == 3 && write(2, "err", 3) == 3 ? 99 : 1;
}

START_TEST(streams_are_told_apart_and_only_those_asked_for_come)
{
    struct scene scene = {both_streams, .first = HUB_OUTPUT | HUB_ERROR};
    int fd = start(&scene, -1);
    for (int i = 0; i < 2; i++) {
        bool out = hear(fd) == FRAME_OUTPUT;
        ck_assert_str_eq(frame.bytes, out ? "out" : "err");
    }
    ck_assert_int_eq(hear(fd), FRAME_END);
    ck_assert_str_eq(frame.bytes + sizeof(int), "not clean");
    keeper_is_done();
    scene.first = HUB_ERROR;
    fd = start(&scene, -1);
    ck_assert_int_eq(hear(fd), FRAME_ERROR);
    ck_assert_int_eq(hear(fd), FRAME_END);
    keeper_is_done();
}
END_TEST

/* With nobody attached it never waits: it writes everything and ends, and
 * who is there but did not ask hears nothing of it. */
START_TEST(with_nobody_attached_it_never_waits)
{
    struct scene scene = {write_pattern, .first = 0};
    int fd = start(&scene, -1);
    keeper_is_done();
    ck_assert_int_eq(frame_receive(fd, &frame), -EPIPE);
}
END_TEST

START_TEST(a_slow_reader_slows_it_down_and_loses_nothing)
{
    struct scene scene = {write_pattern, .first = HUB_OUTPUT};
    int fd = start(&scene, -1);
    ck_assert_int_eq(hear(fd), FRAME_OUTPUT);
    size_t got = frame.len;
    /* More than all buffers hold is still to come: it cannot have ended. */
    usleep(200 * 1000);
    ck_assert_int_eq(waitpid(keeper, NULL, WNOHANG), 0);
    while (hear(fd) == FRAME_OUTPUT)
        got += frame.len;
    ck_assert_uint_ge(got, MUCH);
    keeper_is_done();
}
END_TEST

START_TEST(a_reader_that_goes_away_holds_nobody_up)
{
    struct scene scene = {write_pattern, .first = HUB_OUTPUT};
    int fd = start(&scene, -1);
    ck_assert_int_eq(hear(fd), FRAME_OUTPUT);
    close(fd);
    keeper_is_done();
}
END_TEST

/* --- several clients ------------------------------------------------------ */

static int wait_and_write(void)
{
    char c;
    return read(0, &c, 1) == 1 ? write_pattern() : 1;
}

START_TEST(two_clients_hear_the_same)
{
    char dir[] = "/tmp/hub.XXXXXX";
    ck_assert_ptr_nonnull(mkdtemp(dir));
    auto_fd int dirfd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    struct scene scene = {wait_and_write, .input = true,
                          .first = HUB_INPUT | HUB_OUTPUT};
    int fd = start(&scene, dirfd), other = -1;
    while ((other = talk_connect(dirfd, "socket", 0, NULL)) < 0)
        usleep(1000);
    ck_assert_int_eq(frame_send(other, FRAME_ASK, "2", 1), 0);
    ck_assert_int_eq(hear(other), FRAME_ANSWER);
    ck_assert_int_eq(frame_send(fd, FRAME_INPUT, "x", 1), 0);
    ck_assert_int_eq(hear(fd), FRAME_TAKEN);
    pid_t reader = fork();
    if (reader == 0)
        _exit(read_pattern(other) >= MUCH ? 0 : 1);
    ck_assert_uint_ge(read_pattern(fd), MUCH);
    int status;
    ck_assert_int_eq(waitpid(reader, &status, 0), reader);
    ck_assert_int_eq(status, 0);
    close(other);
    keeper_is_done();
    unlinkat(dirfd, "socket", 0);
    rmdir(dir);
}
END_TEST

/* --- input ---------------------------------------------------------------- */

static int copy_input(void)
{
    char block[4096];
    ssize_t n;
    while ((n = read(0, block, sizeof block)) > 0)
        if (write(1, block, (size_t)n) != n)
            return 1;
    return 5;
}

START_TEST(what_goes_in_comes_out_until_the_input_ends)
{
    struct scene scene = {copy_input, .input = true, .once = true,
                          .first = HUB_INPUT | HUB_OUTPUT};
    int fd = start(&scene, -1);
    size_t sent = 0, got = 0;
    bool waits = false;
    static char block[20000];
    while (got < MUCH) {
        if (!waits && sent < MUCH) {
            for (size_t i = 0; i < sizeof block; i++)
                block[i] = (char)pattern(sent + i);
            ck_assert_int_eq(frame_send(fd, FRAME_INPUT, block, sizeof block),
                             0);
            sent += sizeof block;
            waits = true;
        }
        if (hear(fd) == FRAME_TAKEN) {
            waits = false;
            continue;
        }
        frame_is_pattern(got);
        got += frame.len;
    }
    ck_assert_int_eq(frame_send(fd, FRAME_INPUT_END, NULL, 0), 0);
    while (hear(fd) != FRAME_END)
        ;
    ck_assert_int_eq(told_code(), 5);
    keeper_is_done();
}
END_TEST

static int never_read(void)
{
    for (;;)
        pause();
    return 0;
}

/* The input is full, and stays so: a signal comes through all the same. */
START_TEST(input_that_nobody_takes_keeps_no_signal_back)
{
    struct scene scene = {never_read, .input = true,
                          .first = HUB_INPUT | HUB_OUTPUT};
    int fd = start(&scene, -1), term = SIGTERM;
    static char block[FRAME_MOST];
    for (int i = 0; i < 2; i++) { /* a pipe's 64 KiB */
        ck_assert_int_eq(frame_send(fd, FRAME_INPUT, block, sizeof block), 0);
        ck_assert_int_eq(hear(fd), FRAME_TAKEN);
    }
    ck_assert_int_eq(frame_send(fd, FRAME_INPUT, block, sizeof block), 0);
    ck_assert_int_eq(frame_send(fd, FRAME_SIGNAL, &term, sizeof term), 0);
    while (hear(fd) != FRAME_END)
        ;
    ck_assert_int_eq(told_code(), 128 + SIGTERM);
    keeper_is_done();
}
END_TEST

START_TEST(a_client_that_leaves_ends_the_input_if_that_is_for_one_only)
{
    struct scene scene = {copy_input, .input = true, .once = true,
                          .first = HUB_INPUT | HUB_OUTPUT};
    close(start(&scene, -1));
    keeper_is_done(); /* the container saw the end of its input */
}
END_TEST

START_TEST(without_an_input_it_reads_nothing)
{
    struct scene scene = {copy_input, .first = HUB_INPUT | HUB_OUTPUT};
    int fd = start(&scene, -1);
    ck_assert_int_eq(hear(fd), FRAME_END);
    ck_assert_int_eq(told_code(), 5);
    keeper_is_done();
}
END_TEST

/* --- a terminal ----------------------------------------------------------- */

static int tell_size(void)
{
    struct winsize size;
    char c;
    if (read(0, &c, 1) != 1 || ioctl(0, TIOCGWINSZ, &size) < 0)
        return 1;
    return dprintf(1, "%dx%d", size.ws_row, size.ws_col) > 0 ? 3 : 1;
}

START_TEST(a_terminal_has_our_size_and_says_its_last_words)
{
    struct scene scene = {tell_size, .input = true, .terminal = true,
                          .first = HUB_INPUT | HUB_OUTPUT};
    int fd = start(&scene, -1);
    struct frame_size size = {33, 77};
    auto_text struct text said = {0};
    ck_assert_int_eq(frame_send(fd, FRAME_SIZE, &size, sizeof size), 0);
    ck_assert_int_eq(frame_send(fd, FRAME_INPUT, "\n", 1), 0);
    while (hear(fd) != FRAME_END)
        if (frame.kind == FRAME_OUTPUT)
            text_addn(&said, frame.bytes, frame.len);
    ck_assert_ptr_nonnull(strstr(said.s, "33x77"));
    ck_assert_int_eq(told_code(), 3);
    keeper_is_done();
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, all_of_it_arrives_and_then_the_end);
    tcase_add_test(tc, streams_are_told_apart_and_only_those_asked_for_come);
    tcase_add_test(tc, with_nobody_attached_it_never_waits);
    tcase_add_test(tc, a_slow_reader_slows_it_down_and_loses_nothing);
    tcase_add_test(tc, a_reader_that_goes_away_holds_nobody_up);
    tcase_add_test(tc, two_clients_hear_the_same);
    tcase_add_test(tc, what_goes_in_comes_out_until_the_input_ends);
    tcase_add_test(tc, input_that_nobody_takes_keeps_no_signal_back);
    tcase_add_test(tc,
                   a_client_that_leaves_ends_the_input_if_that_is_for_one_only);
    tcase_add_test(tc, without_an_input_it_reads_nothing);
    tcase_add_test(tc, a_terminal_has_our_size_and_says_its_last_words);
}

int main(void)
{
    return contract_main("hub", add);
}
