/*
 * unpack.h - private to this chapter: one entry of a tar becomes one file.
 *
 * layer.c reads the archive and hands each entry to unpack_entry. Where the
 * entry goes is settled in unpack.c, what is made there in make.c. The
 * directory that it goes into is always resolved with openat2(2) and
 * RESOLVE_IN_ROOT, and the last part of its name is never followed: together
 * that is the whole defence against hostile archives.
 */
#ifndef UNPACK_H
#define UNPACK_H

#include "err.h"
#include "layer.h"

#include <archive.h>
#include <archive_entry.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

struct unpack {
    int root; /* what everything stays beneath; borrowed */
    /* The directory of the entry before, which is mostly this one's too. */
    int parent;
    char parent_path[PATH_MAX];
    /* Its times as they were: what is made in it changes them, and they are
     * set back when we go elsewhere. So nothing need be kept of the
     * directories that were, however many there are. */
    struct timespec parent_times[2];
    bool in_userns; /* no device nodes, no trusted attributes */
    const struct layer_rules *rules; /* no layer; NULL: it is one */
    bool one_owner;      /* only one id has a meaning: everything is its own */
    struct strv implied; /* directories that no entry named before */
    size_t implied_bytes;
};
#define auto_unpack __attribute__((cleanup(unpack_done)))

/* Where an entry goes: `base`, which has no slash, in the directory `parent`.
 * The root directory itself is "." in itself. All borrowed. */
struct unpack_place {
    struct unpack *unpack;
    struct archive *archive; /* the content comes from here */
    struct archive_entry *entry;
    int parent;
    const char *base;
    const char *path; /* from the root, cleaned */
};

void unpack_init(struct unpack *u, int root);
void unpack_done(struct unpack *u);

/* Make the file of the entry that was read last from `archive`. */
int unpack_entry(struct unpack *u, struct archive *archive,
                 struct archive_entry *entry, struct err *e);

/* After the last entry: the times of the directory we are in. */
int unpack_finish(struct unpack *u, struct err *e);

/* make.c: make the file with its content, owner, mode, attributes and time.
 * An entry of another kind that is there is replaced. */
int unpack_make(const struct unpack_place *place, struct err *e);
/* make.c: the marks that overlayfs understands. */
int unpack_whiteout(const struct unpack_place *place, struct err *e);
int unpack_opaque(int dirfd, struct err *e);

/* The directory and the last part of a name that leads there without leaving
 * the root; for hard links too. The directory becomes u->parent, and missing
 * ones are made. `name` is cleaned into `path` (PATH_MAX bytes). */
int unpack_clean(const char *name, char *path, struct err *e);
int unpack_find(struct unpack *u, const char *path, const char **ret_base,
                struct err *e);
/* The directory alone, as a descriptor of the caller's. */
int unpack_open_parent(int root, const char *path, struct err *e);

/* A name for people: unprintable bytes are replaced, long ones cut. */
struct unpack_shown {
    char s[100];
};
struct unpack_shown unpack_show(const char *name);

#endif
