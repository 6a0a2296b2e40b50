#include "query.h"

#include "own.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>
#include <strings.h>

static int hex(char c)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *at = c == '\0' ? NULL : strchr(digits, c);
    return at == NULL ? -1 : (int)((at - digits) % 16);
}

/* A zero in it would end the string: it stays as it was written. */
char *query_decode(const char *s, size_t len, bool plus)
{
    char *out = own_alloc(len + 1);
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        int high = s[i] == '%' && i + 2 < len ? hex(s[i + 1]) : -1;
        int low = high < 0 ? -1 : hex(s[i + 2]);
        if (low >= 0 && high * 16 + low != 0) {
            out[n++] = (char)(high * 16 + low);
            i += 2;
        } else {
            out[n++] = plus && s[i] == '+' ? ' ' : s[i];
        }
    }
    out[n] = '\0';
    return out;
}

void query_parse(struct query *ret, const char *target)
{
    size_t len = strcspn(target, "?#");
    ret->path = text_format("%.*s", (int)len, target);
    const char *at = target[len] == '?' ? target + len + 1 : "";
    while (*at != '\0' && *at != '#') {
        size_t pair = strcspn(at, "&#");
        size_t name = strcspn(at, "=&#");
        auto_free char *key = query_decode(at, name, true);
        bool has_value = name < pair;
        auto_free char *value = query_decode(
            at + name + has_value, has_value ? pair - name - 1 : 0, true);
        if (pair > 0)
            strv_addf(&ret->pairs, "%s=%s", key, value);
        at += pair + (at[pair] == '&');
    }
}

void query_done(struct query *query)
{
    own_free(&query->path);
    strv_done(&query->pairs);
}

/* The value, if the pair is of that name. */
static const char *value_of(const char *pair, const char *name)
{
    size_t len = strlen(name);
    return strncmp(pair, name, len) == 0 && pair[len] == '=' ? pair + len + 1
                                                             : NULL;
}

const char *query_get(const struct query *query, const char *name)
{
    for (size_t i = 0; i < query->pairs.n; i++) {
        const char *value = value_of(query->pairs.v[i], name);
        if (value != NULL)
            return value;
    }
    return NULL;
}

const char *query_text(const struct query *query, const char *name)
{
    const char *value = query_get(query, name);
    return value != NULL && value[0] != '\0' ? value : NULL;
}

void query_all(const struct query *query, const char *name, struct strv *ret)
{
    for (size_t i = 0; i < query->pairs.n; i++) {
        const char *value = value_of(query->pairs.v[i], name);
        if (value != NULL)
            strv_add(ret, value);
    }
}

bool query_bool(const struct query *query, const char *name)
{
    static const char *const no[] = {"", "0", "no", "false", "none"};
    const char *value = query_get(query, name);
    if (value == NULL)
        return false;
    for (size_t i = 0; i < sizeof no / sizeof no[0]; i++)
        if (strcasecmp(value, no[i]) == 0)
            return false;
    return true;
}

int query_int(const struct query *query, const char *name, int64_t fallback,
              int64_t *ret, struct err *e)
{
    const char *value = query_text(query, name);
    *ret = fallback;
    if (value == NULL || text_to_i64(value, ret) == 0)
        return 0;
    return err_set(e, EINVAL, "bad value of %s: %s is no number", name, value);
}

/* --- filters -------------------------------------------------------------- */

static int add_filter(struct strv *ret, const char *name, const json_t *values,
                      struct err *e)
{
    size_t i;
    const json_t *element;
    const char *key;
    json_t *is_wanted;
    json_array_foreach(values, i, element)
    {
        if (!json_is_string(element))
            return err_set(e, EINVAL, "invalid filter '%s'", name);
        strv_addf(ret, "%s=%s", name, json_string_value(element));
    }
    json_object_foreach((json_t *)(uintptr_t)values, key, is_wanted)
    {
        if (!json_is_boolean(is_wanted))
            return err_set(e, EINVAL, "invalid filter '%s'", name);
        if (json_is_true(is_wanted))
            strv_addf(ret, "%s=%s", name, key);
    }
    return json_is_array(values) || json_is_object(values)
               ? 0
               : err_set(e, EINVAL, "invalid filter '%s'", name);
}

int query_filters(const struct query *query, struct strv *ret, struct err *e)
{
    const char *text = query_text(query, "filters");
    if (text == NULL)
        return 0;
    json_error_t why;
    json_auto_t *all = json_loads(text, JSON_REJECT_DUPLICATES, &why);
    if (!json_is_object(all))
        return err_set(e, EINVAL, "invalid filters: %s",
                       all == NULL ? why.text : "not an object");
    const char *name;
    json_t *values;
    int r = 0;
    json_object_foreach(all, name, values)
    {
        r = r < 0 ? r : add_filter(ret, name, values, e);
    }
    return r;
}
