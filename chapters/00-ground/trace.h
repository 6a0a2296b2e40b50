/*
 * trace.h - watching the door: which step is under way, and which calls it
 * makes.
 *
 *     trace_open("text", &e);
 *     trace_step_begin("hostname", "02", "it answers to its own name");
 *     int r = sys_sethostname("web", 3);
 *     trace_step_end(r);
 *     trace_close();
 *
 *     [4711] 02 hostname            0.004 ms  it answers to its own name
 *     [4711]     sethostname(name="web", len=3) = 0  0.003 ms
 *
 * Steps are spans, calls are events inside them. A wish is a list of words
 * with commas between them, as in MINI_DOCKER_TRACE or run --trace=WISH:
 *
 *     text | jsonl | chrome     the format, each with an optional :FILE
 *                               (without one, standard error)
 *     all                       steps and calls (the default)
 *     steps                     steps alone
 *     04                        the steps of chapter 04 and their calls
 *     mount,clone3              these calls
 *     steps,04,mount            the steps of chapter 04, and these calls
 *
 * jsonl is one JSON object per line. chrome is the Trace Event Format (an
 * array of events with ph, ts in microseconds, pid, tid, name, cat, args) that
 * Perfetto and chrome://tracing open.
 *
 * execve is told before it happens, with the result "?" (null in JSON), since
 * it does not come back; if it fails, it is told again.
 *
 * A child made by sys_clone3 or sys_clone goes on tracing to the same place;
 * each block of lines is one write(2) to a file opened O_APPEND, so blocks of
 * two processes never mix. pids are those of the tracing process's own pid
 * namespace; jsonl has the thread's number in its own, tid, which tells apart
 * what was made by fork(2), past the door. Two USDT probes fire whether or not
 * a trace is open: mini_docker:call (name, result, nanoseconds) and
 * mini_docker:step (name, chapter, result, nanoseconds).
 */
#ifndef TRACE_H
#define TRACE_H

#include "err.h"

#include <stdbool.h>

/* Start tracing as `wish` says; NULL or "" traces nothing. -EINVAL for a word
 * that is neither a format, a chapter nor a call; -errno of opening FILE. */
int trace_open(const char *wish, struct err *e);

/* True while a trace is open. */
bool trace_is_on(void);

/* Between these two, calls belong to the step; steps do not nest. The strings
 * must live on, and name and chapter need no quoting in JSON. `result` is what
 * the step returned: >= 0 or -errno. */
void trace_step_begin(const char *name, const char *chapter, const char *why);
void trace_step_end(int result);

/* End the trace: completes the file. The parent calls it, once. */
void trace_close(void);
/* For a child that goes on when its parent may have completed the file: what it
 * does from here on is not told. */
void trace_leave(void);

#endif
