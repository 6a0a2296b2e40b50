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

#endif
