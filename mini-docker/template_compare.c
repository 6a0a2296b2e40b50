/* Templates: comparing. Only what is of one kind can be. */
#include "template_parts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static bool is_nil(const json_t *value)
{
    return value == NULL || json_is_null(value);
}

static bool is_basic(const json_t *value)
{
    return !json_is_object(value) && !json_is_array(value);
}

static int fail(struct template_call *call, const char *why)
{
    snprintf(call->why, sizeof call->why, "%s", why);
    return -EINVAL;
}

/* <0, 0, >0 as strcmp(3) has it. Both are of one kind, and basic. */
static int order(const json_t *a, const json_t *b)
{
    if (json_is_string(a))
        return strcmp(json_string_value(a), json_string_value(b));
    if (json_is_integer(a)) {
        json_int_t x = json_integer_value(a), y = json_integer_value(b);
        return (x > y) - (x < y);
    }
    double x = json_real_value(a), y = json_real_value(b);
    return (x > y) - (x < y);
}

/* The kind of a value; both kinds of a boolean are one. */
static json_type kind_of(const json_t *value)
{
    json_type kind = json_typeof(value);
    return kind == JSON_FALSE ? JSON_TRUE : kind;
}

static int equal(struct template_call *call, size_t i, bool *ret)
{
    const json_t *a = call->args[0], *b = call->args[i];
    if (!is_basic(a) || !is_basic(b)) {
        snprintf(call->why, sizeof call->why, "non-comparable type %s",
                 template_type(is_basic(a) ? b : a));
        return -EINVAL;
    }
    if (is_nil(a) || is_nil(b)) {
        *ret = is_nil(a) && is_nil(b);
        return 0;
    }
    if (kind_of(a) != kind_of(b))
        return fail(call, "incompatible types for comparison");
    *ret = json_is_boolean(a) ? json_is_true(a) == json_is_true(b)
                              : order(a, b) == 0;
    return 0;
}

int template_eq(struct template_call *call, json_t **ret)
{
    bool is_equal = false;
    if (call->n < 2)
        return fail(call, "missing argument for comparison");
    for (size_t i = 1; i < call->n && !is_equal; i++) {
        int r = equal(call, i, &is_equal);
        if (r < 0)
            return r;
    }
    *ret = json_boolean(is_equal);
    return 0;
}

int template_ne(struct template_call *call, json_t **ret)
{
    bool is_equal = false;
    int r = equal(call, 1, &is_equal);
    *ret = json_boolean(!is_equal);
    return r;
}

/* What has an order: numbers and strings. */
static int compare(struct template_call *call, int *ret)
{
    const json_t *a = call->args[0], *b = call->args[1];
    if (is_nil(a) || is_nil(b) || !is_basic(a) || !is_basic(b) ||
        json_is_boolean(a) || json_is_boolean(b))
        return fail(call, "invalid type for comparison");
    if (kind_of(a) != kind_of(b))
        return fail(call, "incompatible types for comparison");
    *ret = order(a, b);
    return 0;
}

int template_lt(struct template_call *call, json_t **ret)
{
    int way = 0, r = compare(call, &way);
    *ret = json_boolean(way < 0);
    return r;
}

int template_le(struct template_call *call, json_t **ret)
{
    int way = 0, r = compare(call, &way);
    *ret = json_boolean(way <= 0);
    return r;
}

int template_gt(struct template_call *call, json_t **ret)
{
    int way = 0, r = compare(call, &way);
    *ret = json_boolean(way > 0);
    return r;
}

int template_ge(struct template_call *call, json_t **ret)
{
    int way = 0, r = compare(call, &way);
    *ret = json_boolean(way >= 0);
    return r;
}
