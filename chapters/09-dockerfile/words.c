#include "words.h"
#include "words_parts.h"

#include "own.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

/* No program could be given more (execve(2)); and ENV x=$x$x, thirty times, is
 * a gigabyte. */
enum { MOST = 1 << 20 };

const char *words_value(const struct words *w, const char *name)
{
    size_t len = strlen(name);
    for (size_t i = w->env != NULL ? w->env->n : 0; i-- > 0;)
        if (strncmp(w->env->v[i], name, len) == 0 && w->env->v[i][len] == '=')
            return w->env->v[i] + len + 1;
    return NULL;
}

/* What came from quotes or was escaped does not split. */
static void add_hard(struct words_sink *out, const char *s, size_t len)
{
    text_addn(&out->word, s, len);
}

static void add_soft(struct words_sink *out, const char *s, size_t len)
{
    for (; len > 0; s++, len--) {
        bool splits = out->list != NULL && isspace((unsigned char)*s);
        if (!splits) {
            text_addn(&out->word, s, 1);
        } else if (out->word.len > 0) {
            strv_add(out->list, out->word.s);
            text_clear(&out->word);
        }
    }
}

char *words_read_name(struct words_reader *r)
{
    const char *start = r->at;
    if (isdigit((unsigned char)*r->at))
        r->at += strspn(r->at, "0123456789");
    else if (*r->at != '\0' && strchr("@*#?-$!", *r->at) != NULL)
        r->at++;
    else
        while (isalnum((unsigned char)*r->at) || *r->at == '_')
            r->at++;
    return text_format("%.*s", (int)(r->at - start), start);
}

/* $x or ${...}: what it stands for. */
static int read_dollar(struct words_reader *r, struct text *ret)
{
    r->at++;
    if (*r->at == '{') {
        r->at++;
        return words_read_braces(r, ret);
    }
    auto_free char *name = words_read_name(r);
    const char *value = *name != '\0' ? words_value(r->w, name) : "$";
    text_add(ret, value != NULL ? value : "");
    return 0;
}

static int no_end(struct words_reader *r, const char *of_what)
{
    return err_set(r->e, EINVAL,
                   "unexpected end of statement while looking for matching %s",
                   of_what);
}

static int read_single(struct words_reader *r, struct text *ret)
{
    const char *end = strchr(++r->at, '\'');
    if (end == NULL) {
        r->at += strlen(r->at);
        return no_end(r, "single-quote");
    }
    text_addn(ret, r->at, (size_t)(end - r->at));
    r->at = end + 1;
    return 0;
}

/* Between double quotes the escape is one only before ", $ and itself. */
static int read_double(struct words_reader *r, struct text *ret)
{
    r->at++;
    while (*r->at != '"') {
        if (*r->at == '\0')
            return no_end(r, "double-quote");
        if (*r->at == '$' && r->w->env != NULL) {
            int result = read_dollar(r, ret);
            if (result < 0)
                return result;
            continue;
        }
        if (*r->at == r->escape) {
            bool escapes =
                r->at[1] == '"' || r->at[1] == '$' || r->at[1] == r->escape;
            if (r->keeps_escapes)
                text_addn(ret, r->at, 1);
            if (escapes || r->at[1] == '\0')
                r->at++;
            if (*r->at == '\0')
                continue;
        }
        text_addn(ret, r->at++, 1);
    }
    r->at++;
    return 0;
}

static void read_escape(struct words_reader *r, struct words_sink *out)
{
    if (r->keeps_escapes)
        add_hard(out, r->at, 1);
    r->at++;
    if (*r->at != '\0')
        add_hard(out, r->at++, 1);
}

/* A variable, a quote, an escape or a character. */
static int read_next(struct words_reader *r, struct words_sink *out)
{
    auto_text struct text value = {0};
    int result = 0;
    if (*r->at == '$' && r->w->env != NULL) {
        result = read_dollar(r, &value);
        add_soft(out, value.s, value.len);
    } else if (!r->is_text && (*r->at == '\'' || *r->at == '"')) {
        result =
            *r->at == '"' ? read_double(r, &value) : read_single(r, &value);
        add_hard(out, value.s, value.len);
    } else if (*r->at == r->escape) {
        read_escape(r, out);
    } else {
        add_soft(out, r->at++, 1);
    }
    if (result == 0 && (value.len > MOST || out->word.len > MOST))
        return err_set(r->e, EINVAL, "more than 1 MiB of text");
    return result;
}

int words_read(struct words_reader *r, char stop, struct words_sink *out)
{
    while (*r->at != '\0' && *r->at != stop) {
        int result = read_next(r, out);
        if (result < 0)
            return result;
    }
    if (stop == '\0')
        return 0;
    if (*r->at == '\0')
        return no_end(r, stop == '}' ? "}" : "/");
    r->at++;
    return 0;
}

/* All of `word` goes to `out`. */
static int expand(const struct words *w, const char *word, bool is_text,
                  struct words_sink *out, struct err *e)
{
    struct words_reader r = {
        .w = w,
        .escape = is_text ? '\\' : w->escape,
        .at = word,
        .is_text = is_text,
        .e = e,
    };
    int result = words_read(&r, '\0', out);
    if (result < 0)
        err_add(e, "failed to process \"%.60s\"", word);
    return result;
}

static int expand_whole(const struct words *w, const char *word, bool is_text,
                        char **ret, struct err *e)
{
    struct words_sink out = {0};
    int r = expand(w, word, is_text, &out, e);
    *ret = r < 0 ? NULL : text_take(&out.word);
    text_done(&out.word);
    return r;
}

int words_expand(const struct words *w, const char *word, char **ret,
                 struct err *e)
{
    return expand_whole(w, word, false, ret, e);
}

int words_expand_text(const struct words *w, const char *text, char **ret,
                      struct err *e)
{
    return expand_whole(w, text, true, ret, e);
}

int words_expand_list(const struct words *w, const char *word, struct strv *ret,
                      struct err *e)
{
    struct words_sink out = {.list = ret};
    int r = expand(w, word, false, &out, e);
    if (r == 0 && out.word.len > 0)
        strv_add(ret, out.word.s);
    text_done(&out.word);
    return r;
}
