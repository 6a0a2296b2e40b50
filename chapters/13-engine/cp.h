/*
 * cp.h - where a copied thing goes, and under which name: for the command
 * line's cp, and for requests that come from another one's.
 *
 * `docker cp` packs the source as an archive and unpacks that in a directory;
 * all of its rules follow from two answers: which directory, and what the
 * archive's first name is. Both sides are the same here: a root that paths are
 * resolved in, which is a container's or our own.
 */
#ifndef CP_H
#define CP_H

#include "engine.h"
#include "err.h"
#include "layer.h"

#include <stdbool.h>
#include <sys/stat.h>

/* One side of a copy. */
struct cp_side {
    int root;              /* a container's; -1: our own files */
    const char *container; /* as it was named; NULL on our side */
    const char *path;      /* as it was written */
};

/* Does the path say, by "/" or "/." at its end, that it is a directory? */
bool cp_asserts_directory(const char *path);
bool cp_says_current(const char *path); /* ends in "/.", or is "." */
/* The directory and the last part; of what ends in "/." the last is ".".
 * Caller frees both. */
void cp_split(const char *path, char **ret_dir, char **ret_base);

/* Where the path leads, link after link if it follows them, up to as many as
 * the kernel would follow: a directory and a name in there. Caller frees both.
 * -ELOOP. */
int cp_find(const struct cp_side *side, const char *path, bool follows,
            char **ret_dir, char **ret_base);
/* cp_side.c: open beneath the side's root. An O_PATH descriptor or -errno;
 * the last part is followed, or not. */
int cp_open(const struct cp_side *side, const char *path, bool follows);

/* What is to be copied: a descriptor of the directory that it is in, and its
 * name there ("" for that directory itself); and its name in an archive. */
struct cp_source {
    int parent;
    char *path, *name;
    bool is_dir;
};
#define auto_cp_source __attribute__((cleanup(cp_source_done)))
int cp_source_open(const struct cp_side *side, bool follows,
                   struct cp_source *ret, struct err *e);
void cp_source_done(struct cp_source *source);

/* Where it goes: a directory, and the archive's first name, which is taken out
 * of the source where the destination is a directory. */
struct cp_target {
    int dir;
    char *name;
};
#define auto_cp_target __attribute__((cleanup(cp_target_done)))
int cp_target_open(const struct cp_side *side, const struct cp_source *source,
                   struct cp_target *ret, struct err *e);
/* The directory that the destination is to be made in. */
int cp_target_in(const struct cp_side *side, const char *dir,
                 struct cp_target *ret, struct err *e);
/* For an archive from outside: a directory that is there. */
int cp_target_directory(const struct cp_side *side, struct cp_target *ret,
                        struct err *e);
void cp_target_done(struct cp_target *target);

/* Whom a container's processes are (Config.User), as its own files say. */
int cp_owner(struct engine *engine, const struct cp_side *side,
             struct layer_rules *ret, struct err *e);

#endif
