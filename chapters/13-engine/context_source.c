#include "context_source.h"

#include <errno.h>
#include <string.h>

enum { MOST_TEXT = 16 * 1024 * 1024 };

int context_source_open(struct context_source *source)
{
    ssize_t n = 1;
    while (n > 0 && source->len < sizeof source->head) {
        n = source->from.read(source->from.arg, source->head + source->len,
                              sizeof source->head - source->len);
        if (n > 0)
            source->len += (size_t)n;
    }
    return n < 0 ? (int)n : 0;
}

/* A tar has its mark at 257. */
bool context_source_is_archive(const struct context_source *source)
{
    enum { AT = 257 };
    return layer_recognise(source->head, source->len) != LAYER_PLAIN ||
           (source->len > AT + 5 && memcmp(source->head + AT, "ustar", 5) == 0);
}

ssize_t context_source_read(void *arg, void *bytes, size_t len)
{
    struct context_source *source = arg;
    size_t have = source->len - source->at;
    if (have == 0)
        return source->from.read(source->from.arg, bytes, len);
    size_t n = have < len ? have : len;
    memcpy(bytes, source->head + source->at, n);
    source->at += n;
    return (ssize_t)n;
}

int context_source_text(struct context_source *source, struct text *ret)
{
    char block[4096];
    ssize_t n;
    text_add(ret, "");
    while ((n = context_source_read(source, block, sizeof block)) > 0) {
        if (ret->len > MOST_TEXT)
            return -EFBIG;
        text_addn(ret, block, (size_t)n);
    }
    return (int)n;
}
