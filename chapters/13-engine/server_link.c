/* Links between a client far away and a container's monitor. */
#include "engine_server.h"
#include "run.h"
#include "waiting.h"

#include "field.h"
#include "own.h"
#include "streams.h"

#include <errno.h>
#include <string.h>

void engine_server_link_done(struct engine_server_link *link)
{
    if (link->waiting != NULL) {
        waiting_done(link->waiting);
        own_free(&link->waiting);
        link->fd = -1; /* it was that of `waiting` */
    }
    own_close(&link->fd);
}

int engine_server_meet(struct engine_server_link *link, struct err *e)
{
    int fd = waiting_meet(link->waiting, e);
    if (fd < 0)
        return fd;
    engine_server_link_done(link);
    link->fd = fd;
    return 0;
}

/* Say `ask` to its monitor, or leave word with whoever starts it. 1: it was
 * left. */
static int ask_or_wait(const json_t *ask, struct waiting waiting,
                       struct engine_server_link *link, struct err *e)
{
    struct engine *engine = waiting.engine;
    auto_record struct record record = {.doc = NULL};
    int r = waiting_open(&waiting, link->id, e);
    /* Who removed it meanwhile looked for us before we were there. */
    if (r == 0 && (r = record_find(engine, link->id, &record, e)) == -ENOENT)
        waiting_dismiss(engine, link->id);
    if (r == 0 && record.live && waiting_withdraw(&waiting)) {
        link->fd = run_ask_fd(engine, link->id, ask, e);
        r = link->fd;
    }
    if (r < 0 || link->fd >= 0) {
        waiting_done(&waiting);
        return r < 0 ? r : 0;
    }
    link->waiting = own_alloc(sizeof *link->waiting);
    *link->waiting = waiting;
    link->fd = waiting.fd;
    return 1;
}

int engine_server_attach(struct engine *engine, const char *name,
                         const struct engine_seat *seat,
                         struct engine_server_link *ret, struct err *e)
{
    auto_record struct record record = {.doc = NULL};
    int r = record_find(engine, name, &record, e);
    if (r < 0)
        return r;
    if (record.live && field_bool(record.doc, "State.Paused"))
        return err_set(e, EBUSY,
                       "container %s is paused, unpause the container before "
                       "attach",
                       name);
    struct engine_seat there = *seat;
    there.input = seat->input && field_bool(record.doc, "Config.OpenStdin");
    json_auto_t *ask = streams_request(&there);
    memcpy(ret->id, record.id, sizeof ret->id);
    ret->terminal = field_bool(record.doc, "Config.Tty");
    const struct waiting waiting = {
        engine, WAITING_ATTACH, (int)field_int(ask, "streams", 0), -1, NULL};
    r = ask_or_wait(ask, waiting, ret, e);
    return r == 0 ? run_hear(ret->fd, NULL, e) : r < 0 ? r : 0;
}

/* --- its end -------------------------------------------------------------- */

/* What its record says, or, where it is gone, nothing bad. */
static int recorded_code(struct engine *engine, const char *id)
{
    auto_record struct record record = {.doc = NULL};
    return record_load(engine, id, &record, NULL) < 0
               ? 0
               : (int)field_int(record.doc, "State.ExitCode", 0);
}

int engine_server_wait(struct engine *engine, const char *name,
                       const char *condition, struct engine_server_link *ret,
                       struct err *e)
{
    auto_record struct record record = {.doc = NULL};
    int r = record_find(engine, name, &record, e);
    if (r < 0)
        return r;
    memcpy(ret->id, record.id, sizeof ret->id);
    json_auto_t *ask =
        json_pack("{s:s, s:s}", "do", "wait", "condition", condition);
    const struct waiting waiting = {
        engine, WAITING_END, strcmp(condition, "removed") == 0, -1, NULL};
    if (strcmp(condition, "not-running") != 0) {
        r = ask_or_wait(ask, waiting, ret, e);
    } else {
        ret->fd = record.live ? run_ask_fd(engine, ret->id, ask, e) : -ESRCH;
        r = ret->fd;
    }
    if (r >= 0)
        return 0;
    if (r != -ESRCH)
        return r;
    ret->code = recorded_code(engine, ret->id);
    return 1;
}

int engine_server_hear_end(struct engine *engine,
                           struct engine_server_link *link, struct err *e)
{
    json_auto_t *answer = NULL;
    int r = run_hear(link->fd, &answer, e);
    if (r == 0)
        return (int)field_int(answer, "StatusCode", 0);
    return r == -EPIPE ? recorded_code(engine, link->id) : r;
}

int engine_server_resize(struct engine *engine, const char *name, int rows,
                         int columns, struct err *e)
{
    auto_record struct record record = {.doc = NULL};
    int r = record_find(engine, name, &record, e);
    if (r < 0)
        return r;
    if (!record.live)
        return err_set(e, ESRCH, "container %s is not running", record.id);
    json_auto_t *ask = json_pack("{s:s, s:i, s:i}", "do", "resize", "rows",
                                 rows, "columns", columns);
    return run_ask(engine, record.id, ask, NULL, e);
}
