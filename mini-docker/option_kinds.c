/* The kinds of value that many options share: the second half of option.h. */
#include "option.h"

#include "own.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NANO 1000000000LL

int option_read_bool(const char *value, bool *ret, struct err *e)
{
    if (text_to_bool(value, ret) == 0)
        return 0;
    return err_set(e, EINVAL, "strconv.ParseBool: parsing \"%s\": %s", value,
                   "invalid syntax");
}

int option_read_int(const char *value, json_int_t *ret, struct err *e)
{
    /* Base 0, as Docker: 0x10 and 010 mean what they mean in C. */
    bool begins = isdigit((unsigned char)value[strspn(value, "+-") == 1]);
    char *end;
    errno = 0;
    *ret = strtoll(value, &end, 0);
    bool whole = begins && *end == '\0';
    if (whole && errno == 0)
        return 0;
    return err_set(e, EINVAL, "strconv.ParseInt: parsing \"%s\": %s", value,
                   whole ? "value out of range" : "invalid syntax");
}

int option_read_bytes(const char *value, json_int_t *ret, struct err *e)
{
    uint64_t bytes = 0;
    int r = text_to_bytes(value, &bytes);
    if (r == 0) {
        *ret = (json_int_t)bytes;
        return 0;
    }
    /* The suffix is what follows the last digit, dot or space. */
    size_t number = strlen(value);
    while (number > 0 && strchr("0123456789. ", value[number - 1]) == NULL)
        number--;
    if (r == -ERANGE || number == 0 || value[number] == '\0' ||
        strspn(value, "0123456789. ") < number)
        return err_set(e, EINVAL, "invalid size: '%s'", value);
    return err_set(e, EINVAL, "invalid suffix: '%s'", value + number);
}

static int set_bool(const struct option *option, const char *value, json_t *doc,
                    struct err *e)
{
    bool on = false;
    int r = option_read_bool(value, &on, e);
    if (r == 0)
        doc_set(doc, option->path, json_boolean(on));
    return r;
}

int option_set_string(const struct option *option, const char *value,
                      json_t *doc, struct err *e)
{
    (void)e;
    doc_set(doc, option->path, json_string(value));
    return 0;
}

int option_set_list(const struct option *option, const char *value, json_t *doc,
                    struct err *e)
{
    (void)e;
    doc_append(doc, option->path, json_string(value));
    return 0;
}

static int set_map(const struct option *option, const char *value, json_t *doc,
                   struct err *e)
{
    const char *equals = strchr(value, '=');
    if (equals == NULL || equals == value)
        return err_set(e, EINVAL, "expected key=value");
    auto_free char *key = text_format("%.*s", (int)(equals - value), value);
    doc_put(doc, option->path, key, json_string(equals + 1));
    return 0;
}

static int set_int(const struct option *option, const char *value, json_t *doc,
                   struct err *e)
{
    json_int_t number = 0;
    int r = option_read_int(value, &number, e);
    if (r == 0)
        doc_set(doc, option->path, json_integer(number));
    return r;
}

static int set_uint16(const struct option *option, const char *value,
                      json_t *doc, struct err *e)
{
    uint64_t number = 0;
    int r = text_to_u64(value, &number);
    if (r == 0 && number > UINT16_MAX)
        r = -ERANGE;
    if (r < 0)
        return err_set(e, -r, "strconv.ParseUint: parsing \"%s\": %s", value,
                       r == -ERANGE ? "value out of range" : "invalid syntax");
    doc_set(doc, option->path, json_integer((json_int_t)number));
    return 0;
}

static int set_bytes(const struct option *option, const char *value,
                     json_t *doc, struct err *e)
{
    json_int_t bytes = 0;
    int r = option_read_bytes(value, &bytes, e);
    if (r == 0)
        doc_set(doc, option->path, json_integer(bytes));
    return r;
}

/* "1.5" is 1500000000 billionths, exactly: a double would not do. What is less
 * than nothing is refused with what is more than there is, by range. */
static int set_cpus(const struct option *option, const char *value, json_t *doc,
                    struct err *e)
{
    size_t sign = value[0] == '-' || value[0] == '+';
    size_t whole = strspn(value + sign, "0123456789");
    const char *fraction = value + sign + whole;
    fraction += *fraction == '.';
    size_t digits = strspn(fraction, "0123456789");
    if (whole + digits == 0 || whole > 9 || fraction[digits] != '\0')
        return err_set(e, EINVAL, "failed to parse %s as a rational number",
                       value);
    json_int_t nano = strtoll(value + sign, NULL, 10) * NANO;
    json_int_t worth = NANO / 10;
    for (size_t i = 0; i < digits; i++, worth /= 10) {
        if (worth == 0 && fraction[i] != '0')
            return err_set(e, EINVAL, "value is too precise");
        nano += (fraction[i] - '0') * worth;
    }
    doc_set(doc, option->path, json_integer(value[0] == '-' ? -nano : nano));
    return 0;
}

const struct option_kind option_bool = {"", "true", set_bool, false};
const struct option_kind option_string = {"string", NULL, option_set_string,
                                          false};
const struct option_kind option_list = {"list", NULL, option_set_list, false};
const struct option_kind option_map = {"map", NULL, set_map, false};
const struct option_kind option_int = {"int", NULL, set_int, false};
const struct option_kind option_uint16 = {"uint16", NULL, set_uint16, false};
const struct option_kind option_bytes = {"bytes", NULL, set_bytes, false};
const struct option_kind option_cpus = {"decimal", NULL, set_cpus, false};
const struct option_kind option_duration = {"duration", NULL, option_set_string,
                                            false};
