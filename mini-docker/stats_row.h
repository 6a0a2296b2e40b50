/*
 * stats_row.h - a line of `stats`: a container's counters, as people read them.
 *
 *     json_array_append_new(rows, stats_row("web", now, before, false));
 *
 * `now` and `before` are two answers of engine_stats: how much of the
 * processors it uses is what it used between the two; without `before` that
 * is 0. What nobody counts is "--". The words, numbers and formulas are those
 * of `docker stats`. The caller json_decref()s.
 */
#ifndef STATS_ROW_H
#define STATS_ROW_H

#include <jansson.h>
#include <stdbool.h>

/* `shown` is how the user called it; `whole` does not cut its id. */
json_t *stats_row(const char *shown, const json_t *now, const json_t *before,
                  bool whole);

#endif
