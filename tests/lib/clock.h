/*
 * clock.h - for unit tests: a clock that goes ahead of the one that stamps
 * files.
 *
 *     // WRAP clock_gettime           in the test's first lines
 *     #include "clock.h"
 *     clock_ahead_s = 5;
 */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>
#include <time.h>

static int64_t clock_ahead_s;

int __real_clock_gettime(clockid_t id, struct timespec *ret);
int __wrap_clock_gettime(clockid_t id, struct timespec *ret)
{
    int r = __real_clock_gettime(id, ret);
    ret->tv_sec += clock_ahead_s;
    return r;
}

#endif
