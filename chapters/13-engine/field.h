/*
 * field.h - reading members of API documents by path.
 *
 *     field_string(doc, "HostConfig.NetworkMode")     "none", or NULL
 *     field_int(doc, "HostConfig.Memory", 0)          the number, or 0
 *
 * A member that is missing, null or of another type reads as the fallback:
 * the shape of a document is checked where it comes in. Results are borrowed
 * from the document.
 */
#ifndef FIELD_H
#define FIELD_H

#include "text.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

const json_t *field_get(const json_t *doc, const char *path);
const char *field_string(const json_t *doc, const char *path);
int64_t field_int(const json_t *doc, const char *path, int64_t fallback);
bool field_bool(const json_t *doc, const char *path);
/* Append the strings of an array. */
void field_strings(const json_t *doc, const char *path, struct strv *out);
/* And back: a new array of them. */
json_t *field_list(const struct strv *strings);
/* A string of bytes; in place of those that are no UTF-8, which JSON has no
 * room for, stands U+FFFD. */
json_t *field_text(const char *bytes, size_t len);
/* Is it a string, and exactly this? */
bool field_is(const json_t *doc, const char *path, const char *value);

#endif
