/* The life of a container, as others ask for it: create, start, stop ... */
#include "run.h"

#include "engine_check.h"
#include "events.h"
#include "field.h"
#include "own.h"
#include "proc.h"
#include "snapshots.h"
#include "streams.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

/* `r` is how somebody's sitting there ended: did he leave by his keys? */
static int tell_left(struct engine *engine, const json_t *doc, int r)
{
    if (r == ENGINE_DETACHED)
        events_of_container(engine, doc, "detach", NULL);
    return r;
}

/* Hand over a container that is ours, and sit there where a seat is given. */
static int start_and_sit(struct run *run, struct engine_seat *seat,
                         struct err *e)
{
    auto_attach struct attach attach = ATTACH_INIT;
    auto_fd int fd = -1;
    json_auto_t *ask = seat != NULL ? streams_request(seat) : NULL;
    int r =
        seat != NULL
            ? streams_open(&attach, field_bool(run->doc, "Config.Tty"), seat, e)
            : 0;
    if (r == 0)
        r = run_start(run, ask, &fd, e);
    return r < 0 || seat == NULL ? r
                                 : tell_left(run->engine, run->doc,
                                             streams_sit(&attach, fd, seat, e));
}

/* --- create, run, start, attach ------------------------------------------- */

int engine_create(struct engine *engine, const struct engine_create *order,
                  char ret_id[ENGINE_ID_SIZE], struct err *e)
{
    auto_run struct run run = RUN_INIT;
    int r = run_create(&run, engine, order, e);
    if (r == 0)
        r = record_keep(engine, run.id, run.doc, e);
    if (r < 0)
        return r;
    memcpy(ret_id, run.id, ENGINE_ID_SIZE);
    return run_release(&run, e);
}

static int run_once(struct engine *engine, const struct engine_create *order,
                    struct engine_seat *seat, char ret_id[ENGINE_ID_SIZE],
                    struct err *e)
{
    auto_run struct run run = RUN_INIT;
    int r = run_create(&run, engine, order, e);
    if (r < 0)
        return r;
    memcpy(ret_id, run.id, ENGINE_ID_SIZE);
    return start_and_sit(&run, seat, e);
}

int engine_run(struct engine *engine, const struct engine_create *order,
               struct engine_seat *seat, char ret_id[ENGINE_ID_SIZE],
               struct err *e)
{
    struct err unused;
    e = e != NULL ? e : &unused;
    ret_id[0] = '\0';
    int r = run_once(engine, order, seat, ret_id, e);
    /* Once in the life of a state root that has no overlays. */
    if (r < 0 && ret_id[0] != '\0' && snapshots_learn(engine, e->code)) {
        engine_remove(engine, ret_id, ENGINE_FORCE, NULL);
        r = run_once(engine, order, seat, ret_id, e);
    }
    return r;
}

static int start_once(struct engine *engine, const char *name, bool renew,
                      struct engine_seat *seat, struct err *e)
{
    auto_run struct run run = RUN_INIT;
    int r = run_take(&run, engine, name, e);
    /* What runs already is started, as with Docker. */
    if (r == -EALREADY)
        return seat != NULL ? engine_attach(engine, name, seat, e) : 0;
    if (r == 0)
        r = run_find_image(&run, e);
    if (r == 0 && renew)
        r = run_renew_snapshot(&run, e);
    return r < 0 ? r : start_and_sit(&run, seat, e);
}

/* Has its program never run? Then its layer is empty. */
static bool is_fresh(struct engine *engine, const char *name)
{
    auto_record struct record record = {.doc = NULL};
    return record_find(engine, name, &record, NULL) == 0 &&
           field_is(record.doc, "State.Status", "created");
}

int engine_start(struct engine *engine, const char *name,
                 struct engine_seat *seat, struct err *e)
{
    struct err unused;
    e = e != NULL ? e : &unused;
    int r = start_once(engine, name, false, seat, e);
    if (r < 0 && is_fresh(engine, name) && snapshots_learn(engine, e->code))
        r = start_once(engine, name, true, seat, e);
    return r;
}

