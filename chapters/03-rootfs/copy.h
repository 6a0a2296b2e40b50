/*
 * copy.h - what one directory holds, copied into another, as it is.
 *
 * Directories, files, links and nodes with their owners, modes, times and
 * extended attributes (xattr(7): capabilities and access lists among them);
 * names that are one file stay one file (link(2)). For a tmpfs that begins as
 * what it hides (mnt.h, tmpcopyup), and for a volume that begins as what the
 * image has at its place.
 *
 *     int from = files_open_in(root, "/var/lib/db", O_RDONLY | O_DIRECTORY,
 *                              0, &e);
 *     if (from < 0 || copy_tree(from, to, &e) < 0)
 *         return err_add(&e, "volume %s", name);
 *
 * The tree may be a stranger's: no link in it is followed, and everything is
 * done in directories that are open. Mounts below `from` are copied too. The
 * descriptors stay the caller's, and on error what was copied stays.
 *
 * Errors: -ELOOP deeper than COPY_DEEPEST; -ENOSPC; -EEXIST where `to` has
 * such a name. An attribute that the file system of `to` has not, or that we
 * may not set, is left out; so is a device in a user namespace, which has none.
 * Needs: /proc, to reach attributes; CAP_CHOWN and its like for owners.
 */
#ifndef COPY_H
#define COPY_H

#include "err.h"

enum { COPY_DEEPEST = 1000 };

/* What `from` holds, into `to`: both open directories, O_RDONLY. */
int copy_tree(int from, int to, struct err *e);
/* The looks alone of `from` itself: owner, mode, times and attributes. */
int copy_looks(int from, int to, struct err *e);

#endif
