/*
 * ignore.h - .dockerignore: which files of a context are left out.
 *
 * A pattern a line ("The .dockerignore file" in Docker's documentation, and
 * github.com/moby/patternmatcher): "#" at its beginning makes it a comment, "!"
 * lets in again what an earlier one left out, and ** is any number of
 * directories. The last pattern that matches a path, or a directory that it
 * lies in, decides.
 *
 *     auto_ignore struct ignore *ignore = NULL;
 *     int r = ignore_parse(bytes, len, &ignore, &e);
 *     if (ignore_matches(ignore, "src/main.o"))
 *         ... it is not there;
 *
 * The list belongs to the caller and may be used by several threads. Errors:
 * -EINVAL names the line. Needs no privilege; fork-safe.
 */
#ifndef IGNORE_H
#define IGNORE_H

#include "err.h"
#include "pattern.h"

#include <stdbool.h>
#include <stddef.h>

struct ignore;

int ignore_parse(const char *bytes, size_t len, struct ignore **ret,
                 struct err *e);
/* Is the file left out? `path` begins at the context's root, without a slash.
 * NULL leaves nothing out. */
bool ignore_matches(const struct ignore *ignore, const char *path);
/* May something below this directory, which is itself left out, be let in by a
 * "!" pattern? Else nobody need look into it. */
bool ignore_may_readmit(const struct ignore *ignore, const char *directory);

#define auto_ignore __attribute__((cleanup(ignore_free)))
void ignore_free(struct ignore **ignore);

#endif
