#include "when.h"

#include "duration.h"
#include "field.h"
#include "own.h"
#include "text.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- dates ---------------------------------------------------------------- */

/* The parts of a date, as Go names them in a layout, and where they go. */
static const struct part {
    const char *name;
    size_t place; /* in struct tm */
    int offset, min, max;
    const char *range; /* what is out of range if it is */
} parts[] = {
    {"2006", offsetof(struct tm, tm_year), -1900, 0, 9999, "year"  },
    {"01",   offsetof(struct tm, tm_mon),  -1,    1, 12,   "month" },
    {"02",   offsetof(struct tm, tm_mday), 0,     1, 31,   "day"   },
    {"15",   offsetof(struct tm, tm_hour), 0,     0, 23,   "hour"  },
    {"04",   offsetof(struct tm, tm_min),  0,     0, 59,   "minute"},
    {"05",   offsetof(struct tm, tm_sec),  0,     0, 59,   "second"},
};

/* Reading a value by a layout. */
struct reading {
    const char *value, *layout; /* all of them */
    const char *at;
    struct tm tm;
    long nanoseconds;
    bool has_zone;
    long east_s;
};

static int cannot_parse(const struct reading *in, const char *element,
                        size_t len, struct err *e)
{
    return err_set(e, EINVAL,
                   "parsing time \"%s\" as \"%s\": cannot parse \"%s\" as "
                   "\"%.*s\"",
                   in->value, in->layout, in->at, (int)len, element);
}

static int read_number(struct reading *in, const struct part *part,
                       struct err *e)
{
    size_t len = strlen(part->name);
    int number = 0;
    for (size_t i = 0; i < len; i++) {
        if (!isdigit((unsigned char)in->at[i]))
            return cannot_parse(in, part->name, len, e);
        number = number * 10 + (in->at[i] - '0');
    }
    if (number < part->min || number > part->max)
        return err_set(e, EINVAL, "parsing time \"%s\": %s out of range",
                       in->value, part->range);
    *(int *)((char *)&in->tm + part->place) = number + part->offset;
    in->at += len;
    return 0;
}

/* What follows the seconds, asked for or not. */
static void read_fraction(struct reading *in)
{
    long digit = 100000000;
    if (*in->at != '.' || !isdigit((unsigned char)in->at[1]))
        return;
    for (in->at++; isdigit((unsigned char)*in->at); in->at++, digit /= 10)
        in->nanoseconds += (*in->at - '0') * digit;
}

static int read_zone(struct reading *in, struct err *e)
{
    int hours, minutes, end = 0;
    in->has_zone = true;
    if (*in->at == 'Z') {
        in->at++;
        return 0;
    }
    if ((*in->at == '+' || *in->at == '-') &&
        isdigit((unsigned char)in->at[1]) &&
        sscanf(in->at + 1, "%2d:%2d%n", &hours, &minutes, &end) == 2 &&
        end == 5 && hours <= 24 && minutes < 60) {
        in->east_s = (hours * 60L + minutes) * (*in->at == '-' ? -60 : 60);
        in->at += 6;
        return 0;
    }
    return cannot_parse(in, "Z07:00", 6, e);
}

static const struct part *find_part(const char *layout)
{
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (text_starts(layout, parts[i].name))
            return &parts[i];
    return NULL;
}

static int read_by_layout(struct reading *in, struct err *e)
{
    int r = 0;
    for (const char *layout = in->layout; *layout != '\0' && r == 0;) {
        const struct part *part = find_part(layout);
        if (part != NULL) {
            r = read_number(in, part, e);
            layout += strlen(part->name);
            if (r == 0 && strcmp(part->name, "05") == 0)
                read_fraction(in);
        } else if (text_starts(layout, "Z07:00")) {
            r = read_zone(in, e);
            layout += 6;
        } else if (*in->at == *layout) {
            in->at++;
            layout++;
        } else {
            r = cannot_parse(in, layout, 1, e);
        }
    }
    if (r == 0 && *in->at != '\0')
        r = err_set(e, EINVAL, "parsing time \"%s\": extra text: \"%s\"",
                    in->value, in->at);
    return r;
}

