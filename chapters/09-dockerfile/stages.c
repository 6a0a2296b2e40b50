/* The build plan: stages.h. */
#include "stages.h"

#include "own.h"
#include "words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void stages_done(struct stages *stages)
{
    for (size_t i = 0; i < stages->n; i++) {
        free(stages->v[i].name);
        free(stages->v[i].base);
        free(stages->v[i].platform);
        free(stages->v[i].needs);
    }
    own_free(&stages->v);
    stages->n = 0;
    strv_done(&stages->globals);
}

const char *stages_arg(const struct strv *args, const struct strv *globals,
                       const char *name)
{
    const char *value = strv_env(args, name);
    return value != NULL || globals == NULL ? value : strv_env(globals, name);
}

int stages_find(const struct stages *stages, size_t before, const char *name)
{
    uint64_t number;
    for (size_t i = before; i-- > 0;)
        if (stages->v[i].name != NULL &&
            strcasecmp(stages->v[i].name, name) == 0)
            return (int)i;
    return text_to_u64(name, &number) == 0 && number < before ? (int)number
                                                              : -1;
}

char *stages_mount_from(const char *mount)
{
    auto_strv struct strv parts = {0};
    strv_split(&parts, mount, ',');
    for (size_t i = 0; i < parts.n; i++)
        if (text_starts(parts.v[i], "from="))
            return own_strdup(parts.v[i] + strlen("from="));
    return NULL;
}

/* --- ARG before FROM ------------------------------------------------------ */

static int add_global(const struct dockerfile *file, struct stages_order *order,
                      const char *word, struct strv *globals, struct err *e)
{
    size_t len = strcspn(word, "=");
    auto_free char *name = text_format("%.*s", (int)len, word);
    const char *given = stages_arg(order->args, order->automatic, name);
    if (given != NULL)
        strv_addf(globals, "%s=%s", name, given);
    if (given != NULL || word[len] == '\0')
        return 0;
    struct words words = {.escape = file->escape, .env = globals};
    auto_free char *value = NULL;
    int r = words_expand(&words, word + len + 1, &value, e);
    if (r == 0)
        strv_addf(globals, "%s=%s", name, value);
    return r;
}

static int add_globals(const struct dockerfile *file,
                       struct stages_order *order, struct stages *ret,
                       struct err *e)
{
    int r = 0;
    for (size_t i = 0; order->automatic != NULL && i < order->automatic->n; i++)
        strv_add(&ret->globals, order->automatic->v[i]);
    for (size_t i = 0; r == 0 && i < file->n; i++) {
        const struct dockerfile_instruction *ins = &file->v[i];
        if (ins->kind == DOCKERFILE_FROM)
            return 0;
        order->at = ins;
        if (ins->kind != DOCKERFILE_ARG)
            return err_set(e, EINVAL, "no build stage in current context");
        for (size_t k = 0; r == 0 && k < ins->words.n; k++)
            r = add_global(file, order, ins->words.v[k], &ret->globals, e);
    }
    return r < 0 ? r : err_set(e, EINVAL, "no build stage in current context");
}

/* --- the stages ----------------------------------------------------------- */

static int expand(const struct dockerfile *file, const struct stages *stages,
                  const char *word, char **ret, struct err *e)
{
    struct words words = {.escape = file->escape, .env = &stages->globals};
    return words_expand(&words, word, ret, e);
}

static int set_name(struct stages *stages, struct build_stage *stage,
                    const char *name, struct err *e)
{
    for (size_t i = 0; i + 1 < stages->n; i++)
        if (stages->v[i].name != NULL &&
            strcasecmp(stages->v[i].name, name) == 0)
            return err_set(e, EINVAL, "duplicate name %s", name);
    stage->name = own_strdup(name);
    return 0;
}

static int set_base(const struct dockerfile *file, struct stages *stages,
                    struct build_stage *stage, struct err *e)
{
    const struct dockerfile_instruction *from = &file->v[stage->head];
    int r = expand(file, stages, from->words.v[0], &stage->base, e);
    if (r < 0)
        return r;
    if (stage->base[0] == '\0')
        return err_set(e, EINVAL, "base name (%s) should not be blank",
                       from->words.v[0]);
    stage->is_scratch = strcmp(stage->base, "scratch") == 0;
    /* A number is no stage here, but the name of an image. */
    uint64_t number;
    if (text_to_u64(stage->base, &number) < 0)
        stage->from = stages_find(stages, stages->n - 1, stage->base);
    const char *platform = dockerfile_flag(from, "platform");
    return platform == NULL
               ? 0
               : expand(file, stages, platform, &stage->platform, e);
}

static int add_stage(const struct dockerfile *file, size_t head,
                     struct stages *stages, struct err *e)
{
    const struct dockerfile_instruction *from = &file->v[head];
    size_t end = head + 1;
    while (end < file->n && file->v[end].kind != DOCKERFILE_FROM)
        end++;
    stages->v = own_grow(stages->v, (stages->n + 1) * sizeof *stages->v);
    struct build_stage *stage = &stages->v[stages->n++];
    *stage = (struct build_stage){.from = -1, .head = head, .end = end};
    stage->needs = own_alloc(stages->n * sizeof *stage->needs);
    int r = set_base(file, stages, stage, e);
    return r < 0 || from->words.n < 3
               ? r
               : set_name(stages, stage, from->words.v[2], e);
}

/* --- who needs whom ------------------------------------------------------- */

/* COPY --from and RUN --mount=from of one instruction. Variables are not
 * expanded in them, as with Docker. */
static void note_sources(const struct stages *stages, size_t at,
                         const struct dockerfile_instruction *ins)
{
    for (size_t i = 0; i < ins->n_flags; i++) {
        const struct dockerfile_flag *flag = &ins->flags[i];
        auto_free char *from = NULL;
        if (flag->value != NULL && strcmp(flag->name, "from") == 0)
            from = own_strdup(flag->value);
        if (flag->value != NULL && strcmp(flag->name, "mount") == 0)
            from = stages_mount_from(flag->value);
        int source = from != NULL ? stages_find(stages, at, from) : -1;
        if (source >= 0)
            stages->v[at].needs[source] = true;
    }
}

static void note_needs(const struct dockerfile *file, struct stages *stages)
{
    for (size_t i = 0; i < stages->n; i++) {
        struct build_stage *stage = &stages->v[i];
        if (stage->from >= 0)
            stage->needs[stage->from] = true;
        for (size_t k = stage->head + 1; k < stage->end; k++)
            note_sources(stages, i, &file->v[k]);
    }
    stages->v[stages->target].is_needed = true;
    /* What a stage needs stands before it. */
    for (size_t i = stages->target + 1; i-- > 0;)
        for (size_t k = 0; stages->v[i].is_needed && k < i; k++)
            stages->v[k].is_needed |= stages->v[i].needs[k];
}

int stages_plan(const struct dockerfile *file, struct stages_order *order,
                struct stages *ret, struct err *e)
{
    int r = add_globals(file, order, ret, e);
    for (size_t i = 0; r == 0 && i < file->n; i++) {
        order->at = &file->v[i];
        if (file->v[i].kind == DOCKERFILE_FROM)
            r = add_stage(file, i, ret, e);
    }
    if (r < 0)
        return r;
    ret->target = ret->n - 1;
    order->at = NULL;
    int target = order->target == NULL
                     ? (int)ret->target
                     : stages_find(ret, ret->n, order->target);
    if (target < 0)
        return err_set(e, EINVAL,
                       "failed to reach build target %s in Dockerfile",
                       order->target);
    ret->target = (size_t)target;
    note_needs(file, ret);
    return 0;
}
