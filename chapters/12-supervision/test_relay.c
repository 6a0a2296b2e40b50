/* The relay: pipes and signals before it runs, and bytes while it does. */
#include "test_carrier.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

/* --- what relay_open makes ------------------------------------------------ */

static bool is_pipe(int fd)
{
    struct stat st;
    return fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode);
}

static bool is_dev_null(int fd)
{
    struct stat st;
    return fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) &&
           st.st_rdev == makedev(1, 3);
}

START_TEST(lab_12_1_the_container_gets_pipes_and_none_of_our_files)
{
    struct relay relay = RELAY_INIT;
    struct err e;
    int ends[3];
    ck_assert_msg(
        relay_open(&relay, RELAY_STDIN | RELAY_NO_SIGNALS, ends, &e) == 0, "%s",
        e.msg);
    for (int i = 0; i < 3; i++) {
        ck_assert_msg(is_pipe(ends[i]), "stream %d is no pipe", i);
        ck_assert((fcntl(ends[i], F_GETFD) & FD_CLOEXEC) != 0);
        ck_assert_int_eq(fcntl(ends[i], F_GETFL) & O_ACCMODE,
                         i == 0 ? O_RDONLY : O_WRONLY);
    }
    /* Each pipe leads to its own channel. */
    char c = 'x';
    ck_assert_int_eq(write(ends[1], &c, 1), 1);
    ck_assert_int_eq(read(relay.channels[1].from, &c, 1), 1);
    ck_assert_int_eq(write(ends[2], &c, 1), 1);
    ck_assert_int_eq(read(relay.channels[2].from, &c, 1), 1);
    ck_assert_int_eq(write(relay.channels[0].to, &c, 1), 1);
    ck_assert_int_eq(read(ends[0], &c, 1), 1);
    relay_close(&relay);
    relay_close(&relay);
}
END_TEST

START_TEST(lab_12_1_without_i_it_reads_nothing)
{
    struct relay relay = RELAY_INIT;
    struct err e;
    int ends[3];
    ck_assert_int_eq(relay_open(&relay, RELAY_NO_SIGNALS, ends, &e), 0);
    ck_assert(is_dev_null(ends[0]));
    ck_assert(is_pipe(ends[1]));
    relay_close(&relay);
}
END_TEST

START_TEST(the_containers_ends_are_its_own_once_it_runs)
{
    struct relay relay = RELAY_INIT;
    struct err e;
    int ends[3];
    ck_assert_int_eq(relay_open(&relay, RELAY_NO_SIGNALS, ends, &e), 0);
    relay_started(&relay, -1);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(fcntl(ends[i], F_GETFD), -1);
    relay_close(&relay);
}
END_TEST

/* Which of the first 64 descriptors are open, and would survive an execve. */
static void look_at_descriptors(uint64_t *ret_open, uint64_t *ret_inherited)
{
    *ret_open = *ret_inherited = 0;
    for (int fd = 0; fd < 64; fd++) {
        int flags = fcntl(fd, F_GETFD);
        *ret_open |= (uint64_t)(flags >= 0) << fd;
        *ret_inherited |= (uint64_t)(flags == 0) << fd;
    }
}

START_TEST(lab_12_1_no_descriptor_is_left_or_survives_exec)
{
    struct relay relay = RELAY_INIT;
    struct err e;
    int ends[3];
    uint64_t before[2], between[2], after[2];
    look_at_descriptors(&before[0], &before[1]);
    ck_assert_int_eq(
        relay_open(&relay, RELAY_STDIN | RELAY_NO_SIGNALS, ends, &e), 0);
    look_at_descriptors(&between[0], &between[1]);
    relay_close(&relay);
    look_at_descriptors(&after[0], &after[1]);
    ck_assert(between[0] != before[0]);
    ck_assert(between[1] == before[1]);
    ck_assert(after[0] == before[0]);
}
END_TEST

static bool is_blocked(int signal)
{
    sigset_t now;
    sigprocmask(SIG_BLOCK, NULL, &now);
    return sigismember(&now, signal) == 1;
}

START_TEST(lab_12_2_a_signal_waits_until_somebody_can_pass_it_on)
{
    struct relay relay = RELAY_INIT;
    struct err e;
    int ends[3];
    uint64_t before[2], after[2];
    look_at_descriptors(&before[0], &before[1]);
    ck_assert_int_eq(relay_open(&relay, 0, ends, &e), 0);
    raise(SIGTERM); /* unblocked it would kill this test */
    struct pollfd fds = {.fd = relay.signals, .events = POLLIN};
    ck_assert_int_eq(poll(&fds, 1, 0), 1);
    ck_assert((fcntl(relay.signals, F_GETFL) & O_NONBLOCK) != 0);
    ck_assert((fcntl(relay.signals, F_GETFD) & FD_CLOEXEC) != 0);
    signal(SIGTERM, SIG_IGN);
    relay_close(&relay);
    look_at_descriptors(&after[0], &after[1]);
    ck_assert(after[0] == before[0]);
}
END_TEST

