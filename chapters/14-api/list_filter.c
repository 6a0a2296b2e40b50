#include "list_filter.h"

#include "own.h"

#include <ctype.h>
#include <errno.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The value, if this is about the name. */
static const char *value_of(const char *said, const char *name)
{
    size_t len = strlen(name);
    return strncmp(said, name, len) == 0 && said[len] == '=' ? said + len + 1
                                                             : NULL;
}

const char *list_filter_value(const struct strv *said, const char *name)
{
    for (size_t i = 0; i < said->n; i++) {
        const char *value = value_of(said->v[i], name);
        if (value != NULL)
            return value;
    }
    return NULL;
}

static int check_one(const struct list_filter *filters, const char *said,
                     struct err *e)
{
    int len = (int)strcspn(said, "=");
    for (; filters->name != NULL; filters++) {
        const char *value = value_of(said, filters->name);
        if (value == NULL)
            continue;
        if (filters->fits == NULL)
            return err_set(e, ENOSYS, "the filter '%s' is not built yet",
                           filters->name);
        if (filters->is_valid != NULL && !filters->is_valid(value))
            return err_set(e, EINVAL, "invalid filter '%s=[%s]'", filters->name,
                           value);
        return 0;
    }
    return err_set(e, EINVAL, "invalid filter '%.*s'", len, said);
}

/* Asked for both, yes and no. */
static int check_both(const struct list_filter *filter, const struct strv *said,
                      struct err *e)
{
    const char *first = list_filter_value(said, filter->name);
    for (size_t i = 0; i < said->n && first != NULL; i++) {
        const char *value = value_of(said->v[i], filter->name);
        if (value != NULL &&
            list_filter_is_true(value) != list_filter_is_true(first))
            return err_set(e, EINVAL, "invalid filter '%s=[%s %s]'",
                           filter->name, first, value);
    }
    return 0;
}

int list_filter_check(const struct list_filter *filters,
                      const struct strv *said, struct err *e)
{
    int r = 0;
    for (size_t i = 0; i < said->n && r == 0; i++)
        r = check_one(filters, said->v[i], e);
    for (; filters->name != NULL && r == 0; filters++)
        if (filters->is_valid == list_filter_is_bool)
            r = check_both(filters, said, e);
    return r;
}

static bool fits_one(const struct list_filter *filter, const struct strv *said,
                     const void *item)
{
    size_t asked = 0, fitting = 0;
    for (size_t i = 0; i < said->n; i++) {
        const char *value = value_of(said->v[i], filter->name);
        asked += value != NULL;
        fitting += value != NULL && filter->fits(item, value);
    }
    return filter->all_must ? fitting == asked : asked == 0 || fitting > 0;
}

bool list_filter_fits(const struct list_filter *filters,
                      const struct strv *said, const void *item)
{
    for (; filters->name != NULL; filters++)
        if (!fits_one(filters, said, item))
            return false;
    return true;
}

bool list_filter_fits_label(const json_t *labels, const char *value)
{
    size_t len = strcspn(value, "=");
    auto_free char *key = text_format("%.*s", (int)len, value);
    const char *label = json_string_value(json_object_get(labels, key));
    return label != NULL &&
           (value[len] == '\0' || strcmp(value + len + 1, label) == 0);
}

/* What regex(7) has under another name than Go, of that which names have. */
static char *translate(const char *pattern)
{
    struct text out = {0};
    for (const char *s = pattern; *s != '\0'; s++) {
        bool is_digit = s[0] == '\\' && s[1] == 'd';
        bool is_pair = s[0] == '\\' && s[1] != '\0';
        if (is_digit)
            text_add(&out, "[0-9]");
        else
            text_addn(&out, s, is_pair ? 2 : 1);
        s += is_pair;
    }
    return text_take(&out);
}

bool list_filter_fits_pattern(const char *text, const char *pattern)
{
    static const char caseless[] = "(?i)";
    bool any_case = text_starts(pattern, caseless);
    auto_free char *ours =
        translate(pattern + (any_case ? strlen(caseless) : 0));
    regex_t compiled;
    if (regcomp(&compiled, ours,
                REG_EXTENDED | REG_NOSUB | (any_case ? REG_ICASE : 0)) != 0)
        return false;
    bool fits = regexec(&compiled, text, 0, NULL, 0) == 0;
    regfree(&compiled);
    return fits;
}

bool list_filter_is_bool(const char *value)
{
    bool unused;
    return text_to_bool(value, &unused) == 0;
}

bool list_filter_is_true(const char *value)
{
    bool is_true = false;
    return text_to_bool(value, &is_true) == 0 && is_true;
}

/* --- times ------------------------------------------------------------------
 */

/* "1h30m": as Go's time.ParseDuration. -1: none. */
static double read_duration(const char *s)
{
    static const struct {
        const char *unit;
        double seconds;
    } units[] = {
        {"ms", 1e-3},
        {"us", 1e-6},
        {"ns", 1e-9},
        {"h",  3600},
        {"m",  60  },
        {"s",  1   },
    };
    double sum = 0;
    while (*s != '\0') {
        char *end;
        size_t u = 0, n = sizeof units / sizeof units[0];
        if (!isdigit((unsigned char)*s))
            return -1;
        double number = strtod(s, &end);
        while (u < n && !text_starts(end, units[u].unit))
            u++;
        if (u == n)
            return -1;
        sum += number * units[u].seconds;
        s = end + strlen(units[u].unit);
    }
    return sum;
}

static int64_t read_date(const char *value)
{
    static const char *const forms[] = {"%Y-%m-%dT%H:%M:%S%z",
                                        "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M",
                                        "%Y-%m-%dT%H", "%Y-%m-%d"};
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        struct tm tm = {.tm_isdst = -1};
        const char *end = strptime(value, forms[i], &tm);
        if (end != NULL && *end == '.') /* of seconds: no list is so exact */
            end += 1 + strspn(end + 1, "0123456789");
        bool is_utc = end != NULL && strcmp(end, "Z") == 0;
        long east = tm.tm_gmtoff;
        if (end != NULL && (*end == '\0' || is_utc))
            return i == 0 || is_utc ? timegm(&tm) - (is_utc ? 0 : east)
                                    : mktime(&tm);
    }
    return 0;
}

/* What Go's longest time.Duration has in seconds: 292 years. */
#define LONGEST 9223372036.0

int64_t list_filter_time(const char *value)
{
    uint64_t seconds;
    size_t whole = strcspn(value, ".");
    auto_free char *digits = text_format("%.*s", (int)whole, value);
    if (text_to_u64(digits, &seconds) == 0)
        return (int64_t)seconds;
    double ago = value[0] == '\0' ? -1 : read_duration(value);
    return ago >= 0 && ago <= LONGEST ? (int64_t)(time(NULL) - ago)
                                      : read_date(value);
}

bool list_filter_is_time(const char *value)
{
    return list_filter_time(value) != 0;
}
