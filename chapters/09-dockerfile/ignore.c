#include "ignore.h"

#include "own.h"
#include "path.h"
#include "text.h"

#include <errno.h>
#include <string.h>

struct rule {
    struct pattern *pattern;
    bool readmits; /* "!" */
};

struct ignore {
    struct rule *v;
    size_t n;
};

#define BLANKS " \t\v\f\r\n"

/* The pattern of a line as moby cleans it: no "/" at either end, no "." or
 * "..";
 * "" if there is none. */
static char *clean(const char *line)
{
    auto_text struct text text = {0};
    text_add(&text, line + strspn(line, BLANKS));
    text_trim(&text);
    if (text.len == 0)
        return text_take(&text);
    char *path = path_clean(text.s);
    if (path[0] == '/' && path[1] != '\0')
        memmove(path, path + 1, strlen(path));
    return path;
}

/* @lab 9.3 comments first, then blanks, then "!"; what is left of the line is
 * cleaned and compiled */
static int add_rule(struct ignore *ignore, const char *line, struct err *e)
{
    if (*line == '#')
        return 0;
    line += strspn(line, BLANKS);
    bool readmits = *line == '!';
    auto_free char *text = clean(line + readmits);
    if (*text == '\0' && readmits)
        return err_set(e, EINVAL, "illegal exclusion pattern: \"!\"");
    if (*text == '\0')
        return 0;
    struct rule rule = {.readmits = readmits};
    if (pattern_compile(text, PATTERN_DEEP, &rule.pattern) < 0)
        return err_set(e, EINVAL, "syntax error in pattern: %.120s", text);
    ignore->v = own_grow(ignore->v, (ignore->n + 1) * sizeof *ignore->v);
    ignore->v[ignore->n++] = rule;
    return 0;
}

int ignore_parse(const char *bytes, size_t len, struct ignore **ret,
                 struct err *e)
{
    static const char mark[] = "\xef\xbb\xbf";
    auto_ignore struct ignore *ignore = own_alloc(sizeof *ignore);
    const char *end = bytes + len;
    if (len >= sizeof mark - 1 && memcmp(bytes, mark, sizeof mark - 1) == 0)
        bytes += sizeof mark - 1;
    for (unsigned number = 1; bytes < end; number++) {
        const char *stop = memchr(bytes, '\n', (size_t)(end - bytes));
        size_t n = (size_t)((stop != NULL ? stop : end) - bytes);
        auto_free char *line = text_format("%.*s", (int)n, bytes);
        int r = add_rule(ignore, line, e);
        if (r < 0) {
            err_add(e, "line %u", number);
            return r;
        }
        bytes += n + (stop != NULL);
    }
    *ret = own_take(&ignore);
    return 0;
}

bool ignore_matches(const struct ignore *ignore, const char *path)
{
    for (size_t i = ignore != NULL ? ignore->n : 0; i-- > 0;)
        if ((pattern_judge(ignore->v[i].pattern, path) &
             (PATTERN_SELF | PATTERN_PARENT)) != 0)
            return !ignore->v[i].readmits;
    return false;
}

bool ignore_may_readmit(const struct ignore *ignore, const char *directory)
{
    for (size_t i = ignore != NULL ? ignore->n : 0; i-- > 0;)
        if (ignore->v[i].readmits &&
            (pattern_judge(ignore->v[i].pattern, directory) & PATTERN_BELOW))
            return true;
    return false;
}

void ignore_free(struct ignore **ignore)
{
    for (size_t i = 0; *ignore != NULL && i < (*ignore)->n; i++)
        pattern_free(&(*ignore)->v[i].pattern);
    if (*ignore != NULL)
        own_free(&(*ignore)->v);
    own_free(ignore);
}
