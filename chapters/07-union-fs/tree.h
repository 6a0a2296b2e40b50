/*
 * tree.h - a stack of layers read as one tree, without mounting anything.
 *
 * What overlayfs does in the kernel (Documentation/filesystems/overlayfs.rst),
 * for reading only: of one name the uppermost layer's wins, directories are
 * merged, a whiteout or an opaque directory hides what is below. Whoever
 * compares, packs or copies what a container sees needs no mount for it.
 *
 *     auto_tree struct tree tree = {.has_marks = true};
 *     tree_open(&tree, &image.layers, &e);           // the uppermost first
 *     auto_tree_dir struct tree_dir dir = {0};
 *     tree_read(&tree, "etc", tree_all(&tree), &dir, &e);
 *     for (size_t i = 0; i < dir.n; i++)
 *         puts(dir.v[i].name);                       // sorted by bytes
 *
 * A layer may change while it is read, by a hostile hand. So nothing is ever
 * reached by a name that might lead elsewhere: each path is resolved with
 * openat2(2) beneath the layer, and one part of it that is a symbolic link, or
 * leads to another file system, is an error to the kernel and "not there" to
 * us. Only one directory is open at a time, however deep the tree is.
 *
 * The caller owns trees and directories. Errors: -ENAMETOOLONG for a path that
 * is longer than PATH_MAX; what vanishes meanwhile is no error. Needs Linux 5.6
 * and /proc. Fork-safe.
 */
#ifndef TREE_H
#define TREE_H

#include "err.h"
#include "text.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

struct tree {
    int *layers; /* descriptors, the uppermost first */
    size_t n;
    bool has_marks; /* whiteouts and opaque directories mean something */
    bool crosses;   /* into what is mounted in it, but for proc and its like */
};
#define auto_tree __attribute__((cleanup(tree_close)))
/* Add the layers; those that are open already stay. */
int tree_open(struct tree *tree, const struct strv *layers, struct err *e);
void tree_add(struct tree *tree, int fd); /* which the tree then owns */
void tree_close(struct tree *tree);

/* Layers from `first` up to but without `end`. */
struct tree_range {
    size_t first, end;
};
static inline struct tree_range tree_all(const struct tree *tree)
{
    return (struct tree_range){0, tree->n};
}

struct tree_entry {
    char *name;
    struct stat st;          /* in the layer range.first */
    struct tree_range range; /* of a directory: the layers that make it up */
    bool is_whiteout;        /* it is gone: for who cares what hides it */
    bool is_opaque;          /* a directory that hides those below it */
};
struct tree_dir {
    struct tree_entry *v;
    size_t n;
};
#define auto_tree_dir __attribute__((cleanup(tree_dir_done)))
void tree_dir_done(struct tree_dir *dir);

/* The entries of the directory `path` ("" is the root) as the layers `range`
 * show it: that of the entry that led here, or tree_all. */
int tree_read(const struct tree *tree, const char *path,
              struct tree_range range, struct tree_dir *ret, struct err *e);

/* The entry of this very path alone, where its directory is made up by the
 * layers `range`; it has no name. -ENOENT: there is none. */
int tree_find(const struct tree *tree, const char *path,
              struct tree_range range, struct tree_entry *ret, struct err *e);

/* Where `path` leads, ".." and links followed within the tree (the last part
 * only if `follows`): the entry, which has no name, and its own path. -ENOENT:
 * nothing is there, and *ret_path says where it would be; -ENOTDIR; -ELOOP. The
 * caller frees *ret_path in any case. */
/* waiver: parameters: an entry and where it is */
int tree_resolve(const struct tree *tree, const char *path, bool follows,
                 struct tree_entry *ret, char **ret_path, struct err *e);

/* The path of an entry of the directory `path`; caller frees. */
char *tree_path(const char *path, const char *name);

/* The entry of this very path in the layer as an O_PATH descriptor, a symbolic
 * link itself and not what it leads to; its state now in `ret`, which may be
 * NULL. -ENOENT: it has vanished or was replaced by a link. */
int tree_open_entry(const struct tree *tree, size_t layer, const char *path,
                    struct stat *ret, struct err *e);
/* The content of a regular file that tree_open_entry opened. */
int tree_open_content(int entry, struct err *e);
/* The next piece of it that is no hole, from where the last ended (begin with
 * zeros), up to `size`. False: there is none. */
struct tree_piece {
    off_t data, end;
};
bool tree_next_piece(int fd, off_t size, struct tree_piece *piece);
/* The text of a symbolic link; caller frees. */
int tree_read_link(int entry, char **ret, struct err *e);

#endif
