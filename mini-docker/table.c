#include "table.h"

#include "field.h"
#include "own.h"
#include "text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MIN_WIDTH = 10, PADDING = 3, MAX_COLUMNS = 32 };

static bool is_continuation(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

/* Characters, not bytes. */
static size_t width_of(const char *s)
{
    size_t width = 0;
    for (; *s != '\0'; s++)
        width += !is_continuation(*s);
    return width;
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
    static const char plain[] = "\a\b\f\n\r\t\v\\\"";
    static const char letters[] = "abfnrtv\\\"";
    struct text out = {0};
    text_add(&out, "\"");
    for (; *text != '\0'; text++) {
        const char *known = strchr(plain, *text);
        if (known != NULL)
            text_addf(&out, "\\%c", letters[known - plain]);
        else if ((unsigned char)*text < ' ' || *text == 0x7f)
            text_addf(&out, "\\x%02x", (unsigned int)*text);
        else
            text_addn(&out, text, 1);
    }
    text_add(&out, "\"");
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

/* Print lines whose cells are separated by tabs, in columns. */
static void print_aligned(const struct strv *lines, FILE *out)
{
    size_t width[MAX_COLUMNS] = {0};
    for (size_t i = 0; i < lines->n; i++) {
        auto_strv struct strv cells = {0};
        strv_split(&cells, lines->v[i], '\t');
        for (size_t c = 0; c < cells.n && c < MAX_COLUMNS; c++) {
            size_t wanted = width_of(cells.v[c]) + PADDING;
            if (wanted < MIN_WIDTH)
                wanted = MIN_WIDTH;
            if (width[c] < wanted)
                width[c] = wanted;
        }
    }
    for (size_t i = 0; i < lines->n; i++) {
        auto_strv struct strv cells = {0};
        strv_split(&cells, lines->v[i], '\t');
        for (size_t c = 0; c < cells.n; c++) {
            bool last = c + 1 == cells.n;
            size_t room = last || c >= MAX_COLUMNS ? 0 : width[c];
            size_t used = width_of(cells.v[c]);
            fprintf(out, "%s%*s", cells.v[c],
                    room > used ? (int)(room - used) : 0, "");
        }
        fputc('\n', out);
    }
}

static const struct table_column *find_column(
    const struct table_column *columns, const char *member, size_t len)
{
    for (; columns->member != NULL; columns++)
        if (strncmp(columns->member, member, len) == 0 &&
            columns->member[len] == '\0')
            return columns;
    return NULL;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* As Go prints values: [a b] is a list, map[k:v l:w] an object, in the order
 * of its keys. */
static void add_value(struct text *out, const json_t *value)
{
    if (json_is_string(value)) {
        text_add(out, json_string_value(value));
    } else if (json_is_array(value)) {
        for (size_t i = 0; i < json_array_size(value); i++) {
            text_add(out, i == 0 ? "[" : " ");
            add_value(out, json_array_get(value, i));
        }
        text_add(out, json_array_size(value) == 0 ? "[]" : "]");
    } else if (json_is_object(value)) {
        auto_strv struct strv keys = {0};
        const char *key;
        json_t *member;
        json_object_foreach((json_t *)(uintptr_t)value, key, member)
            strv_add(&keys, key);
        if (keys.n > 0)
            qsort(keys.v, keys.n, sizeof *keys.v, by_text);
        text_add(out, "map[");
        for (size_t i = 0; i < keys.n; i++) {
            text_addf(out, "%s%s:", i == 0 ? "" : " ", keys.v[i]);
            add_value(out, json_object_get(value, keys.v[i]));
        }
        text_add(out, "]");
    } else if (value == NULL || json_is_null(value)) {
        text_add(out, "<no value>");
    } else {
        auto_free char *plain = json_dumps(value, JSON_ENCODE_ANY);
        text_add(out, plain);
    }
}

/* Without columns the rows are documents, and a member may lie deep in one. */
static int add_member(const json_t *doc, const char *path, bool json,
                      struct text *out, struct err *e)
{
    if (doc == NULL)
        return 0;
    const json_t *value = path[0] == '\0' ? doc : field_get(doc, path);
    if (value == NULL)
        return err_set(e, EINVAL,
                       "template parsing error: {{.%s}}: map has no entry "
                       "for key \"%s\"",
                       path, path);
    auto_free char *spelt =
        json ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
    if (json)
        text_add(out, spelt);
    else
        add_value(out, value);
    return 0;
}

/* One action, what stands between {{ and }}: ".ID", "json .", "json .ID". With
 * a NULL row, the header. */
static int add_action(const struct table_column *columns, const json_t *row,
                      const char *action, struct text *out, struct err *e)
{
    auto_strv struct strv words = {0};
    auto_strv struct strv split = {0};
    strv_split(&split, action, ' ');
    for (size_t i = 0; i < split.n; i++)
        if (split.v[i][0] != '\0')
            strv_add(&words, split.v[i]);
    bool json = words.n == 2 && strcmp(words.v[0], "json") == 0;
    if ((words.n != 1 && !json) || words.v[words.n - 1][0] != '.')
        return err_set(e, ENOSYS, "--format {{%s}} is not built yet", action);
    const char *member = words.v[words.n - 1] + 1;
    if (columns == NULL)
        return add_member(row, member, json, out, e);
    const struct table_column *column =
        find_column(columns, member, strlen(member));
    bool whole = json && member[0] == '\0';
    if (column == NULL && !whole)
        return err_set(e, EINVAL, "template: {{%s}}: there is no field %s",
                       action, member);
    if (row == NULL) {
        text_add(out, whole ? "" : column->header);
        return 0;
    }
    const json_t *value = whole ? row : json_object_get(row, member);
    const char *plain = json_string_value(value);
    auto_free char *spelt =
        json ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
    text_add(out, json ? spelt : (plain == NULL ? "" : plain));
    return 0;
}

/* A template for one row, or (row is NULL) for the headers. */
static int add_template(const struct table_column *columns, const json_t *row,
                        const char *s, struct text *out, struct err *e)
{
    while (*s != '\0') {
        const char *open = strstr(s, "{{");
        if (open == NULL)
            open = s + strlen(s);
        text_addn(out, s, (size_t)(open - s));
        if (*open == '\0')
            return 0;
        const char *close = strstr(open, "}}");
        if (close == NULL)
            return err_set(e, EINVAL, "template: unclosed action: %s", open);
        auto_free char *action =
            text_format("%.*s", (int)(close - open - 2), open + 2);
        int r = add_action(columns, row, action, out, e);
        if (r < 0)
            return r;
        s = close + 2;
    }
    return 0;
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

int table_print(const struct table_column *columns, const json_t *rows,
                const char *format, FILE *out, struct err *e)
{
    static const char word[] = "table";
    if (format == NULL || format[0] == '\0')
        format = word;
    bool aligned = text_starts(format, word);
    if (aligned)
        format += strlen(word) + strspn(format + strlen(word), " ");
    if (!aligned && strcmp(format, "json") == 0)
        format = "{{json .}}";
    auto_free char *template =
        format[0] == '\0' ? default_template(columns) : unescape(format);
    auto_strv struct strv lines = {0};
    /* Round 0 is for the headers, and for what is wrong with the template. */
    for (size_t i = 0; i <= json_array_size(rows); i++) {
        auto_text struct text line = {0};
        const json_t *row = i == 0 ? NULL : json_array_get(rows, i - 1);
        int r = add_template(columns, row, template, &line, e);
        if (r < 0)
            return r;
        if (i > 0 || aligned)
            strv_add(&lines, line.len > 0 ? line.s : "");
    }
    if (aligned) {
        print_aligned(&lines, out);
        return 0;
    }
    for (size_t i = 0; i < lines.n; i++)
        fprintf(out, "%s\n", lines.v[i]);
    return 0;
}
