/*
 * table.h - results as Docker prints them: a table, JSON, or one's own form.
 *
 * A row is a JSON object of strings; a column names one of its members and the
 * words above it. What --format says chooses the form:
 *
 *     (nothing), table      the shown columns, aligned
 *     table {{.ID}}\t{{.Names}}   these members, aligned, below their headers
 *     json                  one object a line
 *     {{.ID}} {{.Names}}    these members
 *
 * template.h has the language of templates. Columns are aligned as Go's
 * text/tabwriter does it for Docker: at least ten wide, three blanks between,
 * characters and not bytes counted.
 *
 *     static const struct table_column columns[] = {
 *         {"ID", "CONTAINER ID", true}, {"Names", "NAMES", true}, {0}};
 *     table_print(columns, rows, format, stdout, &e);
 */
#ifndef TABLE_H
#define TABLE_H

#include "err.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

struct table_column {
    const char *member; /* of a row */
    const char *header;
    bool shown; /* where no format chooses */
};

/* `format` may be NULL. Without columns (NULL) the rows are whole documents and
 * there must be a template. Nothing is printed where one of them fails. 0, or
 * an error of template.h. */
int table_print(const struct table_column *columns, const json_t *rows,
                const char *format, FILE *out, struct err *e);

/* Rows one at a time, where there may be thousands: NULL at the end, and the
 * caller of `next` json_decref()s it. */
struct table_rows {
    json_t *(*next)(void *arg);
    void *arg;
};
int table_print_rows(const struct table_column *columns,
                     const struct table_rows *rows, const char *format,
                     FILE *out, struct err *e);

/* What --format and -q ask for, as a format: -q makes `table` to `short_table`
 * and `raw`, lines of "name: value", to `short_raw`; a template of one's own
 * wins. */
struct table_forms {
    const char *raw, *short_raw, *short_table;
};
const char *table_format(const struct table_forms *forms, const char *format,
                         bool is_short);

/* Is it a form at all? 0 or -EINVAL. */
int table_check(const char *format, struct err *e);

/* One document, as `format` says: "json" or a template. */
int table_print_one(const json_t *document, const char *format, FILE *out,
                    struct err *e);

/* Rows that are arrays of strings, in columns of at least `min_width`. */
void table_print_cells(const json_t *rows, size_t min_width, FILE *out);

/* `text` cut to `width` characters, the last of which is then an ellipsis. The
 * caller frees. */
char *table_cut(const char *text, size_t width);
/* `text` in double quotes, as Go's %q. The caller frees. */
char *table_quote(const char *text);
/* "2026-01-31 12:00:00 +0100 CET". The caller frees. */
char *table_time(int64_t seconds);

#endif
