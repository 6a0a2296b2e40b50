/*
 * log.h - what a container printed, in files of Docker's json-file format.
 *
 * One record a line, each a JSON object with the line, its stream and the time:
 *
 *     {"log":"hello\n","stream":"stdout","time":"2026-01-02T03:04:05.6789Z"}
 *
 * Writing, by one process:
 *
 *     struct log_options options = {.max_bytes = 10 << 20, .max_files = 3};
 *     struct log *log;
 *     log_open(&log, dirfd, "ID-json.log", &options, &e);
 *     log_write(log, 1, bytes, n, &e);       // as they come out of a pipe
 *     log_flush(log, &e);                    // the container has ended
 *     log_close(log);
 *
 * Reading, by any number of others, at the same time:
 *
 *     struct log_query query = {.tail = 10, .out = true, .err = true,
 *                               .stop_fd = -1};
 *     log_read(dirfd, "ID-json.log", &query, print, NULL, &e);
 *
 * A file that has max_bytes becomes NAME.1, NAME.1 becomes NAME.2 and so on by
 * rename(2), and a new one is begun: a reader that has one of them open goes on
 * reading it. write(2) may write less than all of it when the disk is full, or
 * when SIGKILL comes between two pages: the writer cuts such a torn tail off,
 * at once or when the log is opened the next time, and readers take a line for
 * a record only when it is whole.
 *
 * Ownership: a log keeps a copy of `dirfd`; the caller of log_read keeps its
 * own. Memory is bounded whatever is written or read. Errors worth telling
 * apart: -ENOSPC, -EDQUOT, after which one may go on writing. inotify(7) is
 * used where there is one to be had, else the files are looked at ten times a
 * second. Single-threaded; a log belongs to one process.
 */
#ifndef LOG_H
#define LOG_H

#include "err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* --log-opt max-size and max-file. */
struct log_options {
    uint64_t max_bytes; /* of one file; 0: it grows for ever */
    unsigned max_files; /* all together; 0 is 1: the full one is thrown away */
};

struct log;

/* Continue the log `name` in that directory, or begin one: the file is made
 * with its first byte, mode 0640, so that a silent container costs nothing. */
int log_open(struct log **ret, int dirfd, const char *name,
             const struct log_options *options, struct err *e);

/* Write what came out of a stream, 1 or 2. Each line becomes a record; an
 * incomplete last one is kept until it is completed by a later call. A line
 * longer than 16 KiB becomes several records of which only the last has a
 * newline, as with Docker. 0 or -errno: what could not be written is lost, and
 * everything before it and after it is whole. */
int log_write(struct log *log, int stream, const void *bytes, size_t len,
              struct err *e);
/* Write the incomplete lines, without a newline. 0 or -errno. */
int log_flush(struct log *log, struct err *e);
/* Without flushing. NULL is fine. */
void log_close(struct log *log);

struct log_record {
    int stream;
    const char *bytes; /* with the newline, unless the line was split */
    size_t len;
    struct timespec time;
    const char *time_text; /* "2026-01-02T03:04:05.678900000Z" */
    const char *attrs;     /* JSON of labels and the like, or NULL */
};

struct log_query {
    struct timespec since, until; /* both inclusive; zero: none */
    int64_t tail;                 /* the last so many records; -1: all */
    bool follow;                  /* wait for more ... */
    int stop_fd;   /* ... until this one is readable or closed; -1: never */
    bool out, err; /* which streams */
    /* Lines of another format, one record each: fill in `ret`, but for its
     * time_text. False: this is no record. NULL: json-file. */
    bool (*decode)(char *line, size_t len, struct log_record *ret);
};

/* Call `each` for the records, oldest first. What it points to is valid until
 * it returns; a value other than 0 ends the reading and is returned. A record
 * that is damaged is passed over; a log that is not there is empty. `tail`
 * counts records of both streams, before the other wishes are looked at. 0,
 * what `each` returned, or -errno. */
int log_read(int dirfd, const char *name, const struct log_query *query,
             int (*each)(void *arg, const struct log_record *record,
                         struct err *e),
             void *arg, struct err *e);

#endif
