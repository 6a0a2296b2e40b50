#include "err.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Messages name things that strangers named. Whatever is in those names, it is
 * one line, and gives a terminal nothing to obey. */
static void flatten(char *s)
{
    for (; *s != '\0'; s++)
        if ((unsigned char)*s < ' ' || *s == '\x7f')
            *s = '?';
}

/* Put "sentence: " before the reason in `e`. The reason, at the end, matters
 * most: it keeps its place, and a sentence that does not fit before it is what
 * gets cut. */
static void prepend(struct err *e, const char *format, va_list args)
{
    char reason[sizeof e->msg];
    memcpy(reason, e->msg, sizeof reason);
    vsnprintf(e->msg, sizeof e->msg, format, args);
    flatten(e->msg);
    size_t room = sizeof e->msg - sizeof ": ";
    size_t tail = strlen(reason);
    size_t used = strlen(e->msg);
    if (tail >= room)
        used = 0;
    else if (used + tail > room)
        used = room - tail;
    snprintf(e->msg + used, sizeof e->msg - used, "%s%s", used > 0 ? ": " : "",
             reason);
}

int err_set(struct err *e, int code, const char *format, ...)
{
    code = abs(code);
    if (e != NULL) {
        va_list args;
        va_start(args, format);
        vsnprintf(e->msg, sizeof e->msg, format, args);
        flatten(e->msg);
        va_end(args);
        e->code = code;
    }
    return -code;
}

int err_sys(struct err *e, int code, const char *format, ...)
{
    code = abs(code);
    if (e != NULL) {
        va_list args;
        va_start(args, format);
        snprintf(e->msg, sizeof e->msg, "%s", strerror(code));
        prepend(e, format, args);
        va_end(args);
        e->code = code;
    }
    return -code;
}

int err_add(struct err *e, const char *format, ...)
{
    if (e == NULL)
        return -1;
    va_list args;
    va_start(args, format);
    prepend(e, format, args);
    va_end(args);
    return -e->code;
}
