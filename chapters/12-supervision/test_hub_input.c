/* The hub: what goes into a container, and its terminal. */
#include "test_hub.h"

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
    ck_assert_ptr_nonnull(said.s);
    ck_assert_ptr_nonnull(strstr(said.s, "33x77"));
    ck_assert_int_eq(told_code(), 3);
    keeper_is_done();
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, what_goes_in_comes_out_until_the_input_ends);
    tcase_add_test(tc, input_that_nobody_takes_keeps_no_signal_back);
    tcase_add_test(tc,
                   a_client_that_leaves_ends_the_input_if_that_is_for_one_only);
    tcase_add_test(tc, without_an_input_it_reads_nothing);
    tcase_add_test(tc, a_terminal_has_our_size_and_says_its_last_words);
}

int main(void)
{
    return contract_main("hub input", add);
}
