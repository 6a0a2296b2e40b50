/*
 * run.h - a container in the hands of whoever looks after it.
 *
 * A container has one owner at a time, who holds its lock: whoever creates it,
 * while it is being made (run.c); then, from start to end, its monitor, a
 * small process of its own (start.c, monitor.c). The owner alone changes the
 * record. Everybody else asks the monitor (ask.c), or, where there is none,
 * takes the lock and is the owner for a moment.
 *
 * Only 13-engine includes this.
 */
#ifndef RUN_H
#define RUN_H

#include "ctr.h"
#include "image.h"
#include "record.h"
#include "snap.h"
#include "wiring.h"

/* One container, held by its lock. */
struct run {
    struct engine *engine;
    char id[RECORD_ID_LEN + 1];
    char *name;
    int lock;
    bool removes; /* HostConfig.AutoRemove */
    bool told_id; /* the cidfile is ours */
    bool unclean; /* something could not be undone: a sweep will */
    bool is_new;  /* nobody knows of it yet: what fails is undone */
    /* It is being created, which needs less to be there than a start; did the
     * plan find less? Then the start has to plan anew. */
    bool is_draft, waits;
    struct image image;
    json_t *doc;
    struct spec spec;
    struct snap snap;
    struct ctr ctr;
    struct wiring wiring;
    const struct engine_create *order; /* while it is being created */
};
#define RUN_INIT                                                               \
    {                                                                          \
        .lock = -1, .spec = SPEC_INIT, .ctr = CTR_INIT                         \
    }
#define auto_run __attribute__((cleanup(run_done)))
/* Close and free; the container itself stays as it is. */
void run_done(struct run *run);

/* run.c: make it, up to a record on disk and a spec in memory. All or nothing.
 * `ret` is RUN_INIT. */
int run_create(struct run *ret, struct engine *engine,
               const struct engine_create *order, struct err *e);
/* The spec of a container that is there: defaults and options once more, for
 * its next start. */
int run_plan(struct run *run, struct err *e);
/* The writable layer anew, and empty: an overlay or (snapshots.h) a copy. */
int run_renew_snapshot(struct run *run, struct err *e);
/* As if it had never been. */
int run_remove(struct run *run, struct err *e);
/* Before each start: what it needs of its networks. Undone by run_unwire. */
int run_wire(struct run *run, struct err *e);
/* After its end, or a start that failed; again is fine. */
int run_unwire(struct run *run, struct err *e);
/* For ctr_options.created: write down who its first process is, and connect it
 * to its networks while it waits. */
int run_meet_process(void *run, pid_t pid, struct err *e);
/* Where its hosts and resolv.conf lie; caller frees. */
char *run_etc_dir(const struct engine *engine, const char *id);
/* Nobody looks after it any more: its lock is free, what is in the run
 * directory is gone. */
int run_release(struct run *run, struct err *e);

/* start.c: take a container that is there and does not run. -EALREADY: it has
 * an owner. */
int run_take(struct run *ret, struct engine *engine, const char *name,
             struct err *e);
/* Its image, which a start needs and a change does not: images can be removed
 * by force. */
int run_find_image(struct run *run, struct err *e);
/* Hand it over to a monitor and start it; run->lock is the monitor's then.
 * *ret_fd is a connection to it, which asked for the streams that `ask`, a
 * request "attach" (NULL: none), names. The error is the container's own, and
 * what became of it is as engine_start says. */
int run_start(struct run *run, const json_t *ask, int *ret_fd, struct err *e);

/* monitor.c: what the monitor does; `client` is the other end of *ret_fd. Does
 * not return. */
void monitor_main(struct run *run, int client, const json_t *ask)
    __attribute__((noreturn));

/* ask.c: ask a container's monitor and wait for the answer, whose error is
 * ours. -ESRCH: it has none. */
int run_ask(struct engine *engine, const char *id, const json_t *request,
            json_t **ret, struct err *e);

/* The same in two parts: the connection, with the request on its way; and its
 * answer. */
int run_ask_fd(struct engine *engine, const char *id, const json_t *request,
               struct err *e);
int run_hear(int fd, json_t **ret, struct err *e);

/* change.c: do a request that is the same whether it runs or not: {"do":
 * "rename", "name": ...} or {"do": "update", "host": {...}}. The lock is held.
 */
int run_change(struct run *run, const json_t *ask, struct err *e);

/* "brave_hopper", or, when that was taken, "brave_hopper7"; caller frees. */
char *run_random_name(bool is_taken);

/* record.h's document, brought up to date: what `inspect` shows as State. */
void run_set_running(json_t *doc, pid_t pid);
void run_set_exited(json_t *doc, int exit_code, bool oom_killed);
/* It waits to be started again. */
void run_set_restarting(json_t *doc, int exit_code, bool oom_killed);
void run_set_paused(json_t *doc, bool paused);
/* Its start failed. */
void run_set_failed(json_t *doc, int exit_code, const char *why);
/* Does the document say that it runs, if only frozen or between two starts? */
bool run_is_active(const json_t *doc);

/* Finish what the owner of `id` left, if it is dead. True if it was. */
bool run_sweep_one(struct engine *engine, const char *id);

#endif
