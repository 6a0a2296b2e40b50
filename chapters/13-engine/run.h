/*
 * run.h - the engine's part of `run`: a table around chapter 06's table.
 *
 * Only 13-engine includes this.
 */
#ifndef RUN_H
#define RUN_H

#include "ctr.h"
#include "image.h"
#include "record.h"
#include "relay.h"
#include "snap.h"

/* One container on its way from a request to an exit code. */
struct run {
    struct engine *engine;
    struct engine_run *request;
    char id[RECORD_ID_LEN + 1];
    char *name;
    int lock;     /* held while we own the container */
    bool removes; /* HostConfig.AutoRemove */
    bool started; /* its program ran */
    bool named;   /* the name is reserved for us */
    bool told_id; /* the cidfile is ours */
    bool unclean; /* something could not be undone: a sweep will */
    struct image image;
    json_t *doc;
    struct spec spec;
    struct snap snap;
    struct relay relay;
    int ends[3];
    struct ctr ctr;
};

/* "brave_hopper", or, when that was taken, "brave_hopper7"; caller frees. */
char *run_random_name(bool is_taken);

/* record.h's document, brought up to date: what `inspect` shows as State. */
void run_set_running(json_t *doc, pid_t pid);
void run_set_exited(json_t *doc, int exit_code, bool oom_killed);

/* Finish what the owner of `id` left, if it is dead. True if it was. */
bool run_sweep_one(struct engine *engine, const char *id);

#endif
