/* HEALTHCHECK in import -c and commit -c: second reading. */
#include "change.h"

#include "duration.h"
#include "own.h"
#include "text.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

/* An option, and the member of HealthConfig that it is about. */
struct option {
    const char *name, *member;
    int (*set)(json_t *check, const struct option *option, const char *value,
               struct err *e);
};

static int set_time(json_t *check, const struct option *option,
                    const char *value, struct err *e)
{
    enum { LEAST_MS = 1 };
    double seconds;
    if (!duration_read(value, &seconds))
        return err_set(e, EINVAL, "time: invalid duration \"%.60s\"", value);
    if (seconds != 0 && seconds < LEAST_MS / 1e3)
        return err_set(e, EINVAL, "Interval \"%s\" cannot be less than 1ms",
                       option->name);
    return json_object_set_new(check, option->member,
                               json_integer((json_int_t)(seconds * 1e9)));
}

static int set_count(json_t *check, const struct option *option,
                     const char *value, struct err *e)
{
    int64_t count;
    if (text_to_i64(value, &count) < 0 || count > INT32_MAX)
        return err_set(e, EINVAL,
                       "strconv.ParseInt: parsing \"%.60s\": invalid syntax",
                       value);
    if (count < 0)
        return err_set(e, EINVAL, "--retries cannot be negative (%lld)",
                       (long long)count);
    return json_object_set_new(check, option->member, json_integer(count));
}

/* "--interval=5s" */
static int set_option(json_t *check, const char *word, struct err *e)
{
    static const struct option known[] = {
        {"interval",       "Interval",      set_time },
        {"retries",        "Retries",       set_count},
        {"start-interval", "StartInterval", set_time },
        {"start-period",   "StartPeriod",   set_time },
        {"timeout",        "Timeout",       set_time },
    };
    word += strlen("--");
    size_t len = strcspn(word, "=");
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strlen(known[i].name) != len ||
            strncmp(known[i].name, word, len) != 0)
            continue;
        if (word[len] == '\0')
            return err_set(e, EINVAL, "missing a value on flag: %s", word);
        return known[i].set(check, &known[i], word + len + 1, e);
    }
    return err_set(e, EINVAL, "unknown flag: --%.*s", len < 60 ? (int)len : 60,
                   word);
}

/* CMD and what follows: a list as it is, anything else for the shell. */
static int set_test(json_t *check, const char *command, struct err *e)
{
    if (*command == '\0')
        return err_set(e, EINVAL, "Missing command after HEALTHCHECK CMD");
    json_t *list = changes_list(command);
    if (list == NULL)
        list = json_pack("[ss]", "CMD-SHELL", command);
    else if (json_array_size(list) == 0)
        err_set(e, EINVAL, "Missing command after HEALTHCHECK CMD");
    else
        json_array_insert_new(list, 0, json_string("CMD"));
    bool good = json_array_size(list) > 0;
    json_object_set_new(check, "Test", list);
    return good ? 0 : -EINVAL;
}

static int set_kind(json_t *check, const char *kind, const char *rest,
                    struct err *e)
{
    if (kind == NULL)
        return err_set(e, EINVAL, "HEALTHCHECK requires at least one argument");
    if (strcasecmp(kind, "CMD") == 0)
        return set_test(check, rest, e);
    if (strcasecmp(kind, "NONE") != 0)
        return err_set(e, EINVAL,
                       "Unknown type \"%.60s\" in HEALTHCHECK (try CMD)", kind);
    if (*rest != '\0')
        return err_set(e, EINVAL, "HEALTHCHECK NONE takes no arguments");
    return json_object_set_new(check, "Test", json_pack("[s]", "NONE"));
}

int changes_health(const struct change *c, struct err *e)
{
    json_auto_t *check = json_object();
    const char *at = c->rest;
    auto_free char *word = changes_word(&at);
    int r = 0;
    while (r == 0 && word != NULL && text_starts(word, "--")) {
        r = set_option(check, word, e);
        own_free(&word);
        word = changes_word(&at);
    }
    if (r == 0)
        r = set_kind(check, word, at + strspn(at, BLANKS), e);
    return r < 0 ? r : json_object_set(c->config, c->key, check);
}
