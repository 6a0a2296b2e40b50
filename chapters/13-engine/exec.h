/*
 * exec.h - private: what one more process in a container is to be.
 *
 * The rules are the container's own, where the request does not say otherwise;
 * `docker exec` and the probes of a health check are planned alike.
 */
#ifndef EXEC_H
#define EXEC_H

#include "ctr.h"
#include "record.h"

/* In which container it is, and how events name it. */
struct exec_base {
    struct engine *engine;
    const json_t *container; /* its record */
    char id[RECORD_ID_LEN + 1];
};

/* Fill in the process of `ret` (SPEC_INIT). `request` is the body of POST
 * /containers/NAME/exec. */
int exec_plan(const struct exec_base *exec, const struct ctr_identity *target,
              const json_t *request, struct spec *ret, struct err *e);

/* Write down "exec_detach"; or "exec_create: sh -c date"; or its end, which has
 * one that could not be started, too. */
void exec_tell(const struct exec_base *exec, const char *action);
void exec_tell_command(const struct exec_base *exec, const char *action,
                       const struct strv *args);
void exec_tell_end(const struct exec_base *exec, int code);

/* Start one, with a keeper of its own: the connection to it, at which its
 * streams come; -errno, as engine_exec. */
struct exec_order {
    const char *name;      /* the container */
    const json_t *request; /* of POST /containers/NAME/exec */
    const json_t *ask;     /* streams_request; NULL: nobody sits there */
    bool input;
    const char
        *id; /* of one that exec_state_create has written down, or NULL */
};
struct exec_started {
    struct record record; /* the container; the caller's, also on error */
    struct exec_base base;
};
int exec_start(struct engine *engine, const struct exec_order *order,
               struct exec_started *ret, struct err *e);

/* exec_state.c: RUN/ID/execs/EXEC.json, for one that is made first and started
 * later, and asked about when it has ended. It goes with the container. */
int exec_state_create(const struct exec_base *exec, const json_t *request,
                      struct err *e);
void exec_state_begin(const struct exec_base *exec, int pidfd);
void exec_state_end(const struct exec_base *exec, int code);
/* By its id, in whichever container it is. -ENOENT. */
int exec_state_load(struct engine *engine, const char *id, json_t **ret,
                    struct err *e);
/* Where its keeper listens, below RUN. The caller frees it. */
char *exec_state_socket(const struct exec_base *exec);

#endif
