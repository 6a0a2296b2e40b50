/* A JSON document read by tables: second reading. */
#include "oci_reader.h"

#include "own.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

void oci_forget(json_t **doc)
{
    json_decref(*doc);
    *doc = NULL;
}

/* --- where we are --- */

static void enter(struct oci_reader *reader, const char *key)
{
    size_t room = sizeof reader->path - reader->len;
    int n = snprintf(reader->path + reader->len, room, "%s%s",
                     reader->len == 0 ? "" : ".", key);
    reader->len += n < (int)room ? (size_t)n : room - 1;
}

static void enter_element(struct oci_reader *reader, size_t index)
{
    size_t room = sizeof reader->path - reader->len;
    int n = snprintf(reader->path + reader->len, room, "[%zu]", index);
    reader->len += n < (int)room ? (size_t)n : room - 1;
}

static void leave(struct oci_reader *reader, size_t len)
{
    reader->len = len;
    reader->path[len] = '\0';
}

int oci_place(int r, const char *place, struct err *e)
{
    struct err why = e != NULL ? *e : (struct err){0};
    if (r < 0)
        err_set(e, why.code, "%s: %s", place, why.msg);
    return r;
}

/* The innermost place that fails is the one that is named. */
static int name_it(struct oci_reader *reader, int r, struct err *e)
{
    if (r < 0 && !reader->named) {
        oci_place(r, reader->path, e);
        reader->named = true;
    }
    return r;
}

/* --- values --- */

static int expected(const char *what, struct err *e)
{
    return err_set(e, EINVAL, "expected %s", what);
}

static int read_string(const json_t *value, void *to, struct err *e)
{
    char **slot = to;
    if (!json_is_string(value))
        return expected("a string", e);
    if (strlen(json_string_value(value)) != json_string_length(value))
        return err_set(e, EINVAL, "a NUL character in a string");
    own_free(slot);
    *slot = own_strdup(json_string_value(value));
    return 0;
}

/* One of an array of strings. */
static int add_string(struct oci_reader *reader, const char *key,
                      const json_t *value, void *to, struct err *e)
{
    (void)reader;
    (void)key;
    auto_free char *s = NULL;
    int r = read_string(value, &s, e);
    if (r == 0)
        strv_add(to, s);
    return r;
}

int oci_read_path(struct oci_reader *reader, const char *key,
                  const json_t *value, void *to, struct err *e)
{
    const char *path = json_string_value(value);
    if (path != NULL && path[0] != '/')
        return err_set(e, EINVAL, "\"%s\" is not absolute", path);
    return add_string(reader, key, value, to, e);
}

static int read_bool(const json_t *value, void *to, struct err *e)
{
    if (!json_is_boolean(value))
        return expected("true or false", e);
    *(bool *)to = json_is_true(value);
    return 0;
}

/* The numbers, by size. What needs the 64th bit arrives negative, see
 * oci_config.c. */
static const struct {
    size_t size;
    int64_t min, max;
} ranges[] = {
    [OCI_I64] = {sizeof(int64_t),  INT64_MIN, INT64_MAX     },
    [OCI_U64] = {sizeof(uint64_t), INT64_MIN, INT64_MAX     },
    [OCI_U32] = {sizeof(uint32_t), 0,         UINT32_MAX    },
    [OCI_ID] = {sizeof(uint32_t), 0,         UINT32_MAX - 1}, /* chown(2) */
    [OCI_U16] = {sizeof(uint16_t), 0,         UINT16_MAX    },
    [OCI_INT] = {sizeof(int),      INT32_MIN, INT32_MAX     },
};

static int read_number(const json_t *value, enum oci_kind kind, void *to,
                       struct err *e)
{
    if (!json_is_integer(value))
        return expected("an integer", e);
    int64_t number = json_integer_value(value);
    if (number < ranges[kind].min || number > ranges[kind].max)
        return err_set(e, EINVAL, "%lld is out of range", (long long)number);
    /* Little-endian machines alone have Linux ABIs that we build for; a copy
     * of the low bytes is the number in fewer bits. */
    memcpy(to, &number, ranges[kind].size);
    return 0;
}

/* --- arrays and objects --- */

static int read_each(struct oci_reader *reader, const struct oci_field *field,
                     const json_t *array, void *to, struct err *e)
{
    oci_call *call = field->kind == OCI_STRINGS ? add_string : field->call;
    if (!json_is_array(array))
        return expected("an array", e);
    size_t len = reader->len;
    int r = 0;
    for (size_t i = 0; r >= 0 && i < json_array_size(array); i++) {
        enter_element(reader, i);
        r = call(reader, field->key, json_array_get(array, i), to, e);
        name_it(reader, r, e);
        leave(reader, len);
    }
    return r;
}

static int read_members(struct oci_reader *reader,
                        const struct oci_field *field, const json_t *object,
                        void *to, struct err *e)
{
    if (!json_is_object(object))
        return expected("an object", e);
    size_t len = reader->len;
    int r = 0;
    const char *key;
    json_t *value;
    /* jansson's iterators want no const; nothing is changed. */
    json_t *members = (json_t *)(uintptr_t)object;
    json_object_foreach(members, key, value)
    {
        enter(reader, key);
        r = field->call(reader, key, value, to, e);
        name_it(reader, r, e);
        leave(reader, len);
        if (r < 0)
            break;
    }
    return r;
}

static int read_value(struct oci_reader *reader, const struct oci_field *field,
                      const json_t *value, void *to, struct err *e)
{
    switch (field->kind) {
    case OCI_STRING:
        return read_string(value, to, e);
    case OCI_BOOL:
        return read_bool(value, to, e);
    case OCI_OBJECT:
        return oci_read(reader, value, field->fields, to, e);
    case OCI_STRINGS:
    case OCI_EACH:
        return read_each(reader, field, value, to, e);
    case OCI_MEMBERS:
        return read_members(reader, field, value, to, e);
    case OCI_CALL:
        return field->call(reader, field->key, value, to, e);
    default:
        return read_number(value, field->kind, to, e);
    }
}

static int read_field(struct oci_reader *reader, const struct oci_field *field,
                      const json_t *object, void *base, struct err *e)
{
    const json_t *value = json_object_get(object, field->key);
    size_t len = reader->len;
    int r = 0;
    enter(reader, field->key);
    if (value != NULL && !json_is_null(value)) {
        r = read_value(reader, field, value, (char *)base + field->offset, e);
        if (field->has != 0)
            *((bool *)((char *)base + field->has)) = true;
    } else if (field->required) {
        r = err_set(e, EINVAL, "is missing");
    }
    name_it(reader, r, e);
    leave(reader, len);
    return r;
}

int oci_read(struct oci_reader *reader, const json_t *object,
             const struct oci_field *fields, void *base, struct err *e)
{
    if (!json_is_object(object))
        return expected("an object", e);
    int r = 0;
    for (; r >= 0 && fields->key != NULL; fields++)
        r = read_field(reader, fields, object, base, e);
    return r;
}
