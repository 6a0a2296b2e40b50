/* docker exec: one more process in a container that runs. */
#include "api.h"
#include "bridge.h"

#include "field.h"
#include "own.h"

#include <string.h>

static int create(struct api_call *call, struct err *e)
{
    char id[ENGINE_ID_SIZE];
    int r = api_need_body(call, e);
    if (r == 0)
        r = engine_server_exec_create(call->engine, call->names[0], call->body,
                                      id, e);
    return r < 0 ? r : api_answer(call, 201, json_pack("{s:s}", "Id", id));
}

/* What cannot be executed is told in the stream: the client hears the exit code
 * from /exec/ID/json. */
static int tell_failure(struct api_call *call, bool terminal,
                        const struct err *e)
{
    auto_text struct text early = {0}, piece = {0};
    auto_free char *line = text_format("%s\r\n", e->msg);
    char head[8];
    bridge_put_head(head, 1, strlen(line));
    if (!terminal)
        text_addn(&piece, head, sizeof head);
    text_add(&piece, line);
    int fd = http_hijack(call->http, bridge_type(call, terminal), &early);
    return fd < 0 ? fd : bridge_send(fd, piece.s, piece.len);
}

static int start(struct api_call *call, struct err *e)
{
    auto_engine_server_link struct engine_server_link link =
        ENGINE_SERVER_LINK_INIT;
    struct bridge bridge = {.link = &link, .input = true};
    bool detach = field_bool(call->body, "Detach");
    int r = api_need_body(call, e);
    if (r == 0)
        r = api_read_keys(call, &bridge.keys, e);
    if (r == 0)
        r = engine_server_exec_start(call->engine, call->names[0], detach,
                                     &link, e);
    if (r < 0 && !detach && engine_exit_code(e) != 125)
        return tell_failure(call, link.terminal, e);
    if (r < 0)
        return r;
    return detach ? api_answer_empty(call, 200) : bridge_run(&bridge, call, e);
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
