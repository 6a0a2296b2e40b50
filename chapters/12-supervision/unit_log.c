// WRAP sys_write inotify_init1
/* Lines in a file, and a disk that is full after any byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "files.h"
#include "log_parts.h"
#include "own.h"
#include "sys.h"
#include "text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define NAME "c-json.log"

/* --- fakes ---------------------------------------------------------------- */

static ssize_t disk_room = -1; /* bytes; -1: as much as you like */

ssize_t __real_sys_write(int fd, const void *bytes, size_t count);
ssize_t __wrap_sys_write(int fd, const void *bytes, size_t count)
{
    if (disk_room < 0)
        return __real_sys_write(fd, bytes, count);
    if (disk_room == 0)
        return -ENOSPC;
    if ((size_t)disk_room < count)
        count = (size_t)disk_room;
    disk_room -= (ssize_t)count;
    return __real_sys_write(fd, bytes, count);
}

static bool has_inotify = true;

int __real_inotify_init1(int flags);
int __wrap_inotify_init1(int flags)
{
    errno = EMFILE;
    return has_inotify ? __real_inotify_init1(flags) : -1;
}

/* --- a log in a directory of its own -------------------------------------- */

static char directory[] = "/tmp/unit_log.XXXXXX";
static int dirfd_of_log;

static int set_up(void **state)
{
    (void)state;
    disk_room = -1;
    memcpy(directory + sizeof directory - 7, "XXXXXX", 7);
    if (mkdtemp(directory) == NULL)
        return -1;
    dirfd_of_log = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return dirfd_of_log < 0 ? -1 : 0;
}

static int tear_down(void **state)
{
    (void)state;
    close(dirfd_of_log);
    return files_remove_tree(AT_FDCWD, directory, NULL);
}

static struct log *open_log(uint64_t max_bytes, unsigned max_files)
{
    struct log_options options = {max_bytes, max_files};
    struct log *log = NULL;
    struct err e = {0};
    int r = log_open(&log, dirfd_of_log, NAME, &options, &e);
    if (r != 0)
        fail_msg("%s", e.msg);
    return log;
}

static int write_text(struct log *log, int stream, const char *text)
{
    return log_write(log, stream, text, strlen(text), NULL);
}

/* "1:line" and so on, one after another, as they were given. */
static int gather(void *arg, const struct log_record *record, struct err *e)
{
    (void)e;
    text_addf(arg, "%d:", record->stream);
    text_addn(arg, record->bytes, record->len);
    return 0;
}

static const struct log_query everything = {
    .tail = -1, .stop_fd = -1, .out = true, .err = true};

static void assert_holds(const char *expected)
{
    auto_text struct text got = {0};
    struct err e = {0};
    if (log_read(dirfd_of_log, NAME, &everything, gather, &got, &e) != 0)
        fail_msg("%s", e.msg);
    assert_string_equal(got.len > 0 ? got.s : "", expected);
}

/* --- lines ---------------------------------------------------------------- */

static void a_line_may_come_in_pieces_and_streams_do_not_mix(void **state)
{
    (void)state;
    struct log *log = open_log(0, 0);
    assert_int_equal(write_text(log, 1, "one\ntw"), 0);
    assert_int_equal(write_text(log, 2, "err"), 0);
    assert_holds("1:one\n");
    assert_int_equal(write_text(log, 1, "o"), 0);
    assert_int_equal(write_text(log, 1, "\nthree\n\nfour"), 0);
    assert_holds("1:one\n1:two\n1:three\n1:\n");
    assert_int_equal(log_flush(log, NULL), 0);
    assert_int_equal(log_flush(log, NULL), 0);
    assert_holds("1:one\n1:two\n1:three\n1:\n1:four2:err");
    log_close(log);
}

struct piece {
    size_t len[8];
    size_t n;
    bool has_end[8];
};

static int measure(void *arg, const struct log_record *record, struct err *e)
{
    struct piece *pieces = arg;
    (void)e;
    pieces->has_end[pieces->n] =
        record->len > 0 && record->bytes[record->len - 1] == '\n';
    pieces->len[pieces->n++] = record->len;
    return 0;
}

