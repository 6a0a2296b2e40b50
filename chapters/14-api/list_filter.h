/*
 * list_filter.h - what --filter NAME=VALUE asks of a list, as a table of names.
 *
 * Docker reads filters alike for everything that it lists: several values of
 * one name are alternatives (of labels: all must fit), different names must
 * all fit, and a name that the list does not know is an error.
 *
 *     static const struct list_filter filters[] = {
 *         {"status", is_status, fits_status, false},
 *         {"volume", NULL, NULL, false},            // known; not built yet
 *         {0},
 *     };
 *     // before anything is read
 *     if (list_filter_check(filters, &said, &e) < 0) ...
 *     if (list_filter_fits(filters, &said, item)) ...
 *
 * Errors, in Docker's words: -EINVAL "invalid filter 'x'", "invalid filter
 * 'status=[x]'"; -ENOSYS. Needs nothing.
 */
#ifndef LIST_FILTER_H
#define LIST_FILTER_H

#include "err.h"
#include "text.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct list_filter {
    const char *name;
    bool (*is_valid)(const char *value); /* NULL: any value is */
    bool (*fits)(const void *item, const char *value);
    bool all_must; /* of several values with this name; else one is enough */
};

int list_filter_check(const struct list_filter *filters,
                      const struct strv *said, struct err *e);
bool list_filter_fits(const struct list_filter *filters,
                      const struct strv *said, const void *item);
/* Is anything asked of this name? Its first value, or NULL. */
const char *list_filter_value(const struct strv *said, const char *name);

/* "KEY" or "KEY=VALUE" of labels, which may be NULL. */
bool list_filter_fits_label(const json_t *labels, const char *value);
/* Is there a place in the text that the extended regular expression fits? One
 * that is none fits nowhere, as with Docker. \d, \w and \s mean what they do
 * in Go. */
bool list_filter_fits_pattern(const char *text, const char *pattern);
/* "true", "0" ... */
bool list_filter_is_bool(const char *value);
bool list_filter_is_true(const char *value);
/* A time as until= takes it: so long ago (10m, 1h30m), a date, seconds since
 * 1970. list_filter_time gives seconds since 1970; 0 for what is none. */
bool list_filter_is_time(const char *value);
int64_t list_filter_time(const char *value);

#endif
