/* The same for each of several things that a command line names. */
#include "command.h"

#include "field.h"
#include "own.h"
#include "proc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* As many as Docker's command line has on their way at a time. */
enum { AT_ONCE = 50 };

/* --force: what is not there need not be removed. */
static void tell(struct call *call, const char *operand, const struct err *why)
{
    if (why->code == ENOENT && field_bool(call->doc, "Force")) {
        command_complain(why->msg);
        return;
    }
    strv_add(&call->failures, why->msg);
    strv_add(&call->failed, operand);
}

int command_each(struct call *call, command_act *act, struct err *e)
{
    auto_engine struct engine *engine = NULL;
    int r = engine_open(&engine, call->root, e);
    if (r < 0)
        return r;
    for (size_t i = 0; i < call->operands.n; i++) {
        struct err why = {0};
        if (act(engine, call, call->operands.v[i], &why) < 0)
            tell(call, call->operands.v[i], &why);
    }
    return call->failures.n > 0 ? 1 : 0;
}

/* --- at once -------------------------------------------------------------- */

/* A process that does it to one of them. What came of it is a struct err, which
 * goes through a pipe in one write. */
struct worker {
    int pidfd, news;
};

struct work {
    struct engine *engine;
    struct call *call;
    command_act *act;
};

static void act_one(const struct work *work, size_t i, struct err *ret)
{
    *ret = (struct err){0};
    int r = work->act(work->engine, work->call, work->call->operands.v[i], ret);
    if (r >= 0)
        ret->code = 0;
}

static int start(struct worker *worker, const struct work *work, size_t i,
                 struct err *e)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return err_sys(e, errno, "pipe");
    worker->news = ends[0];
    int pid = proc_clone(0, -1, &worker->pidfd, e);
    if (pid == 0) {
        struct err why;
        proc_die_with_parent(NULL);
        act_one(work, i, &why);
        _exit(write(ends[1], &why, sizeof why) != sizeof why);
    }
    own_close(&ends[1]);
    if (pid < 0)
        own_close(&worker->news);
    return pid < 0 ? pid : 0;
}

static void finish(struct worker *worker, const char *name, struct err *ret)
{
    if (command_read_fd(&worker->news, ret, sizeof *ret) != sizeof *ret)
        err_set(ret, EPIPE, "%s: whoever did it was killed", name);
    proc_wait(worker->pidfd, NULL);
    own_close(&worker->news);
    own_close(&worker->pidfd);
}

/* One alone needs no other process: nor does the oldest, where there can be no
 * more of them. */
int command_each_at_once(struct call *call, command_act *act, struct err *e)
{
    struct worker workers[AT_ONCE];
    size_t n = call->operands.n, begun = 0;
    auto_engine struct engine *engine = NULL;
    int r = engine_open(&engine, call->root, e);
    if (r < 0)
        return r;
    const struct work work = {engine, call, act};
    fflush(NULL);
    for (size_t i = 0; i < n; i++) {
        struct err why = {0};
        while (n > 1 && begun < n && begun - i < AT_ONCE &&
               start(&workers[begun % AT_ONCE], &work, begun, NULL) == 0)
            begun++;
        if (i < begun) {
            finish(&workers[i % AT_ONCE], call->operands.v[i], &why);
        } else {
            act_one(&work, i, &why);
            begun = i + 1;
        }
        if (why.code == 0)
            puts(call->operands.v[i]);
        else
            tell(call, call->operands.v[i], &why);
    }
    return call->failures.n > 0 ? 1 : 0;
}
