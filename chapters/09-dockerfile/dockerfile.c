#include "dockerfile.h"
#include "dockerfile_parts.h"

#include "own.h"

#include <errno.h>
#include <string.h>

void dockerfile_instruction_done(struct dockerfile_instruction *i)
{
    for (size_t k = 0; k < i->n_flags; k++) {
        own_free(&i->flags[k].name);
        own_free(&i->flags[k].value);
    }
    for (size_t k = 0; k < i->n_heres; k++) {
        own_free(&i->heres[k].name);
        own_free(&i->heres[k].text);
    }
    own_free(&i->flags);
    own_free(&i->heres);
    own_free(&i->text);
    strv_done(&i->words);
    *i = (struct dockerfile_instruction){0};
}

void dockerfile_done(struct dockerfile *file)
{
    for (size_t i = 0; i < file->n; i++)
        dockerfile_instruction_done(&file->v[i]);
    own_free(&file->v);
    own_free(&file->name);
    strv_done(&file->lines);
    strv_done(&file->warnings);
    *file = (struct dockerfile){0};
}

void dockerfile_blame(struct dockerfile_parse *p, const char *word)
{
    own_free(&p->culprit);
    p->culprit = word != NULL ? own_strdup(word) : NULL;
}

/* A line is its first word, flags, and the rest. */
static int read_instruction(struct dockerfile_parse *p, struct err *e)
{
    struct dockerfile_instruction *i = p->i;
    const struct dockerfile_rule *rule;
    size_t len = strcspn(i->text, BLANKS);
    auto_free char *word = text_format("%.*s", (int)len, i->text);
    int r = dockerfile_find_rule(p, word, &rule, e);
    if (r < 0)
        return r;
    i->kind = rule->kind;
    i->name = rule->name;
    const char *rest = i->text + len;
    r = dockerfile_take_flags(p, &rest, e);
    if (r == 0)
        r = rule->split(p, rest, e);
    if (r == 0)
        r = dockerfile_read_heres(p, rest, e);
    return r == 0 ? rule->check(p, e) : r;
}

/* Before FROM there is nothing that an instruction could be about; but ARG may
 * tell FROM which image. */
static int check_place(const struct dockerfile_parse *p, bool has_stage,
                       struct err *e)
{
    if (has_stage || p->i->kind == DOCKERFILE_FROM ||
        p->i->kind == DOCKERFILE_ARG)
        return 0;
    return err_set(e, EINVAL, "no build stage in current context");
}

/* All instructions. `has_stage`: they need no FROM before them. */
static int read_all(struct dockerfile_parse *p, bool has_stage, struct err *e)
{
    int r = dockerfile_read_directives(p, e);
    auto_text struct text line = {0};
    while (r == 0 && (r = dockerfile_next_line(p, &line, e)) > 0) {
        p->i->text = text_take(&line);
        r = read_instruction(p, e);
        if (r == 0)
            r = check_place(p, has_stage, e);
        if (r < 0)
            return r;
        has_stage = has_stage || p->i->kind == DOCKERFILE_FROM;
        struct dockerfile *file = p->file;
        file->v = own_grow(file->v, (file->n + 1) * sizeof *file->v);
        file->v[file->n++] = *p->i;
        *p->i = (struct dockerfile_instruction){0};
    }
    if (r < 0)
        return r;
    p->i->line = 0;
    if (p->file->n == 0)
        return err_set(e, EINVAL, "file with no instructions");
    if (!has_stage)
        return err_set(e, EINVAL, "dockerfile contains no stages to build");
    return 0;
}

static int parse(struct dockerfile_parse *p, const char *bytes, size_t len,
                 bool has_stage, struct err *e)
{
    p->file->escape = '\\';
    int r = dockerfile_read_lines(p, bytes, len, e);
    return r < 0 ? r : read_all(p, has_stage, e);
}

/* waiver: parameters: a name, bytes, and three ways to answer */
int dockerfile_parse(const char *name, const char *bytes, size_t len,
                     struct dockerfile *ret, struct text *ret_excerpt,
                     struct err *e)
{
    struct dockerfile_instruction i = {0};
    struct dockerfile_parse p = {.file = ret, .i = &i};
    *ret = (struct dockerfile){.name = own_strdup(name)};
    int r = 0;
    if (len == 0)
        r = err_set(e, EINVAL, "the Dockerfile (%.120s) cannot be empty", name);
    else if (parse(&p, bytes, len, false, e) < 0)
        r = i.line == 0 ? err_add(e, "%.60s", name)
                        : err_add(e, "%.60s: dockerfile parse error on line %u",
                                  name, i.line);
    if (r < 0 && ret_excerpt != NULL)
        dockerfile_excerpt(ret, i.line, i.last_line, p.culprit, ret_excerpt);
    own_free(&p.culprit);
    dockerfile_instruction_done(&i);
    return r < 0 ? -EINVAL : 0;
}

int dockerfile_parse_line(const char *line, struct dockerfile_instruction *ret,
                          struct err *e)
{
    auto_dockerfile struct dockerfile file = {0};
    struct dockerfile_instruction i = {0};
    struct dockerfile_parse p = {.file = &file, .i = &i};
    int r = parse(&p, line, strlen(line), true, e);
    if (r == 0 && file.n != 1)
        r = err_set(e, EINVAL, "%zu instructions, where one is expected",
                    file.n);
    if (r == 0) {
        *ret = file.v[0];
        file.n = 0;
    }
    own_free(&p.culprit);
    dockerfile_instruction_done(&i);
    return r;
}
