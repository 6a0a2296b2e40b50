/*
 * build.h - private: building images, each part in a file of its own.
 *
 * A build is a walk through the instructions of the stages that the target
 * needs (stages.h of chapter 09). The state that it carries along is an image
 * in the making (draft.h of chapter 08): each instruction makes another image
 * of it, by a step in the table of build.c. What changes only the configuration
 * is worked out in memory; what changes files makes a layer:
 *
 *     build.c          the table, the walk, and the end of it
 *     build_order.c    what is said of the whole of it
 *     build_stages.c   stages at the same time, each in its own process
 *     build_from.c     FROM: where a stage begins; ONBUILD's triggers
 *     build_config.c   ENV, CMD, LABEL ... ARG, WORKDIR
 *     build_copy.c     COPY and ADD
 *     build_parts.c    what ADD takes besides the context's files
 *     build_archive.c  archives, and what was fetched: each a tree of its own
 *     build_remote.c   ADD of a URL
 *     build_git.c      ADD of a git repository
 *     build_tool.c     curl and git, as processes of ours
 *     build_squash.c   --squash
 *     build_explain.c  --explain
 *     build_run.c      RUN: a container, and what it changed
 *     build_command.c  what it runs
 *     build_mounts.c   RUN --mount
 *     build_copies.c   what of that has to be made first
 *     build_secrets.c  secrets for them
 *     build_stubs.c    what mounting leaves in a layer
 *     build_cache.c    keys, what is known already, what is remembered
 *     build_lent.c     --cache-from
 *     build_context.c  where the files come from
 *     build_say.c      what is told meanwhile
 *
 * Only 13-engine includes this.
 */
#ifndef BUILD_H
#define BUILD_H

#include "copyset.h"
#include "dockerfile.h"
#include "draft.h"
#include "engine.h"
#include "record.h"
#include "stage.h"
#include "stages.h"
#include "stepcache.h"
#include "words.h"

#include <signal.h>

/* --- where the files come from -------------------------------------------- */

struct build;
struct build_context {
    struct stage stage;    /* of a context that came as an archive */
    struct tree tree;      /* one directory */
    struct ignore *ignore; /* .dockerignore; NULL: there is none */
    struct filesum *sums;
};

/* Open it, unpack it if need be, and read .dockerignore and the Dockerfile. */
int build_context_open(struct build *b, struct err *e);
void build_context_close(struct build_context *context);

/* --- the build ------------------------------------------------------------ */

struct build {
    struct engine *engine;
    struct engine_build *order;
    struct build_context context;
    struct strv args, automatic; /* --build-arg; TARGETARCH=... */
    struct text source;          /* the Dockerfile */
    struct dockerfile file;
    struct stages stages;
    struct build_state *states; /* one for each stage; what it came to */
    struct filesum *layer_sums; /* of files in layers */
    json_t *steps;              /* the build cache, as far as we know it */
    json_t *made;               /* what was added to it by this build */
    json_t *lent;               /* layers of --cache-from, by their keys */
    struct strv used;           /* keys that were found in it */
    size_t step, n_steps;
    const struct build_stage *stage; /* the one at hand, or NULL */
    size_t before;                   /* steps of the stages before it */
    /* The instruction at hand, for the error's excerpt. */
    const struct dockerfile_instruction *at;
    bool has_date; /* SOURCE_DATE_EPOCH is this build's; and it was so before */
    char *date_before;
};

/* build_order.c: limits and date; the second undoes the first. */
int build_order_begin(struct build *b, struct err *e);
void build_order_end(struct build *b);

/* A step that was worked out and not written yet. */
struct build_pending {
    char key[DIGEST_SIZE];
    json_t *inputs;
    struct image_draft draft;
};

/* How far a stage is. */
struct build_state {
    struct build *b;
    const struct build_stage *stage;
    bool has_image;     /* `image` has been read */
    struct image image; /* the newest with a layer of its own, or the base */
    struct image_draft draft; /* sealed: the image as it is now */
    struct build_pending *pending;
    size_t n_pending;
    struct strv args;       /* ARGs in scope, NAME=value */
    struct strv env;        /* args and the image's variables: for words.h */
    char base[DIGEST_SIZE]; /* the id of what it began with; "": nothing */
    bool is_cmd_set;        /* by this stage */
    char *author;
};

void build_state_done(struct build_state *state);
/* The object under "config" in the image's configuration. Borrowed. */
json_t *build_config(const struct build_state *state);
/* Expand one word, or a flag's value. Caller frees *ret. */
int build_expand(struct build_state *state, const char *word, char **ret,
                 struct err *e);
/* The layers as they are now, as a tree; caller closes. */
int build_open_tree(const struct build_state *state, struct tree *ret,
                    struct err *e);
/* build_from.c: an image by its name; one that is missing is pulled, for the
 * stage's platform or, where that is NULL, the build's. */
int build_find_image(struct build *b, const char *name, const char *platform,
                     struct image *ret, struct err *e);
/* An absolute path, relative to the working directory if it is not one. Caller
 * frees. */
