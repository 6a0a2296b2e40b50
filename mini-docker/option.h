/*
 * option.h - options are rows of a table: what is said becomes a place in a
 * document.
 *
 * Every command has one table. A row names the option, its letter, its kind,
 * where its value goes in the command's document, and what it means; help,
 * manual page, completion and tests are made from the same rows.
 *
 *     static const struct option options[] = {
 *         {"memory", 'm', &option_bytes, "HostConfig.Memory", "Memory limit"},
 *         {"publish", 'p', &option_list, OPTION_NOT_YET, "Publish a port"},
 *         {0},
 *     };
 *     struct option_line line = {.options = options, .argv = argv + 2};
 *     if (option_parse(&line, doc, &operands, &e) < 0) ...
 *
 * The grammar is that of Docker's command line (Go's pflag package): --name
 * VALUE, --name=VALUE, -n VALUE, -nVALUE, -n=VALUE, grouped letters -it, "--"
 * ends the options. A switch takes its value only with "=": --rm=false. So do
 * its messages.
 *
 * A kind is a function that reads the value. An option that is known but whose
 * work nobody does yet has no destination: using it is an error (-ENOSYS) and
 * never silently ignored. Destinations below "Cli" stay in this program; the
 * others go to the engine.
 *
 * Values must be UTF-8, because JSON is (-EILSEQ).
 */
#ifndef OPTION_H
#define OPTION_H

#include "doc.h"
#include "err.h"
#include "text.h"

#include <stdbool.h>

#define OPTION_NOT_YET NULL

struct option {
    const char *name;
    char letter; /* 0: none */
    const struct option_kind *kind;
    const char *path; /* in the document, or OPTION_NOT_YET */
    const char *help;
};

struct option_kind {
    const char *placeholder; /* as help shows the value; "" for a switch */
    const char *alone;       /* the value where none is said; NULL: one must */
    /* Read `value` and put it where the option says. 0 or -errno; the reason
     * is put after `invalid argument "x" for "--name" flag: `, or stands for
     * itself where own_words is set. */
    int (*set)(const struct option *option, const char *value, json_t *doc,
               struct err *e);
    bool own_words;
};

/* Kinds that many tables use; request.h has those of run alone. */
extern const struct option_kind option_bool, option_string, option_list,
    option_map, option_int, option_uint16, option_bytes, option_cpus,
    option_duration;

struct option_line {
    const struct option *options; /* ends with a row without a name */
    char **argv;                  /* NULL-terminated, after the command */
    bool stop_at_operand;         /* what follows belongs to somebody else */
};

/* Read a command line. Operands are added to `operands`. OPTION_HELP where
 * --help is among the options, else 0 or -errno. */
enum { OPTION_HELP = 1 };
int option_parse(const struct option_line *line, json_t *doc,
                 struct strv *operands, struct err *e);

/* The row of a name (`len` bytes of it) or of a letter; NULL. */
const struct option *option_find(const struct option *options, const char *name,
                                 size_t len);
const struct option *option_find_letter(const struct option *options,
                                        char letter);

/* The kinds' own work, for kinds that only add a check. */
int option_set_string(const struct option *option, const char *value,
                      json_t *doc, struct err *e);
int option_set_list(const struct option *option, const char *value, json_t *doc,
                    struct err *e);
/* Bytes as Docker reads them, with its words for what is no size. */
int option_read_bytes(const char *value, json_int_t *ret, struct err *e);
/* A decimal number, or with Go's words why not. */
int option_read_int(const char *value, json_int_t *ret, struct err *e);
/* "true", "0", "F" ... as Go's strconv.ParseBool. */
int option_read_bool(const char *value, bool *ret, struct err *e);

#endif
