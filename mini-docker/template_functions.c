/* Templates: the table of functions, and those about lists and maps. */
#include "template_parts.h"

#include "own.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 2, 3))) static int fail(
    struct template_call *call, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(call->why, sizeof call->why, format, args);
    va_end(args);
    return -EINVAL;
}

static int do_len(struct template_call *call, json_t **ret)
{
    json_t *value = call->args[0];
    if (value == NULL || json_is_null(value))
        return fail(call, "len of nil pointer");
    size_t n = json_is_string(value)   ? json_string_length(value)
               : json_is_object(value) ? json_object_size(value)
                                       : json_array_size(value);
    if (!json_is_string(value) && !json_is_object(value) &&
        !json_is_array(value))
        return fail(call, "len of type %s", template_type(value));
    *ret = template_keep(call->run, json_integer((json_int_t)n));
    return 0;
}

/* Where the values of a map are strings, Go has "" for what is missing; a map
 * without members may be one of those. */
static json_t *missing(struct template_call *call, json_t *object)
{
    const char *key;
    json_t *value;
    json_object_foreach(object, key,
                        value) if (!json_is_string(value)) return NULL;
    return template_keep(call->run, json_string(""));
}

static int index_one(struct template_call *call, json_t *at, json_t **value)
{
    json_t *all = *value;
    if (all == NULL)
        return fail(call, "index of untyped nil");
    if (json_is_null(all) && json_is_string(at)) {
        *value = missing(call, all);
        return 0;
    }
    if (json_is_object(all)) {
        const char *key = json_string_value(at);
        if (key == NULL)
            return fail(call, "value has type %s; should be string",
                        template_type(at));
        *value = json_object_get(all, key);
        if (*value == NULL)
            *value = missing(call, all);
        return 0;
    }
    if (!json_is_array(all) && !json_is_string(all) && !json_is_null(all))
        return fail(call, "can't index item of type %s", template_type(all));
    if (!json_is_integer(at))
        return fail(call, "cannot index slice/array with type %s",
                    template_type(at));
    json_int_t i = json_integer_value(at);
    size_t n =
        json_is_string(all) ? json_string_length(all) : json_array_size(all);
    if (i < 0 || (size_t)i >= n)
        return fail(call, "index out of range: %lld", (long long)i);
    *value = json_is_array(all)
                 ? json_array_get(all, (size_t)i)
                 : template_keep(
                       call->run,
                       json_integer((unsigned char)json_string_value(all)[i]));
    return 0;
}

static int do_index(struct template_call *call, json_t **ret)
{
    *ret = call->args[0];
    int r = 0;
    for (size_t i = 1; i < call->n && r == 0; i++)
        r = index_one(call, call->args[i], ret);
    return r;
}

static int do_slice(struct template_call *call, json_t **ret)
{
    json_t *all = call->args[0];
    if (!json_is_string(all) && !json_is_array(all))
        return fail(call,
                    all == NULL ? "slice of untyped nil"
                                : "can't slice item of type %s",
                    template_type(all));
    if (call->n > 3)
        return fail(call, "too many slice indexes: %zu", call->n - 1);
    size_t n =
        json_is_string(all) ? json_string_length(all) : json_array_size(all);
    size_t ends[] = {0, n};
    for (size_t i = 1; i < call->n; i++) {
        json_int_t end = json_integer_value(call->args[i]);
        if (!json_is_integer(call->args[i]))
            return fail(call, "cannot index slice/array with type %s",
                        template_type(call->args[i]));
        if (end < 0 || (size_t)end > n)
            return fail(call, "index out of range: %lld", (long long)end);
        ends[i - 1] = (size_t)end;
    }
    if (ends[0] > ends[1])
        return fail(call, "invalid slice index: %zu > %zu", ends[0], ends[1]);
    if (json_is_string(all)) {
        auto_text struct text part = {0};
        text_addn(&part, json_string_value(all) + ends[0], ends[1] - ends[0]);
        *ret = template_keep_text(call->run, &part);
        return 0;
    }
    *ret = template_keep(call->run, json_array());
    for (size_t i = ends[0]; i < ends[1]; i++)
        json_array_append(*ret, json_array_get(all, i));
    return 0;
}

static int do_not(struct template_call *call, json_t **ret)
{
    *ret = json_boolean(!template_is_true(call->args[0]));
    return 0;
}

const struct template_function *template_function(const char *name, size_t len)
{
    static const struct template_function table[] = {
        {"and",      "v*",  false, NULL             },
        {"or",       "v*",  false, NULL             },
        {"not",      "v",   false, do_not           },
        {"eq",       "vv*", false, template_eq      },
        {"ne",       "vv",  false, template_ne      },
        {"lt",       "vv",  false, template_lt      },
        {"le",       "vv",  false, template_le      },
        {"gt",       "vv",  false, template_gt      },
        {"ge",       "vv",  false, template_ge      },
        {"index",    "v*",  true,  do_index         },
        {"slice",    "v*",  true,  do_slice         },
        {"len",      "v",   true,  do_len           },
        {"print",    "*",   false, template_print   },
        {"println",  "*",   false, template_println },
        {"printf",   "s*",  false, template_printf  },
        {"json",     "v",   true,  template_json    },
        {"join",     "vs",  true,  template_join    },
        {"split",    "ss",  true,  template_split   },
        {"upper",    "s",   true,  template_upper   },
        {"lower",    "s",   true,  template_lower   },
        {"title",    "s",   true,  template_title   },
        {"pad",      "sii", true,  template_pad     },
        {"truncate", "si",  true,  template_truncate},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (strlen(table[i].name) == len &&
            strncmp(table[i].name, name, len) == 0)
            return &table[i];
    return NULL;
}