/* --- which layout --------------------------------------------------------- */

static size_t count(const char *s, char c)
{
    size_t n = 0;
    for (; *s != '\0'; s++)
        n += *s == c;
    return n;
}

/* Docker looks at which signs are there. */
static const char *choose_layout(const char *value)
{
    static const char *const layouts[][2] = {
        {"2006-01-02",          "2006-01-02Z07:00"         },
        {"2006-01-02T15",       "2006-01-02T15Z07:00"      },
        {"2006-01-02T15:04",    "2006-01-02T15:04Z07:00"   },
        {"2006-01-02T15:04:05", "2006-01-02T15:04:05Z07:00"},
    };
    bool is_utc = strpbrk(value, "zZ") != NULL;
    bool has_zone =
        is_utc || strchr(value, '+') != NULL || count(value, '-') == 3;
    size_t colons = count(value, ':');
    colons -= has_zone && !is_utc && colons > 0;
    size_t which = strchr(value, '.') != NULL   ? 3
                   : strchr(value, 'T') == NULL ? 0
                   : colons < 2                 ? colons + 1
                                                : 3;
    return layouts[which][has_zone];
}

static int read_date(const char *value, struct timespec *ret, struct err *e)
{
    struct reading in = {.value = value,
                         .layout = choose_layout(value),
                         .at = value,
                         .tm = {.tm_isdst = -1}};
    int r = read_by_layout(&in, e);
    if (r < 0)
        return r;
    struct tm same = in.tm;
    ret->tv_nsec = in.nanoseconds;
    ret->tv_sec = timegm(&same) - in.east_s;
    if (same.tm_mday != in.tm.tm_mday) /* 30 February */
        return err_set(e, EINVAL, "parsing time \"%s\": day out of range",
                       value);
    if (!in.has_zone)
        ret->tv_sec = mktime(&in.tm);
    return 0;
}

/* Seconds, and a fraction of at most nine digits. */
static bool read_seconds(const char *value, struct timespec *ret)
{
    int64_t seconds = 0, fraction = 0;
    size_t len = strcspn(value, ".");
    const char *rest = value[len] == '.' ? value + len + 1 : "0";
    auto_free char *whole = text_format("%.*s", (int)len, value);
    auto_free char *nine = text_format(
        "%.9s%0*d", rest, strlen(rest) < 9 ? 9 - (int)strlen(rest) : 0, 0);
    if (text_to_i64(whole, &seconds) < 0 ||
        strspn(rest, "0123456789") != strlen(rest) || *rest == '\0')
        return false;
    nine[9] = '\0';
    text_to_i64(nine, &fraction);
    *ret = (struct timespec){seconds, (long)fraction};
    return true;
}

int when_read(const char *value, const struct timespec *now,
              struct timespec *ret, struct err *e)
{
    double ago_s;
    if (duration_read(value, &ago_s)) {
        /* To the second, as Docker counts. */
        double at = (double)now->tv_sec + (double)now->tv_nsec / 1e9 - ago_s;
        *ret = (struct timespec){.tv_sec = (time_t)at - (at < (time_t)at)};
        return 0;
    }
    struct err why = {0};
    if (read_date(value, ret, &why) == 0)
        return 0;
    if (strchr(value, '-') != NULL) /* it was meant to be a date */
        return err_set(e, EINVAL, "%s", why.msg);
    if (read_seconds(value, ret))
        return 0;
    return err_set(e, EINVAL,
                   "failed to parse value as time or duration: \"%s\"", value);
}

int when_read_option(const json_t *doc, const char *member, const char *name,
                     struct timespec *ret, struct err *e)
{
    struct timespec now;
    const char *value = field_string(doc, member);
    if (value == NULL || value[0] == '\0')
        return 0;
    clock_gettime(CLOCK_REALTIME, &now);
    int r = when_read(value, &now, ret, e);
    return r < 0 ? err_add(e, "invalid value for \"%s\"", name) : 0;
}
