#include "suggest.h"

#include "own.h"
#include "text.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

/* From here on nothing was meant; long words have room for one slip more. And
 * none as long as the last is a misspelt one of ours. */
enum { TOO_FAR = 3, LONG = 8, TOO_LONG = 64 };

static size_t least(size_t a, size_t b, size_t c)
{
    size_t ab = a < b ? a : b;
    return ab < c ? ab : c;
}

size_t suggest_distance(const char *a, const char *b)
{
    size_t len = strlen(b), longest = len > strlen(a) ? len : strlen(a);
    if (longest >= TOO_LONG)
        return longest;
    /* row[k] is the distance between what was read of `a` and b's first k. */
    size_t row[TOO_LONG + 1];
    for (size_t k = 0; k <= len; k++)
        row[k] = k;
    for (; *a != '\0'; a++) {
        size_t diagonal = row[0]++;
        for (size_t k = 1; k <= len; k++) {
            bool is_same =
                tolower((unsigned char)*a) == tolower((unsigned char)b[k - 1]);
            size_t replaced = diagonal + (is_same ? 0 : 1);
            diagonal = row[k];
            row[k] = least(row[k] + 1, row[k - 1] + 1, replaced);
        }
    }
    return row[len];
}

static bool is_lower(const char *word)
{
    while (*word != '\0' && !isupper((unsigned char)*word))
        word++;
    return *word == '\0';
}

int suggest_add(struct err *e, const char *word, const char *const *known,
                size_t n)
{
    const char *nearest = NULL;
    size_t best = strlen(word) < LONG ? TOO_FAR : TOO_FAR + 1;
    for (size_t i = 0; i < n; i++) {
        size_t distance = suggest_distance(word, known[i]);
        if (distance < best) {
            best = distance;
            nearest = known[i];
        }
    }
    if (e == NULL || nearest == NULL)
        return e == NULL ? -1 : -e->code;
    auto_free char *meant = own_strdup(nearest);
    for (char *c = meant; is_lower(word) && *c != '\0'; c++)
        *c = (char)tolower((unsigned char)*c);
    auto_free char *before = own_strdup(e->msg);
    return err_set(e, e->code, "%s (did you mean %s?)", before, meant);
}
