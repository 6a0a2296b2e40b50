/*
 * build_output.h - build --output: the files of what was built, in place of an
 * image.
 *
 *     -o DIR, -o type=local,dest=DIR    into a directory
 *     -o type=tar,dest=FILE, -o -        one archive
 *     -o type=image, type=docker        an image, as without
 */
#ifndef BUILD_OUTPUT_H
#define BUILD_OUTPUT_H

#include "engine.h"

#include <stdbool.h>

struct build_output {
    char *kind, *dest; /* "local", "tar" or NULL: an image */
};
void build_output_done(struct build_output *output);

/* `said` may be NULL. -EINVAL, in Docker's words. */
int build_output_read(const char *said, struct build_output *ret,
                      struct err *e);
/* Its archive goes to standard output. */
bool build_output_is_stdout(const struct build_output *output);
/* Write the files of the image `id`. */
int build_output_write(struct engine *engine, const char *id,
                       const struct build_output *output, struct err *e);

#endif
