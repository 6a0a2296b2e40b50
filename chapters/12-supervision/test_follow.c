/* Readers that follow a log, and writers that are killed or have no room. */
#include "test_log.h"

/* A writer in a process of its own. It begins, waits for a byte, and goes on:
 * so it is certain that somebody follows when the rest is written. */
static pid_t start_writer(int dirfd, uint64_t max_bytes, unsigned max_files,
                          uint64_t lines, int *ret_go)
{
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    *ret_go = ends[1];
    pid_t pid = fork();
    if (pid != 0) {
        close(ends[0]);
        return pid;
    }
    char go;
    struct log *log = open_log(dirfd, max_bytes, max_files);
    write_lines(log, 0, 1);
    if (read(ends[0], &go, 1) == 1)
        write_lines(log, 1, lines);
    _exit(0);
}

static int follow_log(int dirfd, int stop_fd, struct expected *expected)
{
    struct log_query query = {.tail = -1,
                              .stop_fd = stop_fd,
                              .follow = true,
                              .out = true,
                              .err = true};
    struct err e = {0};
    int r = log_read(dirfd, NAME, &query, check_line, expected, &e);
    ck_assert_msg(r >= 0, "%s", e.msg);
    return r;
}

START_TEST(lab_12_8_a_reader_follows_over_every_rotation)
{
    scratch_enter();
    auto_fd int dirfd = open_scratch();
    uint64_t lines = 1000000 / (uint64_t)contract_step();
    struct expected expected = {.stop_at = lines};
    pid_t pid = start_writer(dirfd, lines, 500, lines, &expected.told);
    ck_assert_int_eq(follow_log(dirfd, -1, &expected), 1);
    ck_assert_uint_eq(expected.seen, lines);
    ck_assert_int_gt(size_of(NAME ".100"), 0);
    waitpid(pid, NULL, 0);
}
END_TEST

/* Faster than anybody reads: what was thrown away is missing, and nothing that
 * is there comes twice or in the wrong order. */
START_TEST(a_reader_that_is_too_slow_misses_whole_lines_only)
{
    scratch_enter();
    auto_fd int dirfd = open_scratch();
    uint64_t lines = 300000 / (uint64_t)contract_step();
    struct expected expected = {.stop_at = lines, .may_skip = true};
    pid_t pid = start_writer(dirfd, 20000, 3, lines, &expected.told);
    ck_assert_int_eq(follow_log(dirfd, -1, &expected), 1);
    waitpid(pid, NULL, 0);
}
END_TEST

START_TEST(lab_12_8_following_ends_when_the_container_has_and_all_is_read)
{
    scratch_enter();
    auto_fd int dirfd = open_scratch();
    uint64_t lines = 20000 / (uint64_t)contract_step();
    struct expected expected = EXPECTED;
    int ends[2];
    /* Before there is a file; the writer's death closes the pipe. */
    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        struct log *log = open_log(dirfd, 5000, 900);
        write_lines(log, 0, lines);
        _exit(0);
    }
    close(ends[1]);
    ck_assert_int_eq(follow_log(dirfd, ends[0], &expected), 0);
    ck_assert_uint_eq(expected.next, lines);
    waitpid(pid, NULL, 0);
    /* It has ended long ago. */
    expected = (struct expected)EXPECTED;
    ck_assert_int_eq(follow_log(dirfd, ends[0], &expected), 0);
    ck_assert_uint_eq(expected.next, lines);
}
END_TEST

START_TEST(following_ends_with_the_time_that_was_asked_for)
{
    scratch_enter();
    auto_fd int dirfd = open_scratch();
    struct log *log = open_log(dirfd, 0, 0);
    write_lines(log, 0, 3);
    log_close(log);
    struct expected expected = EXPECTED;
    struct log_query query = {
        .tail = -1, .stop_fd = -1, .follow = true, .out = true, .err = true};
    clock_gettime(CLOCK_REALTIME, &query.until);
    query.until.tv_sec++;
    ck_assert_int_eq(log_read(dirfd, NAME, &query, check_line, &expected, NULL),
                     0);
    ck_assert_uint_eq(expected.seen, 3);
}
END_TEST

