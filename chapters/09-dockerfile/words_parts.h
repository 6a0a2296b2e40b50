/*
 * words_parts.h - private to words.c, words_braces.c and words_pattern.c: a
 * reader that calls itself for what stands in braces.
 */
#ifndef WORDS_PARTS_H
#define WORDS_PARTS_H

#include "words.h"

#include <stdbool.h>

struct words_reader {
    const struct words *w;
    char escape;
    const char *at;
    bool is_text;       /* quotes are characters like others */
    bool keeps_escapes; /* in patterns, which read them themselves */
    unsigned depth;     /* braces in braces */
    struct err *e;
};

/* Where what is read goes: one string, or words. */
struct words_sink {
    struct text word;
    struct strv *list; /* NULL: one string */
};

/* Read up to `stop`, which is skipped, or to the end if that is 0. */
int words_read(struct words_reader *r, char stop, struct words_sink *out);
/* Read a variable's name: letters, or digits, or one of $?!... */
char *words_read_name(struct words_reader *r);
/* Its value, borrowed, or NULL. */
const char *words_value(const struct words *w, const char *name);
/* Read what follows "${" and put what it stands for into `ret`. */
int words_read_braces(struct words_reader *r, struct text *ret);

/* The value without a beginning, or an end, that is like the pattern. */
struct words_cut {
    bool is_end, is_longest;
};
int words_cut(struct words_cut how, const char *value, const char *pattern,
              struct text *ret, struct err *e);
/* The value with its first part that is like the pattern replaced, or all. */
struct words_swap {
    const char *pattern, *by;
    bool is_all;
};
int words_swap(const struct words_swap *how, const char *value,
               struct text *ret, struct err *e);

#endif
