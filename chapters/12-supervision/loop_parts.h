/*
 * loop_parts.h - what a loop is made of.
 *
 * Only loop.c (descriptors) and loop_timer.c (time and signals, which are
 * descriptors, too) include it.
 */
#ifndef LOOP_PARTS_H
#define LOOP_PARTS_H

#include "loop.h"

#include <stdbool.h>
#include <stddef.h>

/* One descriptor, in the table at its own number. */
struct loop_watch {
    uint32_t serial; /* of this registration; 0: none */
    uint32_t events;
    bool is_always_ready; /* epoll(7) refuses it */
    void (*ready)(void *arg, uint32_t events);
    void *arg;
};

struct loop_timer {
    int id;
    int64_t due_ns;
    void (*due)(void *arg);
    void *arg;
};

struct loop {
    int epoll;
    bool is_stopped;
    struct loop_watch *watches;
    int watches_n;
    uint32_t last_serial;
    int always_ready_n; /* of those that wait for something */

    int timerfd;
    struct loop_timer *timers;
    size_t timers_n, timers_room;
    int last_id;

    int signalfd; /* -1: no signals are wanted */
    void (*got)(void *arg, const struct signalfd_siginfo *info);
    void *got_arg;
    bool has_mask;
    sigset_t old_mask;
};

/* loop_timer.c: before anything else, and after everything. */
int loop_timer_open(struct loop *loop, struct err *e);
void loop_timer_close(struct loop *loop);

#endif
