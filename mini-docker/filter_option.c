#include "filter_option.h"

#include "own.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

static const char blanks[] = " \t\n\v\f\r";

static int set_filter(const struct option *option, const char *value,
                      json_t *doc, struct err *e)
{
    const char *equals = strchr(value, '=');
    if (value[0] == '\0')
        return 0;
    if (equals == NULL)
        return err_set(e, EINVAL, "bad format of filter (expected name=value)");
    /* Blanks around both count for nothing, nor does the case of the name. */
    struct text text = {0};
    text_addn(&text, value, (size_t)(equals - value));
    text_trim(&text);
    auto_free char *name = text_take(&text);
    for (char *c = name; *c != '\0'; c++)
        *c = (char)tolower((unsigned char)*c);
    text_add(&text, equals + 1 + strspn(equals + 1, blanks));
    text_trim(&text);
    auto_free char *wanted = text_take(&text);
    auto_free char *whole =
        text_format("%s=%s", name + strspn(name, blanks), wanted);
    return option_set_list(option, whole, doc, e);
}

const struct option_kind filter_option = {"filter", NULL, set_filter, false};
