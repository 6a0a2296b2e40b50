#include "health.h"

#include "duration.h"
#include "text.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static int read_time(const char *name, const char *value, json_int_t *ret,
                     struct err *e)
{
    double seconds = 0;
    if (*value != '\0' && !duration_read(value, &seconds))
        return err_set(e, EINVAL, "time: invalid duration \"%.60s\"", value);
    if (seconds != 0 && seconds < 1e-3)
        return err_set(e, EINVAL, "Interval \"%s\" cannot be less than 1ms",
                       name);
    *ret = (json_int_t)(seconds * 1e9);
    return 0;
}

static int read_count(const char *name, const char *value, json_int_t *ret,
                      struct err *e)
{
    int64_t count = 0;
    if (*value != '\0' && (text_to_i64(value, &count) < 0 || count > INT32_MAX))
        return err_set(e, EINVAL,
                       "strconv.ParseInt: parsing \"%.60s\": invalid syntax",
                       value);
    if (count < 0)
        return err_set(e, EINVAL, "--%s cannot be negative (%lld)", name,
                       (long long)count);
    *ret = count;
    return 0;
}

int health_read(const char *name, const char *value, const char **ret_member,
                json_int_t *ret, struct err *e)
{
    static const struct {
        const char *name, *member;
        int (*read)(const char *name, const char *value, json_int_t *ret,
                    struct err *e);
    } known[] = {
        {"interval",       "Interval",      read_time },
        {"retries",        "Retries",       read_count},
        {"start-interval", "StartInterval", read_time },
        {"start-period",   "StartPeriod",   read_time },
        {"timeout",        "Timeout",       read_time },
    };
    json_int_t ignored;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(known[i].name, name) != 0)
            continue;
        if (ret_member != NULL)
            *ret_member = known[i].member;
        return known[i].read(name, value, ret != NULL ? ret : &ignored, e);
    }
    return err_set(e, EINVAL, "unknown flag: --%.60s", name);
}