int engine_attach(struct engine *engine, const char *name,
                  struct engine_seat *seat, struct err *e)
{
    auto_record struct record record = {.doc = NULL};
    int r = record_find(engine, name, &record, e);
    if (r < 0)
        return r;
    static const char hint[] = "cannot attach to a %s container, %s it first";
    if (!record.live || !run_is_active(record.doc))
        return err_set(e, ESRCH, hint, "stopped", "start");
    if (field_bool(record.doc, "State.Paused"))
        return err_set(e, EBUSY, hint, "paused", "unpause");
    if (field_bool(record.doc, "State.Restarting"))
        return err_set(e, EBUSY,
                       "cannot attach to a restarting container, wait until "
                       "it is running");
    seat->input = seat->input && field_bool(record.doc, "Config.OpenStdin");
    auto_attach struct attach attach = ATTACH_INIT;
    json_auto_t *ask = streams_request(seat);
    r = streams_open(&attach, field_bool(record.doc, "Config.Tty"), seat, e);
    auto_fd int fd = r < 0 ? -1 : run_ask_fd(engine, record.id, ask, e);
    if (r == 0)
        r = fd < 0 ? fd : run_hear(fd, NULL, e);
    return r < 0 ? r
                 : tell_left(engine, record.doc,
                             streams_sit(&attach, fd, seat, e));
}

/* --- what is asked of its monitor ----------------------------------------- */

/* Ask the monitor of `name`; the request is taken. A monitor that is gone
 * before it answers has seen the container end. */
static int ask_about(struct engine *engine, const char *name, json_t *ask,
                     struct err *e)
{
    json_auto_t *request = ask;
    auto_record struct record record = {.doc = NULL};
    int r = record_find(engine, name, &record, e);
    if (r == 0)
        r = run_ask(engine, record.id, request, NULL, e);
    return r != -EPIPE
               ? r
               : err_set(e, ESRCH, "container %s is not running", record.id);
}

int engine_kill(struct engine *engine, const char *name, int signal,
                struct err *e)
{
    int r =
        ask_about(engine, name,
                  json_pack("{s:s, s:i}", "do", "kill", "signal", signal), e);
    return r < 0 ? err_add(e, "cannot kill container: %s", name) : r;
}

int engine_pause(struct engine *engine, const char *name, bool pause,
                 struct err *e)
{
    const char *what = pause ? "pause" : "unpause";
    auto_record struct record record = {.doc = NULL};
    int r = record_find(engine, name, &record, e);
    if (r == 0)
        r = ask_about(engine, record.id, json_pack("{s:s}", "do", what), e);
    return r == -ESRCH && !pause
               ? err_set(e, ESRCH, "Container %s is not paused", record.id)
               : r;
}

/* Signal and time-out: as asked, else as the container says, else Docker's. */
static json_t *stop_request(const json_t *doc, const struct engine_stop *how)
{
    enum { TIMEOUT_S = 10 };
    const char *signal = how->signal != NULL
                             ? how->signal
                             : field_string(doc, "Config.StopSignal");
    int number = signal != NULL ? proc_signal_number(signal) : SIGTERM;
    int64_t timeout_s = how->has_timeout
                            ? how->timeout_s
                            : field_int(doc, "Config.StopTimeout", TIMEOUT_S);
    return json_pack("{s:s, s:i, s:I, s:b}", "do", "stop", "signal",
                     number > 0 ? number : SIGTERM, "timeout",
                     (json_int_t)timeout_s, "removal", how->for_removal);
}

int engine_stop(struct engine *engine, const char *name,
                const struct engine_stop *how, struct err *e)
{
    auto_record struct record record = {.doc = NULL};
    int r = record_find(engine, name, &record, e);
    if (r < 0)
        return r;
    json_auto_t *ask = stop_request(record.doc, how);
    struct err why = {0};
    r = run_ask(engine, record.id, ask, NULL, &why);
    /* What does not run is stopped. */
    if (r >= 0 || r == -ESRCH || r == -EPIPE)
        return 0;
    return err_set(e, -r, "cannot stop container: %s: %s", name, why.msg);
}

