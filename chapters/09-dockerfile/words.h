/*
 * words.h - quotes and variables, as instructions write them.
 *
 * A shell's rules, made smaller ("Environment replacement" in the Dockerfile
 * reference, and BuildKit's lexer where that is silent): 'x' keeps all, "x" all
 * but $, the escape character takes the next character as it is.
 *
 *     $x ${x}           its value, or nothing
 *     ${x-y} ${x:-y}    y if x is not set; with the colon, also if it is empty
 *     ${x+y} ${x:+y}    y if it is
 *     ${x?y} ${x:?y}    an error that says y if it is not
 *     ${x#p} ${x##p}    without the shortest, longest beginning that is like p
 *     ${x%p} ${x%%p}    without such an end
 *     ${x/p/y} ${x//p/y} y in place of the first, of each part that is like p
 *
 * In p, * stands for anything and ? for one character. p and y may have
 * variables themselves.
 *
 *     const struct words w = {.escape = file.escape, .env = &env};
 *     auto_free char *user = NULL;
 *     int r = words_expand(&w, "${name:-nobody}", &user, &e);
 *
 * Errors: -EINVAL in Docker's words, and for a result of more than a mebibyte:
 * a few lines could make one that fills the memory. Results belong to the
 * caller. Nothing is kept. Needs no privilege; fork-safe.
 */
#ifndef WORDS_H
#define WORDS_H

#include "err.h"
#include "text.h"

struct words {
    char escape;
    /* NAME=value; the later wins. NULL: $ is a character like others, and only
     * quotes are taken off. */
    const struct strv *env;
};

/* One word, quotes taken off, variables put in; blanks in values do not split
 * it. *ret is NULL after an error. */
int words_expand(const struct words *w, const char *word, char **ret,
                 struct err *e);

/* The same, but what stands outside of quotes splits at blanks: EXPOSE
 * ${ports}. The words, none of them empty, are added to `ret`. */
int words_expand_list(const struct words *w, const char *word, struct strv *ret,
                      struct err *e);

/* Only variables and escapes, quotes stay: here-documents of COPY. There the
 * escape character is the backslash, whatever the file says. */
int words_expand_text(const struct words *w, const char *text, char **ret,
                      struct err *e);

#endif
