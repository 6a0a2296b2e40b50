#include "text.h"

#include "own.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void text_reserve(struct text *t, size_t more)
{
    if (t->s != NULL && t->len + more + 1 <= t->cap)
        return;
    size_t cap = t->cap > 0 ? t->cap * 2 : 64;
    while (cap < t->len + more + 1)
        cap *= 2;
    t->s = own_grow(t->s, cap);
    t->cap = cap;
}

void text_addn(struct text *t, const void *bytes, size_t len)
{
    text_reserve(t, len);
    if (len > 0)
        memcpy(t->s + t->len, bytes, len);
    t->len += len;
    t->s[t->len] = '\0';
}

void text_add(struct text *t, const char *s)
{
    text_addn(t, s, strlen(s));
}

static void text_addv(struct text *t, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (len < 0)
        return;
    text_reserve(t, (size_t)len);
    vsnprintf(t->s + t->len, (size_t)len + 1, format, args);
    t->len += (size_t)len;
}

void text_addf(struct text *t, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    text_addv(t, format, args);
    va_end(args);
}

void text_clear(struct text *t)
{
    t->len = 0;
    if (t->s != NULL)
        t->s[0] = '\0';
}

void text_done(struct text *t)
{
    free(t->s);
    *t = (struct text){0};
}

char *text_take(struct text *t)
{
    text_reserve(t, 0);
    t->s[t->len] = '\0';
    char *s = t->s;
    *t = (struct text){0};
    return s;
}

void text_trim(struct text *t)
{
    while (t->len > 0 && isspace((unsigned char)t->s[t->len - 1]))
        t->s[--t->len] = '\0';
}

char *text_format(const char *format, ...)
{
    struct text t = {0};
    va_list args;
    va_start(args, format);
    text_addv(&t, format, args);
    va_end(args);
    return text_take(&t);
}

static void strv_own(struct strv *list, char *s)
{
    /* Doubling at each power of two needs no separate capacity: with `used`
     * slots taken there is always room up to the next one, and for NULL. */
    size_t used = list->n + 1;
    if (list->v == NULL || (used & (used - 1)) == 0)
        list->v = own_grow(list->v, (used + 1) * 2 * sizeof *list->v);
    list->v[list->n++] = s;
    list->v[list->n] = NULL;
}

void strv_add(struct strv *list, const char *s)
{
    strv_own(list, own_strdup(s));
}

void strv_addf(struct strv *list, const char *format, ...)
{
    struct text t = {0};
    va_list args;
    va_start(args, format);
    text_addv(&t, format, args);
    va_end(args);
    strv_own(list, text_take(&t));
}

void strv_join(const struct strv *list, const char *between, struct text *to)
{
    for (size_t i = 0; i < list->n; i++)
        text_addf(to, "%s%s", i == 0 ? "" : between, list->v[i]);
}

void strv_split(struct strv *list, const char *s, char separator)
{
    while (s[0] != '\0') {
        const char *end = strchrnul(s, separator);
        struct text piece = {0};
        text_addn(&piece, s, (size_t)(end - s));
        strv_own(list, text_take(&piece));
        if (*end == '\0')
            return;
        s = end + 1;
        if (*s == '\0')
            strv_add(list, "");
    }
}

static size_t strv_find_env(const struct strv *list, const char *name,
                            size_t name_len)
{
    for (size_t i = 0; i < list->n; i++)
        if (strncmp(list->v[i], name, name_len) == 0 &&
            list->v[i][name_len] == '=')
            return i;
    return list->n;
}

const char *strv_env(const struct strv *list, const char *name)
{
    size_t i = strv_find_env(list, name, strlen(name));
    return i < list->n ? list->v[i] + strlen(name) + 1 : NULL;
}

void strv_set_env(struct strv *list, const char *assignment)
{
    size_t name_len = (size_t)(strchrnul(assignment, '=') - assignment);
    size_t i = strv_find_env(list, assignment, name_len);
    if (i == list->n) {
        strv_add(list, assignment);
        return;
    }
    char *copy = own_strdup(assignment); /* which may be the old one */
    free(list->v[i]);
    list->v[i] = copy;
}

void strv_done(struct strv *list)
{
    for (size_t i = 0; i < list->n; i++)
        free(list->v[i]);
    free(list->v);
    *list = (struct strv){0};
}

size_t text_utf8(const char *s, size_t len, unsigned int *ret_char)
{
    unsigned char first = (unsigned char)s[0];
    size_t size = first < 0x80           ? 1
                  : (first >> 5) == 0x06 ? 2
                  : (first >> 4) == 0x0e ? 3
                  : (first >> 3) == 0x1e ? 4
                                         : 0;
    if (size == 0 || size > len)
        return 0;
    unsigned int c = size == 1 ? first : first & (0x7fu >> size);
    for (size_t i = 1; i < size; i++) {
        if (((unsigned char)s[i] & 0xc0) != 0x80)
            return 0;
        c = (c << 6) | ((unsigned char)s[i] & 0x3f);
    }
    /* Longer than need be, half of a surrogate pair, or beyond the end. */
    static const unsigned int smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (c < smallest[size] || (c >= 0xd800 && c < 0xe000) || c > 0x10ffff)
        return 0;
    *ret_char = c;
    return size;
}

bool text_starts(const char *s, const char *prefix)
{
    return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool text_ends(const char *s, const char *suffix)
{
    size_t len = strlen(s), tail = strlen(suffix);
    return len >= tail && strcmp(s + len - tail, suffix) == 0;
}
