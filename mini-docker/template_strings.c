/* Templates: the functions that Docker adds, nearly all about strings. */
#include "template_parts.h"

#include "own.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* As wide as any terminal; more is a mistake. */
enum { WIDEST_PAD = 10000 };

int template_json(struct template_call *call, json_t **ret)
{
    size_t sorted =
        (call->run->flags & TEMPLATE_SORTED) != 0 ? JSON_SORT_KEYS : 0;
    const json_t *value = call->args[0];
    auto_free char *text =
        value == NULL
            ? own_strdup("null")
            : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | sorted);
    *ret = template_keep(call->run, json_string(text));
    return 0;
}

int template_join(struct template_call *call, json_t **ret)
{
    const json_t *list = call->args[0];
    auto_text struct text out = {0};
    size_t i;
    const json_t *item;
    bool good = json_is_array(list) || json_is_null(list);
    json_array_foreach(list, i, item)
    {
        good = good && json_is_string(item);
        text_add(&out, i > 0 ? json_string_value(call->args[1]) : "");
        text_add(&out, good ? json_string_value(item) : "");
    }
    if (!good) {
        snprintf(call->why, sizeof call->why,
                 "wrong type for value; expected []string; got %s",
                 template_type(list));
        return -EINVAL;
    }
    *ret = template_keep_text(call->run, &out);
    return 0;
}

/* The length of the character that begins here. */
static size_t character(const char *s)
{
    size_t n = 1;
    while (((unsigned char)s[n] & 0xc0) == 0x80)
        n++;
    return n;
}

int template_split(struct template_call *call, json_t **ret)
{
    const char *s = json_string_value(call->args[0]);
    const char *separator = json_string_value(call->args[1]);
    size_t len = strlen(separator);
    json_t *list = template_keep(call->run, json_array());
    for (;;) {
        /* Without a separator every character is a piece. */
        const char *end = len > 0 ? strstr(s, separator)
                          : *s != '\0' && s[character(s)] != '\0'
                              ? s + character(s)
                              : NULL;
        if (end == NULL)
            break;
        json_array_append_new(list, json_stringn(s, (size_t)(end - s)));
        s = end + len;
    }
    if (len > 0 || *s != '\0')
        json_array_append_new(list, json_string(s));
    *ret = list;
    return 0;
}

/* Letters beyond ASCII stay as they are. */
static json_t *map_letters(struct template_call *call, int (*map)(int c),
                           bool first_only)
{
    auto_free char *s = own_strdup(json_string_value(call->args[0]));
    bool is_first = true;
    for (char *c = s; *c != '\0'; c++) {
        if (is_first || !first_only)
            *c = (char)map((unsigned char)*c);
        is_first = !isalnum((unsigned char)*c) && *c != '_' && *c != '\'' &&
                   (unsigned char)*c < 0x80;
    }
    return template_keep(call->run, json_string(s));
}

/* In the C locale, and above ASCII, these do nothing: UTF-8 stays whole. */
int template_upper(struct template_call *call, json_t **ret)
{
    *ret = map_letters(call, toupper, false);
    return 0;
}

int template_lower(struct template_call *call, json_t **ret)
{
    *ret = map_letters(call, tolower, false);
    return 0;
}

int template_title(struct template_call *call, json_t **ret)
{
    *ret = map_letters(call, toupper, true);
    return 0;
}

int template_pad(struct template_call *call, json_t **ret)
{
    json_int_t before = json_integer_value(call->args[1]);
    json_int_t after = json_integer_value(call->args[2]);
    if (before < 0 || after < 0 || before > WIDEST_PAD || after > WIDEST_PAD) {
        snprintf(call->why, sizeof call->why,
                 "cannot pad with %lld and %lld blanks", (long long)before,
                 (long long)after);
        return -EINVAL;
    }
    auto_text struct text out = {0};
    const char *s = json_string_value(call->args[0]);
    if (*s != '\0') /* nothing is not padded, in Docker */
        text_addf(&out, "%*s%s%*s", (int)before, "", s, (int)after, "");
    *ret = template_keep_text(call->run, &out);
    return 0;
}

int template_truncate(struct template_call *call, json_t **ret)
{
    json_int_t most = json_integer_value(call->args[1]);
    const char *s = json_string_value(call->args[0]);
    size_t len = strlen(s);
    if (most < 0)
        return snprintf(call->why, sizeof call->why,
                        "slice bounds out of range [:%lld]", (long long)most),
               -EINVAL;
    auto_text struct text out = {0};
    text_addn(&out, s, (size_t)most < len ? (size_t)most : len);
    *ret = template_keep_text(call->run, &out);
    return 0;
}
