/* From bytes to lines, and from lines to those that go on in the next. */
#include "dockerfile_parts.h"

#include "own.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

/* The longest line: what BuildKit's scanner takes. */
enum { LONGEST_LINE = 65535 };

static int complain(struct dockerfile_parse *p, struct err *e,
                    const char *reason)
{
    p->i->line = p->i->last_line = (unsigned)p->file->lines.n;
    return err_set(e, EINVAL, "%s", reason);
}

int dockerfile_read_lines(struct dockerfile_parse *p, const char *bytes,
                          size_t len, struct err *e)
{
    static const char mark[] = "\xef\xbb\xbf"; /* UTF-8 may say so, at first */
    const size_t skip = sizeof mark - 1;
    const char *end = bytes + len;
    if (len >= skip && memcmp(bytes, mark, skip) == 0)
        bytes += skip;
    while (bytes < end) {
        const char *stop = memchr(bytes, '\n', (size_t)(end - bytes));
        size_t n = (size_t)((stop != NULL ? stop : end) - bytes);
        auto_free char *line = text_format("%.*s", (int)n, bytes);
        strv_add(&p->file->lines, line);
        if (n > LONGEST_LINE)
            return complain(p, e,
                            "dockerfile line greater than max allowed size of "
                            "65535");
        if (strlen(line) < n)
            return complain(p, e, "a NUL byte: the file is no text in UTF-8");
        bytes += n + (stop != NULL);
    }
    return 0;
}

/* "# name = value", with a value: what is between. */
static bool is_directive(const char *line, char **ret_name, char **ret_value)
{
    if (*line != '#')
        return false;
    line += 1 + strspn(line + 1, BLANKS);
    size_t len = 0;
    while (isalnum((unsigned char)line[len]))
        len++;
    const char *value = line + len + strspn(line + len, BLANKS);
    if (len == 0 || isdigit((unsigned char)*line) || *value != '=')
        return false;
    value += 1 + strspn(value + 1, BLANKS);
    auto_text struct text text = {0};
    text_add(&text, value);
    text_trim(&text);
    if (text.len == 0)
        return false;
    *ret_value = text_take(&text);
    *ret_name = text_format("%.*s", (int)len, line);
    for (char *c = *ret_name; *c != '\0'; c++)
        *c = (char)tolower((unsigned char)*c);
    return true;
}

static int set_escape(struct dockerfile_parse *p, const char *value,
                      struct err *e)
{
    if (strcmp(value, "\\") != 0 && strcmp(value, "`") != 0) {
        dockerfile_blame(p, value);
        return err_set(e, EINVAL,
                       "invalid escape token '%.60s' does not match ` or \\",
                       value);
    }
    p->file->escape = *value;
    return 0;
}

int dockerfile_read_directives(struct dockerfile_parse *p, struct err *e)
{
    /* `syntax` names another builder and `check` what a linter skips: both are
     * for others. All else is a comment, and ends the directives. */
    static const char *const known[] = {"escape", "syntax", "check"};
    bool seen[sizeof known / sizeof known[0]] = {false};
    for (; p->next < p->file->lines.n; p->next++) {
        auto_free char *name = NULL, *value = NULL;
        if (!is_directive(p->file->lines.v[p->next], &name, &value))
            return 0;
        p->i->line = p->i->last_line = (unsigned)p->next + 1;
        size_t k = 0;
        while (k < sizeof known / sizeof known[0] &&
               strcmp(known[k], name) != 0)
            k++;
        if (k == sizeof known / sizeof known[0])
            return 0;
        if (seen[k])
            return err_set(e, EINVAL,
                           "only one %s parser directive can be used", name);
        seen[k] = true;
        int r = k == 0 ? set_escape(p, value, e) : 0;
        if (r < 0)
            return r;
    }
    return 0;
}

/* Does the line end in the escape character, which is not itself escaped? Then
 * that is cut off. */
static bool goes_on(struct text *line, char escape)
{
    size_t len = line->len;
    while (len > 0 && strchr(" \t", line->s[len - 1]) != NULL)
        len--;
    if (len == 0 || line->s[len - 1] != escape ||
        (len > 1 && line->s[len - 2] == escape))
        return false;
    line->len = len - 1;
    line->s[line->len] = '\0';
    return true;
}

/* The line without its end, which is "\r\n" in some files. */
static void take_line(struct dockerfile_parse *p, struct text *ret)
{
    text_clear(ret);
    text_add(ret, p->file->lines.v[p->next++]);
    while (ret->len > 0 && ret->s[ret->len - 1] == '\r')
        ret->s[--ret->len] = '\0';
}

static bool is_utf8(const char *s, size_t len)
{
    unsigned int c;
    size_t size = 1;
    for (; len > 0 && size > 0; s += size, len -= size)
        size = text_utf8(s, len, &c);
    return size > 0;
}

/* Add the lines that continue `ret`: among them, comments are none, and neither
 * are empty ones, which a warning is owed for. */
static void add_continuations(struct dockerfile_parse *p, struct text *ret)
{
    bool more = true, has_empty = false;
    auto_text struct text line = {0};
    while (more && p->next < p->file->lines.n) {
        take_line(p, &line);
        p->i->last_line = (unsigned)p->next;
        const char *first = line.s + strspn(line.s, BLANKS);
        has_empty = has_empty || *first == '\0';
        if (*first == '\0' || *first == '#')
            continue;
        more = goes_on(&line, p->file->escape);
        text_addn(ret, line.s, line.len);
    }
    if (has_empty)
        strv_addf(&p->file->warnings,
                  "line %u: Empty continuation line found in: %s", p->i->line,
                  ret->s);
}

int dockerfile_next_line(struct dockerfile_parse *p, struct text *ret,
                         struct err *e)
{
    auto_text struct text line = {0};
    const char *first;
    do {
        if (p->next == p->file->lines.n)
            return 0;
        take_line(p, &line);
        first = line.s + strspn(line.s, BLANKS);
    } while (*first == '\0' || *first == '#');
    p->i->line = p->i->last_line = (unsigned)p->next;
    text_clear(ret);
    text_add(ret, first);
    if (goes_on(ret, p->file->escape))
        add_continuations(p, ret);
    text_trim(ret);
    /* JSON holds nothing else, and all of it ends in an image's history. */
    if (!is_utf8(ret->s, ret->len))
        return err_set(e, EINVAL, "the instruction is not UTF-8");
    return 1;
}
