/* Templates: what stands between quotes, with Go's escapes. */
#include "template_parts.h"

#include <ctype.h>
#include <string.h>

static void add_utf8(struct text *out, uint32_t c)
{
    unsigned char bytes[4];
    size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = n; i-- > 1; c >>= 6)
        bytes[i] = (unsigned char)(0x80 | (c & 0x3f));
    bytes[0] = (unsigned char)(lead[n] | c);
    text_addn(out, bytes, n);
}

/* `n` digits of the base; -1 where they are none. */
static int64_t digits(const char *s, size_t n, unsigned int base)
{
    int64_t value = 0;
    for (size_t i = 0; i < n; i++) {
        char c = s[i];
        unsigned int digit = isdigit((unsigned char)c) ? (unsigned)(c - '0')
                             : isxdigit((unsigned char)c)
                                 ? (unsigned)(tolower(c) - 'a' + 10)
                                 : 99;
        if (digit >= base)
            return -1;
        value = value * base + digit;
    }
    return value;
}

/* An escape, after its backslash. Its length, or 0: there is no such. */
static size_t add_escape(struct text *out, const char *s, char quote)
{
    static const char letters[] = "abfnrtv\\";
    static const char meant[] = "\a\b\f\n\r\t\v\\";
    static const struct {
        char letter;
        unsigned char digits, base;
        bool is_character; /* and not a byte */
    } numbers[] = {
        {'x', 2, 16, false},
        {'u', 4, 16, true },
        {'U', 8, 16, true },
    };
    const char *known = *s == '\0' ? NULL : strchr(letters, *s);
    if (known != NULL || *s == quote) {
        text_addn(out, known != NULL ? &meant[known - letters] : s, 1);
        return 1;
    }
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        if (*s != numbers[i].letter)
            continue;
        int64_t c = digits(s + 1, numbers[i].digits, numbers[i].base);
        if (c < 0 || c > 0x10ffff)
            return 0;
        char byte = (char)c;
        if (numbers[i].is_character)
            add_utf8(out, (uint32_t)c);
        else
            text_addn(out, &byte, 1);
        return 1U + numbers[i].digits;
    }
    int64_t c = digits(s, 3, 8);
    char byte = (char)c;
    if (c < 0 || c > 0xff)
        return 0;
    text_addn(out, &byte, 1);
    return 3;
}

json_t *template_unquote(const char *quoted, size_t len)
{
    char quote = quoted[0];
    const char *s = quoted + 1, *end = quoted + len - 1;
    if (quote == '`')
        return json_stringn(s, (size_t)(end - s));
    auto_text struct text out = {0};
    text_add(&out, "");
    while (s < end) {
        size_t n = 1;
        if (*s == '\\')
            n += add_escape(&out, s + 1, quote);
        else
            text_addn(&out, s, 1);
        if (*s == '\\' && n == 1)
            return NULL;
        s += n;
    }
    /* Zeros would end the string for whoever prints it. */
    return out.len > 0 && memchr(out.s, '\0', out.len) != NULL
               ? NULL
               : json_stringn(out.len > 0 ? out.s : "", out.len);
}
