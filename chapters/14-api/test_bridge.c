/* A client on one side, a container's monitor on the other. The test is both;
 * between them is a process with a bridge. */
#include "bridge.h"
#include "contract.h"
#include "frame.h"
#include "own.h"
#include "test_client.h"
#include "waiting.h"

#include <errno.h>
#include <linux/sockios.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SOON_S 5 /* whoever waits longer waits for ever */

struct scene {
    const char *early; /* what the client had said before */
    bool no_input;     /* nobody wants what it says */
    bool waits;        /* there is no monitor yet */
    int client, monitor;
    pid_t pid;
    struct err *said; /* by the bridge at its end: memory that both have */
    struct sockaddr_un place; /* where to find the bridge, if it waits */
    socklen_t place_size;
};

static void on_signal(int signal)
{
    (void)signal;
}

static void give_up_soon(int fd)
{
    const struct timeval soon = {.tv_sec = SOON_S};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof soon);
}

/* 0: the container's end; 1: the client's; 2: something else. With a terminal,
 * so that pieces have no heads. */
static void be_bridge(const struct scene *scene, int fd, int client)
{
    struct engine_server_link link = {.fd = fd, .terminal = true};
    struct bridge bridge = {
        .link = &link, .input = !scene->no_input, .client = client};
    client_gives_up(2 * SOON_S);
    if (scene->early != NULL)
        text_add(&bridge.early, scene->early);
    if (scene->waits) {
        link.waiting = own_alloc(sizeof *link.waiting);
        *link.waiting = (struct waiting){.fd = fd};
    }
    int r = bridge_run(&bridge, scene->said);
    _exit(r == 0 ? 0 : r == -EPIPE ? 1 : 2);
}

/* What link.fd is: the other end of `monitor`, or where to be met. */
static int open_link(struct scene *scene)
{
    int ends[2];
    if (!scene->waits) {
        ck_assert_int_eq(
            socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
        scene->monitor = ends[0];
        give_up_soon(ends[0]);
        return ends[1];
    }
    /* unix(7), autobind: a name that nobody has. */
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    scene->place_size = sizeof scene->place;
    const struct sockaddr_un any = {.sun_family = AF_UNIX};
    ck_assert_int_eq(
        bind(fd, (const struct sockaddr *)&any, sizeof any.sun_family), 0);
    ck_assert_int_eq(listen(fd, 1), 0);
    ck_assert_int_eq(
        getsockname(fd, (struct sockaddr *)&scene->place, &scene->place_size),
        0);
    scene->monitor = -1;
    return fd;
}

static void start(struct scene *scene)
{
    int ends[2];
    const struct sigaction act = {.sa_handler = on_signal};
    int fd = open_link(scene);
    ck_assert_int_eq(sigaction(SIGUSR1, &act, NULL), 0);
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends),
                     0);
    scene->client = ends[0];
    give_up_soon(ends[0]);
    scene->said = mmap(NULL, sizeof *scene->said, PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ck_assert(scene->said != MAP_FAILED);
    scene->pid = fork();
    if (scene->pid == 0) {
        close(ends[0]);
        own_close(&scene->monitor);
        be_bridge(scene, fd, ends[1]);
    }
    close(ends[1]);
    close(fd);
}

/* Nobody ends before the test says so. */
static void must_be(const struct scene *scene, bool is_so, const char *what)
{
    ck_assert_msg(is_so, "%s. The bridge said: '%s'", what, scene->said->msg);
}

/* Until it has seen what there is, and waits for more. */
static void bridge_waits(const struct scene *scene)
{
    const struct timespec moment = {.tv_nsec = 1000 * 1000};
    int parent;
    char state = 0;
    for (int i = 0; i < SOON_S * 1000 && state != 'S' && state != 'Z'; i++) {
        if (i > 0)
            nanosleep(&moment, NULL);
        state = client_process_state(scene->pid, &parent);
    }
    must_be(scene, state == 'S', "the bridge does not wait");
}

/* The monitor is there: it connects to who waits. */
static void meet(struct scene *scene)
{
    scene->monitor = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    give_up_soon(scene->monitor);
    ck_assert_int_eq(connect(scene->monitor,
                             (const struct sockaddr *)&scene->place,
                             scene->place_size),
                     0);
}

