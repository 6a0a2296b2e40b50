/*
 * test_log.h - logs whose lines tell their number, and whether they are whole.
 *
 *     auto_fd int dirfd = open_scratch();
 *     struct log *log = open_log(dirfd, max_bytes, max_files);
 *     write_lines(log, 0, 1000);
 *     struct expected expected = EXPECTED;
 *     read_log(dirfd, -1, &expected);      // each line is compared
 *
 * A line that is missing, twice there or torn fails the test.
 */
#ifndef TEST_LOG_H
#define TEST_LOG_H

#include "contract.h"
#include "log.h"
#include "own.h"
#include "scratch.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NAME "c-json.log"

/* Which line it is shows from its bytes, and so does whether it is whole. */
static inline size_t make_line(char out[256], uint64_t number)
{
    size_t len = 20 + number % 80;
    int head = snprintf(out, 256, "%09" PRIu64 " ", number);
    memset(out + head, 'a' + (int)(number % 26), len - (size_t)head);
    out[len] = '\n';
    return len + 1;
}

static inline int open_scratch(void)
{
    int fd = open(SCRATCH, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    return fd;
}

static inline struct log *open_log(int dirfd, uint64_t max_bytes,
                                   unsigned max_files)
{
    struct log_options options = {max_bytes, max_files};
    struct log *log = NULL;
    struct err e;
    ck_assert_msg(log_open(&log, dirfd, NAME, &options, &e) == 0, "%s", e.msg);
    return log;
}

/* Lines `from` to `to`, as a pipe would bring them: 64 KiB at once. */
static inline void write_lines(struct log *log, uint64_t from, uint64_t to)
{
    static char block[65536];
    size_t used = 0;
    struct err e;
    for (uint64_t i = from; i < to; i++) {
        used += make_line(block + used, i);
        if (used < sizeof block - 256 && i + 1 < to)
            continue;
        ck_assert_msg(log_write(log, 1, block, used, &e) == 0, "%s", e.msg);
        used = 0;
    }
}

/* What a reader expects: one line after another, from `next` on. */
struct expected {
    uint64_t next;
    bool may_begin_later; /* older ones have been thrown away */
    bool may_skip;        /* some were lost, but none is torn */
    uint64_t seen, stop_at;
    int told; /* a byte is written here for the first line; -1 */
};
#define EXPECTED                                                               \
    {                                                                          \
        .told = -1                                                             \
    }

static inline int check_line(void *arg, const struct log_record *record,
                             struct err *e)
{
    struct expected *expected = arg;
    char line[256];
    uint64_t number = strtoull(record->bytes, NULL, 10);
    if ((expected->may_begin_later && expected->seen == 0) ||
        (expected->may_skip && number > expected->next))
        expected->next = number;
    if (expected->seen++ == 0 && expected->told >= 0)
        ck_assert_int_eq(write(expected->told, "x", 1), 1);
    size_t len = make_line(line, expected->next++);
    if (record->len != len || memcmp(record->bytes, line, len) != 0)
        return err_set(e, EBADMSG, "line %" PRIu64 ": %.*s", expected->next - 1,
                       (int)record->len, record->bytes);
    return expected->next == expected->stop_at ? 1 : 0;
}

static inline int read_log(int dirfd, int64_t tail, struct expected *expected)
{
    struct log_query query = {
        .tail = tail, .stop_fd = -1, .out = true, .err = true};
    struct err e = {0};
    int r = log_read(dirfd, NAME, &query, check_line, expected, &e);
    ck_assert_msg(r >= 0, "%s", e.msg);
    return r;
}

static inline off_t size_of(const char *name)
{
    struct stat st;
    auto_free char *path = text_format(SCRATCH "/%s", name);
    return stat(path, &st) == 0 ? st.st_size : -1;
}

#endif
