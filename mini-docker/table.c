#include "table.h"

#include "own.h"
#include "template.h"
#include "text.h"

#include <string.h>
#include <time.h>

enum { MIN_WIDTH = 10, PADDING = 3, MAX_COLUMNS = 32 };

static bool is_continuation(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

/* Characters, not bytes, up to the end of the cell. */
static size_t width_of(const char *s)
{
    size_t width = 0;
    for (; *s != '\0' && *s != '\t'; s++)
        width += !is_continuation(*s);
    return width;
}

static const char *next_cell(const char *cell)
{
    const char *tab = strchr(cell, '\t');
    return tab == NULL ? NULL : tab + 1;
}

char *table_cut(const char *text, size_t width)
{
    if (width_of(text) <= width)
        return own_strdup(text);
    const char *end = text;
    for (size_t n = 0; n + 1 < width; n++) {
        end++;
        while (is_continuation(*end))
            end++;
    }
    return text_format("%.*s\xe2\x80\xa6", (int)(end - text), text);
}

char *table_quote(const char *text)
{
    struct text out = {0};
    template_add_quoted(&out, text);
    return text_take(&out);
}

char *table_time(int64_t seconds)
{
    time_t when = seconds;
    struct tm tm;
    char out[64] = "";
    if (localtime_r(&when, &tm) != NULL)
        strftime(out, sizeof out, "%Y-%m-%d %H:%M:%S %z %Z", &tm);
    return own_strdup(out);
}

/* Print lines, each with its end, whose cells are separated by tabs, in columns
 * of at least `min_width`. */
static void print_aligned(char *text, size_t min_width, FILE *out)
{
    char *end = text + strlen(text);
    for (char *c = text; c < end; c++)
        if (*c == '\n')
            *c = '\0';
    size_t width[MAX_COLUMNS] = {0};
    for (const char *line = text; line < end; line += strlen(line) + 1) {
        size_t c = 0;
        for (const char *cell = line; cell != NULL && c < MAX_COLUMNS;
             cell = next_cell(cell), c++) {
            size_t wanted = width_of(cell) + PADDING;
            if (wanted < min_width)
                wanted = min_width;
            if (width[c] < wanted)
                width[c] = wanted;
        }
    }
    for (const char *line = text; line < end; line += strlen(line) + 1) {
        size_t c = 0;
        for (const char *cell = line; cell != NULL;
             cell = next_cell(cell), c++) {
            bool last = next_cell(cell) == NULL;
            size_t used = width_of(cell);
            size_t room = last || c >= MAX_COLUMNS ? used : width[c];
            fwrite(cell, 1, strcspn(cell, "\t"), out);
            for (; used < room; used++)
                putc_unlocked(' ', out);
        }
        putc_unlocked('\n', out);
    }
}

/* The user writes \t and \n; the shell passes them on as two characters. */
static char *unescape(const char *s)
{
    struct text out = {0};
    for (; *s != '\0'; s++) {
        const char *letter = s[0] == '\\' ? strchr("tn", s[1]) : NULL;
        bool known = letter != NULL && *letter != '\0';
        char c = *s;
        if (known)
            c = *letter == 't' ? '\t' : '\n';
        text_addn(&out, &c, 1);
        s += known;
    }
    return text_take(&out);
}

/* The template that shows the shown columns. */
static char *default_template(const struct table_column *columns)
{
    struct text out = {0};
    for (; columns->member != NULL; columns++)
        if (columns->shown)
            text_addf(&out, "%s{{.%s}}", out.len > 0 ? "\t" : "",
                      columns->member);
    return text_take(&out);
}

/* What stands above the columns: the template made of their headers. One that
 * is too clever for these has less above it, and is no error. */
static void add_headers(const struct template *t,
                        const struct table_column *columns, struct text *out)
{
    json_t *headers = json_object();
    for (; columns->member != NULL; columns++)
        json_object_set_new(headers, columns->member,
                            json_string(columns->header));
    template_execute(t, headers, TEMPLATE_HEADERS, out, NULL);
    text_add(out, "\n");
    json_decref(headers);
}

/* All that is printed, before anything is: what is wrong with a template may
 * show at the last row. */
static int make_text(const struct template *t, const struct table_rows *rows,
                     int flags, struct text *out, struct err *e)
{
    json_t *row;
    int r = 0;
    while (r == 0 && (row = rows->next(rows->arg)) != NULL) {
        r = template_execute(t, row, flags, out, e);
        text_add(out, "\n");
        json_decref(row);
    }
    return r;
}

int table_print_rows(const struct table_column *columns,
                     const struct table_rows *rows, const char *format,
                     FILE *out, struct err *e)
{
    static const char word[] = "table";
    if (format == NULL || format[0] == '\0')
        format = word;
    bool aligned = columns != NULL && text_starts(format, word);
    if (aligned)
        format += strlen(word) + strspn(format + strlen(word), " ");
    if (!aligned && strcmp(format, "json") == 0)
        format = "{{json .}}";
    auto_free char *text = format[0] == '\0' ? default_template(columns)
                           : columns == NULL ? own_strdup(format)
                                             : unescape(format);
    auto_template struct template *t = NULL;
    int r = template_parse(text, &t, e);
    if (r < 0)
        return r;
    auto_text struct text all = {0};
    if (aligned)
        add_headers(t, columns, &all);
    r = make_text(t, rows, columns == NULL ? 0 : TEMPLATE_SORTED, &all, e);
    if (r < 0 || all.len == 0)
        return r;
    if (aligned)
        print_aligned(all.s, MIN_WIDTH, out);
    else
        fwrite(all.s, 1, all.len, out);
    return 0;
}

struct position {
    const json_t *rows;
    size_t i;
};

static json_t *next_of_array(void *arg)
{
    struct position *at = arg;
    return json_incref(json_array_get(at->rows, at->i++));
}

int table_print(const struct table_column *columns, const json_t *rows,
                const char *format, FILE *out, struct err *e)
{
    struct position at = {rows, 0};
    struct table_rows all = {next_of_array, &at};
    return table_print_rows(columns, &all, format, out, e);
}

void table_print_cells(const json_t *rows, size_t min_width, FILE *out)
{
    auto_text struct text all = {0};
    size_t i, c;
    const json_t *row, *cell;
    json_array_foreach(rows, i, row)
    {
        json_array_foreach(row, c, cell)
            text_addf(&all, "%s%s", c > 0 ? "\t" : "", json_string_value(cell));
        text_add(&all, "\n");
    }
    if (all.len > 0)
        print_aligned(all.s, min_width, out);
}

const char *table_format(const struct table_forms *forms, const char *format,
                         bool is_short)
{
    bool is_table = format == NULL || strcmp(format, "table") == 0;
    if (is_table && is_short)
        return forms->short_table;
    if (is_table || forms->raw == NULL || strcmp(format, "raw") != 0)
        return format;
    return is_short ? forms->short_raw : forms->raw;
}

int table_check(const char *format, struct err *e)
{
    auto_template struct template *t = NULL;
    return format == NULL ? 0 : template_parse(format, &t, e);
}

int table_print_one(const json_t *document, const char *format, FILE *out,
                    struct err *e)
{
    json_auto_t *rows = json_array();
    json_array_append(rows, (json_t *)(uintptr_t)document);
    return table_print(NULL, rows, format, out, e);
}
