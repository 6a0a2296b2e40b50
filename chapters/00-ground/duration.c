#include "duration.h"

#include "own.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

/* One number with its unit, such as "1.5h"; what follows it, or NULL. */
static const char *read_part(const char *at, double *ret_s)
{
    static const struct {
        const char *name;
        double seconds;
    } units[] = {
        {"ns",        1e-9},
        {"us",        1e-6},
        {"\xc2\xb5s", 1e-6},
        {"\xce\xbcs", 1e-6},
        {"ms",        1e-3},
        {"s",         1   },
        {"m",         60  },
        {"h",         3600},
    };
    size_t len = strspn(at, "0123456789.");
    auto_free char *number = text_format("%.*s", (int)len, at);
    char *end;
    double value = strtod(number, &end);
    if (len == 0 || *end != '\0')
        return NULL;
    at += len;
    len = strcspn(at, "0123456789.");
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (strlen(units[i].name) == len &&
            memcmp(units[i].name, at, len) == 0) {
            *ret_s += value * units[i].seconds;
            return at + len;
        }
    return NULL;
}

/* Go's range: 2^63 nanoseconds. */
bool duration_read(const char *value, double *ret_s)
{
    bool is_negative = *value == '-';
    double s = 0;
    value += *value == '-' || *value == '+';
    if (*value == '\0')
        return false;
    while (value != NULL && *value != '\0')
        value = read_part(value, &s);
    *ret_s = is_negative ? -s : s;
    return value != NULL && s < 9223372036.0;
}
