/*
 * layer.h - a layer is a tar: unpack it beneath a directory, and nowhere else.
 *
 * The format is that of the OCI image specification, "Image Layer Filesystem
 * Changeset": a tar (POSIX pax, GNU or ustar), perhaps compressed, in which
 * an entry .wh.NAME says that NAME of the layers below is gone. overlayfs says
 * the same with a character device 0:0 and with an extended attribute
 * (Documentation/filesystems/overlayfs.rst, "whiteouts and opaque
 * directories"). The tar comes from strangers. openat2(2) with RESOLVE_IN_ROOT
 * is what keeps every name in it beneath one directory.
 *
 *     struct layer_source from = {read_from_file, &fd};
 *     struct layer_sink to = {add_to_digest, &digest};
 *     struct layer_stats stats;
 *     int dir = sys_openat(AT_FDCWD, "/var/tmp/layer", O_PATH, 0);
 *     if (layer_extract(from, to, dir, &stats, &e) < 0)
 *         files_remove_tree(AT_FDCWD, "/var/tmp/layer", NULL);
 *
 * The caller owns source, sink and directory, and removes what was unpacked
 * when it fails half way. Nothing is synced: that is one syncfs(2) for whoever
 * publishes the layer.
 *
 * Errors: -EBADMSG the archive is damaged or is none; -EINVAL an entry that
 * must not be (".." in a name); -ENAMETOOLONG; -E2BIG too many entries; the
 * source's own; those of the file system, -ENOSPC among them. The message
 * names the entry, with unprintable bytes replaced.
 *
 * Needs: owners, devices and trusted.* attributes need root; openat2 is of
 * Linux 5.6; /proc is used to reach attributes. Nothing is kept between calls,
 * so it is fork-safe.
 */
#ifndef LAYER_H
#define LAYER_H

#include "err.h"
#include "text.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* How a tar is compressed, told from its first bytes. */
enum layer_compression {
    LAYER_PLAIN,
    LAYER_GZIP,
    LAYER_XZ,
    LAYER_ZSTD,
    LAYER_BZIP2 /* of archives that are no layers: plain_open_layer */
};
/* Enough bytes to tell. */
enum { LAYER_MAGIC = 6 };
enum layer_compression layer_recognise(const void *bytes, size_t len);

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
    struct strv implied;     /* see implied.h; the caller's to strv_done */
};

/* More entries than any image has, and more memory than it takes to note the
 * directories that it does not name: limits for archives made to harm. */
enum {
    LAYER_MOST_ENTRIES = 10 * 1000 * 1000,
    LAYER_MOST_IMPLIED = 16 * 1024 * 1024, /* bytes */
};

/* Unpack the tar (plain, gzip, xz or zstd: recognised by its content) into
 * dirfd. Nothing is created outside it whatever the archive says: every name
 * is resolved beneath the descriptor, ".." and absolute names and links that
 * lead out are an error naming the entry (absolute names lose their slash, as
 * tar does). A directory on the way to an entry that has none of its own is
 * made all the same, root's, with mode 0755, and of the beginning of 1970: what
 * it is like in an image is told by the layers below (implied.h). Whiteouts
 * (.wh.NAME, .wh..wh..opq) become overlayfs's own. Of two entries with one name
 * the last wins. The source is read to its end and `uncompressed` is told of
 * every byte, padding included. `ret` may be NULL. */
int layer_extract(struct layer_source source, struct layer_sink uncompressed,
                  int dirfd, struct layer_stats *ret, struct err *e);

/* A tar that is no layer, perhaps packed with bzip2, as `docker cp` unpacks it
 * into a tree that is in use: names that begin with .wh. are names; and a
 * directory never takes the place of something else, nor the reverse (-EEXIST,
 * in Docker's words). */
struct layer_rules {
    bool has_owner; /* everything belongs to this one, whoever the tar names */
    uid_t uid;
    gid_t gid;
    bool replaces; /* a directory by something else, and the reverse */
};
int layer_extract_plain(struct layer_source source, int dirfd,
                        const struct layer_rules *rules,
                        struct layer_stats *ret, struct err *e);

#endif
