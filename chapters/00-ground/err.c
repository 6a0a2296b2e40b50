#include "err.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int err_set(struct err *e, int code, const char *format, ...)
{
    if (e != NULL) {
        va_list args;
        va_start(args, format);
        vsnprintf(e->msg, sizeof e->msg, format, args);
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
        vsnprintf(e->msg, sizeof e->msg, format, args);
        va_end(args);
        size_t used = strlen(e->msg);
        snprintf(e->msg + used, sizeof e->msg - used, ": %s", strerror(code));
        e->code = code;
    }
    return -code;
}

int err_add(struct err *e, const char *format, ...)
{
    if (e == NULL)
        return -1;
    /* The reason, at the end, matters most: it keeps its place, and a
     * context that does not fit before it is what gets cut. */
    char reason[sizeof e->msg];
    memcpy(reason, e->msg, sizeof reason);
    va_list args;
    va_start(args, format);
    vsnprintf(e->msg, sizeof e->msg, format, args);
    va_end(args);
    size_t room = sizeof e->msg - 1;
    size_t tail = strlen(reason) + 2;
    size_t used = strlen(e->msg);
    if (used + tail > room)
        used = tail < room ? room - tail : 0;
    snprintf(e->msg + used, sizeof e->msg - used, ": %s", reason);
    return -e->code;
}
