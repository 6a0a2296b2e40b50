#include "cells.h"

#include <string.h>

enum { ESC = 0x1b, BEL = 0x07, REPLACEMENT = 0xfffd };

/* Code points by how many cells they have, in order; all others have one. The
 * wide ones are those of EastAsianWidth.txt, with the gaps between them filled
 * where nobody lives; without a cell are accents, and what cannot be seen but
 * could turn the rest around: "bidi" controls above all. */
static const struct range {
    unsigned int first, last, cells;
} ranges[] = {
    {0x0300,  0x036f,  0},
    {0x0483,  0x0489,  0},
    {0x0591,  0x05bd,  0},
    {0x0610,  0x061c,  0},
    {0x064b,  0x065f,  0},
    {0x0e34,  0x0e3a,  0},
    {0x0e47,  0x0e4e,  0},
    {0x1100,  0x115f,  2},
    {0x180b,  0x180f,  0},
    {0x1ab0,  0x1aff,  0},
    {0x1dc0,  0x1dff,  0},
    {0x200b,  0x200f,  0},
    {0x2028,  0x202e,  0},
    {0x2060,  0x206f,  0},
    {0x20d0,  0x20ff,  0},
    {0x231a,  0x231b,  2},
    {0x23e9,  0x23f3,  2},
    {0x25fd,  0x25fe,  2},
    {0x2614,  0x2615,  2},
    {0x2648,  0x2653,  2},
    {0x26a1,  0x26a1,  2},
    {0x26aa,  0x26ab,  2},
    {0x26bd,  0x26be,  2},
    {0x26c4,  0x26ce,  2},
    {0x26d4,  0x26d4,  2},
    {0x26ea,  0x26ea,  2},
    {0x26f2,  0x26fd,  2},
    {0x2705,  0x2705,  2},
    {0x270a,  0x270b,  2},
    {0x2728,  0x2728,  2},
    {0x274c,  0x274e,  2},
    {0x2753,  0x2757,  2},
    {0x2795,  0x2797,  2},
    {0x27b0,  0x27bf,  2},
    {0x2b1b,  0x2b1c,  2},
    {0x2b50,  0x2b55,  2},
    {0x2e80,  0x303e,  2},
    {0x3041,  0xa4cf,  2},
    {0xa960,  0xa97f,  2},
    {0xac00,  0xd7a3,  2},
    {0xf900,  0xfaff,  2},
    {0xfe00,  0xfe0f,  0},
    {0xfe20,  0xfe2f,  0},
    {0xfe30,  0xfe6f,  2},
    {0xfeff,  0xfeff,  0},
    {0xff01,  0xff60,  2},
    {0xffe0,  0xffe6,  2},
    {0xfff9,  0xfffb,  0},
    {0x16fe0, 0x1b2ff, 2},
    {0x1f004, 0x1f004, 2},
    {0x1f0cf, 0x1f0cf, 2},
    {0x1f18e, 0x1f19a, 2},
    {0x1f200, 0x1f64f, 2},
    {0x1f680, 0x1f6ff, 2},
    {0x1f7e0, 0x1f7f0, 2},
    {0x1f90c, 0x1faff, 2},
    {0x20000, 0x3fffd, 2},
    {0xe0000, 0xe0fff, 0},
};

static size_t cells_of(unsigned int c)
{
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
        if (c <= ranges[i].last)
            return c >= ranges[i].first ? ranges[i].cells : 1;
    return 1;
}

/* Two that have no cell may be shown all the same: they are what accents are
 * made of. The others, and U+0080 to U+009F, are left out. */
static bool is_hidden(unsigned int c)
{
    return (c < ' ' && c != '\t' && c != '\n') || (c >= 0x7f && c < 0xa0) ||
           c == 0x061c || (c >= 0x200b && c <= 0x200f && c != 0x200d) ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) ||
           c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) ||
           (c >= 0xe0000 && c <= 0xe00ff);
}

/* A string for the terminal itself, up to BEL or ESC \; or to the line's end.
 */
static size_t skip_string(const char *s, size_t len)
{
    for (size_t i = 2; i < len; i++) {
        if (s[i] == BEL)
            return i + 1;
        if (s[i] == ESC)
            return i + 1 < len && s[i + 1] == '\\' ? i + 2 : i;
    }
    return len;
}

/* How many bytes a sequence has that begins with ESC (ECMA-48, 5.3 to 5.6):
 * parameters and intermediate bytes lie below '@', the final one does not. */
static size_t skip_sequence(const char *s, size_t len)
{
    size_t i = 1;
    if (len > 1 && strchr("]PX^_", s[1]) != NULL && s[1] != '\0')
        return skip_string(s, len);
    bool is_control = len > 1 && s[1] == '[';
    i += is_control;
    char most = is_control ? '?' : '/';
    while (i < len && s[i] >= ' ' && s[i] <= most)
        i++;
    return i < len && s[i] > ' ' && s[i] < 0x7f ? i + 1 : i;
}

size_t cells_add(struct text *ret, const char *bytes, size_t len, size_t most)
{
    size_t used = 0, size;
    for (; len > 0; bytes += size, len -= size) {
        unsigned int c = REPLACEMENT;
        size = text_utf8(bytes, len, &c);
        if (c == ESC) {
            size = skip_sequence(bytes, len);
            continue;
        }
        bool is_text = size > 0;
        size = is_text ? size : 1;
        if (is_hidden(c))
            continue;
        size_t cells = cells_of(c);
        if (used + cells > most)
            break;
        used += cells;
        if (!is_text)
            text_add(ret, "\xef\xbf\xbd");
        else
            text_addn(ret, c < ' ' ? " " : bytes, size);
    }
    return used;
}

size_t cells_count(const char *bytes, size_t len)
{
    auto_text struct text unused = {0};
    return cells_add(&unused, bytes, len, SIZE_MAX);
}

const char *cells_last_written(const char *line, size_t len, size_t *ret_len)
{
    while (len > 0 && line[len - 1] == '\r')
        len--;
    const char *back = len > 0 ? memrchr(line, '\r', len) : NULL;
    const char *begin = back != NULL ? back + 1 : line;
    *ret_len = len - (size_t)(begin - line);
    return begin;
}
