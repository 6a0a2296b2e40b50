/*
 * when.h - points in time, as people say them to --since and --until.
 *
 *     2026-01-02T03:04:05.5Z       RFC 3339, also with +02:00
 *     2026-01-02T03:04             no zone: the machine's own
 *     2026-01-02                   a day begins at midnight
 *     1767323045.5                 seconds since 1970
 *     1h30m                        so long ago, as Go's time.ParseDuration
 *
 * The shapes and the words for what is none are Docker's.
 */
#ifndef WHEN_H
#define WHEN_H

#include "err.h"

#include <jansson.h>
#include <stdbool.h>
#include <time.h>

/* Read it; `now` is what a duration is counted back from. 0 or -EINVAL. */
int when_read(const char *value, const struct timespec *now,
              struct timespec *ret, struct err *e);

/* The same for what an option, --NAME, put into that member of `doc`; nothing
 * was said: `ret` stays as it is. */
int when_read_option(const json_t *doc, const char *member, const char *name,
                     struct timespec *ret, struct err *e);

#endif