/* How it ended. */
static int result(const struct scene *scene)
{
    int status = -1;
    ck_assert_int_eq(waitpid(scene->pid, &status, 0), scene->pid);
    ck_assert_msg(WIFEXITED(status), "it did not end by itself: signal %d",
                  WTERMSIG(status));
    return WEXITSTATUS(status);
}

static void client_sends(const struct scene *scene, const char *bytes)
{
    ssize_t n = send(scene->client, bytes, strlen(bytes), MSG_NOSIGNAL);
    must_be(scene, n == (ssize_t)strlen(bytes), "the client cannot send");
}

/* The container writes, and the client has it: so the bridge has had a turn
 * since whatever was before. */
static void output_arrives(const struct scene *scene, const char *bytes)
{
    char got[64] = "";
    size_t len = strlen(bytes);
    int r = frame_send(scene->monitor, FRAME_OUTPUT, bytes, len);
    must_be(scene, r == 0, "the monitor cannot send");
    ssize_t n = recv(scene->client, got, len, MSG_WAITALL);
    must_be(scene, n == (ssize_t)len, "the client hears nothing");
    ck_assert_str_eq(got, bytes);
}

static void monitor_hears(const struct scene *scene, enum frame_kind kind,
                          const char *bytes)
{
    static struct frame frame;
    int r = frame_receive(scene->monitor, &frame);
    must_be(scene, r == 0, "the monitor hears nothing");
    ck_assert_int_eq(frame.kind, kind);
    ck_assert_str_eq(frame.bytes, bytes);
}

static void monitor_hears_nothing(const struct scene *scene)
{
    char byte;
    ck_assert_int_eq(recv(scene->monitor, &byte, 1, MSG_DONTWAIT | MSG_PEEK),
                     -1);
    ck_assert_int_eq(errno, EAGAIN);
}

static void monitor_takes(const struct scene *scene)
{
    ck_assert_int_eq(frame_send(scene->monitor, FRAME_TAKEN, NULL, 0), 0);
}

static void monitor_ends(const struct scene *scene)
{
    int code = 0;
    ck_assert_int_eq(frame_send(scene->monitor, FRAME_END, &code, sizeof code),
                     0);
}

START_TEST(lab_14_5_bytes_go_both_ways_until_the_end)
{
    struct scene scene = {.early = NULL};
    start(&scene);
    output_arrives(&scene, "prompt");
    client_sends(&scene, "hello");
    monitor_hears(&scene, FRAME_INPUT, "hello");
    monitor_takes(&scene);
    client_sends(&scene, "more");
    monitor_hears(&scene, FRAME_INPUT, "more");
    output_arrives(&scene, "answer");
    monitor_ends(&scene);
    ck_assert_int_eq(result(&scene), 0);
}
END_TEST

/* A container that does not read must not have it all lie in the monitor. */
START_TEST(lab_14_5_input_waits_until_the_last_was_taken)
{
    struct scene scene = {.early = NULL};
    start(&scene);
    client_sends(&scene, "one");
    monitor_hears(&scene, FRAME_INPUT, "one");
    client_sends(&scene, "two");
    output_arrives(&scene, "a");
    output_arrives(&scene, "b");
    monitor_hears_nothing(&scene);
    monitor_takes(&scene);
    monitor_hears(&scene, FRAME_INPUT, "two");
    monitor_ends(&scene);
    ck_assert_int_eq(result(&scene), 0);
}
END_TEST

START_TEST(lab_14_5_what_came_early_comes_first)
{
    struct scene scene = {.early = "early"};
    start(&scene);
    monitor_hears(&scene, FRAME_INPUT, "early");
    client_sends(&scene, "late");
    output_arrives(&scene, "a");
    monitor_hears_nothing(&scene);
    monitor_takes(&scene);
    monitor_hears(&scene, FRAME_INPUT, "late");
    monitor_ends(&scene);
    ck_assert_int_eq(result(&scene), 0);
}
END_TEST

START_TEST(lab_14_5_half_a_hang_up_ends_the_input_alone)
{
    struct scene scene = {.early = NULL};
    start(&scene);
    client_sends(&scene, "last");
    ck_assert_int_eq(shutdown(scene.client, SHUT_WR), 0);
    monitor_hears(&scene, FRAME_INPUT, "last");
    monitor_takes(&scene);
    monitor_hears(&scene, FRAME_INPUT_END, "");
    output_arrives(&scene, "a");
    output_arrives(&scene, "b");
    monitor_hears_nothing(&scene); /* it is said once */
    monitor_ends(&scene);
    ck_assert_int_eq(result(&scene), 0);
}
END_TEST

