/* Logs on a real file system: rotation, readers that follow, bad luck. */
#include "test_log.h"

/* --- files ---------------------------------------------------------------- */

START_TEST(a_silent_container_has_no_file)
{
    scratch_enter();
    struct stat st;
    auto_fd int dirfd = open_scratch();
    umask(0);
    struct log *log = open_log(dirfd, 0, 0);
    ck_assert_int_eq(log_flush(log, NULL), 0);
    ck_assert_int_eq(size_of(NAME), -1);
    ck_assert_int_eq(log_write(log, 1, "x", 1, NULL), 0);
    ck_assert_int_eq(size_of(NAME), -1);
    ck_assert_int_eq(log_flush(log, NULL), 0);
    ck_assert_int_eq(stat(SCRATCH "/" NAME, &st), 0);
    ck_assert_int_eq(st.st_mode & 07777, 0640);
    log_close(log);
}
END_TEST

START_TEST(lab_12_6_a_full_file_gets_a_number_and_the_oldest_goes)
{
    scratch_enter();
    auto_fd int dirfd = open_scratch();
    struct log *log = open_log(dirfd, 10000, 3);
    struct expected expected = EXPECTED;
    for (uint64_t i = 0; i < 60; i += 10)
        write_lines(log, i, i + 10);
    ck_assert_int_eq(size_of(NAME ".1"), -1);
    write_lines(log, 60, 1000);
    /* As much as allowed, and one record more at most. */
    ck_assert_int_ge(size_of(NAME ".1"), 10000);
    ck_assert_int_lt(size_of(NAME ".1"), 10300);
    ck_assert_int_ge(size_of(NAME ".2"), 10000);
    ck_assert_int_ge(size_of(NAME), 1);
    ck_assert_int_eq(size_of(NAME ".3"), -1);
    expected.may_begin_later = true;
    read_log(dirfd, -1, &expected);
    ck_assert_uint_eq(expected.next, 1000);
    ck_assert_uint_gt(expected.seen, 100);
    log_close(log);
}
END_TEST

START_TEST(lab_12_6_one_file_alone_begins_anew)
{
    scratch_enter();
    auto_fd int dirfd = open_scratch();
    struct log *log = open_log(dirfd, 10000, 1);
    struct expected expected = {.told = -1, .may_begin_later = true};
    write_lines(log, 0, 1000);
    ck_assert_int_eq(size_of(NAME ".1"), -1);
    ck_assert_int_lt(size_of(NAME), 10300);
    read_log(dirfd, -1, &expected);
    ck_assert_uint_eq(expected.next, 1000);
    log_close(log);
}
END_TEST

START_TEST(lab_12_6_a_file_that_was_removed_is_no_error)
{
    scratch_enter();
    auto_fd int dirfd = open_scratch();
    struct log *log = open_log(dirfd, 500, 3);
    write_lines(log, 0, 1);
    ck_assert_int_eq(unlinkat(dirfd, NAME, 0), 0);
    write_lines(log, 1, 10); /* these must succeed */
    ck_assert_int_gt(size_of(NAME), 0);
    log_close(log);
}
END_TEST

START_TEST(lab_12_6_a_gap_that_a_killed_writer_left_is_closed)
{
    scratch_enter();
    auto_fd int dirfd = open_scratch();
    struct log *log = open_log(dirfd, 500, 9);
    write_lines(log, 0, 25);
    log_close(log);
    ck_assert_int_gt(size_of(NAME ".4"), 0);
    /* It has moved the oldest ones, and not come to the others. */
    ck_assert_int_eq(renameat(dirfd, NAME ".4", dirfd, NAME ".5"), 0);
    ck_assert_int_eq(renameat(dirfd, NAME ".3", dirfd, NAME ".4"), 0);
    struct expected expected = EXPECTED;
    read_log(dirfd, -1, &expected);
    ck_assert_uint_eq(expected.next, 25);
    log = open_log(dirfd, 500, 9);
    write_lines(log, 25, 33);
    ck_assert_int_gt(size_of(NAME ".3"), 0);
    expected = (struct expected)EXPECTED;
    read_log(dirfd, -1, &expected);
    ck_assert_uint_eq(expected.next, 33);
    log_close(log);
}
END_TEST

/* --- queries -------------------------------------------------------------- */