int engine_restart(struct engine *engine, const char *name,
                   const struct engine_stop *how, struct err *e)
{
    auto_record struct record record = {.doc = NULL};
    int r = engine_stop(engine, name, how, e);
    if (r == 0)
        r = engine_start(engine, name, NULL, e);
    if (r == 0 && record_find(engine, name, &record, NULL) == 0)
        events_of_container(engine, record.doc, "restart", NULL);
    return r;
}

int engine_wait(struct engine *engine, const char *name, const char *condition,
                struct err *e)
{
    auto_record struct record record = {.doc = NULL};
    json_auto_t *answer = NULL;
    int r = record_find(engine, name, &record, e);
    if (r < 0)
        return r;
    json_auto_t *ask =
        json_pack("{s:s, s:s}", "do", "wait", "condition", condition);
    r = run_ask(engine, record.id, ask, &answer, e);
    if (r == 0)
        return (int)field_int(answer, "StatusCode", 0);
    if (r != -ESRCH && r != -EPIPE)
        return r;
    /* It has ended meanwhile, or before. */
    struct record ended = {.doc = NULL};
    r = record_load(engine, record.id, &ended, NULL);
    int code =
        (int)field_int(r == 0 ? ended.doc : record.doc, "State.ExitCode", 0);
    record_done(&ended);
    return code;
}

/* A change is its monitor's to make, or, where it has none, ours. */
static int change(struct engine *engine, const char *name, json_t *ask,
                  struct err *e)
{
    json_auto_t *request = ask;
    auto_run struct run run = RUN_INIT;
    int r = run_take(&run, engine, name, e);
    if (r == -EALREADY)
        return run_ask(engine, run.id, request, NULL, e);
    if (r < 0)
        return r;
    r = run_change(&run, request, e);
    int released = run_release(&run, r < 0 ? NULL : e);
    return r < 0 ? r : released;
}

int engine_rename(struct engine *engine, const char *name, const char *to,
                  struct err *e)
{
    int r = engine_check_name(to, e);
    return r < 0
               ? err_add(e, "Error when allocating new name")
               : change(engine, name,
                        json_pack("{s:s, s:s}", "do", "rename", "name", to), e);
}

int engine_network_connect(struct engine *engine, const char *network,
                           const char *container, const json_t *config,
                           struct err *e)
{
    return change(engine, container,
                  json_pack("{s:s, s:s, s:O?}", "do", "connect", "network",
                            network, "config", config),
                  e);
}

/* By force: who is not there may have left a plug, which sweeping takes out. */
static int refuse_force(struct engine *engine, const char *network,
                        const char *container, struct err *e)
{
    json_auto_t *found = NULL;
    int r = network_load(engine, network, &found, e);
    return r < 0 ? r : err_set(e, ENOENT, "endpoint %s not found", container);
}

int engine_network_disconnect(struct engine *engine, const char *network,
                              const char *container, bool force, struct err *e)
{
    auto_record struct record record = {.doc = NULL};
    int r = record_find(engine, container, &record, e);
    if (r == -ENOENT && force)
        return refuse_force(engine, network, container, e);
    return r < 0 ? r
                 : change(engine, container,
                          json_pack("{s:s, s:s, s:b}", "do", "disconnect",
                                    "network", network, "force", force),
                          e);
}

int engine_update(struct engine *engine, const char *name, const json_t *host,
                  struct err *e)
{
    json_auto_t *doc = json_pack("{s:O}", "HostConfig", host);
    int r = engine_check_limits(doc, e);
    return r < 0 ? r
                 : change(engine, name,
                          json_pack("{s:s, s:O}", "do", "update", "host", host),
                          e);
}
