/* The life of a container: start, stop, kill, wait ... */
#include "api.h"
#include "engine_server.h"

#include "field.h"
#include "own.h"
#include "proc.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>

/* How it is, as its record has it. */
static int inspect(const struct api_call *call, json_t **ret, struct err *e)
{
    return engine_inspect(call->engine, call->names[0], false, ret, e);
}

/* 127 and 126 are the client's to make of this status and the words. */
static int start(struct api_call *call, struct err *e)
{
    json_auto_t *doc = NULL;
    int r = inspect(call, &doc, e);
    if (r == 0 && field_bool(doc, "State.Running") &&
        !field_bool(doc, "State.Paused"))
        return api_answer_empty(call, 304);
    if (r == 0 && field_bool(doc, "State.Paused"))
        return api_answer_error(
            call, 409, "cannot start a paused container, try unpause instead");
    if (r == 0)
        r = engine_start(call->engine, call->names[0], NULL, e);
    if (r >= 0)
        return api_answer_empty(call, 204);
    return engine_exit_code(e) == 125 ? r : api_answer_error(call, 400, e->msg);
}

/* t=, and since 1.42 signal=. */
static int read_stop(const struct api_call *call, struct engine_stop *ret,
                     struct err *e)
{
    ret->signal = query_text(&call->query, "signal");
    ret->has_timeout = query_text(&call->query, "t") != NULL;
    if (ret->signal != NULL && proc_signal_number(ret->signal) < 0)
        return err_set(e, EINVAL, "Invalid signal: %s", ret->signal);
    return query_int(&call->query, "t", 0, &ret->timeout_s, e);
}

static int stop(struct api_call *call, struct err *e)
{
    struct engine_stop how = {.signal = NULL};
    json_auto_t *doc = NULL;
    int r = inspect(call, &doc, e);
    if (r == 0)
        r = read_stop(call, &how, e);
    if (r == 0 && !field_bool(doc, "State.Running"))
        return api_answer_empty(call, 304);
    if (r == 0)
        r = engine_stop(call->engine, call->names[0], &how, e);
    return r < 0 ? r : api_answer_empty(call, 204);
}

static int restart(struct api_call *call, struct err *e)
{
    struct engine_stop how = {.signal = NULL};
    int r = read_stop(call, &how, e);
    if (r == 0)
        r = engine_restart(call->engine, call->names[0], &how, e);
    return r < 0 ? r : api_answer_empty(call, 204);
}

static int kill_it(struct api_call *call, struct err *e)
{
    const char *name = query_text(&call->query, "signal");
    int signal = name == NULL ? SIGKILL : proc_signal_number(name);
    int r = signal > 0 ? engine_kill(call->engine, call->names[0], signal, e)
                       : err_set(e, EINVAL, "Invalid signal: %s", name);
    return r < 0 ? r : api_answer_empty(call, 204);
}

static int set_paused(struct api_call *call, bool pause, struct err *e)
{
    int r = engine_pause(call->engine, call->names[0], pause, e);
    return r < 0 ? r : api_answer_empty(call, 204);
}

static int pause_it(struct api_call *call, struct err *e)
{
    return set_paused(call, true, e);
}

static int unpause(struct api_call *call, struct err *e)
{
    return set_paused(call, false, e);
}

/* --- wait ----------------------------------------------------------------- */

/* Until there is something to hear, and as long as somebody wants to know. */
static int hear_end(struct api_call *call, struct engine_server_link *link,
                    struct err *e)
{
    while (link->waiting != NULL) {
        struct pollfd fd = {.fd = link->fd, .events = POLLIN};
        if (poll(&fd, 1, -1) < 0 && errno != EINTR)
            return err_sys(e, errno, "poll");
        if (fd.revents == 0)
            continue;
        int r = engine_server_meet(link, e);
        if (r < 0)
            return r;
    }
    return engine_server_hear_end(call->engine, link, e);
}

/* The head of the answer goes out before there is anything to tell: `docker
 * run` starts the container when it has seen that.
 *
 * @lab 14.6 not-running unless another known condition is asked for; wait by
 * the engine; the head; the end, or nobody who wants to know; one line */
static int wait_for(struct api_call *call, struct err *e)
{
    static const char *const known[] = {"not-running", "next-exit", "removed"};
    const char *condition = query_text(&call->query, "condition");
    condition = condition != NULL ? condition : known[0];
    bool is_known = false;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        is_known |= strcmp(condition, known[i]) == 0;
    if (!is_known)
        return err_set(e, EINVAL, "invalid condition: \"%s\"", condition);
    auto_engine_server_link struct engine_server_link link =
        ENGINE_SERVER_LINK_INIT;
    int r =
        engine_server_wait(call->engine, call->names[0], condition, &link, e);
    if (r < 0)
        return r;
    http_begin(call->http, 200, "application/json");
    if (r == 0) {
        http_end_with_client(call->http);
        r = link.code = hear_end(call, &link, e);
    }
    json_auto_t *answer =
        r < 0 ? json_pack("{s:{s:o}, s:i}", "Error", "Message",
                          api_words(e->msg), "StatusCode", 125)
              : json_pack("{s:n, s:i}", "Error", "StatusCode", link.code);
    api_send_line(call, answer);
    return http_end(call->http);
}

const struct api_route api_life_routes[] = {
    {"POST", "/containers/{}/start",   start,    0},
    {"POST", "/containers/{}/stop",    stop,     0},
    {"POST", "/containers/{}/restart", restart,  0},
    {"POST", "/containers/{}/kill",    kill_it,  0},
    {"POST", "/containers/{}/pause",   pause_it, 0},
    {"POST", "/containers/{}/unpause", unpause,  0},
    {"POST", "/containers/{}/wait",    wait_for, 0},
    {NULL,   NULL,                     NULL,     0},
};
