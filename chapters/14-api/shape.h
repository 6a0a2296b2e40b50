/*
 * shape.h - of what types the members of a request are.
 *
 * A document that came from outside is looked through once, here, with a table:
 * behind it a member that is there has its type, and one that is null is not
 * there (field.h). Members that no table names are passed over, as Docker does.
 *
 *     static const struct shape shapes[] = {
 *         {"Cmd", SHAPE_STRINGS}, {"HostConfig.Memory", SHAPE_INT}, {0}};
 *     if (shape_check(doc, shapes, &e) < 0) ...
 *
 * Errors: -EINVAL, which names the member. Needs nothing.
 */
#ifndef SHAPE_H
#define SHAPE_H

#include "err.h"

#include <jansson.h>

enum shape_kind {
    SHAPE_STRING,
    SHAPE_BOOL,
    SHAPE_INT,
    SHAPE_OBJECT,
    SHAPE_STRINGS, /* an array of them */
    SHAPE_OBJECTS,
    SHAPE_INTS,
    SHAPE_MAP_OF_STRINGS, /* an object of them */
    SHAPE_MAP_OF_OBJECTS,
    SHAPE_MAP_OF_LISTS, /* of objects */
};
struct shape {
    const char *path;
    enum shape_kind kind;
};

/* The last shape's path is NULL. Nulls are taken out of the document. */
int shape_check(json_t *doc, const struct shape *shapes, struct err *e);

/* shapes.c: the bodies of requests. */
extern const struct shape shape_container[], shape_update[], shape_exec[],
    shape_exec_start[], shape_network[], shape_connect[], shape_volume[],
    shape_account[];

#endif
