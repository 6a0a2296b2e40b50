/* A line becomes a record: log_parts.h. */
#include "log_parts.h"

#include "text.h"

#include <stdio.h>
#include <string.h>

/* --- time ----------------------------------------------------------------- */

void log_format_time(char out[LOG_TIME_MAX], const struct timespec *time,
                     bool in_file)
{
    struct tm tm;
    gmtime_r(&time->tv_sec, &tm);
    size_t len = strftime(out, LOG_TIME_MAX, "%Y-%m-%dT%H:%M:%S", &tm);
    len += (size_t)snprintf(out + len, LOG_TIME_MAX - len, ".%09ld",
                            time->tv_nsec);
    if (in_file) {
        while (out[len - 1] == '0')
            len--;
        if (out[len - 1] == '.')
            len--;
    }
    memcpy(out + len, "Z", 2);
}

/* --- writing -------------------------------------------------------------- */

/* What cannot stand for itself in a string as Docker writes it: control
 * characters, quotes, what HTML would take for its own, and all that is not
 * ASCII, which is looked at closer. */
static const bool special[256] = {
    [0x00 ... 0x1f] = true, ['"'] = true, ['\\'] = true,          ['<'] = true,
    ['>'] = true,           ['&'] = true, [0x80 ... 0xff] = true,
};

static char *put(char *out, const char *bytes, size_t len)
{
    memcpy(out, bytes, len);
    return out + len;
}

static char *put_code(char *out, unsigned int code)
{
    static const char hex[] = "0123456789abcdef";
    const char escape[] = {'\\',
                           'u',
                           hex[code >> 12 & 15],
                           hex[code >> 8 & 15],
                           hex[code >> 4 & 15],
                           hex[code & 15]};
    return put(out, escape, sizeof escape);
}

static char *put_ascii(char *out, char c)
{
    const char escape[] = {'\\', c == '\n' ? 'n' : c == '\r' ? 'r' : c};
    if (c == '\n' || c == '\r' || c == '"' || c == '\\')
        return put(out, escape, sizeof escape);
    return put_code(out, (unsigned char)c);
}

/* The character at *at, which is not ASCII. */
static char *put_wide(char *out, const char **at, size_t left)
{
    unsigned int code = 0;
    size_t size = text_utf8(*at, left, &code);
    const char *begin = *at;
    *at += size > 0 ? size : 1;
    if (size == 0)
        return put_code(out, 0xfffd);
    /* Line ends for JavaScript, of which JSON was once thought a part. */
    if (code == 0x2028 || code == 0x2029)
        return put_code(out, code);
    return put(out, begin, size);
}

static char *put_escaped(char *out, const char *line, size_t len)
{
    const char *at = line, *end = line + len;
    while (at < end) {
        const char *begin = at;
        while (at < end && !special[(unsigned char)*at])
            at++;
        out = put(out, begin, (size_t)(at - begin));
        if (at == end)
            break;
        if ((unsigned char)*at < 0x80)
            out = put_ascii(out, *at++);
        else
            out = put_wide(out, &at, (size_t)(end - at));
    }
    return out;
}

char *log_encode(char *out, int stream, const char *line, size_t len,
                 const char *time_text)
{
    static const char head[] = "{\"log\":\"",
                      out_tail[] = "\",\"stream\":\"stdout\",\"time\":\"",
                      err_tail[] = "\",\"stream\":\"stderr\",\"time\":\"";
    out = put(out, head, sizeof head - 1);
    out = put_escaped(out, line, len);
    out = put(out, stream == 2 ? err_tail : out_tail, sizeof out_tail - 1);
    out = put(out, time_text, strlen(time_text));
    return put(out, "\"}\n", 3);
}
