/* docker exec for a client far away: made first, started later. */
#include "engine_server.h"
#include "exec.h"
#include "run.h"

#include "field.h"
#include "frame.h"
#include "own.h"
#include "streams.h"
#include "talk.h"

#include <errno.h>
#include <string.h>

int engine_server_exec_create(struct engine *engine, const char *name,
                              const json_t *request,
                              char ret_id[ENGINE_ID_SIZE], struct err *e)
{
    auto_record struct record record = {.doc = NULL};
    auto_strv struct strv words = {0};
    field_strings(request, "Cmd", &words);
    int r = record_find(engine, name, &record, e);
    if (r < 0)
        return r;
    if (words.n == 0)
        return err_set(e, EINVAL, "No exec command specified");
    if (!record.live || !run_is_active(record.doc))
        return err_set(e, ESRCH, "container %s is not running", record.id);
    if (field_bool(record.doc, "State.Paused"))
        return err_set(e, EBUSY,
                       "Container %s is paused, unpause the container before "
                       "exec",
                       name);
    struct exec_base base = {engine, record.doc, ""};
    record_new_id(base.id);
    memcpy(ret_id, base.id, ENGINE_ID_SIZE);
    r = exec_state_create(&base, request, e);
    if (r == 0)
        exec_tell_command(&base, "exec_create", &words);
    return r;
}

int engine_server_exec_start(struct engine *engine, const char *id, bool detach,
                             struct engine_server_link *ret, struct err *e)
{
    json_auto_t *state = NULL;
    int r = exec_state_load(engine, id, &state, e);
    if (r < 0)
        return r;
    if (field_bool(state, "Running") ||
        !json_is_null(json_object_get(state, "ExitCode")))
        return err_set(e, EALREADY, "exec command %s is already running", id);
    const json_t *request = json_object_get(state, "request");
    const struct engine_seat seat = {
        .input = field_bool(request, "AttachStdin"),
        .output = field_bool(request, "AttachStdout"),
        .error = field_bool(request, "AttachStderr"),
    };
    json_auto_t *ask = detach ? NULL : streams_request(&seat);
    const struct exec_order order = {
        .name = field_string(state, "ContainerID"),
        .request = request,
        .ask = ask,
        .input = seat.input && !detach,
        .id = field_string(state, "ID"),
    };
    struct exec_started started = {.record.doc = NULL};
    ret->terminal = field_bool(request, "Tty");
    r = ret->fd = exec_start(engine, &order, &started, e);
    record_done(&started.record);
    return r < 0 ? r : 0;
}

int engine_server_exec_inspect(struct engine *engine, const char *id,
                               json_t **ret, struct err *e)
{
    json_auto_t *state = NULL;
    int r = exec_state_load(engine, id, &state, e);
    if (r < 0)
        return r;
    const json_t *request = json_object_get(state, "request");
    auto_strv struct strv words = {0};
    field_strings(request, "Cmd", &words);
    json_t *arguments = field_list(&words);
    json_array_remove(arguments, 0);
    *ret = json_pack(
        "{s:O, s:O, s:O, s:{s:b, s:s, s:o, s:b, s:s*}, s:b, s:b, s:b, s:b, "
        "s:O, s:s, s:O}",
        "ID", json_object_get(state, "ID"), "Running",
        json_object_get(state, "Running"), "ExitCode",
        json_object_get(state, "ExitCode"), "ProcessConfig", "tty",
        field_bool(request, "Tty"), "entrypoint", words.v[0], "arguments",
        arguments, "privileged", field_bool(request, "Privileged"), "user",
        field_string(request, "User"), "OpenStdin",
        field_bool(request, "AttachStdin"), "OpenStderr",
        field_bool(request, "AttachStderr"), "OpenStdout",
        field_bool(request, "AttachStdout"), "CanRemove", 0, "ContainerID",
        json_object_get(state, "ContainerID"), "DetachKeys", "", "Pid",
        json_object_get(state, "Pid"));
    return 0;
}

int engine_server_exec_resize(struct engine *engine, const char *id, int rows,
                              int columns, struct err *e)
{
    json_auto_t *state = NULL;
    int r = exec_state_load(engine, id, &state, e);
    if (r < 0)
        return r;
    if (!field_bool(state, "Running"))
        return err_set(e, ESRCH, "exec %s is not running", id);
    json_auto_t *container =
        json_pack("{s:O}", "Id", json_object_get(state, "ContainerID"));
    struct exec_base base = {engine, container, ""};
    memcpy(base.id, field_string(state, "ID"), sizeof base.id);
    auto_free char *path = exec_state_socket(&base);
    auto_fd int fd = talk_connect(engine->runfd, path, 0, e);
    if (fd < 0)
        return fd;
    json_auto_t *ask = json_pack("{s:s, s:i, s:i}", "do", "resize", "rows",
                                 rows, "columns", columns);
    auto_free char *text = json_dumps(ask, JSON_COMPACT);
    r = frame_send(fd, FRAME_ASK, text, strlen(text));
    return r < 0 ? err_sys(e, r, "resize exec %s", id) : run_hear(fd, NULL, e);
}
