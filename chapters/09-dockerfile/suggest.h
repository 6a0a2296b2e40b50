/*
 * suggest.h - the word that was meant: "unknown instruction: ROM (did you mean
 * FROM?)".
 *
 * Two words are as far from each other as it takes steps to make one of the
 * other: a character added, removed or replaced, or two neighbours exchanged
 * (Levenshtein 1966, Damerau 1964). A word that is less than three steps away
 * (four, if it is long) was probably meant.
 *
 *     err_set(e, EINVAL, "unknown flag: --%s", word);
 *     suggest_add(word, known, n, &e);
 *
 * Nothing is kept. Needs no privilege; fork-safe.
 */
#ifndef SUGGEST_H
#define SUGGEST_H

#include "err.h"

#include <stddef.h>

/* How many steps lie between the words, upper and lower case being the same. */
size_t suggest_distance(const char *a, const char *b);

/* Add " (did you mean X?)" to the message, if one of `known` is near enough:
 * the nearest, and of equally near ones the first; in small letters if the word
 * is. Returns -e->code. */
int suggest_add(const char *word, const char *const *known, size_t n,
                struct err *e);

#endif
