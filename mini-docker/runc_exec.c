/* mini-runc exec: one more process in a container. */
#include "runc.h"

#include "field.h"
#include "files.h"
#include "own.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

/* clang-format off */
static const struct option options[] = {
    {"additional-gids", 'g', &option_list, "Groups", "One more group id"},
    {"apparmor", 0, &option_string, "Apparmor", "AppArmor profile"},
    {"cap", 'c', &option_list, "Caps", "One more capability"},
    {"cgroup", 0, &option_string, "Cgroup",
     "Run it in this group below the container's"},
    {"console-socket", 0, &option_string, "ConsoleSocket",
     "Where to send the terminal: a unix socket"},
    {"cwd", 0, &option_string, "Cwd", "Working directory"},
    {"detach", 'd', &option_bool, "Detach", "Do not wait for its end"},
    {"env", 'e', &option_list, "Env", "One more variable: NAME=VALUE"},
    {"ignore-paused", 0, &option_bool, "IgnorePaused",
     "In a paused container too"},
    {"no-new-privs", 0, &option_bool, "NoNewPrivs",
     "execve(2) grants nothing any more"},
    {"pid-file", 0, &option_string, "PidFile",
     "Write the process's pid to this file"},
    {"pidfd-socket", 0, &option_string, "PidfdSocket",
     "Where to send a pidfd of the process"},
    {"preserve-fds", 0, &option_int, "PreserveFds",
     "Descriptors beyond 2 that it inherits"},
    {"process", 'p', &option_string, "Process",
     "A file with the whole process object, in place of all that"},
    {"process-label", 0, &option_string, "Label", "SELinux label"},
    {"tty", 't', &option_bool, "Tty", "A terminal for it"},
    {"user", 'u', &option_string, "User", "UID[:GID]"},
    {0},
};
/* clang-format on */

static int read_process(struct oci_config *config, const char *path,
                        struct err *e)
{
    auto_text struct text text = {0};
    struct spec_process *process = &config->spec.process;
    struct filter filter = process->filter;
    process->filter = (struct filter){0};
    spec_process_done(process);
    process->filter = filter; /* the container's holds for all in it */
    strv_done(&config->ungranted);
    int r = files_read(AT_FDCWD, path, &text, e);
    return r < 0 ? r : oci_process_parse(config, text.s, text.len, path, e);
}

static int read_user(struct spec_process *process, const char *user,
                     struct err *e)
{
    auto_strv struct strv ids = {0};
    int64_t uid = -1, gid = process->gid;
    strv_split(&ids, user, ':');
    if (ids.n < 1 || ids.n > 2 || text_to_i64(ids.v[0], &uid) < 0 ||
        (ids.n == 2 && text_to_i64(ids.v[1], &gid) < 0) || uid < 0 || gid < 0 ||
        uid >= UINT32_MAX || gid >= UINT32_MAX)
        return err_set(e, EINVAL, "--user: \"%s\" is not UID[:GID]", user);
    process->uid = (uid_t)uid;
    process->gid = (gid_t)gid;
    return 0;
}

static int read_groups(struct spec_process *process, const struct strv *groups,
                       struct err *e)
{
    for (size_t i = 0; i < groups->n; i++) {
        int64_t gid;
        if (text_to_i64(groups->v[i], &gid) < 0 || gid < 0 ||
            gid >= UINT32_MAX || process->n_groups == SPEC_MAX_GROUPS)
            return err_set(e, EINVAL, "--additional-gids: \"%s\"",
                           groups->v[i]);
        process->groups[process->n_groups++] = (gid_t)gid;
    }
    return 0;
}

static int add_caps(struct spec_process *process, const struct strv *names,
                    struct err *e)
{
    for (size_t i = 0; i < names->n; i++) {
        int number = caps_number(names->v[i]);
        if (number < 0)
            return err_set(e, EINVAL, "--cap: unknown capability \"%s\"",
                           names->v[i]);
        uint64_t bit = UINT64_C(1) << number;
        process->caps.bounding |= bit;
        process->caps.permitted |= bit;
        process->caps.effective |= bit;
    }
    return 0;
}

