/* docker exec: one more process in a container that runs. */
#include "api.h"
#include "bridge.h"
#include "shape.h"

#include "field.h"
#include "own.h"

#include <errno.h>
#include <string.h>

static int create(struct api_call *call, struct err *e)
{
    char id[ENGINE_ID_SIZE];
    int r = shape_check(call->body, shape_exec, e);
    if (r == 0)
        r = engine_server_exec_create(call->engine, call->names[0], call->body,
                                      id, e);
    return r < 0 ? r : api_answer(call, 201, json_pack("{s:s}", "Id", id));
}

/* What cannot be executed is told in the stream: the client hears the exit code
 * from /exec/ID/json. */
static int tell_failure(const struct bridge *bridge, const struct err *e)
{
    auto_free char *line = text_format("%s\r\n", e->msg);
    return bridge_send_piece(bridge, 1, line, strlen(line), NULL);
}

/* Once. What it is to have is known from when it was made. */
static int check_start(struct api_call *call, bool *ret_terminal, struct err *e)
{
    json_auto_t *doc = NULL;
    int r = engine_server_exec_inspect(call->engine, call->names[0], &doc, e);
    if (r < 0)
        return r;
    *ret_terminal = field_bool(doc, "ProcessConfig.tty");
    return !field_bool(doc, "Running") &&
                   json_is_null(json_object_get(doc, "ExitCode"))
               ? 0
               : err_set(e, EALREADY, "exec command %s is already running",
                         call->names[0]);
}

/* The client has its answer before the program runs. */
static int start_and_sit(struct api_call *call, struct bridge *bridge,
                         struct err *e)
{
    int r = bridge_open(bridge, call, e);
    if (r < 0)
        return r;
    r = engine_server_exec_start(call->engine, call->names[0], false,
                                 bridge->link, e);
    return r < 0 ? tell_failure(bridge, e) : bridge_run(bridge, e);
}

static int start(struct api_call *call, struct err *e)
{
    auto_engine_server_link struct engine_server_link link =
        ENGINE_SERVER_LINK_INIT;
    auto_bridge struct bridge bridge = {.link = &link, .input = true};
    bool detach = field_bool(call->body, "Detach");
    int r = shape_check(call->body, shape_exec_start, e);
    if (r == 0)
        r = api_read_keys(call, &bridge.keys, e);
    if (r == 0)
        r = check_start(call, &link.terminal, e);
    if (r == 0 && !detach)
        return start_and_sit(call, &bridge, e);
    if (r == 0)
        r = engine_server_exec_start(call->engine, call->names[0], true, &link,
                                     e);
    return r < 0 ? r : api_answer_empty(call, 200);
}

static int inspect(struct api_call *call, struct err *e)
{
    json_t *doc = NULL;
    int r = engine_server_exec_inspect(call->engine, call->names[0], &doc, e);
    return r < 0 ? r : api_answer(call, 200, doc);
}

static int resize(struct api_call *call, struct err *e)
{
    int64_t rows, columns;
    int r = api_read_size(call, &rows, &columns, e);
    if (r == 0)
        r = engine_server_exec_resize(call->engine, call->names[0], (int)rows,
                                      (int)columns, e);
    return r < 0 ? r : api_answer_empty(call, 200);
}

const struct api_route api_exec_routes[] = {
    {"POST", "/containers/{}/exec", create,  API_BODY},
    {"POST", "/exec/{}/start",      start,   API_BODY},
    {"GET",  "/exec/{}/json",       inspect, 0       },
    {"POST", "/exec/{}/resize",     resize,  0       },
    {NULL,   NULL,                  NULL,    0       },
};
