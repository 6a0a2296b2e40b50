/* Numbers in and out of text: the second half of text.h. */
#include "text.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

int text_to_bytes(const char *s, uint64_t *ret)
{
    static const char letters[] = "bkmgtp";
    if (!isdigit((unsigned char)s[0]))
        return -EINVAL;
    char *end;
    double value = strtod(s, &end);
    /* strtod also reads "0x10", "1e3" and "1inf": digits and a dot only. */
    if (strspn(s, "0123456789.") != (size_t)(end - s))
        return -EINVAL;
    if (*end == ' ')
        end++;
    if (*end != '\0') {
        const char *letter = strchr(letters, tolower((unsigned char)*end));
        if (letter == NULL)
            return -EINVAL;
        for (const char *unit = letters; unit < letter; unit++)
            value *= 1024;
        end++;
        bool may_end_in_b = letter != letters;
        if (may_end_in_b && tolower((unsigned char)end[0]) == 'i' &&
            tolower((unsigned char)end[1]) == 'b')
            end += 2;
        else if (may_end_in_b && tolower((unsigned char)end[0]) == 'b')
            end++;
    }
    if (*end != '\0')
        return -EINVAL;
    if (value > (double)INT64_MAX)
        return -ERANGE;
    *ret = (uint64_t)value;
    return 0;
}

char *text_from_bytes(uint64_t bytes, char out[16])
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB"};
    double value = (double)bytes;
    size_t unit = 0;
    while (value >= 1000 && unit + 1 < sizeof units / sizeof units[0]) {
        value /= 1000;
        unit++;
    }
    snprintf(out, 16, "%.3g%s", value, units[unit]);
    return out;
}

char *text_from_seconds(int64_t seconds, char out[32])
{
    /* go-units HumanDuration: up to `limit` seconds, in units of `unit`. */
    static const struct {
        int64_t limit, unit;
        const char *words; /* with %d where a number belongs */
    } spans[] = {
        {1,           1,           "Less than a second"},
        {2,           1,           "1 second"          },
        {60,          1,           "%d seconds"        },
        {120,         60,          "About a minute"    },
        {46 * 60,     60,          "%d minutes"        },
        {90 * 60,     3600,        "About an hour"     },
        {48 * 3600,   3600,        "%d hours"          },
        {14 * 86400,  86400,       "%d days"           },
        {60 * 86400,  7 * 86400,   "%d weeks"          },
        {730 * 86400, 30 * 86400,  "%d months"         },
        {INT64_MAX,   365 * 86400, "%d years"          },
    };
    size_t i = 0;
    while (seconds >= spans[i].limit)
        i++;
    /* Hours are rounded to the nearest, as Docker does; the rest is cut. */
    int64_t half = spans[i].unit == 3600 ? 1800 : 0;
    int count = (int)((seconds + half) / spans[i].unit);
    snprintf(out, 32, spans[i].words, count);
    return out;
}
