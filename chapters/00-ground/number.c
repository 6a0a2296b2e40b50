/* Numbers in and out of text: the second half of text.h. */
#include "text.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

int text_to_bool(const char *s, bool *ret)
{
    static const char *const words[] = {"0",     "f",     "F",    "false",
                                        "FALSE", "False", "1",    "t",
                                        "T",     "true",  "TRUE", "True"};
    size_t n = sizeof words / sizeof words[0];
    for (size_t i = 0; i < n; i++)
        if (strcmp(s, words[i]) == 0) {
            *ret = i >= n / 2;
            return 0;
        }
    return -EINVAL;
}

int text_to_u64(const char *s, uint64_t *ret)
{
    /* strtoull takes "-1", " 1" and "+1": none of them is a number here. */
    if (!isdigit((unsigned char)s[0]))
        return -EINVAL;
    char *end;
    errno = 0;
    unsigned long long value = strtoull(s, &end, 10);
    if (*end != '\0')
        return -EINVAL;
    if (errno != 0)
        return -ERANGE;
    *ret = value;
    return 0;
}

int text_to_i64(const char *s, int64_t *ret)
{
    if (!isdigit((unsigned char)s[s[0] == '-']))
        return -EINVAL;
    char *end;
    errno = 0;
    long long value = strtoll(s, &end, 10);
    if (*end != '\0')
        return -EINVAL;
    if (errno != 0)
        return -ERANGE;
    *ret = value;
    return 0;
}

/* What a size's letter multiplies by: 1024 once per place in this string. */
static int unit_factor(const char *unit, double *ret)
{
    static const char letters[] = "kmgtp";
    *ret = 1;
    if (unit[0] == '\0' || strcasecmp(unit, "b") == 0)
        return 0;
    const char *letter = strchr(letters, tolower((unsigned char)unit[0]));
    bool known_end = unit[1] == '\0' || strcasecmp(unit + 1, "b") == 0 ||
                     strcasecmp(unit + 1, "ib") == 0;
    if (letter == NULL || !known_end)
        return -EINVAL;
    for (const char *below = letters; below <= letter; below++)
        *ret *= 1024;
    return 0;
}

int text_to_bytes(const char *s, uint64_t *ret)
{
    /* strtod also takes " 1", "0x10", "inf" and "nan". */
    if (strspn(s, "0123456789.+-") == 0)
        return -EINVAL;
    char *end;
    double value = strtod(s, &end);
    if (strspn(s, "0123456789.eE+-") < (size_t)(end - s) || end == s ||
        value < 0)
        return -EINVAL;
    if (*end == ' ')
        end++;
    double factor;
    if (unit_factor(end, &factor) < 0)
        return -EINVAL;
    value *= factor;
    if (value >= (double)INT64_MAX)
        return -ERANGE;
    *ret = (uint64_t)value;
    return 0;
}

/* Each unit is a thousand of the one before; from `most` on it is the next. */
static char *put_bytes(uint64_t bytes, double most, int digits, char out[16])
{
    static const char *const units[] = {"B",  "kB", "MB", "GB",
                                        "TB", "PB", "EB"};
    double value = (double)bytes;
    size_t unit = 0;
    for (; value >= most; unit++)
        value /= 1000;
    snprintf(out, 16, "%.*g%s", digits, value, units[unit]);
    return out;
}

char *text_from_bytes(uint64_t bytes, char out[16])
{
    /* From 999.5 on, three digits would read "1e+03". */
    return put_bytes(bytes, 999.5, 3, out);
}

char *text_from_space(uint64_t bytes, char out[16])
{
    return put_bytes(bytes, 1000, 4, out);
}

char *text_from_memory(uint64_t bytes, char out[16])
{
    static const char *const units[] = {"B",   "KiB", "MiB", "GiB",
                                        "TiB", "PiB", "EiB"};
    double value = (double)bytes;
    size_t unit = 0;
    for (; value >= 1024; unit++)
        value /= 1024;
    snprintf(out, 16, "%.4g%s", value, units[unit]);
    return out;
}

#define MINUTE INT64_C(60)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define HALF (HOUR / 2)

char *text_from_seconds(int64_t seconds, char out[32])
{
    /* Docker's words for a time span: below `limit` seconds, in units of
     * `unit`. From an hour on, hours are rounded to the nearest and the rest
     * counts those; years are cut. */
    static const struct {
        int64_t limit, unit, round;
        const char *words; /* with %d where a number belongs */
    } spans[] = {
        {1,                1,         0,    "Less than a second"},
        {2,                1,         0,    "1 second"          },
        {MINUTE,           1,         0,    "%d seconds"        },
        {2 * MINUTE,       MINUTE,    0,    "About a minute"    },
        {HOUR,             MINUTE,    0,    "%d minutes"        },
        {2 * HOUR - HALF,  HOUR,      HALF, "About an hour"     },
        {48 * HOUR - HALF, HOUR,      HALF, "%d hours"          },
        {14 * DAY - HALF,  DAY,       HALF, "%d days"           },
        {60 * DAY - HALF,  7 * DAY,   HALF, "%d weeks"          },
        {730 * DAY - HALF, 30 * DAY,  HALF, "%d months"         },
        {INT64_MAX,        365 * DAY, 0,    "%d years"          },
    };
    size_t i = 0;
    while (i + 1 < sizeof spans / sizeof spans[0] && seconds >= spans[i].limit)
        i++;
    int count = (int)((seconds + spans[i].round) / spans[i].unit);
    snprintf(out, 32, spans[i].words, count);
    return out;
}