START_TEST(lab_12_2_the_mask_is_ours_again_afterwards)
{
    struct relay relay = RELAY_INIT;
    struct err e;
    int ends[3];
    sigset_t usr2;
    sigemptyset(&usr2);
    sigaddset(&usr2, SIGUSR2);
    sigaddset(&usr2, SIGURG); /* which the relay does not ask for */
    sigprocmask(SIG_SETMASK, &usr2, NULL);
    ck_assert_int_eq(relay_open(&relay, 0, ends, &e), 0);
    ck_assert(is_blocked(SIGINT) && is_blocked(SIGHUP) && is_blocked(SIGUSR1));
    ck_assert(is_blocked(SIGURG));
    /* About ourselves: a child, the terminal, a fault of ours. */
    ck_assert(!is_blocked(SIGCHLD) && !is_blocked(SIGTTIN) &&
              !is_blocked(SIGTSTP) && !is_blocked(SIGSEGV));
    relay_close(&relay);
    ck_assert(is_blocked(SIGUSR2) && !is_blocked(SIGINT));
    ck_assert_int_eq(relay_open(&relay, RELAY_NO_SIGNALS, ends, &e), 0);
    ck_assert(!is_blocked(SIGINT));
    relay_close(&relay);
}
END_TEST

/* --- bytes ---------------------------------------------------------------- */

/* Both streams at once, as `cat` and `tee /dev/stderr` would. */
static int copy_twice(void)
{
    char block[3000];
    ssize_t n;
    while ((n = read(0, block, sizeof block)) > 0)
        if (write(1, block, (size_t)n) != n || write(2, block, (size_t)n) != n)
            return 1;
    return 0;
}

START_TEST(lab_12_3_bytes_arrive_unchanged_on_both_outputs)
{
    struct carrier c = carrier_start(RELAY_STDIN | LINGERS, copy_twice);
    ck_assert_uint_eq(pattern_write(c.in, 3000), 3000);
    close(c.in); /* its end of file */
    ck_assert_uint_eq(pattern_read(c.out, 3000), 3000);
    ck_assert_uint_eq(pattern_read(c.err, 3000), 3000);
    carrier_release(&c);
    ck_assert_uint_eq(pattern_read(c.out, -1), 0);
    ck_assert_uint_eq(pattern_read(c.err, -1), 0);
    ck_assert_int_eq(carrier_wait(&c), 0);
}
END_TEST

/* Many times what pipes and buffers hold. */
static size_t large(void)
{
    return (size_t)20 * 1000 * 1000 / (size_t)contract_step() + 7;
}

static int write_large(void)
{
    return pattern_write(1, large()) == large() ? 5 : 1;
}

START_TEST(lab_12_3_a_large_output_is_whole)
{
    struct carrier c = carrier_start(LINGERS, write_large);
    ck_assert_uint_eq(pattern_read(c.out, large()), large());
    carrier_release(&c);
    ck_assert_uint_eq(pattern_read(c.out, -1), 0);
    ck_assert_int_eq(carrier_wait(&c), 5);
}
END_TEST

static int read_large(void)
{
    return pattern_read(0, -1) == large() ? 6 : 1;
}

START_TEST(lab_12_3_a_large_input_is_whole)
{
    struct carrier c = carrier_start(RELAY_STDIN, read_large);
    ck_assert_uint_eq(pattern_write(c.in, large()), large());
    close(c.in);
    ck_assert_int_eq(carrier_wait(&c), 6);
}
END_TEST

/* Reads to the end of its input, and only then begins to speak. */
static int answer_at_the_end(void)
{
    size_t n = pattern_read(0, -1);
    return n == 1000 && write(1, "done", 4) == 4 ? 0 : 1;
}

START_TEST(lab_12_3_closing_one_direction_leaves_the_others_open)
{
    struct carrier c = carrier_start(RELAY_STDIN | LINGERS, answer_at_the_end);
    char said[8] = "";
    ck_assert_uint_eq(pattern_write(c.in, 1000), 1000);
    close(c.in);
    ck_assert_int_eq(read(c.out, said, sizeof said), 4);
    ck_assert_str_eq(said, "done");
    carrier_release(&c);
    ck_assert_int_eq(carrier_wait(&c), 0);
}
END_TEST

/* Does not read until it is told to. */
static int read_when_told(void)
{
    sigset_t go;
    sigemptyset(&go);
    sigaddset(&go, SIGUSR1);
    sigprocmask(SIG_BLOCK, &go, NULL);
    int signal;
    if (write(NEWS, "r", 1) != 1 || sigwait(&go, &signal) != 0)
        return 1;
    size_t n = pattern_read(0, -1);
    return write(NEWS, &n, sizeof n) == sizeof n ? 0 : 1;
}

