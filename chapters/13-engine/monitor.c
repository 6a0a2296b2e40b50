/* The monitor: with the container from its start to its end, and again. */
#include "monitor.h"

#include "events.h"
#include "field.h"
#include "own.h"
#include "plan.h"
#include "proc.h"
#include "streams.h"
#include "trace.h"
#include "volume.h"
#include "waiting.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

/* Docker's: each restart waits twice as long as the one before, from 100 ms to
 * a minute; who has run for ten seconds begins anew. */
enum {
    FIRST_DELAY_MS = 100,
    LAST_DELAY_MS = 60 * 1000,
    SETTLED_S = 10,
};

void monitor_tell(const struct monitor *m, const char *action, json_t *more)
{
    events_of_container(m->run->engine, m->run->doc, action, more);
}

int monitor_save(struct monitor *m, struct err *e)
{
    return record_save(m->run->engine, m->run->id, m->run->doc, e);
}

int monitor_signal(struct monitor *m, int signal, struct err *e)
{
    if (!m->runs)
        return err_set(e, ESRCH, "container %s is not running", m->run->id);
    int r = proc_signal(m->run->ctr.pidfd, signal, e);
    m->is_dying |= r == 0 && signal == SIGKILL;
    if (r == 0)
        monitor_tell(m, "kill",
                     json_pack("{s:o}", "signal", json_sprintf("%d", signal)));
    return r;
}

static void on_signal(void *arg, int signal)
{
    monitor_signal(arg, signal, NULL);
}

static void on_left(void *arg, struct hub_client *client)
{
    monitor_forget(arg, client);
}

/* --- its end -------------------------------------------------------------- */

static void cancel(struct monitor *m, int *timer)
{
    loop_cancel(m->loop, *timer);
    *timer = 0;
}

/* Nothing more happens: all that is left is to tell it. */
static void conclude(struct monitor *m, int code, const struct err *unclean)
{
    m->done = true;
    cancel(m, &m->kill_timer);
    hub_ended(m->hub, code, unclean->code != 0 ? unclean->msg : "");
    monitor_tell_waiters(m, code, true);
    loop_stop(m->loop);
}

/* --rm: as if it had never been. Otherwise it stays, exited. `unclean` is told
 * beside the code: the first thing that went wrong after its end. */
static void finish(struct monitor *m, int code, bool oom_killed,
                   struct err *unclean)
{
    struct run *run = m->run;
    struct err why = {0};
    trace_step_begin("exited", "13", "its exit code and its files stay");
    run_set_exited(run->doc, code, oom_killed);
    json_object_set_new(run->doc, "HasBeenManuallyStopped",
                        json_integer(m->stopped));
    int r = run->removes ? 0 : monitor_save(m, &why);
    trace_step_end(r);
    if (m->is_stopping)
        monitor_tell(m, "stop", NULL);
    /* Where it could not be written down, on a full disk, what is left in the
     * run directory tells the end, and brings a sweep here. */
    if (run->removes)
        r = run_remove(run, &why);
    else if (r == 0)
        r = run_release(run, &why);
    else
        record_set_aside(run->engine, run->id, run->doc, NULL);
    if (unclean->code == 0 && r < 0)
        *unclean = why;
    conclude(m, code, unclean);
}

void monitor_finish_restarting(struct monitor *m)
{
    cancel(m, &m->restart_timer);
    struct err unclean = {0};
    finish(m, (int)field_int(m->run->doc, "State.ExitCode", 0),
           field_bool(m->run->doc, "State.OOMKilled"), &unclean);
}

static bool wants_restart(const struct monitor *m, int code)
{
    const json_t *policy = field_get(m->run->doc, "HostConfig.RestartPolicy");
    int64_t most = field_int(policy, "MaximumRetryCount", 0);
    if (m->stopped)
        return false;
    if (field_is(policy, "Name", "on-failure"))
        return code != 0 &&
               (most == 0 || field_int(m->run->doc, "RestartCount", 0) < most);
    return field_is(policy, "Name", "always") ||
           field_is(policy, "Name", "unless-stopped");
}

static int start_container(struct monitor *m, struct err *e);

