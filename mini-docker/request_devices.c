/* Options of run about devices, their rates, and rlimits. */
#include "request.h"

#include "devices.h"
#include "field.h"
#include "limits.h"
#include "own.h"

#include <errno.h>
#include <string.h>

/* Some of r, w and m, each at most once. */
static bool is_access(const char *s)
{
    size_t len = strlen(s);
    if (len == 0 || strspn(s, "rwm") != len)
        return false;
    for (; *s != '\0'; s++)
        if (strchr(s + 1, *s) != NULL)
            return false;
    return true;
}

/* SOURCE[:TARGET][:ACCESS]: two parts are told apart by how they look. */
static int set_device(const struct option *option, const char *value,
                      json_t *doc, struct err *e)
{
    auto_strv struct strv parts = {0};
    strv_split(&parts, value, ':');
    if (parts.n < 1 || parts.n > 3)
        return err_set(e, EINVAL, "bad format for path: %s", value);
    bool two_is_access = parts.n == 2 && is_access(parts.v[1]);
    const char *source = parts.v[0];
    const char *target = parts.n > 1 && !two_is_access ? parts.v[1] : source;
    const char *access = parts.n > 1 && (parts.n == 3 || two_is_access)
                             ? parts.v[parts.n - 1]
                             : "rwm";
    const char *relative = source[0] != '/' ? source : target;
    if (relative[0] != '/')
        return err_set(e, EINVAL, "%s is not an absolute path", relative);
    if (!is_access(access))
        return err_set(e, EINVAL, "bad mode specified: %s", access);
    doc_append(doc, option->path,
               json_pack("{s:s, s:s, s:s}", "PathOnHost", source,
                         "PathInContainer", target, "CgroupPermissions",
                         access));
    return 0;
}

static int set_device_rule(const struct option *option, const char *value,
                           json_t *doc, struct err *e)
{
    auto_device_rules struct device_rules rules = {0};
    /* A lone "a" is a rule for the kernel, but not for Docker. */
    if (strchr(value, ' ') == NULL ||
        device_rules_parse(&rules, value, NULL) < 0)
        return err_set(e, EINVAL, "invalid device cgroup format '%s'", value);
    return option_set_list(option, value, doc, e);
}

/* "/dev/sda:RATE" is cut in two; the rate is returned, the path put into
 * *ret_path for the caller to free. */
static const char *cut_rate(const char *value, char **ret_path, struct err *e)
{
    const char *colon = strrchr(value, ':');
    if (colon == NULL || colon == value) {
        err_set(e, EINVAL, "bad format: %s", value);
        return NULL;
    }
    if (!text_starts(value, "/dev/")) {
        err_set(e, EINVAL, "bad format for device path: %s", value);
        return NULL;
    }
    *ret_path = text_format("%.*s", (int)(colon - value), value);
    return colon + 1;
}

static int set_rate_bytes(const struct option *option, const char *value,
                          json_t *doc, struct err *e)
{
    auto_free char *path = NULL;
    const char *rate = cut_rate(value, &path, e);
    if (rate == NULL)
        return -EINVAL;
    json_int_t bytes = 0;
    if (option_read_bytes(rate, &bytes, NULL) < 0)
        return err_set(e, EINVAL,
                       "invalid rate for device: %s. The correct format is "
                       "<device-path>:<number>[<unit>]. Number must be a "
                       "positive integer. Unit is optional and can be kb, mb, "
                       "or gb",
                       value);
    doc_append(doc, option->path,
               json_pack("{s:s, s:I}", "Path", path, "Rate", bytes));
    return 0;
}

static int set_rate_count(const struct option *option, const char *value,
                          json_t *doc, struct err *e)
{
    auto_free char *path = NULL;
    const char *rate = cut_rate(value, &path, e);
    if (rate == NULL)
        return -EINVAL;
    uint64_t count = 0;
    if (text_to_u64(rate, &count) < 0 || count > INT64_MAX)
        return err_set(e, EINVAL,
                       "invalid rate for device: %s. The correct format is "
                       "<device-path>:<number>. Number must be a positive "
                       "integer",
                       value);
    doc_append(
        doc, option->path,
        json_pack("{s:s, s:I}", "Path", path, "Rate", (json_int_t)count));
    return 0;
}

/* A later --ulimit of the same name replaces an earlier one. */
static void drop_limit(json_t *doc, const char *path, const char *name)
{
    json_t *kept = json_array(), *limits = doc_take(doc, path), *limit;
    size_t i;
    json_array_foreach(limits, i, limit) if (!field_is(limit, "Name", name))
        json_array_append(kept, limit);
    json_decref(limits);
    doc_set(doc, path, kept);
}

static int set_ulimit(const struct option *option, const char *value,
                      json_t *doc, struct err *e)
{
    struct limit limit;
    int r = limits_parse(value, &limit, e);
    if (r < 0)
        return r;
    auto_free char *name = text_format("%.*s", (int)strcspn(value, "="), value);
    drop_limit(doc, option->path, name);
    doc_append(doc, option->path,
               json_pack("{s:s, s:I, s:I}", "Name", name, "Soft",
                         (json_int_t)limit.soft, "Hard",
                         (json_int_t)limit.hard));
    return 0;
}

const struct option_kind request_device = {"list", NULL, set_device, true};
const struct option_kind request_device_rule = {"list", NULL, set_device_rule,
                                                false};
const struct option_kind request_rate_bytes = {"list", NULL, set_rate_bytes,
                                               false};
const struct option_kind request_rate_count = {"list", NULL, set_rate_count,
                                               false};
const struct option_kind request_ulimit = {"ulimit", NULL, set_ulimit, false};
