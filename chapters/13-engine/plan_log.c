/* Where what it prints is kept: HostConfig.LogConfig. */
#include "plan.h"

#include "field.h"

#include <errno.h>
#include <string.h>

static int read_option(const char *key, const char *value,
                       struct log_options *ret, struct err *e)
{
    uint64_t number;
    if (strcmp(key, "max-size") == 0) {
        if (value == NULL || text_to_bytes(value, &ret->max_bytes) < 0 ||
            ret->max_bytes == 0)
            return err_set(e, EINVAL, "invalid value for max-size: %s",
                           value != NULL ? value : "");
        return 0;
    }
    if (strcmp(key, "max-file") != 0)
        return err_set(e, EINVAL,
                       "unknown log opt '%s' for json-file log driver", key);
    if (value == NULL || text_to_u64(value, &number) < 0 || number < 1 ||
        number > 1000)
        return err_set(e, EINVAL, "max-file cannot be less than 1");
    ret->max_files = (unsigned)number;
    return 0;
}

int plan_log_options(const json_t *doc, bool *ret_kept, struct log_options *ret,
                     struct err *e)
{
    const json_t *config = field_get(doc, "HostConfig.LogConfig");
    const char *type = field_string(config, "Type");
    const char *key;
    json_t *value;
    *ret = (struct log_options){0};
    *ret_kept = type == NULL || strcmp(type, "none") != 0;
    if (*ret_kept && type != NULL && type[0] != '\0' &&
        strcmp(type, "json-file") != 0)
        return err_set(e, EINVAL,
                       "logger: no log driver named '%s' is registered", type);
    json_object_foreach(json_object_get(config, "Config"), key, value)
    {
        int r = read_option(key, json_string_value(value), ret, e);
        if (r < 0)
            return r;
    }
    if (ret->max_files > 1 && ret->max_bytes == 0)
        return err_set(e, EINVAL,
                       "max-file option should be set with max-size");
    return 0;
}

int plan_log(struct plan *plan, struct err *e)
{
    struct log_options options;
    bool kept;
    return plan_log_options(plan->doc, &kept, &options, e);
}