static void on_restart(void *arg)
{
    struct monitor *m = arg;
    struct err why = {0};
    m->restart_timer = 0;
    int64_t count = field_int(m->run->doc, "RestartCount", 0) + 1;
    json_object_set_new(m->run->doc, "RestartCount", json_integer(count));
    if (start_container(m, &why) == 0)
        return;
    int code = engine_exit_code(&why);
    run_set_failed(m->run->doc, code, why.msg);
    finish(m, code, false, &why);
}

static void restart_later(struct monitor *m, int code, bool oom_killed)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    bool settled = now.tv_sec - m->started.tv_sec >= SETTLED_S;
    m->delay_ms = m->delay_ms == 0 || settled       ? FIRST_DELAY_MS
                  : m->delay_ms * 2 < LAST_DELAY_MS ? m->delay_ms * 2
                                                    : LAST_DELAY_MS;
    run_set_restarting(m->run->doc, code, oom_killed);
    monitor_save(m, NULL);
    hub_ended(m->hub, code, "");
    monitor_tell_waiters(m, code, false);
    m->restart_timer = loop_timer(m->loop, m->delay_ms, on_restart, m, NULL);
}

static void tell_end(const struct monitor *m, int code, bool oom_killed)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (oom_killed)
        monitor_tell(m, "oom", NULL);
    events_died(m->run->engine, m->run->doc, code,
                now.tv_sec - m->started.tv_sec -
                    (now.tv_nsec < m->started.tv_nsec));
}

static void on_end(void *arg, uint32_t events)
{
    struct monitor *m = arg;
    struct run *run = m->run;
    struct err unclean = {0}, why;
    (void)events;
    loop_remove(m->loop, run->ctr.pidfd);
    m->runs = false;
    cancel(m, &m->kill_timer);
    monitor_stop_health(m);
    hub_drain(m->hub);
    int code = proc_wait(run->ctr.pidfd, &why);
    if (code < 0) {
        unclean = why;
        code = STREAMS_UNKNOWN;
    }
    struct cg_stats stats = {0};
    bool oom_killed = code == 137 &&
                      cg_get_stats(&run->ctr.cg, &stats, NULL) == 0 &&
                      stats.oom_kills > 0;
    run->unclean = ctr_destroy(&run->ctr, &why) < 0;
    if (run->unclean && unclean.code == 0)
        unclean = why;
    run->ctr = (struct ctr)CTR_INIT;
    tell_end(m, code, oom_killed);
    if (run_unwire(run, &why) < 0 && unclean.code == 0)
        unclean = why;
    events_of_mounts(run->engine, run->doc, "unmount");
    if (!run->unclean && wants_restart(m, code))
        restart_later(m, code, oom_killed);
    else
        finish(m, code, oom_killed, &unclean);
}

/* --- its start ------------------------------------------------------------ */

static int start_process(struct monitor *m, struct err *e)
{
    struct run *run = m->run;
    struct streams streams;
    struct ctr_options options = {
        .dies_with_us = true,
        .created = run_meet_process,
        .arg = run,
    };
    int r =
        streams_make(&streams, m->hub, run->spec.process.terminal, &options, e);
    run->wiring.serving = monitor_watch_server;
    run->wiring.arg = m;
    if (r == 0)
        r = run_wire(run, e);
    if (r == 0)
        r = ctr_create(&run->ctr, &run->spec, &options, e);
    /* Before it runs: it may be over by the time that we do again. */
    clock_gettime(CLOCK_MONOTONIC, &m->started);
    if (r == 0)
        r = ctr_start(&run->ctr, e);
    r = streams_take(&streams, m->hub, r, e);
    if (r == 0)
        r = loop_add(m->loop, run->ctr.pidfd, EPOLLIN, on_end, m, e);
    return r;
}

