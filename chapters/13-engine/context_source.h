/*
 * context_source.h - what a build is given through a pipe or from a URL: an
 * archive of its context, perhaps packed, or a Dockerfile alone.
 *
 *     struct context_source source = {.from = {read_input, NULL}};
 *     int r = context_source_open(&source);      // its first bytes are read
 *     if (r == 0 && context_source_is_archive(&source))
 *         order.archive = &(struct layer_source){context_source_read, &source};
 *     else if (r == 0)
 *         r = context_source_text(&source, &dockerfile);
 *
 * Errors are those of `from`, -errno; -EFBIG: no Dockerfile is so long.
 */
#ifndef CONTEXT_SOURCE_H
#define CONTEXT_SOURCE_H

#include "layer.h"
#include "text.h"

#include <stdbool.h>

struct context_source {
    struct layer_source from;
    char head[1024]; /* the first bytes, which have been looked at */
    size_t len, at;
};

int context_source_open(struct context_source *source);
/* As docker tells them apart. */
bool context_source_is_archive(const struct context_source *source);
/* From the beginning: `arg` is the struct. */
ssize_t context_source_read(void *arg, void *bytes, size_t len);
/* All of it is added; `ret` is a string then also where that is nothing. */
int context_source_text(struct context_source *source, struct text *ret);

#endif
