/* The hub: what comes out of a container, to clients and to nobody at all. */
#include "test_hub.h"

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

static void add(TCase *tc)
{
    tcase_add_test(tc, all_of_it_arrives_and_then_the_end);
    tcase_add_test(tc, streams_are_told_apart_and_only_those_asked_for_come);
    tcase_add_test(tc, with_nobody_attached_it_never_waits);
    tcase_add_test(tc, a_slow_reader_slows_it_down_and_loses_nothing);
    tcase_add_test(tc, a_reader_that_goes_away_holds_nobody_up);
    tcase_add_test(tc, two_clients_hear_the_same);
}

int main(void)
{
    return contract_main("hub", add);
}
