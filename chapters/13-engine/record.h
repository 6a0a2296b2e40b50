/*
 * record.h - a container as it is remembered: one document, one lock.
 *
 * The document has the keys of `docker inspect`: Id, Name, Created, Image,
 * Config, HostConfig, State. It lies in ROOT/containers/ID/config.json and is
 * written durably, except for a container that removes itself (AutoRemove):
 * such a record lies in the run directory, which is memory, since after a
 * power cut there is nothing left that it could describe.
 *
 * Whoever runs a container holds RUN/ID/lock. That makes "is it alive?" a
 * question for flock(2), which no reused pid can answer wrongly.
 *
 * Only 13-engine includes this.
 */
#ifndef RECORD_H
#define RECORD_H

#include "engine.h"

#include <jansson.h>
#include <stdbool.h>
#include <sys/types.h>

struct engine {
    char *root; /* absolute path of the state root */
    int rootfd;
    char *run; /* absolute path of this root's run directory */
    int runfd;
    bool first; /* while we lay out the run directory: the first after a boot */
    struct image_store images;
    bool has_images;
    uid_t user; /* who runs us, outside of any user namespace of ours */
    bool is_root_inside; /* engine_enter was called */
    bool has_one_id;     /* and found no other ids to map */
    struct err no_group; /* ordinary users: why nothing can be limited */
};

#define RECORD_ID_LEN 64

struct record {
    char id[RECORD_ID_LEN + 1];
    json_t *doc;  /* owned */
    bool live;    /* somebody holds its lock */
    bool passing; /* it lies in the run directory */
};
#define auto_record __attribute__((cleanup(record_done)))
void record_done(struct record *record);

/* 64 hexadecimal digits? */
bool record_is_id(const char *name);
/* A new random one. */
void record_new_id(char ret_id[RECORD_ID_LEN + 1]);
/* A new random id, its run directory and its lock. The lock's descriptor is
 * what keeps the container alive for others; close-on-exec. */
int record_lock_new(struct engine *engine, char ret_id[RECORD_ID_LEN + 1],
                    struct err *e);
/* The lock of a container whose owner is gone, or -EWOULDBLOCK. */
int record_lock_dead(struct engine *engine, const char *id, struct err *e);

/* Does anybody hold it? */
bool record_is_locked(struct engine *engine, const char *id);

/* Names are symbolic links RUN/names/NAME -> ID: making one fails if it is
 * there, so that the link is its own lock. They are an index, in memory; the
 * truth is in the documents, from which record_index makes it after a boot.
 *
 * Reserve `name` for `id`. -EEXIST: another container has it, and its id is
 * in ret_owner. */
int record_name(struct engine *engine, const char *name, const char *id,
                char ret_owner[RECORD_ID_LEN + 1], struct err *e);

/* Give the name back, if it is `id`'s. */
int record_unname(struct engine *engine, const char *name, const char *id,
                  struct err *e);
int record_index(struct engine *engine, struct err *e);

int record_save(struct engine *engine, const char *id, const json_t *doc,
                struct err *e);
/* Of one that removes itself and is to be started later: durably, too. */
int record_keep(struct engine *engine, const char *id, const json_t *doc,
                struct err *e);
/* Where it cannot be saved, on a full disk: in the run directory, where it goes
 * before the one on disk until a sweep, or a change, saves it. */
int record_set_aside(struct engine *engine, const char *id, const json_t *doc,
                     struct err *e);
/* Read one by its full id. -ENOENT: there is none, so that it never came to
 * life or is being removed. Anything else is damage, and no reason to throw
 * the container away. */
int record_load(struct engine *engine, const char *id, struct record *ret,
                struct err *e);
/* The same of one that had no run directory a moment ago, with half of the
 * system calls: its document on disk, and nobody looks after it. Whether that
 * is so still, the caller sees by its state. */
int record_load_kept(struct engine *engine, const char *id, struct record *ret,
                     struct err *e);
/* By name, full id or unique beginning of an id. -ENOENT "No such
 * container", -ENOTUNIQ; another error is that of record_load, and the id is
 * in `ret` then. */
int record_find(struct engine *engine, const char *name, struct record *ret,
                struct err *e);
/* Forget it: name, documents, directories. The overlay is unmounted. */
int record_remove(struct engine *engine, const char *id, const char *name,
                  struct err *e);

/* The ids of everything there is a trace of, live or not; of what has a run
 * directory, which is all that runs or that a dead owner left (after a boot,
 * see engine.first, nothing has one). Both in order, into an empty `ret`. */
int record_ids(struct engine *engine, struct strv *ret, struct err *e);
int record_ids_present(struct engine *engine, struct strv *ret, struct err *e);

/* prune.c: let those images go that were removed while a container had them,
 * and that none has any more. */
void engine_release_images(struct engine *engine);
/* prune.c: the ids of the images that containers were made from, as keys of an
 * object. */
int engine_find_used(struct engine *engine, json_t *used, struct err *e);

/* Paths, which the caller frees. */
char *record_dir(const struct engine *engine, const char *id);
char *record_cgroup(const json_t *doc, const char *id);

#endif
