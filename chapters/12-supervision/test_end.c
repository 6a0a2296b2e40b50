/* The relay: signals on their way in, and what happens at the end. */
#include "sys.h"
#include "test_carrier.h"

/* --- signals -------------------------------------------------------------- */

/* Says so when it can be asked, and returns the number of the signal. */
static int wait_for_signal(void)
{
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    int signal;
    if (write(NEWS, "r", 1) != 1 || sigwait(&all, &signal) != 0)
        return 1;
    return signal;
}

START_TEST(lab_12_3_signals_are_passed_on)
{
    int signals[] = {SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGTERM, SIGCONT};
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        struct carrier c = carrier_start(0, wait_for_signal);
        ck_assert_int_eq(carrier_hear(&c), 'r');
        kill(c.pid, signals[i]);
        ck_assert_int_eq(carrier_wait(&c), signals[i]);
    }
}
END_TEST

START_TEST(lab_12_3_to_be_interrupted_is_no_error)
{
    struct carrier c = carrier_start(0, wait_for_signal);
    ck_assert_int_eq(carrier_hear(&c), 'r');
    for (int i = 0; i < 50; i++) {
        kill(c.pid, SIGURG);
        poll(NULL, 0, 1);
    }
    kill(c.pid, SIGTERM);
    ck_assert_int_eq(carrier_wait(&c), SIGTERM);
}
END_TEST

static int sleep_for_ever(void)
{
    if (write(NEWS, "r", 1) != 1)
        return 1;
    for (;;)
        pause();
}

START_TEST(lab_12_3_death_by_a_signal_counts_as_a_shell_counts_it)
{
    struct carrier c = carrier_start(0, sleep_for_ever);
    ck_assert_int_eq(carrier_hear(&c), 'r');
    kill(c.pid, SIGTERM);
    ck_assert_int_eq(carrier_wait(&c), 128 + SIGTERM);
}
END_TEST

/* With --sig-proxy=false a signal is for the relay's own process. */
START_TEST(lab_12_3_signals_that_stay_ours_end_us)
{
    struct carrier c = carrier_start(RELAY_NO_SIGNALS, wait_for_signal);
    ck_assert_int_eq(carrier_hear(&c), 'r');
    kill(c.pid, SIGTERM);
    ck_assert_int_eq(carrier_wait(&c), -SIGTERM);
}
END_TEST

/* --- exit codes ----------------------------------------------------------- */

static int exit_0(void)
{
    return 0;
}

static int exit_255(void)
{
    return 255;
}

static int die_of_kill(void)
{
    raise(SIGKILL);
    return 1;
}

START_TEST(exit_codes_arrive)
{
    static const struct {
        int (*work)(void);
        int code;
    } cases[] = {
        {exit_0,      0  },
        {exit_255,    255},
        {die_of_kill, 137},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct carrier c = carrier_start(RELAY_STDIN, cases[i].work);
        ck_assert_int_eq(carrier_wait(&c), cases[i].code);
    }
}
END_TEST

/* --- after the end -------------------------------------------------------- */

struct filled {
    size_t total;
    pid_t by;
};

/* Fills both pipes and the buffer between them, and ends: the last of it is
 * then in the inner pipe still, which it has made larger than any buffer (as
 * any program may, pipe(7)). Tells how much it was. */
static int fill_and_go(void)
{
    if (fcntl(1, F_SETFL, O_NONBLOCK) < 0 ||
        fcntl(1, F_SETPIPE_SZ, 4 * 65536) < 0)
        return 1;
    struct filled filled = {pattern_fill(1, 10000000), getpid()};
    return write(NEWS, &filled, sizeof filled) == sizeof filled ? 3 : 1;
}

/* Its descriptors are closed a moment before it has ended. */
static void wait_for_end(pid_t pid)
{
    auto_fd int pidfd = sys_pidfd_open(pid, 0);
    struct pollfd end = {.fd = pidfd, .events = POLLIN};
    if (pidfd != -ESRCH)
        ck_assert_int_eq(poll(&end, 1, -1), 1);
}

START_TEST(lab_12_4_what_was_written_before_the_end_arrives)
{
    struct carrier c = carrier_start(EXACT, fill_and_go);
    struct filled filled;
    ck_assert_int_eq(read(c.news, &filled, sizeof filled), sizeof filled);
    ck_assert_int_eq(carrier_hear(&c), 0);
    wait_for_end(filled.by); /* and nothing was read yet */
    ck_assert_uint_gt(filled.total, 4 * 65536);
    ck_assert_uint_eq(pattern_read(c.out, -1), filled.total);
    ck_assert_int_eq(carrier_wait(&c), 3);
}
END_TEST

