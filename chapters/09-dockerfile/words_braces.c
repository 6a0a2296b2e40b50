/* ${...}: one function per sign that may follow the name. */
#include "words_parts.h"

#include "own.h"

#include <errno.h>
#include <string.h>

/* Braces in braces: a file could ask for more calls than the stack has. */
enum { DEEPEST = 100 };

struct braces {
    struct words_reader *r;
    const char *name, *value; /* value NULL: it is not set */
    bool is_missing;          /* not set; or empty, where ":" counts that */
    char sign;
};

/* What follows the sign, up to `stop`. */
static int read_operand(const struct braces *b, char stop, bool keeps_escapes,
                        char **ret)
{
    struct words_reader *r = b->r;
    struct words_sink out = {0};
    bool before = r->keeps_escapes;
    r->keeps_escapes = keeps_escapes;
    int result = words_read(r, stop, &out);
    r->keeps_escapes = before;
    if (result < 0 && *r->at == '\0')
        err_set(r->e, EINVAL, "syntax error: missing '%c'%s", stop,
                stop == '/' ? " in ${}" : "");
    *ret = text_take(&out.word);
    return result;
}

static int put_value(const struct braces *b, struct text *ret)
{
    text_add(ret, b->value != NULL ? b->value : "");
    return 0;
}

/* - and +: the operand where the variable is missing, or where it is not. */
static int put_other(const struct braces *b, struct text *ret)
{
    auto_free char *operand = NULL;
    int r = read_operand(b, '}', false, &operand);
    if (r < 0)
        return r;
    if (b->is_missing == (b->sign == '-'))
        text_add(ret, operand);
    else if (b->sign == '-')
        text_add(ret, b->value);
    return 0;
}

static int demand(const struct braces *b, struct text *ret)
{
    auto_free char *message = NULL;
    int r = read_operand(b, '}', false, &message);
    if (r < 0 || !b->is_missing)
        return r < 0 ? r : put_value(b, ret);
    const char *why = b->value == NULL ? "is not allowed to be unset"
                                       : "is not allowed to be empty";
    return err_set(b->r->e, EINVAL, "%s: %s", b->name,
                   *message != '\0' ? message : why);
}

/* # and %: without a beginning, or an end. */
static int cut(const struct braces *b, struct text *ret)
{
    auto_free char *operand = NULL;
    int r = read_operand(b, '}', true, &operand);
    if (r < 0)
        return r;
    const struct words_cut how = {
        .is_end = b->sign == '%',
        .is_longest = operand[0] == b->sign,
    };
    return words_cut(how, b->value != NULL ? b->value : "",
                     operand + how.is_longest, ret, b->r->e);
}

static int swap(const struct braces *b, struct text *ret)
{
    bool is_all = *b->r->at == '/';
    b->r->at += is_all;
    auto_free char *pattern = NULL, *by = NULL;
    int r = read_operand(b, '/', true, &pattern);
    if (r == 0)
        r = read_operand(b, '}', true, &by);
    if (r < 0)
        return r;
    const struct words_swap how = {pattern, by, is_all};
    return words_swap(&how, b->value != NULL ? b->value : "", ret, b->r->e);
}

/* The sign says what is done; ":" may stand before some. */
static int put(const struct braces *b, bool has_colon, struct text *ret)
{
    static const struct {
        char sign;
        bool may_have_colon;
        int (*put)(const struct braces *b, struct text *ret);
    } known[] = {
        {'}', false, put_value},
        {'-', true,  put_other},
        {'+', true,  put_other},
        {'?', true,  demand   },
        {'#', true,  cut      },
        {'%', true,  cut      },
        {'/', false, swap     },
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (known[i].sign == b->sign && (!has_colon || known[i].may_have_colon))
            return known[i].put(b, ret);
    if (b->sign == '\0')
        return err_set(b->r->e, EINVAL, "syntax error: missing '}'");
    return err_set(b->r->e, EINVAL,
                   "unsupported modifier (%s%c) in substitution",
                   has_colon ? ":" : "", b->sign);
}

int words_read_braces(struct words_reader *r, struct text *ret)
{
    if (*r->at == '\0')
        return err_set(r->e, EINVAL, "syntax error: missing '}'");
    if (strchr("{}:", *r->at) != NULL || r->depth == DEEPEST)
        return err_set(r->e, EINVAL, "syntax error: bad substitution");
    auto_free char *name = words_read_name(r);
    struct braces b = {.r = r, .name = name};
    b.value = words_value(r->w, name);
    bool has_colon = *r->at == ':';
    r->at += has_colon;
    b.is_missing = b.value == NULL || (has_colon && *b.value == '\0');
    b.sign = *r->at;
    if (b.sign != '\0')
        r->at++;
    r->depth++;
    int result = put(&b, has_colon, ret);
    r->depth--;
    return result;
}
