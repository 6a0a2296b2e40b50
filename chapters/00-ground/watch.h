/*
 * watch.h - what the watchers of the door tell each other.
 *
 * Only 00-ground's own files include this: door.c makes the call and asks
 * fault.c first, trace.c afterwards; trace.c decides what is shown and format.c
 * how it looks; args.c spells the arguments and quote.c strings.
 */
#ifndef WATCH_H
#define WATCH_H

#include "door.h"
#include "text.h"

#include <stdint.h>
#include <sys/types.h>

/* fault.c: does this call fail instead of being made? Does not return when
 * the fault is a kill. */
bool fault_strikes(const struct door_call *call, long *ret_result);

/* A finished call or step. Times are CLOCK_MONOTONIC nanoseconds. */
struct watch_event {
    pid_t pid;
    uint64_t begin_ns, end_ns;
    long result;
    bool begins; /* told before it happens: the result is not known */
    const char *step, *chapter, *why; /* NULL outside any step */
    const struct door_call *call;     /* NULL when the event is the step */
    const long *args;
};

/* trace.c: a call was made; or it is about to be, and may not come back. */
void trace_call(const struct door_call *call, const long args[6], long result,
                uint64_t begin_ns, uint64_t end_ns);
void trace_call_begins(const struct door_call *call, const long args[6]);
/* trace.c: we are the child of a sys_clone3 now. */
void trace_child(void);
/* trace.c: show what is still held back: this process is about to end. */
void trace_flush(void);

/* door.c: now, in nanoseconds. */
uint64_t door_now_ns(void);
/* door.c: the door's call of this name, or NULL. */
const struct door_call *door_find_call(const char *name);

/* format.c: the looks of a trace, by name. */
struct watch_format {
    const char *name;
    const char *head; /* what the file begins with */
    void (*add)(struct text *out, const struct watch_event *ev);
    void (*finish)(struct text *out, pid_t pid);
};
const struct watch_format *format_find(const char *name, size_t len);

/* args.c: the arguments as NAME=VALUE, ... or as a JSON object. */
void args_add_text(struct text *out, const struct watch_event *ev);
void args_add_json(struct text *out, const struct watch_event *ev);
/* quote.c: a string in JSON's quotes. Control characters and bytes that are no
 * UTF-8 are escaped, so that no string upsets a terminal or a parser. */
void quote_add(struct text *out, const char *s, size_t len);

#endif