/* Leaves a process behind that has all streams, and ends when that one closes
 * NEWS. */
static int leave(int (*heir)(void))
{
    int ready[2];
    if (write(1, "bye", 3) != 3 || pipe(ready) < 0)
        return 1;
    if (fork() == 0) {
        dup2(ready[1], NEWS);
        close(ready[0]);
        close(ready[1]);
        _exit(heir());
    }
    close(ready[1]);
    char unused;
    return read(ready[0], &unused, 1) == 0 ? 5 : 1;
}

/* Ends with the test: nobody writes to its input for as long as that lives. */
static int hold_the_streams(void)
{
    char unused;
    close(NEWS);
    return read(0, &unused, 1) == 1;
}

static int leave_a_silent_one(void)
{
    return leave(hold_the_streams);
}

START_TEST(lab_12_4_a_silent_heir_of_the_streams_is_not_waited_for)
{
    struct carrier c = carrier_start(RELAY_STDIN | EXACT, leave_a_silent_one);
    char said[8] = "";
    ck_assert_int_eq(carrier_wait(&c), 5);
    ck_assert_int_eq(read(c.out, said, sizeof said), 3);
    ck_assert_str_eq(said, "bye");
    ck_assert_int_eq(read(c.out, said, sizeof said), 0);
}
END_TEST

/* Both pipes are full before the other one ends, and stay so. */
static int write_for_ever(void)
{
    char block[4096] = {0};
    struct pollfd room = {.fd = 1, .events = POLLOUT};
    while (poll(&room, 1, 200) == 1)
        if (write(1, block, sizeof block) < 0)
            return 1;
    close(NEWS);
    while (write(1, block, sizeof block) > 0)
        ;
    return 0;
}

static int leave_a_loud_one(void)
{
    return leave(write_for_ever);
}

/* Slower than the writer, so that its pipe is never seen empty. */
START_TEST(lab_12_4_a_loud_heir_of_the_streams_is_not_followed)
{
    struct carrier c = carrier_start(EXACT, leave_a_loud_one);
    ck_assert_int_eq(carrier_hear(&c), 0);
    char bytes[16];
    size_t total = 0;
    ssize_t n;
    while ((n = read(c.out, bytes, sizeof bytes)) > 0 && total < 1000000) {
        total += (size_t)n;
        if (total % 65536 < sizeof bytes) /* however busy the machine is */
            poll(NULL, 0, 10);
    }
    ck_assert_uint_lt(total, 1000000);
    ck_assert_int_eq(carrier_wait(&c), 5);
}
END_TEST

/* --- closed descriptors --------------------------------------------------- */

/* Much more than pipes and buffers hold: it must go somewhere. */
static int copy_nothing_write_much(void)
{
    char unused;
    if (read(0, &unused, 1) != 0)
        return 1;
    return pattern_write(1, 1000000) == 1000000 &&
                   pattern_write(2, 1000000) == 1000000
               ? 6
               : 2;
}

START_TEST(lab_12_3_closed_streams_of_ours_are_empty_and_swallow_all)
{
    struct carrier c =
        carrier_start(RELAY_STDIN | CLOSED, copy_nothing_write_much);
    ck_assert_int_eq(carrier_wait(&c), 6);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, lab_12_3_signals_are_passed_on);
    tcase_add_test(tc, lab_12_3_to_be_interrupted_is_no_error);
    tcase_add_test(tc, lab_12_3_death_by_a_signal_counts_as_a_shell_counts_it);
    tcase_add_test(tc, lab_12_3_signals_that_stay_ours_end_us);
    tcase_add_test(tc, exit_codes_arrive);
    tcase_add_test(tc, lab_12_4_what_was_written_before_the_end_arrives);
    tcase_add_test(tc, lab_12_4_a_silent_heir_of_the_streams_is_not_waited_for);
    tcase_add_test(tc, lab_12_4_a_loud_heir_of_the_streams_is_not_followed);
    tcase_add_test(tc,
                   lab_12_3_closed_streams_of_ours_are_empty_and_swallow_all);
}

int main(void)
{
    return contract_main("the end of a relay", add);
}
