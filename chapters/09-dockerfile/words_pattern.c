/* Which part of a value is like a pattern: for ${x#p}, ${x%p} and ${x/p/y}. */
#include "words_parts.h"

#include "own.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

/* A character, or in a pattern one of its two signs. */
struct unit {
    const char *s;
    size_t len;
    enum { SAME, ANY_ONE, ANY_RUN } kind;
};

struct units {
    struct unit *v;
    size_t n;
};

static void units_done(struct units *units)
{
    own_free(&units->v);
}
#define auto_units __attribute__((cleanup(units_done)))

static struct unit unit_at(const char *s)
{
    unsigned int c;
    size_t len = text_utf8(s, strlen(s), &c);
    return (struct unit){s, len > 0 ? len : 1, SAME};
}

static struct units units_of(const char *s)
{
    struct units units = {own_alloc((strlen(s) + 1) * sizeof *units.v), 0};
    for (; *s != '\0'; s += units.v[units.n++].len)
        units.v[units.n] = unit_at(s);
    return units;
}

/* The backslash makes a sign a character, and can stand before nothing else but
 * what would have ended the pattern. */
static int read_pattern(const char *s, struct units *ret, struct err *e)
{
    const char *whole = s;
    *ret = (struct units){own_alloc((strlen(s) + 1) * sizeof *ret->v), 0};
    while (*s != '\0') {
        bool escaped = *s == '\\';
        s += escaped;
        if (escaped && (*s == '\0' || strchr("*?\\}/", *s) == NULL))
            return err_set(e, EINVAL,
                           "invalid pattern (%.60s) in substitution: invalid "
                           "escape '\\%.*s'",
                           whole, *s != '\0' ? (int)unit_at(s).len : 0, s);
        struct unit *unit = &ret->v[ret->n++];
        *unit = unit_at(s);
        if (!escaped && *s == '*')
            unit->kind = ANY_RUN;
        if (!escaped && *s == '?')
            unit->kind = ANY_ONE;
        s += unit->len;
    }
    return 0;
}

/* How much of the value a pattern may take, from each place in it. */
enum { NONE = -1 };
struct reach {
    struct units pattern, value;
    bool is_longest; /* as far as it can, or as near */
    bool to_end;     /* only to the value's end */
};

static bool is_like(const struct unit *unit, const struct unit *c)
{
    return unit->kind == SAME
               ? unit->len == c->len && memcmp(unit->s, c->s, c->len) == 0
               : *c->s != '\n';
}

static long better(const struct reach *r, long a, long b)
{
    if (a == NONE || b == NONE)
        return a == NONE ? b : a;
    return (a > b) == r->is_longest ? a : b;
}

/* ends[i]: where the part that begins at character i ends, or NONE. From right
 * to left: where the pattern's rest ends from here follows from where it ends
 * from the next character, so this takes pattern x value steps whatever the
 * pattern, where trying all ways would take for ever. */
static long *find_ends(const struct reach *r)
{
    size_t m = r->pattern.n, n = r->value.n;
    long *ends = own_alloc((n + 1) * sizeof *ends);
    auto_free long *rows = own_alloc(2 * (m + 1) * sizeof *rows);
    long *row = rows, *next = rows + m + 1;
    for (size_t i = n + 1; i-- > 0;) {
        row[m] = r->to_end && i < n ? NONE : (long)i;
        for (size_t j = m; j-- > 0;) {
            const struct unit *unit = &r->pattern.v[j];
            bool fits = i < n && is_like(unit, &r->value.v[i]);
            if (unit->kind == ANY_RUN)
                row[j] = better(r, row[j + 1], fits ? next[j] : NONE);
            else
                row[j] = fits ? next[j + 1] : NONE;
        }
        ends[i] = row[0];
        long *other = row;
        row = next;
        next = other;
    }
    return ends;
}

static void add_units(const struct units *value, size_t from, size_t to,
                      struct text *ret)
{
    for (; from < to; from++)
        text_addn(ret, value->v[from].s, value->v[from].len);
}

/* @lab 9.1 find_ends tells for each place where a part that begins there ends:
 * which of them is the shortest, the longest? */
int words_cut(struct words_cut how, const char *value, const char *pattern,
              struct text *ret, struct err *e)
{
    auto_units struct units units = units_of(value), signs = {0};
    int r = read_pattern(pattern, &signs, e);
    if (r < 0)
        return r;
    const struct reach reach = {
        .pattern = signs,
        .value = units,
        .is_longest = how.is_longest,
        .to_end = how.is_end,
    };
    auto_free long *ends = find_ends(&reach);
    if (!how.is_end) {
        add_units(&units, ends[0] == NONE ? 0 : (size_t)ends[0], units.n, ret);
        return 0;
    }
    /* The longest end begins first, the shortest last. */
    size_t keep = units.n;
    for (size_t i = 0; i <= units.n; i++) {
        if (ends[i] == NONE)
            continue;
        keep = i;
        if (how.is_longest)
            break;
    }
    add_units(&units, 0, keep, ret);
    return 0;
}

int words_swap(const struct words_swap *how, const char *value,
               struct text *ret, struct err *e)
{
    enum { MOST = 1 << 20 };
    auto_units struct units units = units_of(value), signs = {0};
    int r = read_pattern(how->pattern, &signs, e);
    if (r < 0)
        return r;
    const struct reach reach = {
        .pattern = signs, .value = units, .is_longest = true};
    auto_free long *ends = find_ends(&reach);
    bool again = true;
    long last = NONE; /* where the last part ended */
    for (size_t i = 0; i <= units.n; i++) {
        bool is_part = again && ends[i] != NONE &&
                       !(ends[i] == (long)i && last == (long)i);
        if (is_part) {
            text_add(ret, how->by);
            again = how->is_all;
            last = ends[i];
        }
        if (ret->len > MOST)
            return err_set(e, EINVAL, "more than 1 MiB of text");
        if (is_part && ends[i] > (long)i)
            i = (size_t)ends[i] - 1; /* the loop adds one */
        else if (i < units.n)
            add_units(&units, i, i + 1, ret);
    }
    return 0;
}
