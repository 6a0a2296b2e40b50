/*
 * log_parts.h - what the halves of log.h share: the record as bytes, and the
 * files that are one log.
 *
 * Only this chapter's log_*.c include it.
 */
#ifndef LOG_PARTS_H
#define LOG_PARTS_H

#include "log.h"

#include <sys/types.h>

/* A longer line becomes several records: the size of Docker's buffer. */
#define LOG_LINE_MAX 16384
/* A record's length at most: each byte may become \u0000. */
#define LOG_RECORD_MAX(len) (6 * (len) + 128)

/* --- log_record.c: one record --------------------------------------------- */

/* As in the file: "2026-01-02T03:04:05.6789Z", without the last zeros; as it
 * is shown: with all nine digits. */
#define LOG_TIME_MAX 40
void log_format_time(char out[LOG_TIME_MAX], const struct timespec *time,
                     bool in_file);
/* Add the record of a line to `out`, which has room; its end. */
char *log_encode(char *out, int stream, const char *line, size_t len,
                 const char *time_text);
/* Read the record that is this line (`len` bytes, without the newline), and
 * undo the escapes in place. False: it is damaged. */
bool log_decode(char *line, size_t len, struct log_record *ret);

/* --- log_chain.c: the files of one log ------------------------------------ */

/* NAME, NAME.1, NAME.2 ... as they were at one moment, newest first. */
struct log_chain {
    int *fds; /* owned */
    size_t n;
};
#define auto_chain __attribute__((cleanup(log_chain_done)))
void log_chain_done(struct log_chain *chain);
/* The name of a file that has been rotated so many times. */
char *log_chain_name(const char *name, unsigned age);
/* Open all that are newer than the file `after`, or with -1 all. */
int log_chain_open(int dirfd, const char *name, int after,
                   struct log_chain *ret, struct err *e);
/* Whether both are the same file. */
bool log_chain_same(int fd, int other);

#endif
