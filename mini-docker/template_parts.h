/*
 * template_parts.h - the inside of template.h: words, a tree, values.
 *
 * template_lex.c cuts the text into tokens, template_parse.c and
 * template_pipe.c make a tree of them, template_run.c walks it and
 * template_value.c finds what its pipelines are worth, with the functions of
 * template_functions.c and template_compare.c; template_print.c and
 * template_printf.c spell values. Nobody else includes this.
 */
#ifndef TEMPLATE_PARTS_H
#define TEMPLATE_PARTS_H

#include "template.h"

#include <stdbool.h>
#include <stdint.h>

/* --- tokens --------------------------------------------------------------- */

enum template_kind {
    TOKEN_END,
    TOKEN_ERROR, /* `why` of the lexer says what is wrong */
    TOKEN_TEXT,
    TOKEN_OPEN,  /* {{ */
    TOKEN_CLOSE, /* }} */
    TOKEN_PIPE,
    TOKEN_DECLARE, /* := */
    TOKEN_ASSIGN,  /* = */
    TOKEN_COMMA,
    TOKEN_LEFT, /* ( */
    TOKEN_RIGHT,
    TOKEN_STRING,    /* "..." */
    TOKEN_RAW,       /* `...` */
    TOKEN_CHARACTER, /* '.' */
    TOKEN_NUMBER,
    TOKEN_DOT,
    TOKEN_FIELD,    /* .Name */
    TOKEN_VARIABLE, /* $name */
    TOKEN_WORD,
};

struct template_token {
    enum template_kind kind;
    size_t from, to; /* in the text */
    bool spaced;     /* white space stands before it */
};

struct template_lexer {
    const char *text;
    size_t at;
    size_t depth;   /* of parentheses */
    bool is_inside; /* between {{ and }} */
    bool trims;     /* the last action ended in -}} */
    char why[80];
};

struct template_token template_lex(struct template_lexer *lexer);

/* What stands between quotes, or NULL: no valid string. */
json_t *template_unquote(const char *quoted, size_t len);

/* --- the tree ------------------------------------------------------------- */

enum template_node_kind {
    NODE_TEXT,
    NODE_ACTION, /* pipe: `child` */
    NODE_IF,     /* pipe: `child`; lists: `body`, `otherwise` */
    NODE_WITH,
    NODE_RANGE,
    NODE_BREAK,
    NODE_CONTINUE,
    NODE_PIPE,    /* commands: `child` and its `next`; variables: `names` */
    NODE_COMMAND, /* operands: `child` and its `next` */
    NODE_DOT,
    NODE_NIL,
    NODE_LITERAL,  /* `value` */
    NODE_FIELD,    /* `names` are looked for one in the other */
    NODE_VARIABLE, /* names[0] is the variable, the rest are fields */
    NODE_FUNCTION,
};

struct template_node {
    enum template_node_kind kind;
    size_t from, to; /* in the text, for errors */
    struct template_node *next, *child, *body, *otherwise;
    struct strv names; /* of a pipe in parentheses used as .A.B: the fields */
    bool assigns;      /* a pipe with = and not := */
    bool is_chained;   /* a pipe: `names` are fields */
    json_t *value;
    const struct template_function *function;
    struct template_node *made; /* all of them in one list, to be freed */
};

struct template
{
    char *text;
    struct template_node *first, *made;
};

/* --- parsing -------------------------------------------------------------- */

/* Deeper nesting would cost more stack than a template is worth. */
enum { TEMPLATE_DEEPEST = 100 };

struct template_parser {
    struct template *t;
    struct template_lexer lexer;
    struct strv variables; /* in scope */
    int depth;             /* of lists and parentheses */
    int ranges;            /* around here */
    struct err *e;
};

/* template_parse.c: the next token, taken or not; what it is; a new node. */
struct template_token template_next(struct template_parser *p);
struct template_token template_peek(const struct template_parser *p);
bool template_is_word(const struct template_parser *p, struct template_token t,
                      const char *word);
struct template_node *template_make(struct template_parser *p,
                                    enum template_node_kind kind,
                                    struct template_token t);
/* Add the token's text, without its first `skip` bytes. */
void template_add_name(const struct template_parser *p, struct strv *names,
                       struct template_token t, size_t skip);
