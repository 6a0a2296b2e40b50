/* The rest of a line becomes words: six ways, and who takes which is rules.c's.
 */
#include "dockerfile_parts.h"

#include "own.h"

#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <string.h>

int dockerfile_split_whole(struct dockerfile_parse *p, const char *rest,
                           struct err *e)
{
    (void)e;
    if (*rest != '\0')
        strv_add(&p->i->words, rest);
    return 0;
}

int dockerfile_split_words(struct dockerfile_parse *p, const char *rest,
                           struct err *e)
{
    (void)e;
    while (*rest != '\0') {
        size_t len = strcspn(rest, BLANKS);
        strv_addf(&p->i->words, "%.*s", (int)len, rest);
        rest += len + strspn(rest + len, BLANKS);
    }
    return 0;
}

/* A list in JSON becomes the words. What looks like one and is none is left to
 * the shell, as Docker does; a list with something else in it is an error. */
static int take_json(struct dockerfile_parse *p, const char *rest,
                     struct err *e)
{
    json_auto_t *list = *rest == '[' ? json_loads(rest, 0, NULL) : NULL;
    size_t i;
    const json_t *item;
    json_array_foreach(list, i, item)
    {
        if (!json_is_string(item))
            return err_set(e, EINVAL,
                           "when using JSON array syntax, arrays must be "
                           "comprised of strings only");
        strv_add(&p->i->words, json_string_value(item));
    }
    p->i->is_json = list != NULL;
    return 0;
}

int dockerfile_split_command(struct dockerfile_parse *p, const char *rest,
                             struct err *e)
{
    int r = take_json(p, rest, e);
    if (r < 0 || p->i->is_json)
        return r;
    return dockerfile_split_whole(p, rest, e);
}

int dockerfile_split_list(struct dockerfile_parse *p, const char *rest,
                          struct err *e)
{
    int r = take_json(p, rest, e);
    if (r < 0 || p->i->is_json)
        return r;
    return dockerfile_split_words(p, rest, e);
}

bool dockerfile_quoted_words(char escape, const char *text, struct strv *ret)
{
    auto_text struct text word = {0};
    char quote = '\0';
    bool is_word = false;
    for (; *text != '\0'; text++) {
        if (quote == '\0' && strchr(BLANKS, *text) != NULL) {
            if (is_word)
                strv_add(ret, word.s);
            text_clear(&word);
            is_word = false;
            continue;
        }
        if (*text == escape && quote != '\'') {
            if (text[1] == '\0')
                break; /* an escape of nothing is nothing */
            text_addn(&word, text++, 1);
        } else if (quote == '\0' && (*text == '"' || *text == '\'')) {
            quote = *text;
        } else if (*text == quote) {
            quote = '\0';
        }
        text_addn(&word, text, 1);
        is_word = true;
    }
    if (is_word)
        strv_add(ret, word.s);
    return quote == '\0';
}

int dockerfile_split_quoted(struct dockerfile_parse *p, const char *rest,
                            struct err *e)
{
    (void)e;
    dockerfile_quoted_words(p->file->escape, rest, &p->i->words);
    return 0;
}

/* "NAME the whole rest": the form of old. */
static int split_old_pair(struct dockerfile_parse *p, const char *rest,
                          struct err *e)
{
    size_t len = strcspn(rest, BLANKS);
    const char *value = rest + len + strspn(rest + len, BLANKS);
    if (*value == '\0')
        return err_set(e, EINVAL, "%s must have two arguments", p->i->name);
    strv_addf(&p->i->words, "%.*s=%s", (int)len, rest, value);
    return 0;
}

/* @lab 9.5 the first word tells which of the two forms it is; each pair must
 * have a "=" */
int dockerfile_split_pairs(struct dockerfile_parse *p, const char *rest,
                           struct err *e)
{
    auto_strv struct strv words = {0};
    dockerfile_quoted_words(p->file->escape, rest, &words);
    if (words.n > 0 && strchr(words.v[0], '=') == NULL)
        return split_old_pair(p, rest, e);
    for (size_t i = 0; i < words.n; i++) {
        strv_add(&p->i->words, words.v[i]);
        if (strchr(words.v[i], '=') != NULL)
            continue;
        dockerfile_blame(p, words.v[i]);
        return err_set(e, EINVAL,
                       "Syntax error - can't find = in \"%.60s\". Must be of "
                       "the form: name=value",
                       words.v[i]);
    }
    return 0;
}

int dockerfile_split_health(struct dockerfile_parse *p, const char *rest,
                            struct err *e)
{
    size_t len = strcspn(rest, BLANKS);
    if (len == 0)
        return 0;
    auto_free char *type = text_format("%.*s", (int)len, rest);
    for (char *c = type; *c != '\0'; c++)
        *c = (char)toupper((unsigned char)*c);
    strv_add(&p->i->words, type);
    rest += len;
    return dockerfile_split_command(p, rest + strspn(rest, BLANKS), e);
}
