/*
 * engine_server.h - the engine for a server, which acts for others.
 *
 * engine.h's functions sit in front of a container themselves, with the
 * caller's own terminal. A server has a client instead, far away, whose
 * requests come one by one and in any order: attach, wait, and only then
 * start. What it gets here is a link to the container's monitor; it carries
 * frames (frame.h) to and fro.
 *
 *     struct engine_server_link link = ENGINE_SERVER_LINK_INIT;
 *     engine_server_attach(engine, "web", &seat, &link, &e);
 *     while (link.waiting != NULL) ... poll link.fd ... engine_server_meet ...
 *     ... frames: FRAME_OUTPUT, FRAME_ERROR, then FRAME_END or end of file ...
 *
 * A link to a container that does not run yet waits for it: link.fd is readable
 * when somebody is there to be met.
 *
 * Errors: as in engine.h.
 */
#ifndef ENGINE_SERVER_H
#define ENGINE_SERVER_H

#include "engine.h"

/* Be the only server of this state root: a descriptor, for as long as it runs;
 * -EADDRINUSE. */
int engine_server_lock(struct engine *engine, struct err *e);
/* A program of ours that is not this one; NULL: it is not installed. The caller
 * frees it. */
char *engine_server_helper(const char *name);
/* Start what its restart policy wants to run after a boot, or after a server
 * was gone. Of one that cannot be started its own record tells. */
int engine_server_start_again(struct engine *engine, struct err *e);

/* A connection to a monitor, or to the keeper of an exec. */
struct engine_server_link {
    int fd;
    struct waiting *waiting; /* private; NULL: connected */
    char id[ENGINE_ID_SIZE]; /* of the container */
    bool terminal;           /* its streams are one */
    int code;                /* of engine_server_wait */
};
#define auto_engine_server_link                                                \
    __attribute__((cleanup(engine_server_link_done)))
#define ENGINE_SERVER_LINK_INIT                                                \
    {                                                                          \
        .fd = -1                                                               \
    }
void engine_server_link_done(struct engine_server_link *link);
/* Somebody can be met: 0 when connected. */
int engine_server_meet(struct engine_server_link *link, struct err *e);

/* docker attach, to a container in any state: the streams of `seat`, from now
 * or from its start. -EBUSY: it is paused. */
int engine_server_attach(struct engine *engine, const char *name,
                         const struct engine_seat *seat,
                         struct engine_server_link *ret, struct err *e);
/* docker wait; `condition` as engine_wait has it. 1: there is nothing to wait
 * for, and its exit code is link.code; 0: engine_server_hear_end, when
 * something can be read from the link, or when it has been met. */
int engine_server_wait(struct engine *engine, const char *name,
                       const char *condition, struct engine_server_link *ret,
                       struct err *e);
/* The exit code. */
int engine_server_hear_end(struct engine *engine,
                           struct engine_server_link *link, struct err *e);
/* The terminal's size. -ESRCH: it does not run. */
int engine_server_resize(struct engine *engine, const char *name, int rows,
                         int columns, struct err *e);

/* What a list of containers (of all, or of those that run) depends on, but for
 * the time: while this text is the same, and engine_sweep finds nothing, so is
 * the list. False: that cannot be told yet. For who is asked a thousand times a
 * second. */
bool engine_server_stamp(struct engine *engine, bool all, struct text *ret);

/* docker exec in two steps. `request` is the body of POST
 * /containers/NAME/exec. -ESRCH: the container does not run; -EBUSY: it is
 * paused. */
int engine_server_exec_create(struct engine *engine, const char *name,
                              const json_t *request,
                              char ret_id[ENGINE_ID_SIZE], struct err *e);
/* Start it, once: -EALREADY. With detach nobody sits there, and link.fd only
 * tells the end. Errors besides are those of engine_exec. */
int engine_server_exec_start(struct engine *engine, const char *id, bool detach,
                             struct engine_server_link *ret, struct err *e);
/* As GET /exec/ID/json answers. -ENOENT: there is none, or its container has
 * ended. Caller json_decref()s. */
int engine_server_exec_inspect(struct engine *engine, const char *id,
                               json_t **ret, struct err *e);
int engine_server_exec_resize(struct engine *engine, const char *id, int rows,
                              int columns, struct err *e);

#endif