/* `step`: how much one call brings. */
static struct piece split(const char *line, size_t len, size_t step)
{
    struct log *log = open_log(0, 0);
    struct piece pieces = {0};
    for (size_t at = 0; at < len; at += step)
        log_write(log, 1, line + at, len - at < step ? len - at : step, NULL);
    log_close(log);
    log_read(dirfd_of_log, NAME, &everything, measure, &pieces, NULL);
    unlinkat(dirfd_of_log, NAME, 0);
    return pieces;
}

static void a_long_line_is_split_where_docker_splits_it(void **state)
{
    (void)state;
    static char line[40000];
    memset(line, 'x', sizeof line);
    static const size_t steps[] = {7, 4096, 16384, 40000};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        line[39999] = '\n';
        struct piece p = split(line, 40000, steps[i]);
        assert_int_equal(p.n, 3);
        assert_int_equal(p.len[0], 16384);
        assert_int_equal(p.len[1], 16384);
        assert_int_equal(p.len[2], 40000 - 2 * 16384);
        assert_true(!p.has_end[0] && !p.has_end[1] && p.has_end[2]);
        /* 16 KiB with the newline are one record, without it two. */
        line[16383] = '\n';
        p = split(line, 16384, steps[i]);
        assert_true(p.n == 1 && p.has_end[0]);
        line[16383] = 'x';
        line[16384] = '\n';
        p = split(line, 16385, steps[i]);
        assert_true(p.n == 2 && p.len[0] == 16384 && p.len[1] == 1);
        line[16384] = 'x';
    }
}

static void no_character_is_split(void **state)
{
    (void)state;
    static char line[20000];
    static const char whale[4] = {'\xf0', '\x9f', '\x90', '\xb3'};
    for (size_t before = 0; before < 4; before++) {
        auto_text struct text got = {0};
        memset(line, 'x', sizeof line);
        for (size_t i = before; i + 4 < sizeof line; i += 4)
            memcpy(line + i, whale, sizeof whale);
        line[sizeof line - 1] = '\n';
        struct log *log = open_log(0, 0);
        log_write(log, 1, line, sizeof line, NULL);
        log_close(log);
        assert_int_equal(
            log_read(dirfd_of_log, NAME, &everything, gather, &got, NULL), 0);
        assert_int_equal(got.len, sizeof line + 4);
        size_t cut = 16384 - (16384 - before) % 4;
        assert_memory_equal(got.s + 2, line, cut);
        assert_memory_equal(got.s + 2 + cut + 2, line + cut, sizeof line - cut);
        unlinkat(dirfd_of_log, NAME, 0);
    }
}

/* --- bad luck ------------------------------------------------------------- */

static size_t file_size(void)
{
    struct stat st;
    return fstatat(dirfd_of_log, NAME, &st, 0) == 0 ? (size_t)st.st_size : 0;
}

static void a_disk_full_after_any_byte_tears_no_record(void **state)
{
    (void)state;
    struct log *log = open_log(0, 0);
    assert_int_equal(write_text(log, 1, "before\n"), 0);
    size_t before = file_size();
    assert_int_equal(write_text(log, 1, "lost\n"), 0);
    ssize_t whole = (ssize_t)(file_size() - before) + 4;
    auto_fd int fd = openat(dirfd_of_log, NAME, O_WRONLY | O_CLOEXEC);
    for (ssize_t room = 0; room < whole; room++) {
        assert_int_equal(ftruncate(fd, 0), 0);
        assert_int_equal(write_text(log, 1, "before\n"), 0);
        disk_room = room;
        /* Two, of which the first may have had room. */
        struct err e = {0};
        int r = log_write(log, 1, "lost\nlost\n", 10, &e);
        disk_room = -1;
        assert_int_equal(r, -ENOSPC);
        assert_string_equal(e.msg, "write " NAME ": No space left on device");
        assert_int_equal(write_text(log, 2, "after\n"), 0);
        auto_text struct text got = {0};
        log_read(dirfd_of_log, NAME, &everything, gather, &got, NULL);
        if (strcmp(got.s, "1:before\n1:lost\n2:after\n") != 0)
            assert_string_equal(got.s, "1:before\n2:after\n");
    }
    log_close(log);
}

