/* Templates: from tokens to a tree. */
#include "template_parts.h"

#include "own.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How a list of nodes ended. */
enum stop { STOP_END = 1, STOP_ELSE, STOP_EOF };

struct template_token template_next(struct template_parser *p)
{
    return template_lex(&p->lexer);
}

struct template_token template_peek(const struct template_parser *p)
{
    struct template_lexer ahead = p->lexer;
    return template_lex(&ahead);
}

int template_parse_fail(const struct template_parser *p, const char *format,
                        ...)
{
    char why[160];
    va_list args;
    va_start(args, format);
    vsnprintf(why, sizeof why, format, args);
    va_end(args);
    int line = 1;
    for (size_t i = 0; i < p->lexer.at; i++)
        line += p->t->text[i] == '\n';
    return err_set(p->e, EINVAL, "template parsing error: template: :%d: %s",
                   line, why);
}

/* Something stands where it does not belong. */
int template_unexpected(struct template_parser *p, struct template_token t,
                        const char *where)
{
    if (t.kind == TOKEN_ERROR) {
        template_lex(&p->lexer); /* says why again */
        return template_parse_fail(p, "%s", p->lexer.why);
    }
    if (t.kind == TOKEN_END)
        return template_parse_fail(p, "unexpected EOF");
    int len = (int)(t.to - t.from);
    return template_parse_fail(p, "unexpected \"%.*s\" in %s", len,
                               p->t->text + t.from, where);
}

bool template_is_word(const struct template_parser *p, struct template_token t,
                      const char *word)
{
    return t.kind == TOKEN_WORD && strlen(word) == t.to - t.from &&
           strncmp(p->t->text + t.from, word, t.to - t.from) == 0;
}

struct template_node *template_make(struct template_parser *p,
                                    enum template_node_kind kind,
                                    struct template_token t)
{
    struct template_node *node = own_alloc(sizeof *node);
    node->kind = kind;
    node->from = t.from;
    node->to = t.to;
    node->made = p->t->made;
    p->t->made = node;
    return node;
}

void template_add_name(const struct template_parser *p, struct strv *names,
                       struct template_token t, size_t skip)
{
    strv_addf(names, "%.*s", (int)(t.to - t.from - skip),
              p->t->text + t.from + skip);
}

static void drop_variables(struct template_parser *p, size_t n)
{
    while (p->variables.n > n)
        free(p->variables.v[--p->variables.n]);
}

/* --- lists -----------------------------------------------------------------
 */

static int parse_list(struct template_parser *p, struct template_node **tail);

static int expect_close(struct template_parser *p, const char *where)
{
    struct template_token t = template_next(p);
    return t.kind == TOKEN_CLOSE ? 0 : template_unexpected(p, t, where);
}

static int parse_branch(struct template_parser *p, enum template_node_kind kind,
                        struct template_node **ret);

/* After {{else: the list, or {{else if as a branch of its own, which takes the
 * common {{end}}. */
static int parse_else(struct template_parser *p, struct template_node *node)
{
    static const char *const words[] = {[NODE_IF] = "if", [NODE_WITH] = "with"};
    struct template_token t = template_peek(p);
    if (node->kind != NODE_RANGE && template_is_word(p, t, words[node->kind])) {
        template_next(p);
        return parse_branch(p, node->kind, &node->otherwise);
    }
    int r = expect_close(p, "else");
    if (r == 0)
        r = parse_list(p, &node->otherwise);
    if (r == STOP_ELSE)
        return template_parse_fail(p, "expected end; found {{else}}");
    return r == STOP_EOF ? template_parse_fail(p, "unexpected EOF")
           : r < 0       ? r
                         : 0;
}

