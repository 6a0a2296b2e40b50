/* Strings in quotes, for people and for JSON parsers alike. */
#include "watch.h"

/* The character at `s`, of at most `len` bytes. Returns its length, or 0 where
 * the bytes are no UTF-8. */
static size_t decode(const char *s, size_t len, unsigned int *ret_char)
{
    unsigned char first = (unsigned char)s[0];
    size_t size = first < 0x80           ? 1
                  : (first >> 5) == 0x06 ? 2
                  : (first >> 4) == 0x0e ? 3
                  : (first >> 3) == 0x1e ? 4
                                         : 0;
    if (size == 0 || size > len)
        return 0;
    unsigned int c = size == 1 ? first : first & (0x7fu >> size);
    for (size_t i = 1; i < size; i++) {
        if (((unsigned char)s[i] & 0xc0) != 0x80)
            return 0;
        c = (c << 6) | ((unsigned char)s[i] & 0x3f);
    }
    /* Longer than need be, half of a surrogate pair, or beyond the end. */
    static const unsigned int smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (c < smallest[size] || (c >= 0xd800 && c < 0xe000) || c > 0x10ffff)
        return 0;
    *ret_char = c;
    return size;
}

static void add_characters(struct text *out, const char *s, size_t len)
{
    for (size_t size; len > 0; s += size, len -= size) {
        unsigned int c = (unsigned char)s[0];
        size = decode(s, len, &c);
        bool is_text = size > 0 && c >= ' ' && (c < 0x7f || c >= 0xa0);
        size = size > 0 ? size : 1;
        if (c == '"' || c == '\\')
            text_addf(out, "\\%c", c);
        else if (c == '\n')
            text_add(out, "\\n");
        else if (is_text)
            text_addn(out, s, size);
        else
            text_addf(out, "\\u%04x", c);
    }
}

void quote_add(struct text *out, const char *s, size_t len)
{
    text_add(out, "\"");
    add_characters(out, s, len);
    text_add(out, "\"");
}
