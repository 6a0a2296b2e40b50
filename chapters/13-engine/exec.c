/* docker exec: one more process in a container that runs, with a keeper of its
 * own. */
#include "run.h"

#include "events.h"
#include "exec.h"
#include "field.h"
#include "hub.h"
#include "keeper.h"
#include "own.h"
#include "plan.h"
#include "proc.h"
#include "streams.h"
#include "talk.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

struct exec {
    struct engine *engine;
    const char *id;
    struct exec_base base;
    struct ctr_identity target;
    struct spec spec;  /* of it only the process counts */
    char *group;       /* an ordinary user's container may have none */
    const json_t *ask; /* NULL: nobody sits there */
    bool input;
    bool is_kept; /* its state is written down: exec_state.c */
    /* The keeper's: */
    struct loop *loop;
    struct hub *hub;
    int pidfd;
};

/* What cannot be begun has ended so, for who asks later: Docker's status for an
 * exec of which nothing better is known. */
enum { NOT_INVOKED = 126 };

/* --- what it shall be ----------------------------------------------------- */

/* The container's document, with what the request says in place of it: so one
 * set of rules decides about both. */
static json_t *make_document(const json_t *container, const json_t *request)
{
    static const char *const replaced[] = {"Cmd", "User", "WorkingDir", "Tty"};
    json_t *doc = json_deep_copy(container);
    json_t *config = json_object_get(doc, "Config");
    json_t *host = json_object_get(doc, "HostConfig");
    json_object_set_new(config, "Entrypoint", json_null());
    json_object_set_new(config, "Tty", json_false());
    for (size_t i = 0; i < sizeof replaced / sizeof replaced[0]; i++) {
        json_t *value = json_object_get(request, replaced[i]);
        if (value != NULL)
            json_object_set(config, replaced[i], value);
    }
    if (!json_is_array(json_object_get(config, "Env")))
        json_object_set_new(config, "Env", json_array());
    json_array_extend(json_object_get(config, "Env"),
                      json_object_get(request, "Env"));
    json_object_set_new(host, "Init", json_false());
    if (field_bool(request, "Privileged"))
        json_object_set_new(host, "Privileged", json_true());
    json_object_set(host, "ConsoleSize",
                    json_object_get(request, "ConsoleSize"));
    return doc;
}

/* Users and groups are those that the container's files name now. */
int exec_plan(const struct exec_base *exec, const struct ctr_identity *target,
              const json_t *request, struct spec *ret, struct err *e)
{
    json_auto_t *doc = make_document(exec->container, request);
    auto_strv struct strv root = {0};
    strv_addf(&root, "/proc/%d/root", (int)target->pid);
    struct plan plan = {
        .engine = exec->engine,
        .layers = &root,
        .doc = doc,
        .id = field_string(exec->container, "Id"),
        .spec = ret,
        .privileged = field_bool(doc, "HostConfig.Privileged"),
    };
    int r = plan_process(&plan, e);
    if (r == 0)
        r = plan_security(&plan, e);
    ret->process.cwd_exists = true;
    return r;
}

static void tell(const struct exec_base *exec, const char *action,
                 json_t *attributes)
{
    json_object_set_new(attributes, "execID", json_string(exec->id));
    events_of_container(exec->engine, exec->container, action, attributes);
}

void exec_tell(const struct exec_base *exec, const char *action)
{
    tell(exec, action, json_object());
}

void exec_tell_end(const struct exec_base *exec, int code)
{
    tell(exec, "exec_die",
         json_pack("{s:o}", "exitCode", json_sprintf("%d", code)));
}

void exec_tell_command(const struct exec_base *exec, const char *action,
                       const struct strv *args)
{
    auto_text struct text text = {0};
    text_addf(&text, "%s:", action);
    for (size_t i = 0; i < args->n; i++)
        text_addf(&text, " %s", args->v[i]);
    exec_tell(exec, text.s);
}

/* --- the keeper ----------------------------------------------------------- */

static void on_signal(void *arg, int signal)
{
    const struct exec *exec = arg;
    proc_signal(exec->pidfd, signal, NULL);
}

static void on_ask(void *arg, struct hub_client *client, const char *text)
{
    const struct exec *exec = arg;
    json_auto_t *ask = json_loads(text, 0, NULL);
    const struct frame_size size = streams_size(ask);
    struct err why = {0};
    if (field_is(ask, "do", "resize"))
        hub_resize(exec->hub, &size);
    else
        err_set(&why, ENOSYS, "not here");
    auto_free char *answer = streams_answer(&why, NULL);
    hub_answer(client, answer);
}

static void on_left(void *arg, struct hub_client *client)
{
    const struct exec *exec = arg;
    (void)client;
    if (exec->pidfd < 0 && hub_is_idle(exec->hub))
        loop_stop(exec->loop);
}

static void on_end(void *arg, uint32_t events)
{
    struct exec *exec = arg;
    (void)events;
    loop_remove(exec->loop, exec->pidfd);
    hub_drain(exec->hub);
    struct err why = {0};
    int code = proc_wait(exec->pidfd, &why);
    own_close(&exec->pidfd);
    code = code < 0 ? STREAMS_UNKNOWN : code;
    exec_tell_end(&exec->base, code);
    if (exec->is_kept)
        exec_state_end(&exec->base, code);
    hub_ended(exec->hub, code, why.msg);
    if (hub_is_idle(exec->hub))
        loop_stop(exec->loop);
}

