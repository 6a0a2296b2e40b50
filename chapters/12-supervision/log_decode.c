/* A record becomes a line again: log_parts.h. */
#include "log_parts.h"

#include <string.h>

/* Strings are undone in place, which never makes them longer: \u and four
 * digits are three bytes of UTF-8 at most. */
struct cursor {
    char *at, *end;
};

static bool skip(struct cursor *c, char wanted)
{
    if (c->at == c->end || *c->at != wanted)
        return false;
    c->at++;
    return true;
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* The four digits after \u. */
static int read_code(struct cursor *c)
{
    int code = 0;
    if (c->end - c->at < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(*c->at++);
        if (digit < 0)
            return -1;
        code = code << 4 | digit;
    }
    return code;
}

static char *put_utf8(char *out, int code)
{
    if (code < 0x80) {
        *out++ = (char)code;
        return out;
    }
    if (code >= 0x10000) {
        *out++ = (char)(0xf0 | code >> 18);
        *out++ = (char)(0x80 | (code >> 12 & 0x3f));
    } else if (code >= 0x800) {
        *out++ = (char)(0xe0 | code >> 12);
    }
    if (code >= 0x800)
        *out++ = (char)(0x80 | (code >> 6 & 0x3f));
    else
        *out++ = (char)(0xc0 | code >> 6);
    *out++ = (char)(0x80 | (code & 0x3f));
    return out;
}

/* After "\u". Two halves of a pair are one character; half of one is none. */
static bool undo_code(struct cursor *c, char **out)
{
    int code = read_code(c);
    if (code < 0)
        return false;
    if (code >= 0xd800 && code < 0xdc00 && c->end - c->at >= 6 &&
        c->at[0] == '\\' && c->at[1] == 'u') {
        struct cursor next = {c->at + 2, c->end};
        int low = read_code(&next);
        if (low >= 0xdc00 && low < 0xe000) {
            code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
            c->at = next.at;
        }
    }
    *out = put_utf8(*out, code >= 0xd800 && code < 0xe000 ? 0xfffd : code);
    return true;
}

static bool undo_escape(struct cursor *c, char **out)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    if (c->at == c->end)
        return false;
    char kind = *c->at++;
    if (kind == 'u')
        return undo_code(c, out);
    const char *found = memchr(from, kind, sizeof from - 1);
    if (found == NULL)
        return false;
    *(*out)++ = to[found - from];
    return true;
}

static bool read_string(struct cursor *c, const char **ret, size_t *ret_len)
{
    if (!skip(c, '"'))
        return false;
    char *out = c->at;
    *ret = out;
    for (;;) {
        char *begin = c->at;
        while (c->at < c->end && *c->at != '"' && *c->at != '\\')
            c->at++;
        size_t plain = (size_t)(c->at - begin);
        memmove(out, begin, plain);
        out += plain;
        if (skip(c, '"'))
            break;
        if (!skip(c, '\\') || !undo_escape(c, &out))
            return false;
    }
    *out = '\0'; /* at the latest where the quote was */
    *ret_len = (size_t)(out - *ret);
    return true;
}

/* An object of strings and what else Docker may write one day: passed over. */
static bool skip_value(struct cursor *c)
{
    int depth = 0;
    for (; c->at < c->end; c->at++) {
        if (*c->at == '"') {
            for (c->at++; c->at < c->end && *c->at != '"'; c->at++)
                c->at += *c->at == '\\';
            if (c->at >= c->end)
                return false;
        } else if (*c->at == '{' || *c->at == '[') {
            depth++;
        } else if (*c->at == '}' || *c->at == ']') {
            if (depth-- == 0)
                return true;
        } else if (*c->at == ',' && depth == 0) {
            return true;
        }
    }
    return false;
}

/* RFC 3339, in any zone. */
static bool parse_time(const char *text, struct timespec *ret)
{
    struct tm tm = {0};
    const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
    if (rest == NULL)
        return false;
    ret->tv_nsec = 0;
    if (*rest == '.') {
        long digit = 100000000;
        for (rest++; *rest >= '0' && *rest <= '9'; rest++, digit /= 10)
            ret->tv_nsec += (*rest - '0') * digit;
    }
    if (strptime(rest, "%z", &tm) == NULL)
        return false;
    long east = tm.tm_gmtoff;
    ret->tv_sec = timegm(&tm) - east;
    return true;
}

/* --- the members ---------------------------------------------------------- */

static bool read_log(struct cursor *c, struct log_record *record)
{
    return read_string(c, &record->bytes, &record->len);
}

static bool read_stream(struct cursor *c, struct log_record *record)
{
    const char *name;
    size_t len;
    if (!read_string(c, &name, &len))
        return false;
    record->stream = strcmp(name, "stdout") == 0   ? 1
                     : strcmp(name, "stderr") == 0 ? 2
                                                   : 0;
    return record->stream != 0;
}

static bool read_time(struct cursor *c, struct log_record *record)
{
    size_t len;
    return read_string(c, &record->time_text, &len) &&
           parse_time(record->time_text, &record->time);
}

static bool read_attrs(struct cursor *c, struct log_record *record)
{
    record->attrs = c->at;
    return skip_value(c);
}

static bool read_member(struct cursor *c, struct log_record *record)
{
    static const struct {
        const char *name;
        bool (*read)(struct cursor *c, struct log_record *record);
    } members[] = {
        {"log",    read_log   },
        {"stream", read_stream},
        {"time",   read_time  },
        {"attrs",  read_attrs },
    };
    const char *name;
    size_t len;
    if (!read_string(c, &name, &len) || !skip(c, ':'))
        return false;
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        if (strcmp(name, members[i].name) == 0)
            return members[i].read(c, record);
    return skip_value(c);
}

bool log_decode(char *line, size_t len, struct log_record *ret)
{
    struct cursor c = {line, line + len};
    char *attrs_end = NULL;
    *ret = (struct log_record){.bytes = ""};
    if (!skip(&c, '{'))
        return false;
    do {
        if (!read_member(&c, ret))
            return false;
        if (ret->attrs != NULL && attrs_end == NULL)
            attrs_end = c.at;
    } while (skip(&c, ','));
    if (!skip(&c, '}') || c.at != c.end)
        return false;
    if (attrs_end != NULL)
        *attrs_end = '\0';
    return ret->stream != 0 && ret->time_text != NULL;
}
