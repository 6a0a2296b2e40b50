/* Hooks: programs that others have us run at certain moments, config.md. */
#include "oci_store.h"

#include "files.h"
#include "own.h"
#include "proc.h"
#include "sys.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct hook {
    const char *path;
    struct strv args, env;
    int timeout_s; /* 0: none */
};

static void add_strings(struct strv *out, const json_t *array)
{
    for (size_t i = 0; i < json_array_size(array); i++)
        strv_add(out, json_string_value(json_array_get(array, i)));
}

static struct hook hook_from(const json_t *json)
{
    struct hook hook = {
        .path = json_string_value(json_object_get(json, "path")),
        .timeout_s = (int)json_integer_value(json_object_get(json, "timeout")),
    };
    add_strings(&hook.args, json_object_get(json, "args"));
    add_strings(&hook.env, json_object_get(json, "env"));
    if (hook.args.n == 0)
        strv_add(&hook.args, hook.path);
    return hook;
}

/* In the child. What it prints goes where our errors go. */
static void become_hook(const struct hook *hook, int state)
{
    static char *const no_env[] = {NULL};
    if (sys_dup3(state, 0, 0) >= 0 && sys_dup3(2, 1, 0) >= 0 &&
        proc_close_on_exec_from(3, NULL) == 0)
        sys_execve(hook->path, hook->args.v,
                   hook->env.n > 0 ? hook->env.v : no_env);
    _exit(errno == ENOENT ? 127 : 126);
}

static int wait_for(const struct hook *hook, int pidfd, struct err *e)
{
    struct pollfd ended = {.fd = pidfd, .events = POLLIN};
    int r = 1;
    if (hook->timeout_s > 0)
        do
            r = poll(&ended, 1, hook->timeout_s * 1000);
        while (r < 0 && errno == EINTR);
    if (r == 0)
        proc_signal(pidfd, SIGKILL, NULL);
    int code = proc_wait(pidfd, e);
    if (code < 0)
        return code;
    if (r == 0)
        return err_set(e, ETIMEDOUT, "not done after %d s", hook->timeout_s);
    return code == 0 ? 0 : err_set(e, ECANCELED, "exit status %d", code);
}

static int run_hook(const struct hook *hook, int state, struct err *e)
{
    auto_fd int pidfd = -1;
    if (access(hook->path, X_OK) < 0)
        return err_sys(e, errno, "%s", hook->path);
    if (lseek(state, 0, SEEK_SET) < 0)
        return err_sys(e, errno, "seek");
    fflush(NULL);
    int pid = proc_clone(0, -1, &pidfd, e);
    if (pid == 0)
        become_hook(hook, state);
    int r = pid < 0 ? pid : wait_for(hook, pidfd, e);
    return r < 0 ? err_add(e, "%s", hook->path) : 0;
}

static int run_nth(const json_t *hooks, size_t i, int state, struct err *e)
{
    struct hook hook = hook_from(json_array_get(hooks, i));
    int r = run_hook(&hook, state, e);
    strv_done(&hook.args);
    strv_done(&hook.env);
    return r;
}

int oci_run_hooks(const json_t *doc, const char *name, const json_t *state,
                  void (*warn)(const char *message), struct err *e)
{
    const json_t *hooks = json_object_get(json_object_get(doc, "hooks"), name);
    if (json_array_size(hooks) == 0)
        return 0;
    auto_free char *text = json_dumps(state, JSON_COMPACT);
    /* A file, not a pipe: a hook that does not read it blocks nobody. */
    auto_fd int fd = memfd_create("state", MFD_CLOEXEC);
    if (fd < 0 || text == NULL)
        return err_sys(e, errno, "memfd_create");
    bool goes_on = strcmp(name, "poststop") == 0;
    int r = files_write_all(fd, text, strlen(text));
    for (size_t i = 0; r == 0 && i < json_array_size(hooks); i++) {
        struct err why = {0};
        r = run_nth(hooks, i, fd, &why);
        if (r == 0)
            continue;
        err_set(e, why.code, "%s hook #%zu: %s", name, i, why.msg);
        if (!goes_on)
            return r;
        if (warn != NULL)
            warn(e->msg);
        r = 0;
    }
    return r;
}
