/*
 * build_remote.h - private: ADD of what lies on another machine.
 *
 *     ADD https://example.com/tool.tar.gz /opt/       a file, by curl(1)
 *     ADD https://example.com/project.git#v1:docs /   a tree, by git(1)
 *
 * Both are fetched before the step's key is made, since it is made of what came
 * ("ADD", docs.docker.com/reference/dockerfile): a file by its content, a tree
 * by its commit. Nothing is fetched twice for one step, and nothing is kept.
 *
 * Errors name the source and the reason; -ENOENT also where curl or git is not
 * installed. Only chapter 13 includes this.
 */
#ifndef BUILD_REMOTE_H
#define BUILD_REMOTE_H

#include "err.h"

#include <stdbool.h>

struct build_remote {
    const char *said;     /* the source, as the Dockerfile has it */
    const char *checksum; /* --checksum, or NULL */
    bool keeps_git;       /* --keep-git-dir */
    bool needs_name;      /* the destination is a directory */
    /* Results, which build_remote_done frees: */
    char *path;   /* what of the directory is meant: "" all of it */
    char *digest; /* "sha256:..." of a file, "git:..." of a commit */
};

bool build_remote_is_git(const char *word);

/* Fetch it into the empty directory `dir`. */
int build_remote_fetch(struct build_remote *remote, int dir, struct err *e);
void build_remote_done(struct build_remote *remote);

/* build_git.c: the half of it that git does. */
int build_remote_clone(struct build_remote *remote, int dir, struct err *e);

#endif