START_TEST(lab_14_5_a_hang_up_ends_it)
{
    struct scene scene = {.early = NULL}, waiting = {.waits = true};
    start(&scene);
    output_arrives(&scene, "a");
    close(scene.client);
    ck_assert_int_eq(result(&scene), 1);
    /* Also of who waits for a start that never comes. */
    start(&waiting);
    close(waiting.client);
    ck_assert_int_eq(result(&waiting), 1);
}
END_TEST

/* Before there is somebody to take it, input stays in the client's socket. */
START_TEST(lab_14_5_who_waits_for_a_start_takes_no_input)
{
    struct scene scene = {.waits = true};
    int queued = 0;
    start(&scene);
    client_sends(&scene, "typed ahead");
    bridge_waits(&scene);
    ck_assert_int_eq(ioctl(scene.client, SIOCOUTQ, &queued), 0);
    ck_assert_int_gt(queued, 0);
    meet(&scene);
    monitor_hears(&scene, FRAME_INPUT, "typed ahead");
    monitor_takes(&scene);
    output_arrives(&scene, "a");
    ck_assert_int_eq(ioctl(scene.client, SIOCOUTQ, &queued), 0);
    ck_assert_int_eq(queued, 0);
    monitor_ends(&scene);
    ck_assert_int_eq(result(&scene), 0);
}
END_TEST

START_TEST(lab_14_5_input_that_nobody_wants_is_thrown_away)
{
    struct scene scene = {.no_input = true, .early = "early"};
    int queued = 1;
    start(&scene);
    output_arrives(&scene, "a");
    output_arrives(&scene, "b"); /* and nothing holds it up */
    client_sends(&scene, "late");
    while (queued > 0)
        ck_assert_int_eq(ioctl(scene.client, SIOCOUTQ, &queued), 0);
    ck_assert_int_eq(shutdown(scene.client, SHUT_WR), 0);
    output_arrives(&scene, "c");
    output_arrives(&scene, "d");
    monitor_hears_nothing(&scene);
    monitor_ends(&scene);
    ck_assert_int_eq(result(&scene), 0);
}
END_TEST

static int64_t used_ns(pid_t pid)
{
    clockid_t clock;
    struct timespec used;
    ck_assert_int_eq(clock_getcpuclockid(pid, &clock), 0);
    ck_assert_int_eq(clock_gettime(clock, &used), 0);
    return used.tv_sec * INT64_C(1000000000) + used.tv_nsec;
}

/* Somebody who is not heard is no reason to look again and again. */
START_TEST(lab_14_5_it_sleeps_and_a_signal_does_not_end_it)
{
    const struct timespec moment = {.tv_nsec = 10 * 1000 * 1000};
    struct scene scene = {.early = NULL};
    start(&scene);
    client_sends(&scene, "one");
    monitor_hears(&scene, FRAME_INPUT, "one");
    client_sends(&scene, "two"); /* not taken yet */
    output_arrives(&scene, "a");
    int64_t before = used_ns(scene.pid);
    for (int i = 0; i < 10; i++) {
        nanosleep(&moment, NULL);
        kill(scene.pid, SIGUSR1);
    }
    ck_assert_int_lt(used_ns(scene.pid) - before, 30 * 1000 * 1000);
    output_arrives(&scene, "b");
    monitor_ends(&scene);
    ck_assert_int_eq(result(&scene), 0);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, lab_14_5_bytes_go_both_ways_until_the_end);
    tcase_add_test(tc, lab_14_5_input_waits_until_the_last_was_taken);
    tcase_add_test(tc, lab_14_5_what_came_early_comes_first);
    tcase_add_test(tc, lab_14_5_half_a_hang_up_ends_the_input_alone);
    tcase_add_test(tc, lab_14_5_a_hang_up_ends_it);
    tcase_add_test(tc, lab_14_5_who_waits_for_a_start_takes_no_input);
    tcase_add_test(tc, lab_14_5_input_that_nobody_wants_is_thrown_away);
    tcase_add_test(tc, lab_14_5_it_sleeps_and_a_signal_does_not_end_it);
}

int main(void)
{
    return contract_main("the bridge", add);
}
