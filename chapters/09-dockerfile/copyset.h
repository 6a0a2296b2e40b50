/*
 * copyset.h - what COPY and ADD take, and where they put it.
 *
 * Choosing and putting are two steps, because a build that finds the result in
 * its cache never does the second: the key of COPY is made of the files' names,
 * kinds, permissions and contents, and of no times ("COPY",
 * docs.docker.com/reference/dockerfile).
 *
 *     auto_copyset struct copyset set = {.v = NULL};
 *     struct copyset_from from = {.tree = &context, .ignore = ignore};
 *     copyset_add(&set, &from, "src", &e);          // sorted
 *     copyset_digest(&set, sums, digest, &e);
 *     ... and where that is not known:
 *     struct copyset_to to = {.tree = &image, .path = "/app/", ...};
 *     copyset_pack(&set, &to, pack, &e);
 *
 * Names lead nowhere but into the tree they are read from, links and ".."
 * included: tree.h opens nothing through a link. A file that a pattern of
 * .dockerignore leaves out is not there. Of a directory its content is taken.
 *
 * -ENOENT, -EINVAL and -ENOTDIR in Docker's words. The caller owns the set and
 * keeps trees and patterns. Fork-safe.
 */
#ifndef COPYSET_H
#define COPYSET_H

#include "filesum.h"
#include "ignore.h"
#include "pack.h"
#include "tree.h"

/* Where files come from. */
struct copyset_from {
    const struct tree *tree;
    const struct ignore *ignore;  /* .dockerignore; NULL: nothing */
    const struct ignore *exclude; /* --exclude; NULL: nothing */
    bool keeps_parents;           /* --parents */
    const char *command;          /* for messages: "ADD"; NULL: "COPY" */
    const char *what; /* for messages: "build context", "stage base" */
};

/* A file that was chosen. */
struct copyset_item {
    char *from;   /* its path in the tree */
    char *to;     /* below the destination; "": the destination itself */
    size_t layer; /* of the tree, for opening it */
    struct stat st;
    bool is_alone; /* named itself: may become the destination's name */
};

struct copyset {
    const struct tree *tree;
    struct copyset_item *v;
    size_t n;
    size_t sources;     /* how many names or matches led here */
    bool has_directory; /* one of them was one: the destination is one, too */
    bool lacks_some;    /* .dockerignore left something out */
    bool keeps_owner;   /* owners are part of the digest; the caller's to set */
};
#define auto_copyset __attribute__((cleanup(copyset_done)))
void copyset_done(struct copyset *set);

/* Add all that `pattern` stands for. -ENOENT: nothing. All of a set come from
 * one tree. */
int copyset_add(struct copyset *set, const struct copyset_from *from,
                const char *pattern, struct err *e);

/* Add the file or directory of this very name, whatever signs are in it. */
int copyset_add_file(struct copyset *set, const struct copyset_from *from,
                     const char *path, struct err *e);

/* What was chosen, as one digest ("sha256:..."). `list` gets a line for each
 * file, for people who want to know what changed; may be NULL. */
int copyset_digest(const struct copyset *set, struct filesum *sums,
                   char ret[72], struct text *list, struct err *e);

/* Where they go. */
struct copyset_to {
    const struct tree *tree; /* the image so far */
    const char *path;        /* absolute; ends with "/" where it must be a
                              * directory */
    struct pack_looks looks; /* --chown, --chmod */
    struct timespec now;     /* the time of directories that are made */
    const struct copyset_text *texts; /* files from here-documents */
    size_t n_texts;
};
struct copyset_text {
    const char *name; /* below the destination, or its own name */
    const struct text *content;
};
/* Write them as entries of a layer, with the directories that lead there. */
int copyset_pack(const struct copyset *set, const struct copyset_to *to,
                 struct pack *pack, struct err *e);

#endif