/* -EINVAL, with the line where we are. */
int template_parse_fail(const struct template_parser *p, const char *format,
                        ...) __attribute__((format(printf, 2, 3)));
int template_unexpected(struct template_parser *p, struct template_token t,
                        const char *where);

/* template_pipe.c: a pipeline up to `end`, which is taken. `where` is the word
 * before it, or what it is. */
int template_parse_pipe(struct template_parser *p, enum template_kind end,
                        const char *where, struct template_node **ret);

/* --- values --------------------------------------------------------------- */

/* NULL is what Go calls no value. Whatever is made while executing is kept
 * until the end in `pool`, and is borrowed everywhere. */
struct template_run {
    const struct template *t;
    int flags;
    json_t *pool;
    struct strv names; /* variables in scope, outermost first */
    json_t **values;
    struct text *out;
    struct err *e;
};

json_t *template_keep(struct template_run *run, json_t *made);
/* Fail in Go's words, with the place in the text. */
int template_fail(const struct template_run *run,
                  const struct template_node *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* What a pipeline is worth; its variables are not set. */
int template_pipe(struct template_run *run, const struct template_node *pipe,
                  json_t *dot, json_t **ret);
/* Set the variables of a pipeline: the last, and for range one before it. */
void template_set_variables(struct template_run *run,
                            const struct template_node *pipe, json_t *key,
                            json_t *value);
json_t *template_variable(const struct template_run *run, const char *name);
/* The keys of a map, in the order in which Go prints and walks them. */
void template_keys(const json_t *object, struct strv *ret);

/* One call. A function writes why it fails to `why`. */
struct template_call {
    struct template_run *run;
    json_t **args;
    size_t n;
    char why[160];
};

struct template_function {
    const char *name;
    /* What each argument must be: s string, i integer, anything else a value;
     * the last letter may be repeated where it is '*'. */
    const char *args;
    bool keeps_headers; /* in a table's header, its first argument */
    /* 0, or -EINVAL with `why`. NULL: and, or, which the caller does, because
     * not all of their arguments are worth anything. */
    int (*call)(struct template_call *call, json_t **ret);
};
/* template_functions.c: the function of this name, or NULL. */
const struct template_function *template_function(const char *name, size_t len);

/* template_compare.c */
int template_eq(struct template_call *call, json_t **ret);
int template_ne(struct template_call *call, json_t **ret);
int template_lt(struct template_call *call, json_t **ret);
int template_le(struct template_call *call, json_t **ret);
int template_gt(struct template_call *call, json_t **ret);
int template_ge(struct template_call *call, json_t **ret);

/* template_strings.c: what Docker adds. */
int template_json(struct template_call *call, json_t **ret);
int template_join(struct template_call *call, json_t **ret);
int template_split(struct template_call *call, json_t **ret);
int template_upper(struct template_call *call, json_t **ret);
int template_lower(struct template_call *call, json_t **ret);
int template_title(struct template_call *call, json_t **ret);
int template_pad(struct template_call *call, json_t **ret);
int template_truncate(struct template_call *call, json_t **ret);

/* template_printf.c */
int template_print(struct template_call *call, json_t **ret);
int template_println(struct template_call *call, json_t **ret);
int template_printf(struct template_call *call, json_t **ret);

/* template_print.c: a value as Go's %v spells it, and the name of its type. */
void template_add_value(struct text *out, const json_t *value);
/* The same for the member of that name: null and {} may be an empty map, list
 * or struct, and only the name tells which. */
void template_add_member(struct text *out, const char *name,
                         const json_t *value);
/* Docker's documents are structs, whose members are known, but for some: the
 * keys of these maps are chosen by people, and one may be missing. */
bool template_is_map(const char *name);
void template_add_number(struct text *out, const json_t *value);
const char *template_type(const json_t *value);
/* Does {{if}} take it? What is zero or empty it does not. */
bool template_is_true(const json_t *value);

/* The value as it prints, kept: for messages. */
const char *template_shown(struct template_run *run, const json_t *value);

/* A string that was made, kept; bytes that are no UTF-8 become U+FFFD. */
json_t *template_keep_text(struct template_run *run, const struct text *text);

#endif