char *build_absolute(const struct build_state *state, const char *path);

/* --- the steps, one for each kind of instruction -------------------------- */

typedef int build_step(struct build_state *state,
                       const struct dockerfile_instruction *ins, struct err *e);
build_step build_do_from, build_do_config, build_do_arg, build_do_workdir,
    build_do_copy, build_do_run, build_do_maintainer;

/* build.c: one instruction by the table; a trigger of ONBUILD is one too. */
int build_do(struct build_state *state,
             const struct dockerfile_instruction *ins, struct err *e);
/* build.c: a stage; those that it needs are built. */
int build_stage(struct build *b, size_t stage, struct err *e);
/* build_stages.c: all stages that are needed. */
int build_stages(struct build *b, struct err *e);
/* The signals that end a build, and leave nothing of it. */
void build_signals(sigset_t *set);

/* build_config.c: the variables changed. */
void build_renew_env(struct build_state *state);
/* After all stages: which of --build-arg did no ARG take? */
void build_say_unused(struct build *b);
/* build_run.c: of NAME=value, is the name one that needs no ARG? */
bool build_is_proxy(const char *assignment);

/* --- the cache ------------------------------------------------------------ */

/* The step leads to `draft`, which has no new layer: told, and remembered. */
int build_add_empty(struct build_state *state, const char *created_by,
                    struct err *e);

/* A step with a layer: what goes into it (taken). */
struct build_layer {
    json_t *inputs;
    char key[DIGEST_SIZE];
    struct text files; /* what copyset_digest lists; may be empty */
};
#define auto_build_layer __attribute__((cleanup(build_layer_done)))
void build_layer_done(struct build_layer *layer);
/* Work out the key. 1: the step is known, and the state has gone on to it; 0:
 * it has to be done, and the state is written down as far as it is. */
int build_find_layer(struct build_state *state, struct build_layer *layer,
                     struct err *e);
/* Make the layer: image_commit with what is here. Nothing is told. */
struct build_commit {
    const char *created_by;
    int (*pack)(void *arg, const struct pack_options *out,
                struct pack_size *ret, struct err *e);
    void *arg;
};
int build_add_layer(struct build_state *state, struct build_layer *layer,
                    const struct build_commit *commit, struct err *e);
/* build_lent.c: the layers of the images of --cache-from that are here. */
int build_lent_open(struct build *b, struct err *e);
/* The image with the layer that one of them has for this key. 1, or 0: none
 * has. */
int build_lent_take(struct build_state *state, const struct build_layer *layer,
                    struct image *ret, struct err *e);
/* What a layer's line of history says of its key, for builds elsewhere. Caller
 * frees. */
char *build_lent_comment(const char *key);
/* Where the step at hand stands: context, Dockerfile and number. Caller frees.
 */
char *build_place(const struct build *b);
/* Write down what is pending. */
int build_flush(struct build_state *state, struct err *e);

/* Put all layers since the base into one. */
int build_squash(struct build_state *state, struct err *e);

/* SOURCE_DATE_EPOCH, or now; true if it is given. */
bool build_now(struct timespec *ret);

/* --- COPY and ADD --------------------------------------------------------- */

/* build_archive.c: is it a tar, perhaps packed, whatever its name? Left at its
 * beginning, if it is. */
bool build_is_archive(int fd);
/* A layer_source.read of the descriptor that `arg` points to. */
ssize_t build_read_fd(void *arg, void *bytes, size_t len);
/* Make the directory NAME of the stage, which is opened if need be, and add it
 * to the tree. Its descriptor, the tree's. */
int build_open_part(struct build *b, struct stage *stage, const char *name,
                    struct tree *ret, struct err *e);
/* The same with an archive unpacked in it. */
struct build_archive {
    const char *name;
    struct layer_source source;
    bool is_roots; /* whoever it says its files belong to */
};
int build_unpack(struct build *b, struct stage *stage,
                 const struct build_archive *archive, struct tree *ret,
                 struct err *e);

/* --- RUN ------------------------------------------------------------------ */

/* The words of its process; and all of them, for people. Caller frees. */
char *build_command(const struct build_state *state,
                    const struct dockerfile_instruction *ins,
                    struct strv *argv);

/* Remove what was made in the upper directory to mount these on. */
void build_remove_stubs(const struct tree *image, int upper,
                        const json_t *host);

/* --- telling -------------------------------------------------------------- */

/* What happened to the step at hand, and the bytes that go with it. */
void build_tell(struct build *b, enum engine_build_kind kind, const char *bytes,
                size_t len);
/* A line on its way, and one that is wanted for itself. */
void build_note(struct build *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void build_say(struct build *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* " ---> 1f3e5d7c9b0a", on its way. */
void build_say_id(struct build *b, const char *id);
/* --explain: the inputs of a step, and what became of them. */
void build_explain(struct build_state *state, const struct build_layer *layer,
                   bool is_known);
/* And at its end, the layers of each stage. */
void build_explain_layers(struct build *b);

#endif