/* After {{if, {{with or {{range. */
static int parse_branch(struct template_parser *p, enum template_node_kind kind,
                        struct template_node **ret)
{
    static const char *const words[] = {
        [NODE_IF] = "if", [NODE_WITH] = "with", [NODE_RANGE] = "range"};
    if (++p->depth > TEMPLATE_DEEPEST)
        return template_parse_fail(p, "max nesting depth exceeded");
    struct template_node *node = *ret =
        template_make(p, kind, template_peek(p));
    size_t variables = p->variables.n;
    p->ranges += kind == NODE_RANGE;
    int r = template_parse_pipe(p, TOKEN_CLOSE, words[kind], &node->child);
    if (r == 0)
        r = parse_list(p, &node->body);
    p->ranges -= kind == NODE_RANGE;
    if (r == STOP_EOF)
        return template_parse_fail(p, "unexpected EOF");
    if (r == STOP_ELSE)
        r = parse_else(p, node);
    drop_variables(p, variables);
    p->depth--;
    return r < 0 ? r : 0;
}

static int parse_jump(struct template_parser *p, enum template_node_kind kind,
                      struct template_node **ret)
{
    const char *word = kind == NODE_BREAK ? "break" : "continue";
    *ret = template_make(p, kind, template_peek(p));
    if (p->ranges == 0)
        return template_parse_fail(p, "{{%s}} outside {{range}}", word);
    return expect_close(p, word);
}

/* What follows "{{". A stop, 0 or -errno. */
static int parse_action(struct template_parser *p, struct template_node **ret)
{
    static const struct {
        const char *word;
        int (*parse)(struct template_parser *p, enum template_node_kind kind,
                     struct template_node **ret);
        enum template_node_kind kind;
    } actions[] = {
        {"if",       parse_branch, NODE_IF      },
        {"with",     parse_branch, NODE_WITH    },
        {"range",    parse_branch, NODE_RANGE   },
        {"break",    parse_jump,   NODE_BREAK   },
        {"continue", parse_jump,   NODE_CONTINUE},
        {"define",   NULL,         NODE_TEXT    },
        {"template", NULL,         NODE_TEXT    },
        {"block",    NULL,         NODE_TEXT    },
    };
    struct template_token t = template_peek(p);
    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++) {
        if (!template_is_word(p, t, actions[i].word))
            continue;
        template_next(p);
        if (actions[i].parse == NULL)
            return err_set(p->e, ENOSYS, "--format {{%s}} is not built yet",
                           actions[i].word);
        return actions[i].parse(p, actions[i].kind, ret);
    }
    if (template_is_word(p, t, "end") || template_is_word(p, t, "else")) {
        template_next(p);
        if (template_is_word(p, t, "else"))
            return STOP_ELSE;
        int r = expect_close(p, "end");
        return r < 0 ? r : STOP_END;
    }
    *ret = template_make(p, NODE_ACTION, t);
    return template_parse_pipe(p, TOKEN_CLOSE, "command", &(*ret)->child);
}

/* Nodes up to {{end}}, {{else or the end of all. A stop, or -errno. */
static int parse_list(struct template_parser *p, struct template_node **tail)
{
    for (;;) {
        struct template_token t = template_next(p);
        int r = 0;
        if (t.kind == TOKEN_END)
            return STOP_EOF;
        if (t.kind == TOKEN_TEXT)
            *tail = template_make(p, NODE_TEXT, t);
        else
            r = t.kind == TOKEN_OPEN ? parse_action(p, tail)
                                     : template_unexpected(p, t, "input");
        if (r != 0)
            return r;
        tail = &(*tail)->next;
    }
}

int template_parse(const char *text, struct template **ret, struct err *e)
{
    struct template *t = own_alloc(sizeof *t);
    t->text = own_strdup(text);
    struct template_parser p = {.t = t, .lexer = {.text = t->text}, .e = e};
    strv_add(&p.variables, "$");
    int r = parse_list(&p, &t->first);
    if (r == STOP_END || r == STOP_ELSE)
        r = template_parse_fail(&p, "unexpected {{%s}}",
                                r == STOP_END ? "end" : "else");
    strv_done(&p.variables);
    if (r < 0)
        template_free(t);
    else
        *ret = t;
    return r < 0 ? r : 0;
}

void template_free(struct template *t)
{
    while (t != NULL && t->made != NULL) {
        struct template_node *node = t->made;
        t->made = node->made;
        strv_done(&node->names);
        json_decref(node->value);
        free(node);
    }
    if (t != NULL)
        free(t->text);
    free(t);
}

void template_drop(struct template **t)
{
    template_free(*t);
}
