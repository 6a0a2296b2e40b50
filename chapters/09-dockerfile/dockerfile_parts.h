/*
 * dockerfile_parts.h - private to the parser: from a file's bytes to lines,
 * from a line to words, from words to a checked instruction.
 *
 *     lines.c       bytes -> lines -> logical lines; directives at the top
 *     rules.c       the table of instructions
 *     flags.c       --name=value, and which instruction knows which
 *     split.c       the rest of a line -> words, each instruction in its way
 *     check.c       what the number and the form of the words must be
 *     heres.c       <<EOF
 *     excerpt.c     the line itself, and a caret
 *     dockerfile.c  puts these together
 */
#ifndef DOCKERFILE_PARTS_H
#define DOCKERFILE_PARTS_H

#include "dockerfile.h"

#define BLANKS " \t\v\f\r\n"

/* What is being read. */
struct dockerfile_parse {
    struct dockerfile *file;
    size_t next;                      /* the line that is read next, from 0 */
    struct dockerfile_instruction *i; /* the one that is being made */
    /* Which word a message is about, or NULL: the caret goes below it. */
    char *culprit;
};

/* Remember the word the next message is about. */
void dockerfile_blame(struct dockerfile_parse *p, const char *word);

/* --- lines.c --- */

/* Cut the file into lines. -EINVAL: a line too long, a NUL byte. */
int dockerfile_read_lines(struct dockerfile_parse *p, const char *bytes,
                          size_t len, struct err *e);
/* "# escape=`" and its like, at the top of the file. */
int dockerfile_read_directives(struct dockerfile_parse *p, struct err *e);
/* The next line that is neither empty nor a comment, with all that continues
 * it; `i` is told its numbers. 1, 0 at the end, -EINVAL. */
int dockerfile_next_line(struct dockerfile_parse *p, struct text *ret,
                         struct err *e);

/* --- rules.c --- */

struct dockerfile_rule {
    const char *name;
    enum dockerfile_kind kind;
    /* Put the words of `rest`, which has no flags any more, into p->i. */
    int (*split)(struct dockerfile_parse *p, const char *rest, struct err *e);
    int (*check)(struct dockerfile_parse *p, struct err *e);
};

/* The rule for a word, in upper or lower case. -EINVAL with a suggestion. */
int dockerfile_find_rule(struct dockerfile_parse *p, const char *word,
                         const struct dockerfile_rule **ret, struct err *e);

/* --- flags.c --- */

/* Move the flags from the beginning of *rest into p->i. */
int dockerfile_take_flags(struct dockerfile_parse *p, const char **rest,
                          struct err *e);

/* --- split.c --- */

typedef int dockerfile_part(struct dockerfile_parse *p, const char *rest,
                            struct err *e);
dockerfile_part dockerfile_split_whole;   /* one word: all of it */
dockerfile_part dockerfile_split_words;   /* at blanks */
dockerfile_part dockerfile_split_command; /* JSON, or all of it */
dockerfile_part dockerfile_split_list;    /* JSON, or at blanks */
dockerfile_part dockerfile_split_pairs;   /* NAME=value ... or NAME value */
dockerfile_part dockerfile_split_quoted;  /* at blanks outside of quotes */
dockerfile_part dockerfile_split_health;  /* a type, then JSON or the rest */

/* Add the words of `text`, which are split at blanks outside of quotes; quotes
 * and escapes stay. False: a quote has no end. */
bool dockerfile_quoted_words(char escape, const char *text, struct strv *ret);

/* --- check.c --- */

typedef int dockerfile_check(struct dockerfile_parse *p, struct err *e);
dockerfile_check dockerfile_check_any;    /* one argument or more */
dockerfile_check dockerfile_check_one;    /* exactly one */
dockerfile_check dockerfile_check_copy;   /* two or more */
dockerfile_check dockerfile_check_pairs;  /* with names */
dockerfile_check dockerfile_check_from;   /* image [AS name] */
dockerfile_check dockerfile_check_health; /* NONE, or CMD and more */
dockerfile_check dockerfile_check_shell;  /* JSON alone */
dockerfile_check dockerfile_check_trigger;
dockerfile_check dockerfile_check_volume;

/* --- heres.c --- */

/* Read the documents that p->i, whose arguments are `rest`, begins. */
int dockerfile_read_heres(struct dockerfile_parse *p, const char *rest,
                          struct err *e);

/* --- excerpt.c --- */

/* The first of the lines `first` to `last` that has the word, and a caret below
 * it; without a word, below the line's first character. */
void dockerfile_excerpt(const struct dockerfile *file, unsigned first,
                        unsigned last, const char *word, struct text *ret);

#endif
