/*
 * query.h - what stands behind the ? of a request: names and values.
 *
 *     auto_query struct query query = {0};
 *     query_parse(&query, "/v1.47/containers/json?all=1&limit=3");
 *     query.path                        "/v1.47/containers/json"
 *     query_bool(&query, "all")         true
 *     query_get(&query, "limit")        "3", or NULL
 *
 * Values are taken out of their percent signs (RFC 3986, 2.1), and a + is a
 * blank, as forms have it; the path is left as it was written. Needs nothing.
 */
#ifndef QUERY_H
#define QUERY_H

#include "err.h"
#include "text.h"

#include <stdbool.h>
#include <stdint.h>

struct query {
    char *path;
    struct strv pairs; /* "name=value" */
};
#define auto_query __attribute__((cleanup(query_done)))
void query_done(struct query *query);

void query_parse(struct query *ret, const char *target);
/* The first value of that name, or NULL. */
const char *query_get(const struct query *query, const char *name);
/* The same, but NULL for one that is empty. */
const char *query_text(const struct query *query, const char *name);
/* All values of it are added. */
void query_all(const struct query *query, const char *name, struct strv *ret);
/* As Docker reads it: anything but nothing, 0, no, false and none is true. */
bool query_bool(const struct query *query, const char *name);
/* A number; `fallback` where it is not said. -EINVAL. */
int query_int(const struct query *query, const char *name, int64_t fallback,
              int64_t *ret, struct err *e);
/* The value of `filters` as "name=value", as list_filter_fits wants them. It
 * is JSON, in one of two forms: {"label": ["a=b"]}, which is the older one, or
 * {"label": {"a=b": true}}. -EINVAL. */
int query_filters(const struct query *query, struct strv *ret, struct err *e);

/* Percent signs and what they stand for; with `plus` a + is a blank. */
char *query_decode(const char *s, size_t len, bool plus);

#endif
