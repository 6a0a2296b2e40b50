/*
 * pack.h - writing layers: files of a tree become entries of a tar.
 *
 * The format is that of layer.h, in its plainest form: POSIX pax, and extended
 * headers only where ustar's fields do not do (times finer than a second, long
 * names, large ids, attributes as SCHILY.xattr.*). Names are bytes. The same
 * tree always makes the same bytes: names are sorted, and nothing is written
 * that a copy of the tree would not have (inode numbers, atime, ctime).
 *
 *     struct pack_options options = {.target = {write_to_file, &fd},
 *                                    .uncompressed = {add_to_digest, &sum},
 *                                    .packed = LAYER_GZIP};
 *     struct pack *pack = pack_open(&options);
 *     int r = pack_layer(pack, &diff, &e);
 *     r = pack_close(pack, r, &e);
 *
 * A hole of a sparse file is not read, and is written as zeros: the format has
 * sparse entries, but "OCI Image Layer Filesystem Changeset" advises against
 * them, since not all readers know them. A file that shrinks while it is read
 * is filled up with zeros, one that grows is cut at the size that it had.
 *
 * Left out, and told through `notice`: sockets, which no archive can hold, and
 * in a layer names that begin with ".wh.", which would delete something. Errors
 * are the target's and the tree's. One thread; fork-safe.
 */
#ifndef PACK_H
#define PACK_H

#include "diff.h"
#include "err.h"
#include "layer.h"
#include "tree.h"

#include <stdint.h>

/* Where the archive goes: everything at once, 0 or -errno. */
struct layer_target {
    int (*write)(void *arg, const void *bytes, size_t len);
    void *arg;
};

struct pack_options {
    struct layer_target target;
    struct layer_sink uncompressed; /* told of the plain tar; may be empty */
    enum layer_compression packed;  /* LAYER_PLAIN or LAYER_GZIP */
    const struct timespec *latest;  /* no file is younger than that; or NULL */
    /* One line about what was left out or is not what it was; may be NULL. */
    void (*notice)(void *arg, const char *line);
    void *notice_arg;
};

struct pack;
/* Begin an archive. NULL never: out of memory aborts. */
struct pack *pack_open(const struct pack_options *options);
/* End it, unless `result` says that something failed, and free it. `result`, or
 * the error of ending. */
int pack_close(struct pack *pack, int result, struct err *e);

/* All that `diff` finds, as a layer; its change, arg and as_layer are set here.
 */
int pack_layer(struct pack *pack, struct diff *diff, struct err *e);

/* The file `path` of a tree with all that is in it, named `name` in the archive
 * ("" for the tree's root puts what is in it at the top). */
int pack_tree(struct pack *pack, const struct tree *tree, const char *path,
              const char *name, struct err *e);

/* So far: entries, bytes of content, and of a plain tar without extended
 * headers. */
struct pack_size {
    uint64_t entries, content, tar;
};
struct pack_size pack_size(const struct pack *pack);

/* An archive of nothing else: pack_open, pack_layer, pack_close. */
int pack_diff(const struct pack_options *options, struct diff *diff,
              struct pack_size *ret, struct err *e);

/* What an entry looks like in place of what its file does; -1: as that. */
struct pack_looks {
    int64_t uid, gid, mode;      /* permissions */
    const struct timespec *time; /* NULL: as the file's */
    const char *change; /* of permissions, in words (modes.h); NULL: none */
};
/* NULL: it looks as it does. */
void pack_apply_looks(struct stat *st, const struct pack_looks *looks);
/* Single entries: a directory that is nowhere yet, a file from memory. `st`
 * gives owner, mode and time. */
int pack_put_directory(struct pack *pack, const char *name,
                       const struct stat *st, struct err *e);
int pack_put_text(struct pack *pack, const char *name, const struct stat *st,
                  const struct text *content, struct err *e);

/* A file by its path in a layer of the tree, under its name in the archive; an
 * empty file that is a mark; a notice. */
struct pack_file {
    const struct tree *tree;
    size_t layer;
    const char *path, *name;
    const struct pack_looks *looks; /* NULL: its own */
};
int pack_put(struct pack *pack, const struct pack_file *file, struct err *e);
int pack_put_mark(struct pack *pack, const char *name, struct err *e);
void pack_notice(const struct pack *pack, const char *path, const char *what);

/* pack_stream.c, private: the two writers behind each other. */
struct pack_stream;
struct archive;
struct pack_stream *pack_stream_open(const struct pack_options *options);
struct archive *pack_stream_tar(struct pack_stream *stream);
int pack_stream_say(const struct pack_stream *stream, struct err *e);
int pack_stream_close(struct pack_stream *stream, int result, struct err *e);

#endif
