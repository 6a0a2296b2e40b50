/* The options --health-*: how to see that a container is well. */
#include "request.h"

#include "duration.h"
#include "field.h"
#include "health.h"

#include <errno.h>
#include <string.h>

#define TEST "Healthcheck.Test"

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

static int64_t value_of(const json_t *doc, const struct health_member *member)
{
    return field_int(field_get(doc, "Healthcheck"), member->name, 0);
}

int request_put_health(json_t *doc, struct err *e)
{
    auto_doc json_t *command = doc_take(doc, "Cli.HealthCmd");
    const char *line = json_string_value(command);
    bool is_asked = line != NULL && line[0] != '\0';
    bool has_settings = is_asked;
    for (const struct health_member *m = health_members; m->option; m++)
        has_settings |= value_of(doc, m) != 0;
    if (field_bool(doc, "Cli.NoHealthcheck")) {
        if (has_settings)
            return err_set(e, EINVAL,
                           "--no-healthcheck conflicts with --health-* "
                           "options");
        doc_set(doc, TEST, json_pack("[s]", "NONE"));
    } else if (is_asked) {
        doc_set(doc, TEST, json_pack("[s, s]", "CMD-SHELL", line));
    }
    return 0;
}

int request_check_retries(const json_t *doc, struct err *e)
{
    for (const struct health_member *m = health_members; m->option; m++)
        if (value_of(doc, m) < 0)
            return err_set(e, EINVAL, "--health-%s cannot be negative",
                           m->option);
    return 0;
}
