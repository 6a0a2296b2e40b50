/*
 * build_copies.h - private: what a RUN sees beside its image and is not simply
 * what lies somewhere: files of the context without those that .dockerignore
 * leaves out, or that may be written to; secrets, with an owner and a mode; a
 * script from a here-document; the directories of --mount=type=cache.
 *
 *     auto_build_copies struct build_copies copies = build_copies_for(ins);
 *     struct build_copy *copy = build_copies_add(&copies, mount);
 *     copy->set = ...                     // what is to be in it
 *     ... if the step is not known:
 *     build_copies_make(b, &copies, &e);  // each mount has its Source now
 *
 * A copy lies in a stage's directory (stage.h) and goes with it; that of a
 * secret in the run directory, which is in memory. A cache stays and is locked
 * with flock(2) until the step has ended, as its `sharing` says ("RUN
 * --mount=type=cache", docs.docker.com/reference/dockerfile).
 *
 * Only chapter 13 includes this.
 */
#ifndef BUILD_COPIES_H
#define BUILD_COPIES_H

#include "build.h"

enum build_sharing { BUILD_SHARED, BUILD_PRIVATE, BUILD_LOCKED };

struct build_copy {
    json_t *mount;           /* borrowed: an element of HostConfig.Mounts */
    struct copyset set;      /* what is in it, of this tree or another one; */
    struct tree tree;        /* or, if that is empty, */
    struct text text;        /* one file's content */
    struct pack_looks looks; /* of a text or a cache all three are said */
    bool is_secret;
    struct stage stage;
    char *cache; /* the directory that stays, below the state root; or NULL */
    enum build_sharing sharing;
    int lock; /* the cache, open and locked */
};
struct build_copies {
    struct build_copy *v;
    size_t n;
};
#define auto_build_copies __attribute__((cleanup(build_copies_done)))
void build_copies_done(struct build_copies *copies);
/* None yet, and room for all that the instruction may have. */
struct build_copies build_copies_for(const struct dockerfile_instruction *ins);

/* Another one: its text, set and looks are the caller's to fill. */
struct build_copy *build_copies_add(struct build_copies *copies, json_t *mount);
int build_copies_make(struct build *b, struct build_copies *copies,
                      struct err *e);

/* build_mounts.c: --mount into HostConfig.Mounts of `host`; what is in them
 * goes into the step's inputs. */
struct build_mounts {
    json_t *host, *inputs; /* borrowed */
    struct build_copies *copies;
    json_t *secret_env; /* NAME=value of secrets, borrowed */
};
int build_add_mounts(struct build_state *state,
                     const struct dockerfile_instruction *ins,
                     struct build_mounts *mounts, struct err *e);
/* build_secrets.c: the content of a secret, 1; or 0: there is none of that id.
 * And a variable of this RUN alone, which images know nothing of. */
int build_secret_read(const struct build *b, const char *id, struct text *ret,
                      struct err *e);
int build_secret_set(json_t *env, const char *variable,
                     const struct text *content, struct err *e);
/* build_command.c: a script that names its interpreter becomes a file, and the
 * last of the words its name. */
void build_add_script(const struct dockerfile_instruction *ins,
                      struct build_mounts *mounts, struct strv *argv);
/* A mount from here to there, which has to be made. Borrowed from the host. */
json_t *build_add_mount(json_t *host, const char *target, bool is_readonly);

#endif
