/*
 * build_source.h - what build's operand and --file mean: the context and the
 * Dockerfile.
 *
 *     PATH            a directory, and PATH/Dockerfile
 *     PATH -f FILE    FILE is ours and may lie outside of PATH; "-" is standard
 *                     input
 *     URL             an archive, a Dockerfile alone, or a git repository
 *     -               standard input: an archive of a context, perhaps packed,
 *                     or a Dockerfile alone
 *
 *     auto_build_source struct build_source source = {.order = &order};
 *     build_source_take(&source, ".", NULL, &e);     // fills in the order
 *     engine_build(engine, &order, &e);
 *
 * The order borrows from the struct. Errors in Docker's words.
 */
#ifndef BUILD_SOURCE_H
#define BUILD_SOURCE_H

#include "context_source.h"
#include "engine.h"
#include "layer.h"

struct build_source {
    struct engine_build *order;
    struct context_source input;
    struct layer_source archive;
    struct text dockerfile, dockerignore;
    char *place;
};
#define auto_build_source __attribute__((cleanup(build_source_done)))
void build_source_done(struct build_source *source);

/* `file` may be NULL. -ENOENT, -ENOTDIR, -EINVAL. */
int build_source_take(struct build_source *source, const char *context,
                      const char *file, struct err *e);

#endif
