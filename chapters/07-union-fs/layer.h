/*
 * layer.h - a layer is a tar: unpack it beneath a directory, and nowhere else.
 */
#ifndef LAYER_H
#define LAYER_H

#include "err.h"

#include <stdint.h>
#include <sys/types.h>

/* Where a layer's bytes come from: like read(2), 0 at the end, -errno. */
struct layer_source {
    ssize_t (*read)(void *arg, void *bytes, size_t len);
    void *arg;
};
/* Told of each piece of the uncompressed tar, for the layer's diff id. */
struct layer_sink {
    void (*add)(void *arg, const void *bytes, size_t len);
    void *arg;
};

struct layer_stats {
    uint64_t entries, bytes; /* bytes of file content */
};

/* Unpack the tar (plain, gzip, xz or zstd: recognised by its content) into
 * dirfd. Nothing is created outside it whatever the archive says: every name
 * is resolved beneath the descriptor, ".." and absolute names and links that
 * lead out are an error naming the entry (absolute names lose their slash, as
 * tar does). Whiteouts (.wh.NAME, .wh..wh..opq) become overlayfs's own. */
int layer_extract(struct layer_source source, struct layer_sink uncompressed,
                  int dirfd, struct layer_stats *ret, struct err *e);

#endif
