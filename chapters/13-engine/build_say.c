/* What a build tells: the lines of Docker's own builder. */
#include "build.h"

#include "own.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void build_say(struct build *b, const char *format, ...)
{
    if (b->order->say == NULL)
        return;
    va_list args;
    char *line = NULL;
    va_start(args, format);
    int len = vasprintf(&line, format, args);
    va_end(args);
    if (len < 0)
        abort(); /* out of memory */
    b->order->say(b->order->arg, 1, line, (size_t)len);
    free(line);
}

void build_say_id(struct build *b, const char *id)
{
    build_say(b, " ---> %.12s\n", digest_hex(id));
}
