/* Templates: what a pipeline is worth. */
#include "template_parts.h"

#include "own.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

/* Two capitals: Go writes ID and CPU where the document has Id and Cpu. */
static bool has_initials(const char *name)
{
    for (; name[0] != '\0' && name[1] != '\0'; name++)
        if (isupper((unsigned char)name[0]) && isupper((unsigned char)name[1]))
            return true;
    return false;
}

static json_t *find_member(json_t *object, const char *name)
{
    json_t *member = json_object_get(object, name);
    if (member != NULL || !has_initials(name))
        return member;
    const char *key;
    json_t *value;
    json_object_foreach(object, key,
                        value) if (strcasecmp(key, name) == 0) return value;
    return NULL;
}

/* names[0] in `value`, names[1] in that ... */
static int find_fields(struct template_run *run,
                       const struct template_node *node, json_t *value,
                       size_t first, json_t **ret)
{
    for (size_t i = first; i < node->names.n; i++) {
        const char *name = node->names.v[i];
        if (value == NULL)
            return template_fail(run, node, "nil data; no entry for key \"%s\"",
                                 name);
        if (json_is_null(value))
            return template_fail(
                run, node, "nil pointer evaluating interface {}.%s", name);
        if (!json_is_object(value))
            return template_fail(run, node,
                                 "can't evaluate field %s in type %s", name,
                                 template_type(value));
        json_t *member = find_member(value, name);
        bool may_lack = i > first && template_is_map(node->names.v[i - 1]);
        if (member == NULL && !may_lack)
            return template_fail(run, node, "map has no entry for key \"%s\"",
                                 name);
        value = member;
    }
    *ret = value;
    return 0;
}

/* --- operands ---------------------------------------------------------------
 */

static int call(struct template_run *run, const struct template_node *command,
                json_t *dot, json_t **last, json_t **ret);

static int evaluate(struct template_run *run, const struct template_node *node,
                    json_t *dot, json_t **ret)
{
    int r = 0;
    switch (node->kind) {
    case NODE_DOT:
        *ret = dot;
        return 0;
    case NODE_LITERAL:
        *ret = node->value;
        return 0;
    case NODE_FIELD:
        return find_fields(run, node, dot, 0, ret);
    case NODE_VARIABLE:
        return find_fields(run, node, template_variable(run, node->names.v[0]),
                           1, ret);
    case NODE_PIPE:
        r = template_pipe(run, node, dot, ret);
        if (r == 0)
            template_set_variables(run, node, NULL, *ret);
        return r < 0 || !node->is_chained
                   ? r
                   : find_fields(run, node, *ret, 0, ret);
    case NODE_FUNCTION:
        /* Without arguments, as an argument: a command of one word. */
        return call(
            run,
            &(struct template_node){
                .kind = NODE_COMMAND,
                .from = node->from,
                .to = node->to,
                .child = &(struct template_node){.kind = NODE_FUNCTION,
                                                 .from = node->from,
                                                 .to = node->to,
                                                 .function = node->function}
        },
            dot, NULL, ret);
    default:
        *ret = NULL; /* nil */
        return 0;
    }
}

/* --- functions --------------------------------------------------------------
 */

static int check_count(struct template_run *run,
                       const struct template_node *command,
                       const struct template_function *function, size_t n)
{
    size_t wanted = strlen(function->args);
    bool is_open = wanted > 0 && function->args[wanted - 1] == '*';
    wanted -= is_open;
    if (n == wanted || (is_open && n > wanted))
        return 0;
    return template_fail(run, command,
                         "wrong number of args for %s: want %s%zu got %zu",
                         function->name, is_open ? "at least " : "", wanted, n);
}

static int check_types(struct template_run *run,
                       const struct template_node *command,
                       const struct template_function *function,
                       json_t *const *args, size_t n)
{
    const char *kinds = function->args;
    for (size_t i = 0; i < n && *kinds != '\0' && *kinds != '*'; i++, kinds++) {
        bool good = *kinds == 's'   ? json_is_string(args[i])
                    : *kinds == 'i' ? json_is_integer(args[i])
                                    : true;
        if (!good)
            return template_fail(
                run, command, "wrong type for value; expected %s; got %s",
                *kinds == 's' ? "string" : "int", template_type(args[i]));
    }
    return 0;
}

/* and, or: the first that decides, and nothing behind it is looked at. */
static int choose(struct template_run *run, const struct template_node *command,
                  json_t *dot, json_t **last, json_t **ret)
{
    bool is_or = strcmp(command->child->function->name, "or") == 0;
    const struct template_node *arg = command->child->next;
    if (arg == NULL && last == NULL)
        return check_count(run, command, command->child->function, 0);
    for (; arg != NULL; arg = arg->next) {
        int r = evaluate(run, arg, dot, ret);
        if (r < 0 || template_is_true(*ret) == is_or)
            return r;
    }
    if (last != NULL)
        *ret = *last;
    return 0;
}

/* A function with its operands, and after them what came down the pipe. */
static int call(struct template_run *run, const struct template_node *command,
                json_t *dot, json_t **last, json_t **ret)
{
    const struct template_function *function = command->child->function;
    if (function->call == NULL)
        return choose(run, command, dot, last, ret);
    size_t n = last != NULL, i = 0;
    const struct template_node *arg;
    for (arg = command->child->next; arg != NULL; arg = arg->next)
        n++;
    int r = check_count(run, command, function, n);
    auto_free json_t **args = own_alloc((n + 1) * sizeof *args);
    for (arg = command->child->next; arg != NULL && r == 0; arg = arg->next)
        r = evaluate(run, arg, dot, &args[i++]);
    if (r < 0)
        return r;
    if (last != NULL)
        args[i] = *last;
    if ((run->flags & TEMPLATE_HEADERS) != 0 && function->keeps_headers) {
        /* Of "split .Names ","" the header is that of Names. */
        *ret = args[0];
        return 0;
    }
    struct template_call c = {.run = run, .args = args, .n = n};
    r = check_types(run, command, function, args, n);
    if (r == 0 && function->call(&c, ret) < 0)
        r = template_fail(run, command, "error calling %s: %s", function->name,
                          c.why);
    return r;
}

static int evaluate_command(struct template_run *run,
                            const struct template_node *command, json_t *dot,
                            json_t **last, json_t **ret)
{
    const struct template_node *first = command->child;
    if (first->kind == NODE_FUNCTION)
        return call(run, command, dot, last, ret);
    if (first->next != NULL || last != NULL)
        return template_fail(
            run, first,
            first->kind == NODE_FIELD || first->kind == NODE_VARIABLE
                ? "%.*s has arguments but cannot be invoked "
                  "as function"
                : "can't give argument to non-function %.*s",
            (int)(first->to - first->from), run->t->text + first->from);
    if (first->kind == NODE_NIL)
        return template_fail(run, first, "nil is not a command");
    return evaluate(run, first, dot, ret);
}

int template_pipe(struct template_run *run, const struct template_node *pipe,
                  json_t *dot, json_t **ret)
{
    json_t *value = NULL, *before;
    for (const struct template_node *c = pipe->child; c != NULL; c = c->next) {
        before = value;
        value = NULL;
        int r = evaluate_command(run, c, dot, c == pipe->child ? NULL : &before,
                                 &value);
        if (r < 0)
            return r;
    }
    *ret = value;
    return 0;
}
