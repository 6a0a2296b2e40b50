/* The options --health-*: how to see that a container is well. */
#include "request.h"

#include "duration.h"
#include "field.h"

#include <errno.h>
#include <string.h>

#define MEMBER(name) "Healthcheck." name

/* As Go's time.Duration: nanoseconds. */
static int set_duration(const struct option *option, const char *value,
                        json_t *doc, struct err *e)
{
    double seconds = 0;
    if (!duration_read(value, &seconds))
        return err_set(e, EINVAL, "time: invalid duration \"%s\"", value);
    doc_set(doc, option->path, json_integer((json_int_t)(seconds * 1e9)));
    return 0;
}

const struct option_kind request_duration = {"duration", NULL, set_duration,
                                             false};

/* Which option fills which member of HealthConfig. */
static const struct {
    const char *option, *name, *path;
    bool is_time;
} members[] = {
    {"interval",       "Interval",      MEMBER("Interval"),      true },
    {"timeout",        "Timeout",       MEMBER("Timeout"),       true },
    {"retries",        "Retries",       MEMBER("Retries"),       false},
    {"start-period",   "StartPeriod",   MEMBER("StartPeriod"),   true },
    {"start-interval", "StartInterval", MEMBER("StartInterval"), true },
};
#define N_MEMBERS (sizeof members / sizeof members[0])

int request_put_health(json_t *doc, struct err *e)
{
    auto_doc json_t *command = doc_take(doc, "Cli.HealthCmd");
    const char *line = json_string_value(command);
    bool is_asked = line != NULL && line[0] != '\0';
    bool has_settings = is_asked;
    for (size_t i = 0; i < N_MEMBERS; i++)
        has_settings |= field_int(doc, members[i].path, 0) != 0;
    if (field_bool(doc, "Cli.NoHealthcheck")) {
        if (has_settings)
            return err_set(e, EINVAL,
                           "--no-healthcheck conflicts with --health-* "
                           "options");
        doc_set(doc, MEMBER("Test"), json_pack("[s]", "NONE"));
    } else if (is_asked) {
        doc_set(doc, MEMBER("Test"), json_pack("[s, s]", "CMD-SHELL", line));
    }
    return 0;
}

int request_check_health(const json_t *doc, struct err *e)
{
    enum { LEAST_NS = 1000000 };
    for (size_t i = 0; i < N_MEMBERS; i++) {
        int64_t value = field_int(doc, members[i].path, 0);
        if (value < 0)
            return err_set(e, EINVAL, "--health-%s cannot be negative",
                           members[i].option);
        if (members[i].is_time && value > 0 && value < LEAST_NS)
            return err_set(e, EINVAL,
                           "%s in Healthcheck cannot be less than 1ms",
                           members[i].name);
    }
    return 0;
}