static int open_all(struct exec *exec, int client, struct err *e)
{
    struct hub_client *first = NULL;
    int r = loop_open(&exec->loop, e);
    const struct hub_options options = {
        .loop = exec->loop,
        .input = exec->input,
        .input_once = true,
        .ask = on_ask,
        .signal = on_signal,
        .left = on_left,
        .arg = exec,
    };
    if (r == 0)
        r = hub_open(&exec->hub, &options, e);
    if (r == 0)
        r = hub_add(exec->hub, client, &first, e);
    if (r == 0 && exec->ask != NULL)
        hub_attach(first, (int)field_int(exec->ask, "streams", 0));
    auto_free char *path = exec_state_socket(&exec->base);
    return r == 0 && exec->is_kept
               ? hub_listen(exec->hub, exec->engine->runfd, path, e)
               : r;
}

static int start(struct exec *exec, struct err *e)
{
    struct streams streams;
    struct ctr_options options = {.dies_with_us = true,
                                  .cgroup_optional = true};
    int r = streams_make(&streams, exec->hub, exec->spec.process.terminal,
                         &options, e);
    if (r == 0)
        r = exec->pidfd = ctr_exec(&exec->target, exec->group,
                                   &exec->spec.process, &options, e);
    r = streams_take(&streams, exec->hub, r, e);
    return r < 0 ? r
                 : loop_add(exec->loop, exec->pidfd, EPOLLIN, on_end, exec, e);
}

static void work(void *arg, int client)
{
    struct exec *exec = arg;
    struct err why = {0};
    exec_tell_command(&exec->base, "exec_start", &exec->spec.process.args);
    int r = open_all(exec, client, &why);
    if (r == 0)
        r = start(exec, &why);
    int code = r < 0 ? engine_exit_code(&why) : 0;
    if (code == 125 && exec->is_kept)
        code = NOT_INVOKED;
    if (r >= 0)
        why.code = 0;
    else
        exec_tell_end(&exec->base, code);
    if (exec->is_kept && r < 0)
        exec_state_end(&exec->base, code);
    else if (exec->is_kept)
        exec_state_begin(&exec->base, exec->pidfd);
    streams_tell(client, &why);
    if (r >= 0)
        loop_run(exec->loop, NULL);
}

/* --- the request ---------------------------------------------------------- */

static int refuse_ended(const char *id, struct err *e)
{
    return err_set(e, ESRCH, "container %s is not running", id);
}

static int find_target(struct exec *exec, const char *name,
                       struct record *record, struct err *e)
{
    int r = record_find(exec->engine, name, record, e);
    if (r < 0)
        return r;
    exec->id = record->id;
    if (!record->live || !run_is_active(record->doc))
        return refuse_ended(record->id, e);
    if (field_bool(record->doc, "State.Paused"))
        return err_set(e, EBUSY,
                       "Container %s is paused, unpause the container before "
                       "exec",
                       name);
    if (field_is(record->doc, "State.Status", "restarting"))
        return err_set(e, EBUSY,
                       "Container %s is restarting, wait until the container "
                       "is running",
                       record->id);
    auto_free char *path = text_format("%s/state", record->id);
    r = ctr_identity_load(exec->engine->runfd, path, &exec->target, e);
    return r == -ENOENT ? refuse_ended(record->id, e) : r;
}

int exec_start(struct engine *engine, const struct exec_order *order,
               struct exec_started *ret, struct err *e)
{
    struct exec exec = {.engine = engine,
                        .spec = SPEC_INIT,
                        .ask = order->ask,
                        .input = order->input,
                        .is_kept = order->id != NULL,
                        .pidfd = -1};
    int r = find_target(&exec, order->name, &ret->record, e);
    ret->base = (struct exec_base){engine, ret->record.doc, ""};
    if (order->id != NULL)
        memcpy(ret->base.id, order->id, sizeof ret->base.id);
    else
        record_new_id(ret->base.id);
    exec.base = ret->base;
    if (r == 0)
        r = exec_plan(&exec.base, &exec.target, order->request, &exec.spec, e);
    if (r < 0 && exec.is_kept && ret->record.doc != NULL)
        exec_state_end(&exec.base, NOT_INVOKED);
    auto_fd int fd = -1;
    if (r == 0) {
        exec.group = record_cgroup(ret->record.doc, ret->record.id);
        if (!exec.is_kept)
            exec_tell_command(&exec.base, "exec_create",
                              &exec.spec.process.args);
        r = fd = keeper_start(engine, -1, work, &exec, e);
    }
    if (r >= 0)
        r = run_hear(fd, NULL, e);
    /* It may end at any moment, and then whatever was tried next has failed
     * in words of its own. On its way out it has no namespaces to join any
     * more, which is ESRCH, before it can be seen to have ended. */
    if (r == -ESRCH ||
        (r < 0 && exec.target.pid > 0 && ctr_identity_has_ended(&exec.target)))
        r = refuse_ended(ret->record.id, e);
    spec_done(&exec.spec);
    own_free(&exec.group);
    return r < 0 ? r : fd_take(&fd);
}

int engine_exec(struct engine *engine, const char *name, const json_t *request,
                struct engine_seat *seat, struct err *e)
{
    auto_attach struct attach attach = ATTACH_INIT;
    struct exec_started started = {.record.doc = NULL};
    json_auto_t *ask = seat != NULL ? streams_request(seat) : NULL;
    const struct exec_order order = {name, request, ask,
                                     seat != NULL && seat->input, NULL};
    int r = seat != NULL
                ? streams_open(&attach, field_bool(request, "Tty"), seat, e)
                : 0;
    auto_fd int fd = r < 0 ? r : exec_start(engine, &order, &started, e);
    r = fd < 0 ? fd : 0;
    if (r == 0 && seat != NULL)
        r = streams_sit(&attach, fd, seat, e);
    if (r == ENGINE_DETACHED)
        exec_tell(&started.base, "exec_detach");
    record_done(&started.record);
    return r;
}
