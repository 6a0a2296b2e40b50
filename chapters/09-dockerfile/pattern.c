#include "pattern.h"

#include "own.h"
#include "text.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

/* A pattern is a row of signs. While a path is read, a set of places in that
 * row is kept: all those up to which what was read may have come. So it takes
 * pattern x path steps, whatever the pattern. */
struct sign {
    enum {
        SAME,  /* the character `c` */
        ONE,   /* any but "/" */
        CLASS, /* one of a [class] */
        RUN,   /* any number, but no "/" */
        ALL,   /* any number of any */
        ENTER, /* "some directories", or none: the next sign, or after it */
        DIRS,  /* any number of any, then "/" */
    } kind;
    unsigned int c;
    const char *class; /* behind "[" */
};

struct pattern {
    char *text;
    struct sign *v;
    size_t n;
    bool is_literal; /* all are SAME */
};

static size_t take(const char *s, unsigned int *ret)
{
    size_t len = text_utf8(s, strlen(s), ret);
    if (len > 0)
        return len;
    *ret = (unsigned char)*s | 0x80000000; /* no character has that number */
    return 1;
}

/* A character of a class; 0: it cannot be one. */
static size_t take_member(const char *s, unsigned int *ret)
{
    size_t escape = *s == '\\' ? 1 : 0;
    if (s[escape] == '\0' || (escape == 0 && (*s == '-' || *s == ']')))
        return 0;
    return escape + take(s + escape, ret);
}

/* Is `c` in the class behind "["? Tells where the class ends, NULL: nowhere. */
static bool in_class(const char *s, unsigned int c, const char **ret_end)
{
    bool is_negated = *s == '^', found = false, is_first = true;
    *ret_end = NULL;
    for (s += is_negated; *s != ']' || is_first; is_first = false) {
        unsigned int low, high;
        size_t len = take_member(s, &low);
        if (len == 0)
            return false;
        s += len;
        high = low;
        if (*s == '-') {
            len = take_member(++s, &high);
            if (len == 0)
                return false;
            s += len;
        }
        found = found || (low <= c && c <= high);
    }
    *ret_end = s + 1;
    return found != is_negated;
}

static struct sign *add(struct pattern *p, int kind)
{
    p->v[p->n].kind = kind;
    return &p->v[p->n++];
}

/* ** at `s`, which is behind it: what is to be read next. At a pattern's end it
 * is all that follows; "**x", with nothing wild in x, is all that ends in x. */
static const char *add_deep(struct pattern *p, const char *s)
{
    bool is_first = p->n == 0, has_slash = *s == '/';
    s += has_slash;
    if (*s == '\0' ||
        (is_first && !has_slash && strpbrk(s, "*?[]\\") == NULL)) {
        add(p, ALL);
    } else {
        add(p, ENTER);
        add(p, DIRS);
    }
    return s;
}

/* One sign; NULL: a syntax error. */
static const char *add_sign(struct pattern *p, const char *s, int flags)
{
    if (*s == '*' && s[1] == '*' && (flags & PATTERN_DEEP) != 0)
        return add_deep(p, s + 2);
    if (*s == '*' || *s == '?') {
        add(p, *s == '*' ? RUN : ONE);
        return s + 1;
    }
    if (*s == '[') {
        add(p, CLASS)->class = s + 1;
        in_class(s + 1, 0, &s);
        return s;
    }
    if (*s == '\\' && *++s == '\0')
        return NULL;
    struct sign *sign = add(p, SAME);
    return s + take(s, &sign->c);
}

int pattern_compile(const char *text, int flags, struct pattern **ret)
{
    struct pattern *p = own_alloc(sizeof *p);
    p->text = own_strdup(text);
    p->v = own_alloc((strlen(text) + 1) * sizeof *p->v);
    p->is_literal = strpbrk(text, "*?[\\") == NULL;
    const char *s = p->text;
    while (s != NULL && *s != '\0')
        s = add_sign(p, s, flags);
    if (s == NULL) {
        pattern_free(&p);
        return -EINVAL;
    }
    *ret = p;
    return 0;
}

void pattern_free(struct pattern **pattern)
{
    if (*pattern == NULL)
        return;
    own_free(&(*pattern)->text);
    own_free(&(*pattern)->v);
    own_free(pattern);
}

/* Without wildcards there is nothing to be tried. */
static int judge_literal(const char *text, const char *path)
{
    size_t len = strlen(text), path_len = strlen(path);
    if (strcmp(text, path) == 0)
        return PATTERN_SELF;
    if (len < path_len && path[len] == '/' && strncmp(text, path, len) == 0)
        return PATTERN_PARENT;
    if (len > path_len && text[path_len] == '/' &&
        strncmp(text, path, path_len) == 0)
        return PATTERN_BELOW;
    return 0;
}

/* What may be left out is left out: the places behind it count, too. */
static void skip(const struct pattern *p, char *places)
{
    for (size_t j = 0; j < p->n; j++) {
        if (!places[j])
            continue;
        if (p->v[j].kind == RUN || p->v[j].kind == ALL)
            places[j + 1] = 1;
        if (p->v[j].kind == ENTER)
            places[j + 1] = places[j + 2] = 1;
    }
}

/* From the places before a character to those behind it. */
static void step(const struct pattern *p, const char *from, unsigned int c,
                 char *to)
{
    memset(to, 0, p->n + 1);
    for (size_t j = 0; j < p->n; j++) {
        const struct sign *sign = &p->v[j];
        const char *end;
        if (!from[j])
            continue;
        bool goes_on = (sign->kind == SAME && sign->c == c) ||
                       (sign->kind == ONE && c != '/') ||
                       (sign->kind == DIRS && c == '/') ||
                       (sign->kind == CLASS && in_class(sign->class, c, &end));
        bool stays = sign->kind == ALL || sign->kind == DIRS ||
                     (sign->kind == RUN && c != '/');
        to[j + 1] |= goes_on;
        to[j] |= stays;
    }
    skip(p, to);
}

int pattern_judge(const struct pattern *p, const char *path)
{
    if (p->is_literal)
        return judge_literal(p->text, path);
    size_t n = p->n + 1;
    auto_free char *places = own_alloc(2 * n);
    char *now = places, *then = places + n;
    int result = 0;
    now[0] = 1;
    skip(p, now);
    for (const char *s = path; *s != '\0';) {
        unsigned int c;
        if (*s == '/' && s > path && now[p->n])
            result |= PATTERN_PARENT;
        s += take(s, &c);
        step(p, now, c, then);
        char *other = now;
        now = then;
        then = other;
    }
    if (now[p->n])
        result |= PATTERN_SELF;
    step(p, now, '/', then);
    if (memchr(then, 1, n) != NULL)
        result |= PATTERN_BELOW;
    return result;
}

int pattern_match(const char *pattern, const char *name)
{
    struct pattern *p;
    int r = pattern_compile(pattern, 0, &p);
    if (r < 0)
        return r;
    r = (pattern_judge(p, name) & PATTERN_SELF) != 0;
    pattern_free(&p);
    return r;
}

bool pattern_is_wild(const char *text)
{
    for (; *text != '\0'; text++) {
        if (strchr("*?[", *text) != NULL)
            return true;
        if (*text == '\\' && text[1] != '\0')
            text++;
    }
    return false;
}