static void a_writer_killed_at_any_byte_leaves_whole_records(void **state)
{
    (void)state;
    struct log *log = open_log(0, 0);
    write_text(log, 1, "first\n");
    size_t first = file_size();
    write_text(log, 1, "second\n");
    log_close(log);
    const size_t both = file_size();
    for (size_t size = both; size > 0; size--) {
        auto_fd int fd = openat(dirfd_of_log, NAME, O_RDWR | O_CLOEXEC);
        assert_int_equal(ftruncate(fd, (off_t)size), 0);
        const char *left = size == both    ? "1:first\n1:second\n"
                           : size >= first ? "1:first\n"
                                           : "";
        assert_holds(left); /* nobody has repaired it yet */
        auto_free char *expected = text_format("%s1:third\n", left);
        auto_text struct text saved = {0};
        files_read(dirfd_of_log, NAME, &saved, NULL);
        log = open_log(0, 0);
        assert_int_equal(write_text(log, 1, "third\n"), 0);
        log_close(log);
        assert_holds(expected);
        assert_int_equal(ftruncate(fd, 0), 0);
        assert_int_equal(pwrite(fd, saved.s, saved.len, 0), saved.len);
    }
}

static void damaged_records_are_passed_over(void **state)
{
    (void)state;
    struct log *log = open_log(0, 0);
    write_text(log, 1, "one\n");
    static char junk[300000]; /* longer than any buffer, without an end */
    memset(junk, 'j', sizeof junk);
    auto_fd int fd = openat(dirfd_of_log, NAME, O_WRONLY | O_APPEND);
    assert_int_equal(write(fd, "{\"log\":\"tor\n\n", 13), 13);
    assert_int_equal(write(fd, junk, sizeof junk), sizeof junk);
    assert_int_equal(write(fd, "\n\0\0\0\n", 5), 5);
    write_text(log, 1, "two\n");
    log_close(log);
    assert_holds("1:one\n1:two\n");
}

static int stop_at_two(void *arg, const struct log_record *record,
                       struct err *e)
{
    gather(arg, record, e);
    return memcmp(record->bytes, "two", 3) == 0 ? 7 : 0;
}

static void the_reader_may_stop(void **state)
{
    (void)state;
    struct log *log = open_log(0, 0);
    write_text(log, 1, "one\ntwo\nthree\n");
    log_close(log);
    auto_text struct text got = {0};
    assert_int_equal(
        log_read(dirfd_of_log, NAME, &everything, stop_at_two, &got, NULL), 7);
    assert_string_equal(got.s, "1:one\n1:two\n");
}

static int ends[2];

/* "two" is not written before "one" has been read. */
static int ask_for_more(void *arg, const struct log_record *record,
                        struct err *e)
{
    gather(arg, record, e);
    if (record->bytes[0] == 'o')
        assert_int_equal(write(ends[1], "x", 1), 1);
    return record->bytes[1] == 'h' ? 3 : 0;
}

static void without_inotify_the_files_are_looked_at(void **state)
{
    (void)state;
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct log *log = open_log(100, 5);
        char go;
        write_text(log, 1, "one\n");
        if (read(ends[0], &go, 1) == 1)
            write_text(log, 1, "two\nthree\n");
        _exit(0);
    }
    close(ends[0]);
    struct log_query query = everything;
    query.follow = true;
    auto_text struct text got = {0};
    has_inotify = false;
    assert_int_equal(
        log_read(dirfd_of_log, NAME, &query, ask_for_more, &got, NULL), 3);
    has_inotify = true;
    assert_string_equal(got.s, "1:one\n1:two\n1:three\n");
    waitpid(pid, NULL, 0);
    close(ends[1]);
}

#define with_log(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_log(a_line_may_come_in_pieces_and_streams_do_not_mix),
        with_log(a_long_line_is_split_where_docker_splits_it),
        with_log(no_character_is_split),
        with_log(a_disk_full_after_any_byte_tears_no_record),
        with_log(a_writer_killed_at_any_byte_leaves_whole_records),
        with_log(damaged_records_are_passed_over),
        with_log(the_reader_may_stop),
        with_log(without_inotify_the_files_are_looked_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
