/*
 * unit_json.h - JSON that can be read in C: 'single' quotes stand for double.
 *
 *     json_t *doc = unit_json("{'Memory': 5}");
 */
#ifndef UNIT_JSON_H
#define UNIT_JSON_H

#include "own.h"

#include <jansson.h>
#include <stdlib.h>

/* With the quotes that JSON has; the caller frees. */
static inline char *unit_quotes(const char *text)
{
    char *copy = own_strdup(text);
    for (char *c = copy; *c != '\0'; c++)
        if (*c == '\'')
            *c = '"';
    return copy;
}

static inline json_t *unit_json(const char *text)
{
    auto_free char *json = unit_quotes(text);
    json_t *value = json_loads(json, JSON_DECODE_ANY, NULL);
    if (value == NULL)
        abort(); /* the test itself is wrong */
    return value;
}

#endif
