/*
 * path.h - paths as text: no file is looked at.
 *
 *     auto_free char *path = path_join("/srv", "../a//b");     // "/a/b"
 *
 * What comes out belongs to the caller. Where links may be on the way, only the
 * kernel knows what a path means: see files_open_in. Fork-safe.
 */
#ifndef PATH_H
#define PATH_H

/* The shortest path of the same meaning, if no link is on the way: "//", "."
 * and "a/.." go, and so do ".." at a root ("path.Clean" of Go). "" is ".". The
 * caller frees. */
char *path_clean(const char *path);
/* `path` itself if it is absolute, else behind `base`, or behind "/" if that is
 * NULL or ""; clean. The caller frees. */
char *path_join(const char *base, const char *path);

#endif
