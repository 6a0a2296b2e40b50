/* What is known of processes that were executed at a server's request. */
#include "exec.h"

#include "field.h"
#include "files.h"
#include "own.h"
#include "proc.h"

#include <errno.h>
#include <string.h>

static char *path_of(const char *container, const char *id)
{
    return text_format("%s/execs/%s.json", container, id);
}

static const char *container_of(const struct exec_base *exec)
{
    return field_string(exec->container, "Id");
}

/* The name of a socket has few letters (unix(7)): twelve of the id tell it. */
char *exec_state_socket(const struct exec_base *exec)
{
    return text_format("%s/execs/%.12s.s", container_of(exec), exec->id);
}

static int save(const struct exec_base *exec, const json_t *state,
                struct err *e)
{
    auto_free char *path = path_of(container_of(exec), exec->id);
    auto_free char *text = json_dumps(state, JSON_COMPACT);
    return files_replace(exec->engine->runfd, path, text, strlen(text), 0, e);
}

int exec_state_create(const struct exec_base *exec, const json_t *request,
                      struct err *e)
{
    auto_free char *dir = text_format("%s/execs", container_of(exec));
    json_auto_t *state =
        json_pack("{s:s, s:s, s:b, s:n, s:i, s:O}", "ID", exec->id,
                  "ContainerID", container_of(exec), "Running", 0, "ExitCode",
                  "Pid", 0, "request", request);
    int r = files_mkdirs(exec->engine->runfd, dir, 0700, e);
    return r < 0 ? r : save(exec, state, e);
}

static int load(struct engine *engine, const char *path, json_t **ret)
{
    auto_text struct text text = {0};
    int r = files_read(engine->runfd, path, &text, NULL);
    *ret = r < 0 ? NULL : json_loadb(text.s, text.len, 0, NULL);
    return r < 0 ? r : *ret == NULL ? -EBADMSG : 0;
}

/* One that is gone with its container has no state to change. */
static void change(const struct exec_base *exec, bool running, json_t *code,
                   int pid)
{
    auto_free char *path = path_of(container_of(exec), exec->id);
    json_auto_t *state = NULL;
    if (load(exec->engine, path, &state) == 0) {
        json_object_set_new(state, "Running", json_boolean(running));
        json_object_set(state, "ExitCode", code);
        if (pid > 0)
            json_object_set_new(state, "Pid", json_integer(pid));
        save(exec, state, NULL);
    }
    json_decref(code);
}

void exec_state_begin(const struct exec_base *exec, int pidfd)
{
    change(exec, true, json_null(), proc_pid(pidfd, NULL));
}

void exec_state_end(const struct exec_base *exec, int code)
{
    change(exec, false, json_integer(code), 0);
}

int exec_state_load(struct engine *engine, const char *id, json_t **ret,
                    struct err *e)
{
    auto_strv struct strv containers = {0};
    int r = record_is_id(id) ? record_ids_present(engine, &containers, e) : 0;
    for (size_t i = 0; i < containers.n && r == 0; i++) {
        auto_free char *path = path_of(containers.v[i], id);
        if (load(engine, path, ret) == 0)
            return 0;
    }
    return r < 0 ? r : err_set(e, ENOENT, "No such exec instance: %s", id);
}
