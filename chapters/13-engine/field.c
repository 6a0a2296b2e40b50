#include "field.h"

#include <string.h>

const json_t *field_get(const json_t *doc, const char *path)
{
    while (doc != NULL && path[0] != '\0') {
        size_t len = (size_t)(strchrnul(path, '.') - path);
        char key[64];
        if (len >= sizeof key)
            return NULL;
        memcpy(key, path, len);
        key[len] = '\0';
        doc = json_object_get(doc, key);
        path += path[len] == '.' ? len + 1 : len;
    }
    return doc;
}

const char *field_string(const json_t *doc, const char *path)
{
    return json_string_value(field_get(doc, path));
}

int64_t field_int(const json_t *doc, const char *path, int64_t fallback)
{
    const json_t *value = field_get(doc, path);
    return json_is_integer(value) ? json_integer_value(value) : fallback;
}

bool field_bool(const json_t *doc, const char *path)
{
    return json_is_true(field_get(doc, path));
}

void field_strings(const json_t *doc, const char *path, struct strv *out)
{
    const json_t *array = field_get(doc, path);
    for (size_t i = 0; i < json_array_size(array); i++) {
        const char *s = json_string_value(json_array_get(array, i));
        if (s != NULL)
            strv_add(out, s);
    }
}

json_t *field_list(const struct strv *strings)
{
    json_t *array = json_array();
    for (size_t i = 0; i < strings->n; i++)
        json_array_append_new(array, json_string(strings->v[i]));
    return array;
}

bool field_is(const json_t *doc, const char *path, const char *value)
{
    const char *s = field_string(doc, path);
    return s != NULL && strcmp(s, value) == 0;
}

json_t *field_text(const char *bytes, size_t len)
{
    auto_text struct text out = {0};
    for (size_t i = 0; i < len;) {
        unsigned int c;
        size_t n = text_utf8(bytes + i, len - i, &c);
        if (n > 0)
            text_addn(&out, bytes + i, n);
        else
            text_add(&out, "\xef\xbf\xbd");
        i += n > 0 ? n : 1;
    }
    return json_stringn_nocheck(out.len > 0 ? out.s : "", out.len);
}
