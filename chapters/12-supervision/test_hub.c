/* The hub: what comes out of a container, to clients and to nobody at all. */
#include "test_hub.h"

#include "files.h"
#include "hub_parts.h"

#include <stdlib.h>
#include <sys/mman.h>

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

/* --- who waits for whom --------------------------------------------------- */

/* What the worker says of itself, beside its streams. */
static struct progress {
    pid_t pid;
    size_t written;
} * progress;

static int write_and_tell(void)
{
    static char block[4096];
    progress->pid = getpid();
    while (progress->written < MUCH)
        if (write(1, block, sizeof block) == sizeof block)
            progress->written += sizeof block;
        else
            return 1;
    return 7;
}

/* How far it has come, if it sleeps: how often it began to. 0 while it runs;
 * -1 where there is none any more. */
static long sleeps_of(pid_t pid)
{
    auto_text struct text status = {0};
    auto_free char *path = text_format("/proc/%d/status", pid);
    if (pid == 0)
        return 0;
    if (files_read(AT_FDCWD, path, &status, NULL) < 0)
        return -1;
    const char *times = strstr(status.s, "\nvoluntary_ctxt_switches:");
    ck_assert_ptr_nonnull(times);
    if (strstr(status.s, "\nState:\tS") == NULL)
        return 0;
    return strtol(strchr(times, '\t'), NULL, 10);
}

/* Until neither can go on: both sleep, and nobody has woken the first while we
 * looked at the second. */
static void wait_until_both_wait(void)
{
    for (;;) {
        long before = sleeps_of(keeper), worker = sleeps_of(progress->pid);
        if (before != 0 && worker != 0 && sleeps_of(keeper) == before &&
            sleeps_of(progress->pid) == worker)
            return;
    }
}

/* More than all buffers between the two hold, and much less than there is. */
#define BUFFERS (1000 * 1000)

