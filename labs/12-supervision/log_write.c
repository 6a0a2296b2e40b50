#include "log_parts.h"

#include "files.h"
#include "own.h"
#include "sys.h"
#include "text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Room for the longest record, and for many short ones in one write(2). */
#define OUT_SIZE (128 * 1024)

struct log {
    int dirfd;
    char *name;
    struct log_options options;
    int fd; /* -1: not there yet */
    uint64_t size;
    bool is_torn; /* what is behind `size` could not be cut off yet */
    struct log_line {
        size_t len;
        char bytes[LOG_LINE_MAX];
    } kept[2];                    /* the incomplete line of each stream */
    char time_text[LOG_TIME_MAX]; /* of the call at hand */
    size_t used;
    char out[OUT_SIZE];
};

/* --- the file ------------------------------------------------------------- */

/* How much of a file is whole: up to its last newline. */
static off_t whole_size(int fd, off_t size)
{
    char block[4096];
    while (size > 0) {
        size_t len = size < (off_t)sizeof block ? (size_t)size : sizeof block;
        ssize_t n = pread(fd, block, len, size - (off_t)len);
        if (n != (ssize_t)len)
            return size; /* it cannot be read: leave it alone */
        const char *last = memrchr(block, '\n', len);
        if (last != NULL)
            return size - (off_t)len + (last + 1 - block);
        size -= (off_t)len;
    }
    return 0;
}

/* A write was cut short by a full disk, or by SIGKILL of whoever wrote here
 * before us: cut the incomplete record off. */
static int cut_tail(struct log *log)
{
    struct stat st;
    if (fstat(log->fd, &st) < 0)
        return -errno;
    off_t whole = whole_size(log->fd, st.st_size);
    if (whole < st.st_size && ftruncate(log->fd, whole) < 0)
        return -errno;
    log->size = (uint64_t)whole;
    log->is_torn = false;
    return 0;
}

static int open_file(struct log *log, int flags, struct err *e)
{
    int fd =
        sys_openat(log->dirfd, log->name,
                   O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW | flags, 0640);
    if (fd < 0)
        return err_sys(e, fd, "open %s", log->name);
    log->fd = fd;
    int r = cut_tail(log);
    return r < 0 ? err_sys(e, r, "repair %s", log->name) : 0;
}

/*
 * NAME becomes NAME.1, and so on up to the first number that is free or the
 * last that is allowed, whose file is thus thrown away. The oldest is moved
 * first, so that each file has a name at every moment, and only one gap wanders
 * down: log_chain.c counts on both. */
static int rotate(struct log *log, struct err *e)
{
    /* TODO lab 12.6: close the file, its size is 0; with fewer than two files
     * allowed unlink it, else find the first number that is free, below the
     * last allowed, and rename from there downwards; what is not there is no
     * error */
    return err_set(e, ENOSYS, "lab 12.6 is not written yet");
}

/* Write what is gathered, whole records, with one write(2). */
static int write_out(struct log *log, struct err *e)
{
    size_t len = log->used;
    log->used = 0;
    if (len == 0)
        return 0;
    int r = 0;
    if (log->fd < 0 && (r = open_file(log, O_CREAT, e)) < 0)
        return r;
    if (log->is_torn)
        r = cut_tail(log);
    if (r == 0)
        r = files_write_all(log->fd, log->out, len);
    if (r == 0) {
        log->size += len;
        return 0;
    }
    log->is_torn = true;
    cut_tail(log);
    return err_sys(e, r, "write %s", log->name);
}

/* --- records -------------------------------------------------------------- */

/* What goes wrong with the file is told, and does not keep the next record
 * from being tried. */
static int add_record(struct log *log, int stream, const char *line, size_t len,
                      struct err *e)
{
    int r = 0;
    uint64_t most = log->options.max_bytes;
    if (most > 0 && log->size + log->used >= most) {
        r = write_out(log, e);
        int rotated = rotate(log, r < 0 ? NULL : e);
        r = r < 0 ? r : rotated;
    } else if (log->used + LOG_RECORD_MAX(len) > OUT_SIZE) {
        r = write_out(log, e);
    }
    char *out = log->out + log->used;
    char *end = log_encode(out, stream, line, len, log->time_text);
    log->used += (size_t)(end - out);
    return r;
}

/* How many bytes of a piece to take so that no character is cut in two. */
static size_t whole_characters(const char *bytes, size_t len)
{
    for (size_t back = 1; back <= 3 && back <= len; back++) {
        unsigned char c = (unsigned char)bytes[len - back];
        if ((c & 0xc0) == 0x80)
            continue;
        size_t size = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;
        return size > back ? len - back : len;
    }
    return len;
}

/* Keep bytes until their line is complete; when there is no room for more, it
 * is a record though it is not. */
static int keep(struct log *log, int stream, const char *bytes, size_t len,
                struct err *e)
{
    struct log_line *line = &log->kept[stream - 1];
    memcpy(line->bytes + line->len, bytes, len);
    line->len += len;
    bool is_complete = line->bytes[line->len - 1] == '\n';
    if (!is_complete && line->len < LOG_LINE_MAX)
        return 0;
    size_t take =
        is_complete ? line->len : whole_characters(line->bytes, line->len);
    int r = add_record(log, stream, line->bytes, take, e);
    line->len -= take;
    memmove(line->bytes, line->bytes + take, line->len);
    return r;
}

static void read_clock(struct log *log)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    log_format_time(log->time_text, &now, true);
}

int log_write(struct log *log, int stream, const void *bytes, size_t len,
              struct err *e)
{
    const char *at = bytes, *end = at + len;
    int result = 0;
    read_clock(log);
    while (at < end) {
        size_t kept = log->kept[stream - 1].len;
        size_t look = (size_t)(end - at);
        if (look > LOG_LINE_MAX - kept)
            look = LOG_LINE_MAX - kept;
        const char *newline = memchr(at, '\n', look);
        size_t take = newline != NULL ? (size_t)(newline + 1 - at) : look;
        struct err *first = result < 0 ? NULL : e;
        int r = kept == 0 && newline != NULL
                    ? add_record(log, stream, at, take, first)
                    : keep(log, stream, at, take, first);
        result = result < 0 ? result : r;
        at += take;
    }
    int r = write_out(log, result < 0 ? NULL : e);
    return result < 0 ? result : r;
}

int log_flush(struct log *log, struct err *e)
{
    read_clock(log);
    for (int i = 0; i < 2; i++) {
        struct log_line *line = &log->kept[i];
        if (line->len > 0)
            add_record(log, i + 1, line->bytes, line->len, e);
        line->len = 0;
    }
    return write_out(log, e);
}

int log_open(struct log **ret, int dirfd, const char *name,
             const struct log_options *options, struct err *e)
{
    struct log *log = own_alloc(sizeof *log);
    log->fd = -1;
    log->options = *options;
    log->name = own_strdup(name);
    log->dirfd = fcntl(dirfd, F_DUPFD_CLOEXEC, 3);
    int r = log->dirfd < 0 ? err_sys(e, errno, "directory of %s", name)
                           : open_file(log, 0, e);
    if (r < 0 && r != -ENOENT) {
        log_close(log);
        return r;
    }
    *ret = log;
    return 0;
}

void log_close(struct log *log)
{
    if (log == NULL)
        return;
    own_close(&log->fd);
    own_close(&log->dirfd);
    free(log->name);
    free(log);
}
