/* What a build tells: what happens to its steps, and lines of Docker's own
 * builder. */
#include "build.h"

#include "loop.h"
#include "own.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint64_t engine_build_clock_ms(void)
{
    return (uint64_t)loop_now_ns() / 1000000;
}

/* A name is for people only where there are several. */
static void add_stage(const struct build *b, struct engine_build_event *event)
{
    const struct build_stage *stage = b->stage;
    event->at = b->step - b->before;
    event->of = stage->end - stage->head;
    if (b->stages.n == 1)
        return;
    auto_free char *number = text_format("stage-%td", stage - b->stages.v);
    snprintf(event->stage, sizeof event->stage, "%s",
             stage->name != NULL ? stage->name : number);
}

void build_tell(struct build *b, enum engine_build_kind kind, const char *bytes,
                size_t len)
{
    if (b->order->tell == NULL)
        return;
    struct engine_build_event event = {
        .kind = kind,
        .step = b->step,
        .n_steps = b->n_steps,
        .ms = engine_build_clock_ms(),
        .bytes = bytes,
        .len = len,
    };
    if (b->stage != NULL)
        add_stage(b, &event);
    b->order->tell(b->order->arg, &event);
}

static void tell_line(struct build *b, enum engine_build_kind kind,
                      const char *format, va_list args)
{
    auto_free char *line = NULL;
    int len = vasprintf(&line, format, args);
    if (len < 0)
        abort(); /* out of memory */
    build_tell(b, kind, line, (size_t)len);
}

void build_note(struct build *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    tell_line(b, ENGINE_BUILD_NOTE, format, args);
    va_end(args);
}

void build_say(struct build *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    tell_line(b, ENGINE_BUILD_RESULT, format, args);
    va_end(args);
}

void build_say_id(struct build *b, const char *id)
{
    build_note(b, " ---> %.12s\n", digest_hex(id));
}
