#include "base64.h"

#include "own.h"
#include "text.h"

#include <stdint.h>
#include <string.h>

static const char letters[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char *base64_encode(const char *bytes, size_t len)
{
    auto_text struct text out = {0};
    for (size_t at = 0; at < len; at += 3) {
        uint32_t three = 0;
        for (size_t i = 0; i < 3; i++)
            three =
                three << 8 | (at + i < len ? (unsigned char)bytes[at + i] : 0U);
        for (size_t i = 0; i < 4; i++) {
            bool is_padding = at + i > len;
            text_addn(&out,
                      is_padding ? "=" : &letters[three >> (18 - 6 * i) & 63],
                      1);
        }
    }
    return text_take(&out);
}

char *base64_decode(const char *text, size_t *ret_len)
{
    size_t len = strlen(text), padding = 0;
    auto_text struct text out = {0};
    while (padding < 2 && padding < len && text[len - padding - 1] == '=')
        padding++;
    if (len % 4 != 0)
        return NULL;
    for (size_t at = 0; at < len; at += 4) {
        uint32_t three = 0;
        for (size_t i = 0; i < 4; i++) {
            bool is_padding = at + i >= len - padding;
            const char *letter =
                is_padding ? letters : strchr(letters, text[at + i]);
            if (letter == NULL)
                return NULL;
            three = three << 6 | (uint32_t)(letter - letters);
        }
        char bytes[3] = {(char)(three >> 16), (char)(three >> 8), (char)three};
        text_addn(&out, bytes, at + 4 == len ? 3 - padding : 3);
    }
    *ret_len = out.len;
    return text_take(&out);
}
