/*
 * change.h - private to changes.c and changes_health.c: an instruction, and how
 * its words are read.
 *
 *     const char *at = change->rest;
 *     char *word;
 *     while ((word = changes_word(&at)) != NULL)
 *         ... free(word);
 *
 * `rest` is borrowed from the line; what is returned belongs to the caller.
 */
#ifndef CHANGE_H
#define CHANGE_H

#include "err.h"

#include <jansson.h>

/* An instruction, split at its first word. */
struct change {
    json_t *config;
    const char *name; /* "CMD", as the table spells it */
    const char *key;  /* "Cmd", in the configuration */
    const char *rest; /* never empty */
};

#define BLANKS " \t\r\n"

/* The next word, without its quotes; NULL at the end. Backslash takes the next
 * character as it is, except between single quotes. The caller frees. */
char *changes_word(const char **at);
/* ["a", "b"], or NULL if it is not a list of strings. */
json_t *changes_list(const char *text);

/* HEALTHCHECK: NONE, or options and CMD. */
int changes_health(const struct change *c, struct err *e);

#endif