START_TEST(lab_12_3_what_nobody_reads_is_not_taken_without_bound)
{
    struct carrier c = carrier_start(RELAY_STDIN, read_when_told);
    ck_assert_int_eq(carrier_hear(&c), 'r');
    ck_assert_int_eq(fcntl(c.in, F_SETFL, O_NONBLOCK), 0);
    size_t taken = pattern_fill(c.in, 10000000);
    /* Two pipes and a buffer, of 64 KiB each. */
    ck_assert_uint_gt(taken, 65536);
    ck_assert_uint_le(taken, 3 * 65536);
    kill(c.pid, SIGUSR1);
    close(c.in);
    size_t arrived = 0;
    ck_assert_int_eq(read(c.news, &arrived, sizeof arrived), sizeof arrived);
    ck_assert_uint_eq(arrived, taken);
    ck_assert_int_eq(carrier_wait(&c), 0);
}
END_TEST

/* A child floods the output; the parent speaks on the other one. */
static int flood_and_speak(void)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(pattern_write(1, 1000000) == 1000000 ? 0 : 1);
    int status = 1;
    if (write(2, "here", 4) != 4 || waitpid(pid, &status, 0) != pid)
        return 1;
    return status == 0 ? 9 : 1;
}

START_TEST(lab_12_3_one_stuck_stream_does_not_stop_another)
{
    struct carrier c = carrier_start(LINGERS, flood_and_speak);
    char said[8] = "";
    ck_assert_int_eq(read(c.err, said, sizeof said), 4);
    ck_assert_uint_eq(pattern_read(c.out, 1000000), 1000000);
    carrier_release(&c);
    ck_assert_int_eq(carrier_wait(&c), 9);
}
END_TEST

/* Writes until nobody listens; then tells so on the other stream. */
static int write_until_epipe(void)
{
    signal(SIGPIPE, SIG_IGN);
    char block[4096] = {0};
    while (write(1, block, sizeof block) > 0)
        ;
    return errno == EPIPE && write(2, "epipe", 5) == 5 ? 7 : 1;
}

START_TEST(lab_12_3_a_reader_that_is_gone_ends_its_direction_alone)
{
    struct carrier c = carrier_start(LINGERS, write_until_epipe);
    char said[8] = "";
    close(c.out);
    ck_assert_int_eq(read(c.err, said, sizeof said), 5);
    carrier_release(&c);
    ck_assert_int_eq(carrier_wait(&c), 7);
}
END_TEST

/* Closes its input, and says on its output when it has been told to. */
static int refuse_input(void)
{
    sigset_t go;
    sigemptyset(&go);
    sigaddset(&go, SIGUSR1);
    sigprocmask(SIG_BLOCK, &go, NULL);
    int signal;
    close(0);
    if (write(NEWS, "c", 1) != 1 || sigwait(&go, &signal) != 0)
        return 1;
    return write(1, "well", 4) == 4 ? 4 : 1;
}

START_TEST(lab_12_3_a_container_that_reads_no_more_goes_on)
{
    struct carrier c = carrier_start(RELAY_STDIN | LINGERS, refuse_input);
    char said[8] = "";
    ck_assert_int_eq(carrier_hear(&c), 'c');
    ck_assert_uint_eq(pattern_write(c.in, 5000), 5000);
    kill(c.pid, SIGUSR1);
    ck_assert_int_eq(read(c.out, said, sizeof said), 4);
    carrier_release(&c);
    ck_assert_int_eq(carrier_wait(&c), 4);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, lab_12_1_the_container_gets_pipes_and_none_of_our_files);
    tcase_add_test(tc, lab_12_1_without_i_it_reads_nothing);
    tcase_add_test(tc, lab_12_1_no_descriptor_is_left_or_survives_exec);
    tcase_add_test(tc, the_containers_ends_are_its_own_once_it_runs);
    tcase_add_test(tc, lab_12_2_a_signal_waits_until_somebody_can_pass_it_on);
    tcase_add_test(tc, lab_12_2_the_mask_is_ours_again_afterwards);
    tcase_add_test(tc, lab_12_3_bytes_arrive_unchanged_on_both_outputs);
    tcase_add_test(tc, lab_12_3_a_large_output_is_whole);
    tcase_add_test(tc, lab_12_3_a_large_input_is_whole);
    tcase_add_test(tc, lab_12_3_closing_one_direction_leaves_the_others_open);
    tcase_add_test(tc, lab_12_3_what_nobody_reads_is_not_taken_without_bound);
    tcase_add_test(tc, lab_12_3_one_stuck_stream_does_not_stop_another);
    tcase_add_test(tc, lab_12_3_a_reader_that_is_gone_ends_its_direction_alone);
    tcase_add_test(tc, lab_12_3_a_container_that_reads_no_more_goes_on);
}

int main(void)
{
    return contract_main("relay", add);
}
