/*
 * plain.h - a stream with its compression taken off.
 *
 * How it is packed is told from its first bytes, not from a name or a label:
 * gzip (RFC 1952, several members too, as pigz and estargz write them), xz,
 * zstd (RFC 8878), bzip2, or not at all. gzip, which nearly every layer is, is
 * undone by igzip where that is installed (gunzip.h), three times as fast as by
 * zlib, and by libarchive with zlib where it is not.
 *
 *     auto_plain struct plain *plain = NULL;
 *     const void *block;
 *     ssize_t n = plain_open(&plain, source, e);
 *     while (n >= 0 && (n = plain_read(plain, &block, e)) > 0)
 *         digest_add(&digest, block, (size_t)n);
 *
 * The source stays the caller's; a block is lent until the next call. The end
 * is only told when the source has ended too: whatever follows the packed
 * stream has been read then. Memory does not grow with the stream.
 *
 * Errors: -EBADMSG damaged, cut short, empty, or (a layer) packed with bzip2;
 * those of the source. Not across a fork.
 */
#ifndef PLAIN_H
#define PLAIN_H

#include "err.h"
#include "layer.h"

#include <sys/types.h>

struct plain;
#define auto_plain __attribute__((cleanup(plain_close)))

int plain_open(struct plain **ret, struct layer_source source, struct err *e);
/* The same for an image's layer, which is kept as it came: -EBADMSG for bzip2,
 * since no kind of manifest has a name for that. */
int plain_open_layer(struct plain **ret, struct layer_source source,
                     struct err *e);
/* The next piece: its length, 0 at the end, or -errno. */
ssize_t plain_read(struct plain *plain, const void **ret, struct err *e);
/* How it was packed. */
enum layer_compression plain_packed(const struct plain *plain);
void plain_close(struct plain **plain);

#endif