static int empty_then_write(void *arg, const struct log_record *record,
                            struct err *e)
{
    struct log *log = arg;
    (void)e;
    if (memcmp(record->bytes, "long", 4) == 0) {
        ck_assert_int_eq(truncate(SCRATCH "/" NAME, 0), 0);
        ck_assert_int_eq(log_write(log, 1, "new\n", 4, NULL), 0);
    }
    return record->bytes[0] == 'n';
}

START_TEST(lab_12_8_a_log_that_is_emptied_by_hand_goes_on)
{
    scratch_enter();
    auto_fd int dirfd = open_scratch();
    struct log *log = open_log(dirfd, 0, 0);
    struct log_query query = {
        .tail = -1, .stop_fd = -1, .follow = true, .out = true, .err = true};
    ck_assert_int_eq(log_write(log, 1, "long line\n", 10, NULL), 0);
    ck_assert_int_eq(log_read(dirfd, NAME, &query, empty_then_write, log, NULL),
                     1);
    log_close(log);
}
END_TEST

/* --- bad luck ------------------------------------------------------------- */

START_TEST(a_writer_that_is_killed_leaves_no_torn_record)
{
    uint64_t lines = 0;
    for (int i = 0; i < 40; i += contract_step()) {
        scratch_enter(); /* an empty one */
        auto_fd int dirfd = open_scratch();
        int go;
        struct expected expected = {.told = -1, .may_skip = true};
        pid_t pid = start_writer(dirfd, 300000, 500, UINT64_MAX, &go);
        ck_assert_int_eq(write(go, "x", 1), 1);
        /* In the middle of something: each time somewhere else. */
        off_t size = 100 + 7001 * i;
        while (size_of(NAME) < size && size_of(NAME ".1") < size)
            ;
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        close(go);
        read_log(dirfd, -1, &expected);
        ck_assert_uint_gt(expected.seen, 0);
        lines = expected.seen;
        /* The next one begins with nothing; what it repairs stays whole. */
        struct log *log = open_log(dirfd, 300000, 500);
        log_close(log);
        expected = (struct expected){.told = -1, .may_skip = true};
        read_log(dirfd, -1, &expected);
        ck_assert_uint_eq(expected.seen, lines);
    }
}
END_TEST

START_TEST(a_full_disk_tears_no_record_and_logging_goes_on)
{
    scratch_enter_sized("256k");
    auto_fd int dirfd = open_scratch();
    struct log *log = open_log(dirfd, 0, 0);
    char line[256];
    uint64_t number = 0, written = 0;
    auto_fd int big = open(SCRATCH "/big", O_CREAT | O_WRONLY, 0600);
    ck_assert_int_eq(posix_fallocate(big, 0, 100000), 0);
    while (log_write(log, 1, line, make_line(line, number), NULL) == 0)
        number++;
    struct expected expected = EXPECTED;
    read_log(dirfd, -1, &expected); /* from the first on, none missing */
    ck_assert_uint_eq(expected.seen, number);
    written = number;
    for (int i = 0; i < 1000; i++, number++) /* a short one may find room */
        written += log_write(log, 1, line, make_line(line, number), NULL) == 0;
    ck_assert_uint_lt(written, number - 900);
    /* Somebody makes room. */
    ck_assert_int_eq(ftruncate(big, 0), 0);
    write_lines(log, number, number + 100);
    expected = (struct expected){.told = -1, .may_skip = true};
    read_log(dirfd, -1, &expected);
    ck_assert_uint_eq(expected.seen, written + 100);
    log_close(log);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, lab_12_8_a_reader_follows_over_every_rotation);
    tcase_add_test(tc, a_reader_that_is_too_slow_misses_whole_lines_only);
    tcase_add_test(
        tc, lab_12_8_following_ends_when_the_container_has_and_all_is_read);
    tcase_add_test(tc, following_ends_with_the_time_that_was_asked_for);
    tcase_add_test(tc, lab_12_8_a_log_that_is_emptied_by_hand_goes_on);
    tcase_add_test(tc, a_writer_that_is_killed_leaves_no_torn_record);
    tcase_add_test(tc, a_full_disk_tears_no_record_and_logging_goes_on);
}

int main(void)
{
    return contract_main("follow", add);
}
