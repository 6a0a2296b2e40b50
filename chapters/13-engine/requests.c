/* What others ask a monitor for: one table. */
#include "monitor.h"

#include "field.h"
#include "own.h"
#include "proc.h"
#include "streams.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

static void answer(struct hub_client *client, const struct err *e, json_t *more)
{
    auto_free char *text = streams_answer(e, more);
    hub_answer(client, text);
}

/* --- waiting for the end -------------------------------------------------- */

void monitor_add_waiter(struct monitor *m, struct hub_client *client,
                        bool removed)
{
    struct monitor_waiter *waiter = own_alloc(sizeof *waiter);
    *waiter = (struct monitor_waiter){m->waiters, client, removed};
    m->waiters = waiter;
}

void monitor_tell_waiters(struct monitor *m, int code, bool removed)
{
    static const struct err fine = {0};
    struct monitor_waiter **at = &m->waiters;
    while (*at != NULL) {
        struct monitor_waiter *waiter = *at;
        if (waiter->removed && !removed) {
            at = &waiter->next;
            continue;
        }
        *at = waiter->next;
        answer(waiter->client, &fine, json_pack("{s:i}", "StatusCode", code));
        hub_dismiss(waiter->client);
        own_free(&waiter);
    }
}

void monitor_forget(struct monitor *m, struct hub_client *client)
{
    struct monitor_waiter **at = &m->waiters;
    while (*at != NULL && (*at)->client != client)
        at = &(*at)->next;
    struct monitor_waiter *waiter = *at;
    if (waiter != NULL)
        *at = waiter->next;
    own_free(&waiter);
    if (m->done && hub_is_idle(m->hub))
        loop_stop(m->loop);
}

/* --- the requests --------------------------------------------------------- */

/* What a request needs to be answered; 1: the answer comes later. */
typedef int (*request_fn)(struct monitor *m, struct hub_client *client,
                          const json_t *ask, struct err *e);

static int do_attach(struct monitor *m, struct hub_client *client,
                     const json_t *ask, struct err *e)
{
    (void)e;
    hub_attach(client, (int)field_int(ask, "streams", 0));
    monitor_tell(m, "attach", NULL);
    return 0;
}

/* A frozen process hears nothing, but of its death: and on v1 not even that. */
static int send_signal(struct monitor *m, int signal, struct err *e)
{
    int r = monitor_signal(m, signal, e);
    if (r == 0 && signal == SIGKILL && field_bool(m->run->doc, "State.Paused"))
        cg_thaw(&m->run->ctr.cg, NULL);
    return r;
}

/* As with Docker: after a deadly signal that a person asked for, no policy
 * starts it again. */
static int do_kill(struct monitor *m, struct hub_client *client,
                   const json_t *ask, struct err *e)
{
    (void)client;
    int signal = (int)field_int(ask, "signal", SIGKILL);
    int r = send_signal(m, signal, e);
    m->stopped = m->stopped || (r == 0 && signal == SIGKILL);
    return r;
}

static void on_kill_timer(void *arg)
{
    struct monitor *m = arg;
    m->kill_timer = 0;
    send_signal(m, SIGKILL, NULL);
}

static int do_stop(struct monitor *m, struct hub_client *client,
                   const json_t *ask, struct err *e)
{
    int64_t timeout_s = field_int(ask, "timeout", -1);
    int signal = (int)field_int(ask, "signal", SIGTERM);
    int r =
        m->runs ? monitor_signal(m, timeout_s == 0 ? SIGKILL : signal, e) : 0;
    if (r < 0)
        return r;
    m->stopped = true;
    m->is_stopping |= !field_bool(ask, "removal");
    monitor_add_waiter(m, client, true);
    if (!m->runs) { /* between two starts */
        monitor_finish_restarting(m);
        return 1;
    }
    if (field_bool(m->run->doc, "State.Paused"))
        cg_thaw(&m->run->ctr.cg, NULL);
    if (timeout_s > 0 && m->kill_timer <= 0)
        m->kill_timer =
            loop_timer(m->loop, timeout_s * 1000, on_kill_timer, m, NULL);
    return 1;
}

static int do_pause(struct monitor *m, struct hub_client *client,
                    const json_t *ask, struct err *e)
{
    (void)client;
    bool pause = field_is(ask, "do", "pause");
    struct run *run = m->run;
    /* On v1 what is frozen does not die: who waits for its end would wait for
     * ever. */
    if (!m->runs || (pause && m->is_dying))
        return err_set(e, ESRCH, "container %s is not running", run->id);
    if (field_bool(run->doc, "State.Paused") == pause)
        return err_set(e, EALREADY, "Container %s is %s paused", run->id,
                       pause ? "already" : "not");
    if (pause) /* while a probe can still be ended */
        monitor_stop_health(m);
    int r = pause ? cg_freeze(&run->ctr.cg, e) : cg_thaw(&run->ctr.cg, e);
    if (!pause || r < 0)
        monitor_resume_health(m);
    if (r < 0)
        return r;
    run_set_paused(run->doc, pause);
    monitor_tell(m, pause ? "pause" : "unpause", NULL);
    return monitor_save(m, e);
}

static int do_wait(struct monitor *m, struct hub_client *client,
                   const json_t *ask, struct err *e)
{
    (void)e;
    if (!m->runs && field_is(ask, "condition", "not-running")) {
        static const struct err fine = {0};
        answer(
            client, &fine,
            json_pack("{s:I}", "StatusCode",
                      (json_int_t)field_int(m->run->doc, "State.ExitCode", 0)));
        return 1;
    }
    monitor_add_waiter(m, client, field_is(ask, "condition", "removed"));
    return 1;
}

static int do_change(struct monitor *m, struct hub_client *client,
                     const json_t *ask, struct err *e)
{
    (void)client;
    return run_change(m->run, ask, e);
}

static int do_resize(struct monitor *m, struct hub_client *client,
                     const json_t *ask, struct err *e)
{
    (void)client;
    (void)e;
    const struct frame_size size = streams_size(ask);
    hub_resize(m->hub, &size);
    monitor_tell(m, "resize",
                 json_pack("{s:o, s:o}", "height",
                           json_sprintf("%u", size.rows), "width",
                           json_sprintf("%u", size.columns)));
    return 0;
}

static const struct {
    const char *name;
    request_fn act;
} requests[] = {
    {"attach",     do_attach},
    {"kill",       do_kill  },
    {"stop",       do_stop  },
    {"pause",      do_pause },
    {"unpause",    do_pause },
    {"wait",       do_wait  },
    {"rename",     do_change},
    {"update",     do_change},
    {"connect",    do_change},
    {"disconnect", do_change},
    {"resize",     do_resize},
};

void monitor_request(void *arg, struct hub_client *client, const char *text)
{
    struct monitor *m = arg;
    json_auto_t *ask = json_loads(text, 0, NULL);
    struct err why = {0};
    int r = err_set(&why, ENOSYS, "the monitor does not know this request");
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        if (!field_is(ask, "do", requests[i].name))
            continue;
        why.code = 0;
        r = requests[i].act(m, client, ask, &why);
        break;
    }
    if (r != 1)
        answer(client, &why, NULL);
}
