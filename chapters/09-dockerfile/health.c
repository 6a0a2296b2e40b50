/* HEALTHCHECK: health.h. */
#include "health.h"

#include "duration.h"
#include "text.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

const struct health_member health_members[] = {
    {"interval",       "Interval",      true },
    {"retries",        "Retries",       false},
    {"start-interval", "StartInterval", true },
    {"start-period",   "StartPeriod",   true },
    {"timeout",        "Timeout",       true },
    {NULL,             NULL,            false},
};

static int read_time(const char *option, const char *value, json_int_t *ret,
                     struct err *e)
{
    double seconds = 0;
    if (*value != '\0' && !duration_read(value, &seconds))
        return err_set(e, EINVAL, "time: invalid duration \"%.60s\"", value);
    if (seconds != 0 && seconds < HEALTH_LEAST_NS / 1e9)
        return err_set(e, EINVAL, "Interval \"%s\" cannot be less than 1ms",
                       option);
    *ret = (json_int_t)(seconds * 1e9);
    return 0;
}

static int read_count(const char *option, const char *value, json_int_t *ret,
                      struct err *e)
{
    int64_t count = 0;
    if (*value != '\0' && (text_to_i64(value, &count) < 0 || count > INT32_MAX))
        return err_set(e, EINVAL,
                       "strconv.ParseInt: parsing \"%.60s\": invalid syntax",
                       value);
    if (count < 0)
        return err_set(e, EINVAL, "--%s cannot be negative (%lld)", option,
                       (long long)count);
    *ret = count;
    return 0;
}

int health_read(const char *option, const char *value, const char **ret_name,
                json_int_t *ret, struct err *e)
{
    for (const struct health_member *m = health_members; m->option; m++) {
        if (strcmp(m->option, option) != 0)
            continue;
        *ret_name = m->name;
        return m->is_time ? read_time(option, value, ret, e)
                          : read_count(option, value, ret, e);
    }
    return err_set(e, EINVAL, "unknown flag: --%.60s", option);
}
