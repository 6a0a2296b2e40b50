/*
 * duration.h - spans of time as Go reads them, which is how Docker's options,
 * filters and instructions write them.
 *
 * A number with its unit, or several: "1h30m", "1.5s", "300ms"; a sign before
 * all of it. The units are ns, us, ms, s, m and h (time.ParseDuration of Go's
 * standard library).
 *
 *     double seconds;
 *     if (!duration_read("1m30s", &seconds))
 *         return err_set(e, EINVAL, "time: invalid duration \"%s\"", value);
 *
 * Nothing is kept and nothing is owned. Needs no privilege; fork-safe.
 */
#ifndef DURATION_H
#define DURATION_H

#include <stdbool.h>

/* Seconds; at most 2^63 nanoseconds, as Go has it. False: it is none. */
bool duration_read(const char *value, double *ret_s);

#endif
