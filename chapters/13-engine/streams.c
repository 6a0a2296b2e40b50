#include "streams.h"

#include "field.h"
#include "own.h"
#include "talk.h"

#include <stdlib.h>
#include <string.h>

json_t *streams_request(const struct engine_seat *seat)
{
    int streams = (seat->input ? HUB_INPUT : 0) |
                  (seat->output ? HUB_OUTPUT : 0) |
                  (seat->error ? HUB_ERROR : 0);
    return json_pack("{s:s, s:i}", "do", "attach", "streams", streams);
}

int streams_open(struct attach *attach, bool terminal,
                 const struct engine_seat *seat, struct err *e)
{
    const struct attach_options options = {
        .input = seat->input,
        .terminal = terminal,
        .signals = seat->signals && !terminal,
        .keys = seat->keys,
    };
    return attach_open(attach, &options, e);
}

int streams_sit(struct attach *attach, int fd, struct engine_seat *seat,
                struct err *e)
{
    attach->unclean = &seat->unclean;
    int r = attach_run(attach, fd, e);
    if (r == ATTACH_DETACHED)
        return ENGINE_DETACHED;
    return r >= ATTACH_SIGNAL ? 128 + r - ATTACH_SIGNAL : r;
}

int streams_make(struct streams *ret, struct hub *hub, bool terminal,
                 struct ctr_options *options, struct err *e)
{
    *ret = (struct streams){
        terminal, {-1, -1}
    };
    for (int i = 0; i < 3; i++)
        options->stdio[i] = -1;
    if (!terminal)
        return hub_pipes(hub, options->stdio, e);
    int r = talk_pair(ret->console, e);
    options->console_socket = ret->console[1];
    return r;
}

int streams_take(struct streams *streams, struct hub *hub, int r, struct err *e)
{
    own_close(&streams->console[1]);
    if (r >= 0 && streams->terminal) {
        int master = talk_receive_fd(streams->console[0], e);
        r = master < 0 ? master : hub_terminal(hub, master, e);
    }
    own_close(&streams->console[0]);
    hub_started(hub);
    return r;
}

char *streams_answer(const struct err *e, json_t *more)
{
    json_auto_t *answer = json_pack("{s:i, s:s}", "code", e->code, "message",
                                    e->code != 0 ? e->msg : "");
    json_object_update(answer, more);
    json_decref(more);
    return json_dumps(answer, JSON_COMPACT);
}

struct frame_size streams_size(const json_t *ask)
{
    return (struct frame_size){
        .rows = (uint16_t)field_int(ask, "rows", 0),
        .columns = (uint16_t)field_int(ask, "columns", 0),
    };
}

void streams_tell(int client, const struct err *e)
{
    auto_free char *text = streams_answer(e, NULL);
    frame_send(client, FRAME_ANSWER, text, strlen(text));
}
