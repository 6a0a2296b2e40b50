/* The line itself, and a caret below what is wrong with it. */
#include "dockerfile_parts.h"

#include <string.h>
#include <strings.h>

/* Where in lines first to last is the word? */
static const char *find_word(const struct dockerfile *file, unsigned first,
                             unsigned last, const char *word, unsigned *ret)
{
    *ret = first;
    for (unsigned k = first; word != NULL && k <= last; k++) {
        const char *found = strcasestr(file->lines.v[k - 1], word);
        if (found == NULL)
            continue;
        *ret = k;
        return found;
    }
    const char *line = file->lines.v[first - 1];
    return line + strspn(line, BLANKS);
}

/* Control characters could do anything to a terminal. */
static void add_plain(struct text *ret, const char *s)
{
    size_t len = strlen(s);
    for (size_t size; len > 0; s += size, len -= size) {
        unsigned int c = '\0';
        size = text_utf8(s, len, &c);
        bool is_text = size > 0 && (c >= ' ' || c == '\t') && c != 0x7f &&
                       !(c >= 0x80 && c < 0xa0);
        size = size > 0 ? size : 1;
        if (is_text)
            text_addn(ret, s, size);
        else if (c != '\r' || len > 1)
            text_add(ret, "?");
    }
}

void dockerfile_excerpt(const struct dockerfile *file, unsigned first,
                        unsigned last, const char *word, struct text *ret)
{
    if (first == 0 || first > file->lines.n)
        return;
    if (last > file->lines.n)
        last = (unsigned)file->lines.n;
    unsigned number;
    const char *place = find_word(file, first, last, word, &number);
    const char *line = file->lines.v[number - 1];
    text_addf(ret, "%4u | ", number);
    add_plain(ret, line);
    text_add(ret, "\n     | ");
    size_t size;
    unsigned int c;
    for (size_t left = (size_t)(place - line); left > 0; left -= size) {
        size = text_utf8(place - left, left, &c);
        size = size > 0 ? size : 1;
        text_add(ret, place[-(long)left] == '\t' ? "\t" : " ");
    }
    text_add(ret, "^\n");
}

void dockerfile_point(const struct dockerfile *file,
                      const struct dockerfile_instruction *i,
                      struct text *ret_excerpt)
{
    dockerfile_excerpt(file, i->line, i->last_line, NULL, ret_excerpt);
}
