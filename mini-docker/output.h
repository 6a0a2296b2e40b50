/*
 * output.h - an archive goes to a file or to standard output.
 *
 *     int r = output_write("a.tar", "failed to save image", save, call, e);
 *
 * A file appears under its name whole or not at all. Standard output is
 * refused where it is a terminal, which an archive would only upset.
 */
#ifndef OUTPUT_H
#define OUTPUT_H

#include "err.h"

#include <stddef.h>

/* `path` NULL or "" is standard output; `failure` begins messages about the
 * path. `write` is given the descriptor. What it returns, or -errno. */
int output_write(const char *path, const char *failure,
                 int (*write)(void *arg, int fd, struct err *e), void *arg,
                 struct err *e);

/* A layer_target of a descriptor: `arg` is a pointer to it. */
int output_add(void *arg, const void *bytes, size_t len);

/* A notice of what an archive could not take along. */
void output_notice(void *arg, const char *line);

#endif