START_TEST(the_last_lines_are_found_across_files)
{
    scratch_enter();
    auto_fd int dirfd = open_scratch();
    struct log *log = open_log(dirfd, 2000, 500);
    write_lines(log, 0, 300);
    for (uint64_t tail = 0; tail <= 302; tail++) {
        uint64_t first = tail < 300 ? 300 - tail : 0;
        struct expected expected = {.told = -1, .next = first};
        read_log(dirfd, (int64_t)tail, &expected);
        ck_assert_uint_eq(expected.next, 300);
    }
    log_close(log);
}
END_TEST

/* How many bytes this process has read so far (proc(5)). */
static uint64_t bytes_read(void)
{
    uint64_t n = 0;
    FILE *io = fopen("/proc/self/io", "re");
    ck_assert_ptr_nonnull(io);
    ck_assert_int_eq(fscanf(io, "rchar: %" SCNu64, &n), 1);
    fclose(io);
    return n;
}

START_TEST(the_last_lines_are_found_without_reading_the_others)
{
    scratch_enter();
    auto_fd int dirfd = open_scratch();
    struct log *log = open_log(dirfd, 0, 0);
    write_lines(log, 0, 100000);
    ck_assert_int_gt(size_of(NAME), 10000000);
    struct expected expected = {.told = -1, .next = 99990};
    uint64_t before = bytes_read();
    read_log(dirfd, 10, &expected);
    ck_assert_uint_eq(expected.next, 100000);
    ck_assert_uint_lt(bytes_read() - before, 65536);
    log_close(log);
}
END_TEST

static int take_time(void *arg, const struct log_record *record, struct err *e)
{
    struct timespec *times = arg;
    (void)e;
    times[record->bytes[0] - '0'] = record->time;
    return 0;
}

static int gather(void *arg, const struct log_record *record, struct err *e)
{
    (void)e;
    text_addn(arg, record->bytes, record->len - 1);
    return 0;
}

START_TEST(since_and_until_are_inclusive_and_streams_are_chosen)
{
    scratch_enter();
    auto_fd int dirfd = open_scratch();
    struct log *log = open_log(dirfd, 0, 0);
    struct timespec times[4] = {{0}};
    for (int i = 0; i < 4; i++) {
        char line[] = {(char)('0' + i), '\n'};
        ck_assert_int_eq(log_write(log, i == 2 ? 2 : 1, line, 2, NULL), 0);
    }
    struct log_query query = {
        .tail = -1, .stop_fd = -1, .out = true, .err = true};
    ck_assert_int_eq(log_read(dirfd, NAME, &query, take_time, times, NULL), 0);
    query.since = times[1];
    query.until = times[2];
    auto_text struct text got = {0};
    ck_assert_int_eq(log_read(dirfd, NAME, &query, gather, &got, NULL), 0);
    ck_assert_str_eq(got.s, "12");
    text_clear(&got);
    query.err = false;
    ck_assert_int_eq(log_read(dirfd, NAME, &query, gather, &got, NULL), 0);
    ck_assert_str_eq(got.s, "1");
    text_clear(&got);
    query = (struct log_query){.tail = -1, .stop_fd = -1, .err = true};
    ck_assert_int_eq(log_read(dirfd, NAME, &query, gather, &got, NULL), 0);
    ck_assert_str_eq(got.s, "2");
    log_close(log);
}
END_TEST

START_TEST(a_million_lines_are_none_lost_and_none_torn)
{
    scratch_enter();
    auto_fd int dirfd = open_scratch();
    struct log *log = open_log(dirfd, 0, 0);
    struct expected expected = EXPECTED;
    write_lines(log, 0, 1000000);
    log_close(log);
    read_log(dirfd, -1, &expected);
    ck_assert_uint_eq(expected.seen, 1000000);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, a_silent_container_has_no_file);
    tcase_add_test(tc, lab_12_6_a_full_file_gets_a_number_and_the_oldest_goes);
    tcase_add_test(tc, lab_12_6_one_file_alone_begins_anew);
    tcase_add_test(tc, lab_12_6_a_file_that_was_removed_is_no_error);
    tcase_add_test(tc, lab_12_6_a_gap_that_a_killed_writer_left_is_closed);
    tcase_add_test(tc, the_last_lines_are_found_across_files);
    tcase_add_test(tc, the_last_lines_are_found_without_reading_the_others);
    tcase_add_test(tc, since_and_until_are_inclusive_and_streams_are_chosen);
    tcase_add_test(tc, a_million_lines_are_none_lost_and_none_torn);
}

int main(void)
{
    return contract_main("log", add);
}
