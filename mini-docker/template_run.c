/* Templates: walking the tree. */
#include "template_parts.h"

#include "own.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How a list ended: at its end, by an error (< 0), or by a jump. */
enum { WALK_BREAK = 1, WALK_CONTINUE };

static int walk(struct template_run *run, const struct template_node *node,
                json_t *dot);

json_t *template_keep(struct template_run *run, json_t *made)
{
    if (made != NULL)
        json_array_append_new(run->pool, made);
    return made;
}

int template_fail(const struct template_run *run,
                  const struct template_node *node, const char *format, ...)
{
    char why[160];
    va_list args;
    va_start(args, format);
    vsnprintf(why, sizeof why, format, args);
    va_end(args);
    const char *text = run->t->text;
    int line = 1;
    size_t begin = 0;
    for (size_t i = 0; i < node->from; i++)
        if (text[i] == '\n') {
            line++;
            begin = i + 1;
        }
    return err_set(run->e, EINVAL,
                   "template parsing error: template: :%d:%zu: executing \"\" "
                   "at <%.*s>: %s",
                   line, node->from - begin, (int)(node->to - node->from),
                   text + node->from, why);
}

/* --- variables --------------------------------------------------------------
 */

static void declare(struct template_run *run, const char *name, json_t *value)
{
    strv_add(&run->names, name);
    run->values = own_grow(run->values, run->names.n * sizeof *run->values);
    run->values[run->names.n - 1] = value;
}

/* The innermost of a name; the parser has seen that there is one. */
static json_t **find_variable(const struct template_run *run, const char *name)
{
    size_t i = run->names.n - 1;
    while (i > 0 && strcmp(run->names.v[i], name) != 0)
        i--;
    return &run->values[i];
}

json_t *template_variable(const struct template_run *run, const char *name)
{
    return *find_variable(run, name);
}

void template_set_variables(struct template_run *run,
                            const struct template_node *pipe, json_t *key,
                            json_t *value)
{
    for (size_t i = 0; !pipe->is_chained && i < pipe->names.n; i++) {
        json_t *set = i + 1 == pipe->names.n ? value : key;
        if (pipe->assigns)
            *find_variable(run, pipe->names.v[i]) = set;
        else
            declare(run, pipe->names.v[i], set);
    }
}

static void drop_variables(struct template_run *run, size_t n)
{
    while (run->names.n > n)
        own_free(&run->names.v[--run->names.n]);
}

/* --- range ------------------------------------------------------------------
 */

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void template_keys(const json_t *object, struct strv *ret)
{
    const char *key;
    json_t *member;
    json_object_foreach((json_t *)(uintptr_t)object, key, member)
        strv_add(ret, key);
    if (ret->n > 0)
        qsort(ret->v, ret->n, sizeof *ret->v, by_text);
}

static int walk_once(struct template_run *run, const struct template_node *node,
                     json_t *key, json_t *value)
{
    size_t variables = run->names.n;
    template_set_variables(run, node->child, key, value);
    int r = walk(run, node->body, value);
    drop_variables(run, variables);
    return r;
}

static int walk_range(struct template_run *run,
                      const struct template_node *node, json_t *dot)
{
    json_t *all = NULL;
    int r = template_pipe(run, node->child, dot, &all);
    if (r < 0)
        return r;
    if (all != NULL && !json_is_null(all) && !json_is_array(all) &&
        !json_is_object(all))
        return template_fail(run, node->child, "range can't iterate over %s",
                             template_shown(run, all));
    auto_strv struct strv keys = {0};
    if (json_is_object(all))
        template_keys(all, &keys);
    size_t n = json_is_object(all) ? keys.n : json_array_size(all);
    if (n == 0)
        return walk(run, node->otherwise, dot);
    for (size_t i = 0; i < n && r != WALK_BREAK; i++) {
        bool is_map = json_is_object(all);
        json_t *key = template_keep(run, is_map ? json_string(keys.v[i])
                                                : json_integer((json_int_t)i));
        r = walk_once(run, node, key,
                      is_map ? json_object_get(all, keys.v[i])
                             : json_array_get(all, i));
        if (r < 0)
            return r;
    }
    return 0;
}

/* --- all the others ---------------------------------------------------------
 */

static int walk_branch(struct template_run *run,
                       const struct template_node *node, json_t *dot)
{
    json_t *value = NULL;
    size_t variables = run->names.n;
    int r = template_pipe(run, node->child, dot, &value);
    if (r < 0)
        return r;
    template_set_variables(run, node->child, NULL, value);
    bool is_true = template_is_true(value);
    json_t *inside = is_true && node->kind == NODE_WITH ? value : dot;
    r = walk(run, is_true ? node->body : node->otherwise, inside);
    drop_variables(run, variables);
    return r;
}

/* The name of the member that the pipeline is, or NULL: it is more. */
static const char *member_of(const struct template_node *pipe)
{
    const struct template_node *command = pipe->child;
    const struct template_node *operand = command->child;
    bool is_one = command->next == NULL && operand->next == NULL &&
                  (operand->kind == NODE_FIELD ||
                   (operand->kind == NODE_VARIABLE && operand->names.n > 1));
    return is_one ? operand->names.v[operand->names.n - 1] : NULL;
}

static int walk_action(struct template_run *run,
                       const struct template_node *node, json_t *dot)
{
    json_t *value = NULL;
    int r = template_pipe(run, node->child, dot, &value);
    if (r < 0)
        return r;
    template_set_variables(run, node->child, NULL, value);
    bool is_silent = !node->child->is_chained && node->child->names.n > 0;
    const char *name = member_of(node->child);
    if (!is_silent && name != NULL && value != NULL)
        template_add_member(run->out, name, value);
    else if (!is_silent)
        template_add_value(run->out, value);
    return 0;
}

static int walk_text(struct template_run *run, const struct template_node *node,
                     json_t *dot)
{
    (void)dot;
    text_addn(run->out, run->t->text + node->from, node->to - node->from);
    return 0;
}

static int walk_jump(struct template_run *run, const struct template_node *node,
                     json_t *dot)
{
    (void)run;
    (void)dot;
    return node->kind == NODE_BREAK ? WALK_BREAK : WALK_CONTINUE;
}

static int walk(struct template_run *run, const struct template_node *node,
                json_t *dot)
{
    static int (*const steps[])(struct template_run * run,
                                const struct template_node *node,
                                json_t *dot) = {
        [NODE_TEXT] = walk_text,     [NODE_ACTION] = walk_action,
        [NODE_IF] = walk_branch,     [NODE_WITH] = walk_branch,
        [NODE_RANGE] = walk_range,   [NODE_BREAK] = walk_jump,
        [NODE_CONTINUE] = walk_jump,
    };
    int r = 0;
    for (; node != NULL && r == 0; node = node->next)
        r = steps[node->kind](run, node, dot);
    return r;
}

int template_execute(const struct template *t, const json_t *dot, int flags,
                     struct text *out, struct err *e)
{
    /* Nothing changes a value, but jansson's functions do not say so. */
    json_t *root = (json_t *)(uintptr_t)dot;
    struct template_run run = {
        .t = t, .flags = flags, .pool = json_array(), .out = out, .e = e};
    declare(&run, "$", root);
    int r = walk(&run, t->first, root);
    strv_done(&run.names);
    free(run.values);
    json_decref(run.pool);
    return r < 0 ? r : 0;
}
