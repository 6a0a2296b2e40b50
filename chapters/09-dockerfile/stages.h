/*
 * stages.h - the build plan: which stages a Dockerfile has, what each begins
 * with, and which of them a target needs.
 *
 * FROM begins a stage. It names an image, or an earlier stage, or "scratch",
 * which is nothing. COPY --from and RUN --mount=from take files from stages,
 * too. What the target does not lead to is not built ("Multi-stage builds",
 * docs.docker.com).
 *
 *     auto_stages struct stages stages = {.v = NULL};
 *     struct stages_order order = {.args = &args, .target = "test"};
 *     stages_plan(&file, &order, &stages, &e);
 *     for (size_t i = 0; i <= stages.target; i++)
 *         if (stages.v[i].is_needed) ...
 *
 * An ARG before the first FROM is there for FROM alone; a stage that wants it
 * names it again. The caller owns what is returned and keeps the Dockerfile.
 * -EINVAL, in Docker's words; order.at says where.
 */
#ifndef STAGES_H
#define STAGES_H

#include "dockerfile.h"

struct build_stage {
    char *name;       /* AS; NULL: it has a number only */
    char *base;       /* an image's name, variables expanded */
    int from;         /* the stage that it begins with, or -1 */
    bool is_scratch;  /* it begins with nothing */
    char *platform;   /* --platform, expanded; NULL: none */
    size_t head, end; /* its FROM, and where the next stage begins */
    bool is_needed;   /* for the target */
    bool *needs;      /* of the stages before it, which? */
};

struct stages {
    struct build_stage *v;
    size_t n, target;
    struct strv globals; /* what was given to ARGs before the first FROM */
};
#define auto_stages __attribute__((cleanup(stages_done)))
void stages_done(struct stages *stages);

struct stages_order {
    const struct strv *args;      /* --build-arg NAME=value */
    const struct strv *automatic; /* TARGETARCH=... */
    const char *target;           /* a name or a number; NULL: the last */
    const struct dockerfile_instruction *at; /* result: where it failed */
};
int stages_plan(const struct dockerfile *file, struct stages_order *order,
                struct stages *ret, struct err *e);

/* The stage before `before` of that name or number, or -1. */
int stages_find(const struct stages *stages, size_t before, const char *name);

/* The value of an ARG: that of --build-arg, else what a global of that name
 * has, else its default; NULL: it has none. Borrowed. `automatic` may be NULL.
 */
const char *stages_arg(const struct strv *args, const struct strv *globals,
                       const char *name);

/* "from=NAME" of RUN --mount=...; caller frees, NULL: there is none. */
char *stages_mount_from(const char *mount);

#endif
