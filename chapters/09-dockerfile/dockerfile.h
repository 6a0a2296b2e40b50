/*
 * dockerfile.h - a Dockerfile read into instructions.
 *
 * The language is that of docs.docker.com, "Dockerfile reference", and where
 * that is silent, of BuildKit's parser: a line is an instruction, its flags and
 * its arguments; a line that ends in the escape character goes on in the next;
 * a # at a line's beginning makes it a comment; "# escape=`" at the very top
 * chooses the escape character; <<EOF is followed by a document.
 *
 *     auto_dockerfile struct dockerfile file = {0};
 *     auto_text struct text excerpt = {0};
 *     int r = dockerfile_parse("Dockerfile", bytes, len, &file, &excerpt, &e);
 *     for (size_t i = 0; r == 0 && i < file.n; i++)
 *         r = perform(&file.v[i]);
 *
 * What comes out is checked: every instruction has the flags and as many
 * arguments as it may have. Variables in them are not yet expanded: their
 * values depend on what was built before (words.h).
 *
 * All memory belongs to the struct dockerfile. Errors: -EINVAL, in Docker's
 * words. Needs no privilege; fork-safe; nothing is kept between calls.
 */
#ifndef DOCKERFILE_H
#define DOCKERFILE_H

#include "err.h"
#include "text.h"

#include <stdbool.h>
#include <stddef.h>

enum dockerfile_kind {
    DOCKERFILE_ADD,
    DOCKERFILE_ARG,
    DOCKERFILE_CMD,
    DOCKERFILE_COPY,
    DOCKERFILE_ENTRYPOINT,
    DOCKERFILE_ENV,
    DOCKERFILE_EXPOSE,
    DOCKERFILE_FROM,
    DOCKERFILE_HEALTHCHECK,
    DOCKERFILE_LABEL,
    DOCKERFILE_MAINTAINER,
    DOCKERFILE_ONBUILD,
    DOCKERFILE_RUN,
    DOCKERFILE_SHELL,
    DOCKERFILE_STOPSIGNAL,
    DOCKERFILE_USER,
    DOCKERFILE_VOLUME,
    DOCKERFILE_WORKDIR,
};

/* --chown=1:2. Quotes are taken off the value; variables in it are expanded by
 * whoever uses it. --link and --link=true have the value NULL, and --link=false
 * is no flag at all. */
struct dockerfile_flag {
    char *name, *value; /* "chown" */
};

/* <<EOF: a document that follows the instruction. */
struct dockerfile_here {
    char *name;   /* "EOF" */
    char *text;   /* its lines, leading tabs stripped where <<- says so */
    bool expands; /* its name was not quoted */
};

struct dockerfile_instruction {
    enum dockerfile_kind kind;
    const char *name;         /* "RUN", as the table spells it */
    char *text;               /* whole, on one line: what history shows */
    unsigned line, last_line; /* from 1; with its documents */
    struct dockerfile_flag *flags;
    size_t n_flags;
    bool is_json; /* CMD ["a", "b"] */
    /* JSON: its strings. Otherwise
     *   RUN, CMD, ENTRYPOINT, WORKDIR, USER, STOPSIGNAL, MAINTAINER:
     *                all that follows, as one word;
     *   ENV, LABEL:  NAME=value each, quotes and variables as written; the old
     *                form "ENV a b c" becomes one such word, "a=b c";
     *   ARG:         NAME or NAME=value each, the same way;
     *   FROM:        image [, "AS", name in lower case];
     *   HEALTHCHECK: "NONE", or "CMD" and the command;
     *   ONBUILD:     the trigger with its documents, as one word;
     *   ADD, COPY, EXPOSE, VOLUME: split at blanks, quotes kept. */
    struct strv words;
    struct dockerfile_here *heres;
    size_t n_heres;
};

struct dockerfile {
    char *name;  /* for messages */
    char escape; /* '\\' or '`' */
    struct dockerfile_instruction *v;
    size_t n;
    struct strv lines;    /* as they stand in the file, for messages */
    struct strv warnings; /* "line 3: Empty continuation line found in: ..." */
};

#define auto_dockerfile __attribute__((cleanup(dockerfile_done)))
void dockerfile_done(struct dockerfile *file);

/* Read a whole file. The message of -EINVAL names file, line and reason, with a
 * suggestion for a misspelt word; ret_excerpt (may be NULL) is told the line
 * itself and a caret below the offending place. */
int dockerfile_parse(const char *name, const char *bytes, size_t len,
                     struct dockerfile *ret, struct text *ret_excerpt,
                     struct err *e);

/* One instruction alone, with its documents: `import -c`, ONBUILD's triggers.
 * The message names neither file nor line. */
int dockerfile_parse_line(const char *line, struct dockerfile_instruction *ret,
                          struct err *e);

#define auto_dockerfile_instruction                                            \
    __attribute__((cleanup(dockerfile_instruction_done)))
void dockerfile_instruction_done(struct dockerfile_instruction *i);

/* The same excerpt for an error found later, while building. */
void dockerfile_point(const struct dockerfile *file,
                      const struct dockerfile_instruction *i,
                      struct text *ret_excerpt);

/* The value of the (first) flag of this name, or NULL: borrowed. RUN's mount
 * and device, and ADD's and COPY's exclude may be there several times. */
const char *dockerfile_flag(const struct dockerfile_instruction *i,
                            const char *name);
bool dockerfile_has_flag(const struct dockerfile_instruction *i,
                         const char *name);

/* A document in place of a source, "<<EOF" in COPY's words, by its place in the
 * list; NULL: the word is a path. */
const struct dockerfile_here *dockerfile_here_of(
    const struct dockerfile_instruction *i, const char *word);

#endif
