#include "shape.h"

#include "field.h"

#include <errno.h>

/* How each kind is put together: a container of things, or a thing. */
static const struct {
    json_type outer, inner; /* inner of what is no container: as outer */
    const char *name;
} kinds[] = {
    [SHAPE_STRING] = {JSON_STRING,  JSON_STRING,  "a string"            },
    [SHAPE_BOOL] = {JSON_TRUE,    JSON_TRUE,    "true or false"       },
    [SHAPE_INT] = {JSON_INTEGER, JSON_INTEGER, "a whole number"      },
    [SHAPE_OBJECT] = {JSON_OBJECT,  JSON_OBJECT,  "an object"           },
    [SHAPE_STRINGS] = {JSON_ARRAY,   JSON_STRING,  "an array of strings" },
    [SHAPE_OBJECTS] = {JSON_ARRAY,   JSON_OBJECT,  "an array of objects" },
    [SHAPE_INTS] = {JSON_ARRAY,   JSON_INTEGER, "an array of numbers" },
    [SHAPE_MAP_OF_STRINGS] = {JSON_OBJECT,  JSON_STRING,  "an object of strings"},
    [SHAPE_MAP_OF_OBJECTS] = {JSON_OBJECT,  JSON_OBJECT,  "an object of objects"},
    [SHAPE_MAP_OF_LISTS] = {JSON_OBJECT,  JSON_ARRAY,   "an object of arrays" },
};

static bool is_type(const json_t *value, json_type type)
{
    return type == JSON_TRUE ? json_is_boolean(value)
                             : json_typeof(value) == type;
}

/* Every element of a list that is itself in a map is an object. */
static bool is_list_of_objects(const json_t *list)
{
    size_t i;
    const json_t *element;
    json_array_foreach(list, i, element)
    {
        if (!json_is_object(element))
            return false;
    }
    return true;
}

static bool has_kind(const json_t *value, enum shape_kind kind)
{
    if (!is_type(value, kinds[kind].outer))
        return false;
    if (kind <= SHAPE_OBJECT)
        return true;
    size_t i;
    const json_t *element;
    json_array_foreach(value, i, element)
    {
        if (!is_type(element, kinds[kind].inner))
            return false;
    }
    const char *key;
    json_t *member;
    json_object_foreach((json_t *)(uintptr_t)value, key, member)
    {
        if (!is_type(member, kinds[kind].inner) ||
            !is_list_of_objects(json_is_array(member) ? member : NULL))
            return false;
    }
    return true;
}

/* null is the same as nothing said, also in what is in it. */
static void drop_nulls(json_t *value)
{
    void *next;
    const char *key;
    json_t *member;
    size_t i;
    json_object_foreach_safe(value, next, key, member)
    {
        if (json_is_null(member))
            json_object_del(value, key);
        else
            drop_nulls(member);
    }
    json_array_foreach(value, i, member)
    {
        drop_nulls(member);
    }
}

int shape_check(json_t *doc, const struct shape *shapes, struct err *e)
{
    if (!json_is_object(doc))
        return err_set(e, EINVAL, "the request's body is not an object");
    drop_nulls(doc);
    for (; shapes->path != NULL; shapes++) {
        const json_t *value = field_get(doc, shapes->path);
        if (value != NULL && !has_kind(value, shapes->kind))
            return err_set(e, EINVAL, "invalid JSON: %s is not %s",
                           shapes->path, kinds[shapes->kind].name);
    }
    return 0;
}