START_TEST(lab_12_7_a_slow_reader_slows_it_down_and_loses_nothing)
{
    struct scene scene = {write_and_tell, .first = HUB_OUTPUT};
    progress = mmap(NULL, sizeof *progress, PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ck_assert(progress != MAP_FAILED);
    int fd = start(&scene, -1);
    size_t got = 0;
    for (int i = 0; i < 20; i++) {
        wait_until_both_wait();
        ck_assert_uint_gt(progress->written, got);
        ck_assert_uint_lt(progress->written, got + BUFFERS);
        ck_assert_int_eq(hear(fd), FRAME_OUTPUT);
        got += frame.len;
    }
    while (hear(fd) == FRAME_OUTPUT)
        got += frame.len;
    ck_assert_uint_eq(got, progress->written);
    keeper_is_done();
}
END_TEST

START_TEST(lab_12_7_a_reader_that_goes_away_holds_nobody_up)
{
    struct scene scene = {write_pattern, .first = HUB_OUTPUT};
    int fd = start(&scene, -1);
    ck_assert_int_eq(hear(fd), FRAME_OUTPUT);
    close(fd);
    keeper_is_done();
}
END_TEST

/* Of both outputs, which have a byte each: 1 and 2 for those that are read. */
static int read_outputs;
static struct loop *outputs;
static void note_output(void *arg, uint32_t events)
{
    (void)events;
    read_outputs |= *(const int *)arg;
}
static void end_turn(void *arg)
{
    (void)arg;
    loop_stop(outputs);
}

static int outputs_read(struct hub *hub)
{
    struct err e;
    ck_assert_msg(hub_balance(hub, &e) == 0, "%s", e.msg);
    read_outputs = 0;
    ck_assert_int_gt(loop_timer(outputs, 5, end_turn, NULL, &e), 0);
    ck_assert_int_eq(loop_run(outputs, &e), 0);
    return read_outputs;
}

/* A hub that is made by hand, with three clients: one lags, and then not. */
START_TEST(lab_12_7_whoever_is_attached_can_hold_both_outputs)
{
    struct err e;
    static const int bits[] = {1, 2};
    struct hub_frame *any = (struct hub_frame *)(uintptr_t)&e;
    struct hub_client caught_up = {.streams = HUB_OUTPUT};
    struct hub_client lagging = {.streams = HUB_OUTPUT, .next = &caught_up};
    struct hub_client asking = {.first = any, .next = &lagging};
    struct hub hub = {.clients = &asking};
    int out[2], err[2];
    ck_assert_int_eq(loop_open(&outputs, &e), 0);
    ck_assert_int_eq(pipe2(out, O_CLOEXEC) | pipe2(err, O_CLOEXEC), 0);
    ck_assert_int_eq(write(out[1], "x", 1) + write(err[1], "x", 1), 2);
    hub.options.loop = outputs;
    hub.out = out[0];
    hub.err = err[0];
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(loop_add(outputs, i == 0 ? hub.out : hub.err, EPOLLIN,
                                  note_output, (void *)(uintptr_t)&bits[i], &e),
                         0);
    for (int round = 0; round < 2; round++) {
        ck_assert_int_eq(outputs_read(&hub), 3); /* who asks holds nobody */
        lagging.first = any;
        ck_assert_int_eq(outputs_read(&hub), 0);
        lagging.first = NULL;
    }
    loop_close(outputs);
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

/* A hub whose container ends: one client has just no room for another frame. */
static struct end {
    struct hub *hub;
    struct loop *loop;
    int room, slow; /* so many frames; the slow client's side */
} end;

static void stop_if_idle(void *arg, struct hub_client *client)
{
    (void)arg;
    (void)client;
    if (hub_is_idle(end.hub))
        loop_stop(end.loop);
}

static void end_it(void *arg)
{
    (void)arg;
    hub_ended(end.hub, 7, "");
    for (int i = 0; i < end.room; i++)
        ck_assert_int_eq(hear(end.slow), FRAME_OUTPUT);
}

/* The client's side; the other one is the hub's. */
static int add_client(struct hub_client **ret, int ends[2])
{
    struct err e;
    ck_assert_int_eq(hub_add(end.hub, ends[1], ret, &e), 0);
    hub_attach(*ret, HUB_OUTPUT);
    return ends[0];
}

/* The first who leaves, having heard all, is not the last. */
START_TEST(the_end_reaches_who_has_just_no_room_for_it)
{
    struct err e;
    struct hub_client *slow, *fast;
    int a[2], b[2];
    end = (struct end){.slow = -1};
    ck_assert_int_eq(loop_open(&end.loop, &e), 0);
    const struct hub_options options = {.loop = end.loop, .left = stop_if_idle};
    ck_assert_int_eq(hub_open(&end.hub, &options, &e), 0);
    ck_assert_int_eq(talk_pair(a, NULL) | talk_pair(b, NULL), 0);
    fcntl(b[1], F_SETFL, O_NONBLOCK);
    for (; frame_send(b[1], FRAME_OUTPUT, "x", 1) == 0; end.room++)
        ;
    for (int i = 0; i < end.room; i++)
        ck_assert_int_eq(hear(b[0]), FRAME_OUTPUT);
    end.slow = add_client(&slow, b);
    add_client(&fast, a);
    for (int i = 0; i < end.room; i++)
        hub_send(slow, FRAME_OUTPUT, "x", 1);
    ck_assert(hub_is_idle(end.hub));
    ck_assert_int_gt(loop_timer(end.loop, 1, end_it, NULL, &e), 0);
    ck_assert_int_eq(loop_run(end.loop, &e), 0);
    hub_close(end.hub);
    ck_assert_int_eq(hear(end.slow), FRAME_END);
    ck_assert_int_eq(told_code(), 7);
    loop_close(end.loop);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, the_end_reaches_who_has_just_no_room_for_it);
    tcase_add_test(tc, all_of_it_arrives_and_then_the_end);
    tcase_add_test(tc, streams_are_told_apart_and_only_those_asked_for_come);
    tcase_add_test(tc, with_nobody_attached_it_never_waits);
    tcase_add_test(tc, lab_12_7_a_slow_reader_slows_it_down_and_loses_nothing);
    tcase_add_test(tc, lab_12_7_a_reader_that_goes_away_holds_nobody_up);
    tcase_add_test(tc, lab_12_7_whoever_is_attached_can_hold_both_outputs);
    tcase_add_test(tc, two_clients_hear_the_same);
}

int main(void)
{
    return contract_main("hub", add);
}