/* runc's words for what would be found out later, and in others. */
static int check_process(const struct spec_process *process,
                         const struct strv *env, struct err *e)
{
    for (size_t i = 0; i < env->n; i++) {
        const char *equals = strchr(env->v[i], '=');
        if (equals == NULL || equals == env->v[i])
            return err_set(e, EINVAL, "invalid environment variable: \"%s\"",
                           env->v[i]);
    }
    if (process->cwd[0] != '/')
        return err_set(e, EINVAL, "Cwd must be an absolute path: \"%s\"",
                       process->cwd);
    return 0;
}

static void set_string(char **to, const json_t *doc, const char *member)
{
    const char *value = field_string(doc, member);
    if (value == NULL)
        return;
    own_free(to);
    *to = own_strdup(value);
}

/* The container's own process, changed by what the options say. */
static int adjust_process(struct runc_call *call, struct spec_process *process,
                          struct err *e)
{
    auto_strv struct strv env = {0}, groups = {0}, caps = {0};
    const char *user = field_string(call->doc, "User");
    field_strings(call->doc, "Env", &env);
    field_strings(call->doc, "Groups", &groups);
    field_strings(call->doc, "Caps", &caps);
    strv_done(&process->args);
    for (size_t i = 1; i < call->operands.n; i++)
        strv_add(&process->args, call->operands.v[i]);
    for (size_t i = 0; i < env.n; i++)
        strv_set_env(&process->env, env.v[i]);
    set_string(&process->cwd, call->doc, "Cwd");
    set_string(&process->apparmor, call->doc, "Apparmor");
    set_string(&process->selinux, call->doc, "Label");
    process->terminal = field_bool(call->doc, "Tty");
    process->no_new_privs |= field_bool(call->doc, "NoNewPrivs");
    int r = check_process(process, &env, e);
    if (r == 0 && user != NULL)
        r = read_user(process, user, e);
    if (r == 0)
        r = read_groups(process, &groups, e);
    return r < 0 ? r : add_caps(process, &caps, e);
}

static int prepare(struct runc_call *call, struct oci_config *config,
                   struct err *e)
{
    const char *file = field_string(call->doc, "Process");
    int r = oci_exec_default(call->runtime, call->id, config, e);
    if (r == 0)
        r = file != NULL ? read_process(config, file, e)
                         : adjust_process(call, &config->spec.process, e);
    int64_t fds = field_int(call->doc, "PreserveFds", 0);
    config->spec.process.keep_fds =
        fds > 0 && fds < 1024 ? (unsigned int)fds : 0;
    if (r == 0 && config->spec.process.args.n == 0)
        r = err_set(e, EINVAL, "exec: no command specified");
    return r;
}

static int exec_foreground(struct runc_call *call, struct oci_exec *exec,
                           struct err *e)
{
    struct runc_foreground foreground = RUNC_FOREGROUND_INIT;
    bool terminal = exec->config->spec.process.terminal;
    exec->dies_with_us = true;
    int r = runc_foreground_open(&foreground, terminal, exec->stdio,
                                 &exec->console_fd, e);
    auto_fd int pidfd = -1;
    if (r == 0)
        r = pidfd = oci_exec(call->runtime, call->id, exec, e);
    if (r >= 0)
        r = runc_foreground_follow(&foreground, pidfd, e);
    runc_foreground_close(&foreground);
    return r;
}

static int run(struct runc_call *call, struct err *e)
{
    auto_oci_config struct oci_config config = OCI_CONFIG_INIT;
    int r = prepare(call, &config, e);
    if (r < 0)
        return r;
    struct oci_exec exec = {
        .config = &config,
        .console_socket = field_string(call->doc, "ConsoleSocket"),
        .pid_file = field_string(call->doc, "PidFile"),
        .pidfd_socket = field_string(call->doc, "PidfdSocket"),
        .cgroup = field_string(call->doc, "Cgroup"),
        .ignore_paused = field_bool(call->doc, "IgnorePaused"),
        .stdio = {-1, -1, -1},
        .warn = runc_warn,
    };
    if (!field_bool(call->doc, "Detach") && exec.console_socket == NULL)
        return exec_foreground(call, &exec, e);
    auto_fd int pidfd = oci_exec(call->runtime, call->id, &exec, e);
    return pidfd < 0 ? pidfd : 0;
}

const struct runc_command runc_exec = {
    .name = "exec",
    .synopsis = "[OPTIONS] ID COMMAND [ARG...]",
    .summary = "Run one more process in a container",
    .options = options,
    .min_operands = 1,
    .max_operands = 1000000,
    .stop_at_operand = true,
    .failure = 255,
    .run = run,
};
