/* Templates: from text to tokens. */
#include "template_parts.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define BLANKS " \t\r\n"

static struct template_token token(struct template_lexer *l,
                                   enum template_kind kind, size_t from,
                                   size_t to)
{
    l->at = to;
    return (struct template_token){.kind = kind, .from = from, .to = to};
}

__attribute__((format(printf, 2, 3))) static struct template_token fail(
    struct template_lexer *l, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(l->why, sizeof l->why, format, args);
    va_end(args);
    return token(l, TOKEN_ERROR, l->at, l->at);
}

static bool is_blank(char c)
{
    return c != '\0' && strchr(BLANKS, c) != NULL;
}

/* Letters, digits, and whatever is no ASCII. */
static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

/* The length of what ends an action here, or 0. */
static size_t closes(const struct template_lexer *l, const char *s)
{
    if (strncmp(s, "}}", 2) == 0)
        return 2;
    return s > l->text && is_blank(s[-1]) && strncmp(s, "-}}", 3) == 0 ? 3 : 0;
}

/* After "{{" and perhaps "- ". A comment is passed over: 1, or 0: it is none.
 * -EINVAL. */
static int skip_comment(struct template_lexer *l, size_t at)
{
    const char *s = l->text + at;
    if (strncmp(s, "/*", 2) != 0)
        return 0;
    const char *end = strstr(s + 2, "*/");
    if (end == NULL)
        return -EINVAL;
    end += 2;
    end += strspn(end, BLANKS);
    size_t len = closes(l, end);
    if (len == 0)
        return -ENOENT;
    l->trims = len == 3;
    l->at = (size_t)(end - l->text) + len;
    return 1;
}

/* What stands before the next action, and the action's beginning. */
static struct template_token lex_outside(struct template_lexer *l)
{
    for (;;) {
        size_t from = l->at;
        if (l->trims)
            from += strspn(l->text + from, BLANKS);
        const char *open = strstr(l->text + l->at, "{{");
        size_t at = open == NULL ? strlen(l->text) : (size_t)(open - l->text);
        bool trims = open != NULL && open[2] == '-' && is_blank(open[3]);
        size_t to = at;
        while (trims && to > from && is_blank(l->text[to - 1]))
            to--;
        l->trims = false;
        if (to > from) {
            l->at = at;
            return (struct template_token){TOKEN_TEXT, from, to, false};
        }
        l->at = at;
        if (open == NULL)
            return token(l, TOKEN_END, at, at);
        size_t inside = at + (trims ? 3 : 2);
        int r = skip_comment(
            l, inside + strspn(l->text + inside, trims ? BLANKS : ""));
        if (r < 0)
            return fail(l, "%s",
                        r == -EINVAL ? "unclosed comment"
                                     : "comment ends before closing delimiter");
        if (r > 0)
            continue;
        l->is_inside = true;
        l->depth = 0;
        return token(l, TOKEN_OPEN, at, inside);
    }
}

static struct template_token lex_quoted(struct template_lexer *l)
{
    char quote = l->text[l->at];
    size_t at = l->at + 1;
    for (; l->text[at] != quote; at++) {
        if (quote != '`' && l->text[at] == '\\' && l->text[at + 1] != '\0')
            at++;
        if (l->text[at] == '\0' || (l->text[at] == '\n' && quote != '`'))
            return fail(l, "%s",
                        quote == '`'   ? "unterminated raw quoted string"
                        : quote == '"' ? "unterminated quoted string"
                                       : "unterminated character constant");
    }
    return token(l,
                 quote == '`'   ? TOKEN_RAW
                 : quote == '"' ? TOKEN_STRING
                                : TOKEN_CHARACTER,
                 l->at, at + 1);
}

/* What may follow a name: else "a!b" would be read as three things. */
static struct template_token lex_name(struct template_lexer *l,
                                      enum template_kind kind, size_t from)
{
    size_t at = from;
    while (is_word(l->text[at]))
        at++;
    char c = l->text[at];
    if (c != '\0' && !is_blank(c) && strchr(".,|:=()", c) == NULL &&
        strncmp(l->text + at, "}}", 2) != 0)
        return fail(l, "bad character U+%04X '%c'", (unsigned char)c, c);
    return token(l, kind, l->at, at);
}

static struct template_token lex_number(struct template_lexer *l)
{
    size_t at = l->at + 1;
    for (;; at++) {
        char c = l->text[at], before = l->text[at - 1];
        bool is_sign =
            (c == '+' || c == '-') && (before == 'e' || before == 'E');
        if (!is_word(c) && c != '.' && !is_sign)
            break;
    }
    return token(l, TOKEN_NUMBER, l->at, at);
}

static struct template_token lex_mark(struct template_lexer *l)
{
    static const struct {
        const char *mark;
        enum template_kind kind;
    } marks[] = {
        {":=", TOKEN_DECLARE},
        {"=",  TOKEN_ASSIGN },
        {"|",  TOKEN_PIPE   },
        {",",  TOKEN_COMMA  },
        {"(",  TOKEN_LEFT   },
        {")",  TOKEN_RIGHT  },
    };
    const char *s = l->text + l->at;
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        if (!text_starts(s, marks[i].mark))
            continue;
        if (marks[i].kind == TOKEN_LEFT)
            l->depth++;
        if (marks[i].kind == TOKEN_RIGHT && l->depth-- == 0)
            return fail(l, "unexpected right paren");
        return token(l, marks[i].kind, l->at, l->at + strlen(marks[i].mark));
    }
    if (*s == ':')
        return fail(l, "expected :=");
    return fail(l, "unrecognized character in action: U+%04X '%c'",
                (unsigned char)*s, *s);
}

static struct template_token lex_inside(struct template_lexer *l)
{
    const char *s = l->text + l->at;
    size_t closing = closes(l, s);
    if (closing > 0 && l->depth > 0)
        return fail(l, "unclosed left paren");
    if (closing > 0) {
        l->is_inside = false;
        l->trims = closing == 3;
        return token(l, TOKEN_CLOSE, l->at, l->at + closing);
    }
    if (*s == '\0')
        return fail(l, "unclosed action");
    if (strchr("\"`'", *s) != NULL)
        return lex_quoted(l);
    if (*s == '$')
        return lex_name(l, TOKEN_VARIABLE, l->at + 1);
    if (*s == '.' && !isdigit((unsigned char)s[1]))
        return lex_name(l, is_word(s[1]) ? TOKEN_FIELD : TOKEN_DOT, l->at + 1);
    if (isdigit((unsigned char)*s) || strchr("+-.", *s) != NULL)
        return lex_number(l);
    return is_word(*s) ? lex_name(l, TOKEN_WORD, l->at) : lex_mark(l);
}

struct template_token template_lex(struct template_lexer *l)
{
    if (!l->is_inside)
        return lex_outside(l);
    size_t blanks = strspn(l->text + l->at, BLANKS);
    l->at += blanks;
    struct template_token t = lex_inside(l);
    t.spaced = blanks > 0;
    return t;
}
