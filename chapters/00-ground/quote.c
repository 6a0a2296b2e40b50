/* Strings in quotes, for people and for JSON parsers alike. */
#include "watch.h"

static void add_characters(struct text *out, const char *s, size_t len)
{
    for (size_t size; len > 0; s += size, len -= size) {
        unsigned int c = (unsigned char)s[0];
        size = text_utf8(s, len, &c);
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
