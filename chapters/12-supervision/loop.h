/*
 * loop.h - waiting for many things at once, and calling whoever asked.
 *
 * Linux makes a descriptor of nearly everything that can happen, and epoll(7)
 * waits for all of them: pipes and terminals, signals (signalfd(2)), time
 * (timerfd_create(2)), the end of a process (pidfd_open(2)). The loop keeps a
 * function for each, and calls it when the descriptor is ready.
 *
 *     struct loop *loop;
 *     loop_open(&loop, &e);
 *     loop_add(loop, pipe_fd, EPOLLIN, on_output, &state, &e);
 *     loop_add(loop, pidfd, EPOLLIN, on_exit, &state, &e);
 *     loop_signals(loop, &set, on_signal, &state, &e);
 *     int id = loop_timer(loop, 10000, on_timeout, &state, &e);
 *     loop_run(loop, &e);        // until somebody calls loop_stop
 *     loop_close(loop);
 *
 * Level-triggered: a function that leaves something unread is called again.
 * From within a function everything may be called but loop_close; what it
 * removes is not called any more, even where the kernel has reported it
 * together with the event at hand. Within one turn, descriptors come before
 * timers, in no particular order.
 *
 * Ownership: descriptors stay the caller's, and must be removed before they are
 * closed. The loop takes memory when something is added, never for an event.
 * One thread; not for use by both sides of a fork. A file that epoll refuses
 * (EPERM: a regular file, some devices) never blocks and counts as ready for
 * whatever is waited for.
 */
#ifndef LOOP_H
#define LOOP_H

#include "err.h"

#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>

struct loop;

int loop_open(struct loop **ret, struct err *e);
/* Idempotent; puts the signal mask back. NULL is fine. */
void loop_close(struct loop *loop);

/* Call `ready` while the descriptor has one of `events` (EPOLLIN, EPOLLOUT
 * ...); EPOLLHUP and EPOLLERR come unasked, beside any of them. With 0 nothing
 * is reported. 0 or -errno; -EEXIST: it is there already. */
int loop_add(struct loop *loop, int fd, uint32_t events,
             void (*ready)(void *arg, uint32_t events), void *arg,
             struct err *e);
/* Wait for other events of it, or with 0 for none. -ENOENT: it was not added.
 */
int loop_modify(struct loop *loop, int fd, uint32_t events, struct err *e);
/* What was not added may be removed. */
void loop_remove(struct loop *loop, int fd);

/* The clock of timers, CLOCK_MONOTONIC: setting the machine's clock changes
 * nothing. */
int64_t loop_now_ns(void);
/* Call `due` once, in so many milliseconds of it. The timer's id, > 0, or
 * -errno. */
int loop_timer(struct loop *loop, int64_t after_ms, void (*due)(void *arg),
               void *arg, struct err *e);
/* Forget it; one that is over or was never there is fine. */
void loop_cancel(struct loop *loop, int id);

/* Block these signals and call `got` for each that comes. A second call
 * replaces the first; give it signals that are blocked already, before there is
 * anybody whose signals could be lost. 0 or -errno. */
int loop_signals(struct loop *loop, const sigset_t *set,
                 void (*got)(void *arg, const struct signalfd_siginfo *info),
                 void *arg, struct err *e);

/* Wait and call until loop_stop; 0 or -errno. */
int loop_run(struct loop *loop, struct err *e);
/* loop_run returns as soon as the function that called this does. */
void loop_stop(struct loop *loop);

#endif