static int start_container(struct monitor *m, struct err *e)
{
    struct run *run = m->run;
    /* run_create has made the spec already. */
    int r = run->is_new ? 0 : run_plan(run, e);
    if (r == 0 && !run->is_new)
        r = volume_use(run->engine, run->doc, &run->spec, e);
    run->is_new = false;
    if (r == 0)
        r = start_process(m, e);
    /* What runs is written down, or does not run: others read it there. */
    if (r == 0) {
        run_set_running(run->doc, run->ctr.pid);
        json_object_set_new(run->doc, "HasBeenManuallyStopped",
                            json_integer(0));
        monitor_begin_health(m);
        r = monitor_save(m, e);
    }
    if (r < 0) {
        /* It has undone itself; whether all of that went well is looked at. */
        monitor_stop_health(m);
        loop_remove(m->loop, run->ctr.pidfd);
        ctr_destroy(&run->ctr, NULL);
        run->ctr = (struct ctr)CTR_INIT;
        run->unclean = ctr_remove_remains(run->spec.cgroup, NULL) < 0;
        run_unwire(run, NULL);
        hub_drain(m->hub);
        return r;
    }
    m->runs = true;
    m->is_dying = false;
    events_of_mounts(run->engine, run->doc, "mount");
    monitor_tell(m, "start", NULL);
    return 0;
}

/* --- the process ---------------------------------------------------------- */

static int open_log(struct monitor *m, struct err *e)
{
    struct log_options options;
    bool kept;
    int r = plan_log_options(m->run->doc, &kept, &options, e);
    if (r < 0 || !kept)
        return r;
    auto_free char *name =
        text_format("containers/%s/%s-json.log", m->run->id, m->run->id);
    return log_open(&m->log, m->run->engine->rootfd, name, &options, e);
}

/* Who was there before us. */
static void meet(void *arg, int fd, char kind, int detail)
{
    struct monitor *m = arg;
    struct hub_client *client = NULL;
    if (hub_add(m->hub, fd, &client, NULL) < 0)
        return;
    if (kind == WAITING_END)
        monitor_add_waiter(m, client, detail != 0);
    else
        hub_attach(client, detail);
    if (kind == WAITING_ATTACH)
        monitor_tell(m, "attach", NULL);
}

static int open_all(struct monitor *m, int client, const json_t *ask,
                    struct err *e)
{
    struct hub_client *first = NULL;
    int r = loop_open(&m->loop, e);
    if (r == 0)
        r = open_log(m, e);
    const struct hub_options options = {
        .loop = m->loop,
        .log = m->log,
        .input = field_bool(m->run->doc, "Config.OpenStdin"),
        .input_once = field_bool(m->run->doc, "Config.StdinOnce"),
        .ask = monitor_request,
        .signal = on_signal,
        .left = on_left,
        .arg = m,
    };
    if (r == 0)
        r = hub_open(&m->hub, &options, e);
    auto_free char *path = text_format("%s/socket", m->run->id);
    if (r == 0)
        r = hub_listen(m->hub, m->run->engine->runfd, path, e);
    if (r >= 0)
        r = hub_add(m->hub, client, &first, e);
    if (r >= 0 && ask != NULL) {
        hub_attach(first, (int)field_int(ask, "streams", 0));
        monitor_tell(m, "attach", NULL);
    }
    if (r >= 0)
        waiting_each(m->run->engine, m->run->id, meet, m);
    return r < 0 ? r : 0;
}

/* A container whose start failed is there still, as before, and tells why;
 * but for one that removes itself. */
static void give_up(struct monitor *m, const struct err *why)
{
    struct run *run = m->run;
    int code = engine_exit_code(why);
    run_set_failed(run->doc, code, why->msg);
    if (run->removes)
        run_remove(run, NULL);
    else if (monitor_save(m, NULL) == 0)
        run_release(run, NULL);
    monitor_tell_waiters(m, code, true);
}

void monitor_main(struct run *run, int client, const json_t *ask)
{
    struct monitor m = {.run = run};
    struct err why = {0};
    json_object_set_new(run->doc, "RestartCount", json_integer(0));
    int r = open_all(&m, client, ask, &why);
    if (r == 0)
        r = start_container(&m, &why);
    if (r < 0)
        give_up(&m, &why);
    else
        why.code = 0;
    streams_tell(client, &why);
    /* There may be many of us; most of the memory was for the start. */
    malloc_trim(0);
    if (r == 0)
        r = loop_run(m.loop, NULL);
    /* Who reads slowly gets all of it. */
    while (r == 0 && !hub_is_idle(m.hub))
        r = loop_run(m.loop, NULL);
    trace_leave(); /* who reads it has what he waited for */
    wiring_cut_cables(&run->wiring);
    _exit(r < 0);
}
