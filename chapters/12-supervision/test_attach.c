/* A client whose monitor has gone: what it had said before counts. */
#include "attach.h"
#include "contract.h"
#include "err.h"
#include "frame.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

/* Run a client whose input is at its end, and whose monitor has taken something
 * from it, perhaps said the end with code 7, and is gone before it looks. */
static int run_too_late(bool with_end, struct err *e)
{
    int ends[2], code = 7;
    ck_assert_int_eq(
        socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    ck_assert_int_eq(frame_send(ends[1], FRAME_TAKEN, NULL, 0), 0);
    if (with_end)
        ck_assert_int_eq(frame_send(ends[1], FRAME_END, &code, sizeof code), 0);
    close(ends[1]);
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    ck_assert_int_eq(dup2(null, STDIN_FILENO), STDIN_FILENO);
    const struct attach_options options = {.input = true};
    auto_attach struct attach attach = ATTACH_INIT;
    ck_assert_int_eq(attach_open(&attach, &options, e), 0);
    int r = attach_run(&attach, ends[0], e);
    close(ends[0]);
    close(null);
    return r;
}

START_TEST(the_end_is_heard_though_our_input_ends_too_late)
{
    struct err e = {0};
    ck_assert_int_eq(run_too_late(true, &e), 7);
}
END_TEST

START_TEST(a_monitor_that_goes_without_a_word_is_missed)
{
    struct err e = {0};
    ck_assert_int_eq(run_too_late(false, &e), -EPIPE);
    ck_assert_str_eq(e.msg, "the container's monitor is gone");
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, the_end_is_heard_though_our_input_ends_too_late);
    tcase_add_test(tc, a_monitor_that_goes_without_a_word_is_missed);
}

int main(void)
{
    return contract_main("attach", add);
}
