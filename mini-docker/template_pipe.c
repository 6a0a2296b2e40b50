/* Templates: pipelines, and the operands in them. */
#include "template_parts.h"

#include "own.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* --- operands --------------------------------------------------------------
 */

static int parse_number(struct template_parser *p, struct template_node *node)
{
    auto_free char *word = text_format("%.*s", (int)(node->to - node->from),
                                       p->t->text + node->from);
    char *end;
    errno = 0;
    long long integer = strtoll(word, &end, 0);
    if (*end == '\0' && errno == 0) {
        node->value = json_integer(integer);
        return 0;
    }
    double real = strtod(word, &end);
    node->value = *end == '\0' ? json_real(real) : NULL;
    return node->value != NULL
               ? 0
               : template_parse_fail(p, "bad number syntax: \"%s\"", word);
}

static int parse_quoted(struct template_parser *p, struct template_node *node,
                        enum template_kind kind)
{
    node->value =
        template_unquote(p->t->text + node->from, node->to - node->from);
    if (node->value == NULL)
        return template_parse_fail(p, "invalid syntax");
    if (kind != TOKEN_CHARACTER)
        return 0;
    const char *s = json_string_value(node->value);
    bool is_one = strlen(s) == 1;
    int c = (unsigned char)*s;
    json_decref(node->value);
    node->value = json_integer(c);
    return is_one ? 0 : template_parse_fail(p, "malformed character constant");
}

static int parse_word(struct template_parser *p, struct template_node *node,
                      struct template_token t)
{
    size_t len = t.to - t.from;
    const char *word = p->t->text + t.from;
    if (template_is_word(p, t, "true") || template_is_word(p, t, "false")) {
        node->value = json_boolean(*word == 't');
        return 0;
    }
    node->kind = template_is_word(p, t, "nil") ? NODE_NIL : NODE_FUNCTION;
    if (node->kind == NODE_NIL)
        return 0;
    node->function = template_function(word, len);
    if (node->function == NULL)
        return template_parse_fail(p, "function \"%.*s\" not defined", (int)len,
                                   word);
    return 0;
}

static int parse_variable(struct template_parser *p, struct template_node *node,
                          struct template_token t)
{
    node->kind = NODE_VARIABLE;
    template_add_name(p, &node->names, t, 0);
    for (size_t i = 0; i < p->variables.n; i++)
        if (strcmp(p->variables.v[i], node->names.v[0]) == 0)
            return 0;
    return template_parse_fail(p, "undefined variable \"%s\"",
                               node->names.v[0]);
}

static int parse_parentheses(struct template_parser *p,
                             struct template_node **node,
                             struct template_token t)
{
    if (++p->depth > TEMPLATE_DEEPEST)
        return template_parse_fail(p, "max expression depth exceeded");
    int r = template_parse_pipe(p, TOKEN_RIGHT, "parenthesized pipeline", node);
    if (r < 0)
        return r;
    p->depth--;
    (*node)->from = t.from;
    (*node)->to = p->lexer.at;
    return 0;
}

/* .A.B after what has fields. */
static int parse_fields(struct template_parser *p, struct template_node *node)
{
    struct template_token t = template_peek(p);
    if (t.kind != TOKEN_FIELD || t.spaced)
        return 0;
    if (node->kind != NODE_FIELD && node->kind != NODE_VARIABLE &&
        node->kind != NODE_PIPE)
        return template_parse_fail(p, "unexpected . after term \"%.*s\"",
                                   (int)(node->to - node->from),
                                   p->t->text + node->from);
    /* The variables that a pipe in parentheses sets are not its fields. */
    if (node->kind == NODE_PIPE && node->names.n > 0)
        return template_parse_fail(p, "unexpected . after a declaration");
    node->is_chained = true;
    for (; t.kind == TOKEN_FIELD && !t.spaced; t = template_peek(p)) {
        template_next(p);
        template_add_name(p, &node->names, t, 1);
        node->to = t.to;
    }
    return 0;
}

