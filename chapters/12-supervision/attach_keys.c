/* Which keys leave a container alone. */
#include "attach.h"

#include "own.h"
#include "text.h"

#include <errno.h>
#include <string.h>

/* ctrl-a is 1, ctrl-z is 26: the letter's lowest five bits (ascii(7)). */
static int read_key(const char *word)
{
    bool is_ctrl = text_starts(word, "ctrl-");
    const char *letter = is_ctrl ? word + strlen("ctrl-") : word;
    if (letter[0] == '\0' || letter[1] != '\0')
        return -EINVAL;
    if (!is_ctrl)
        return (unsigned char)letter[0];
    if (strchr("abcdefghijklmnopqrstuvwxyz@[\\]^_", letter[0]) == NULL)
        return -EINVAL;
    return letter[0] & 0x1f;
}

int attach_read_keys(const char *text, struct attach_keys *ret, struct err *e)
{
    auto_strv struct strv words = {0};
    ret->n = 0;
    strv_split(&words, text, ',');
    for (size_t i = 0; i < words.n; i++) {
        int key = read_key(words.v[i]);
        if (key < 0 || ret->n == ATTACH_KEYS)
            return err_set(e, EINVAL, "invalid detach keys (%s) provided",
                           text);
        ret->v[ret->n++] = (unsigned char)key;
    }
    return 0;
}

size_t attach_sift(struct attach_sifted *sifted, const char *in, size_t len,
                   char *out, bool *ret_detached)
{
    const struct attach_keys *keys = &sifted->keys;
    size_t n = 0;
    for (size_t i = 0; i < len && !*ret_detached; i++) {
        unsigned char byte = (unsigned char)in[i];
        if (byte != keys->v[sifted->matched]) {
            memcpy(out + n, keys->v, sifted->matched);
            n += sifted->matched;
            sifted->matched = 0;
        }
        if (byte == keys->v[sifted->matched])
            sifted->matched++;
        else
            out[n++] = (char)byte;
        *ret_detached = sifted->matched == keys->n;
    }
    return n;
}
