/*
 * attrs.h - private to this chapter: the extended attributes of one file that
 * belong to it wherever it goes.
 *
 * File capabilities, access control lists and what users note lie in extended
 * attributes (xattr(7)), and a layer carries them. Three kinds it must not
 * carry: what overlayfs notes for itself, labels of this host's security
 * module, and what the kernel computes anew for each place.
 *
 *     auto_attrs struct attrs attrs = {0};
 *     int fd = tree_open_entry(...);          // O_PATH is enough
 *     attrs_read(fd, &attrs, &e);
 *
 * Sorted by name. A file system without attributes has none, and that is no
 * error. Needs /proc.
 *
 * attrs_give is for whoever makes the same file once more: its looks are owner,
 * mode, attributes and time, in the one order in which they all last.
 */
#ifndef ATTRS_H
#define ATTRS_H

#include "err.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

struct attr {
    char *name, *value;
    size_t size;
};
struct attrs {
    struct attr *v;
    size_t n;
};
#define auto_attrs __attribute__((cleanup(attrs_done)))

int attrs_read(int fd, struct attrs *ret, struct err *e);
void attrs_done(struct attrs *attrs);
bool attrs_equal(const struct attrs *a, const struct attrs *b);

/* Give the file `name` of the directory `to` the looks of the file that is open
 * as `source`, with the state `st`; of a symbolic link itself. */
int attrs_give(int source, const struct stat *st, int to, const char *name,
               struct err *e);

#endif