static int parse_operand(struct template_parser *p, struct template_token t,
                         struct template_node **ret)
{
    int r = 0;
    struct template_node *node = template_make(p, NODE_LITERAL, t);
    switch (t.kind) {
    case TOKEN_LEFT:
        r = parse_parentheses(p, &node, t);
        break;
    case TOKEN_WORD:
        r = parse_word(p, node, t);
        break;
    case TOKEN_VARIABLE:
        r = parse_variable(p, node, t);
        break;
    case TOKEN_FIELD:
        node->kind = NODE_FIELD;
        template_add_name(p, &node->names, t, 1);
        break;
    case TOKEN_DOT:
        node->kind = NODE_DOT;
        break;
    case TOKEN_NUMBER:
        r = parse_number(p, node);
        break;
    case TOKEN_STRING:
    case TOKEN_RAW:
    case TOKEN_CHARACTER:
        r = parse_quoted(p, node, t.kind);
        break;
    default:
        r = template_unexpected(p, t, "operand");
    }
    *ret = node;
    return r < 0 ? r : parse_fields(p, node);
}

/* --- pipelines -------------------------------------------------------------
 */

/* Operands up to "|" or the end of the pipeline. */
static int parse_command(struct template_parser *p, enum template_kind end,
                         const char *where, struct template_node **ret)
{
    *ret = template_make(p, NODE_COMMAND, template_peek(p));
    struct template_node **tail = &(*ret)->child;
    bool is_empty = true;
    for (;;) {
        struct template_token t = template_peek(p);
        if (t.kind == end || t.kind == TOKEN_PIPE)
            break;
        if (!is_empty && !t.spaced && t.kind != TOKEN_ERROR)
            return template_unexpected(p, t, "operand");
        template_next(p);
        if (t.kind < TOKEN_STRING && t.kind != TOKEN_LEFT)
            return template_unexpected(p, t, where);
        int r = parse_operand(p, t, tail);
        if (r < 0)
            return r;
        (*ret)->to = p->lexer.at;
        tail = &(*tail)->next;
        is_empty = false;
    }
    return is_empty ? template_parse_fail(p, "missing value for %s", where) : 0;
}

/* $x := ... and $x = ...; for range also $x, $y := ... */
static int parse_declaration(struct template_parser *p, bool is_range,
                             struct template_node *pipe)
{
    struct template_lexer before = p->lexer;
    auto_strv struct strv names = {0};
    size_t most = is_range ? 2 : 1;
    struct template_token t = template_peek(p);
    while (t.kind == TOKEN_VARIABLE && names.n < most) {
        template_next(p);
        template_add_name(p, &names, t, 0);
        t = template_next(p);
        if (t.kind == TOKEN_COMMA)
            t = template_peek(p);
    }
    if (names.n == 0 || (t.kind != TOKEN_DECLARE && t.kind != TOKEN_ASSIGN)) {
        bool is_many = names.n == 1 && t.kind == TOKEN_VARIABLE;
        p->lexer = before;
        return is_many
                   ? template_parse_fail(p, "too many declarations in command")
                   : 0;
    }
    pipe->assigns = t.kind == TOKEN_ASSIGN;
    for (size_t i = 0; i < names.n; i++) {
        bool is_known = false;
        for (size_t k = 0; k < p->variables.n; k++)
            is_known |= strcmp(p->variables.v[k], names.v[i]) == 0;
        if (pipe->assigns && !is_known)
            return template_parse_fail(p, "undefined variable \"%s\"",
                                       names.v[i]);
        strv_add(&pipe->names, names.v[i]);
    }
    return 0;
}

static bool can_take_argument(const struct template_node *command)
{
    enum template_node_kind kind = command->child->kind;
    return kind == NODE_FUNCTION || kind == NODE_FIELD ||
           kind == NODE_VARIABLE || kind == NODE_PIPE;
}

int template_parse_pipe(struct template_parser *p, enum template_kind end,
                        const char *where, struct template_node **ret)
{
    struct template_node *pipe = *ret =
        template_make(p, NODE_PIPE, template_peek(p));
    int r = parse_declaration(p, strcmp(where, "range") == 0, pipe);
    struct template_node **tail = &pipe->child;
    struct template_token t = {.kind = TOKEN_PIPE};
    for (int stage = 1; r == 0 && t.kind == TOKEN_PIPE; stage++) {
        r = parse_command(p, end, stage == 1 ? where : "command", tail);
        if (r == 0 && stage > 1 && !can_take_argument(*tail))
            r = template_parse_fail(
                p, "non executable command in pipeline stage %d", stage);
        pipe->to = p->lexer.at;
        tail = &(*tail)->next;
        t = template_next(p);
    }
    for (size_t i = 0; r == 0 && !pipe->assigns && i < pipe->names.n; i++)
        strv_add(&p->variables, pipe->names.v[i]);
    return r;
}
