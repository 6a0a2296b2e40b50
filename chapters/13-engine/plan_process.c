/* The process: what runs, as whom, with which variables and powers. */
#include "plan.h"

#include "account.h"
#include "field.h"
#include "files.h"
#include "own.h"
#include "place.h"
#include "sys.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_PATH                                                           \
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define INIT_INSIDE "/sbin/docker-init"

/* A name alone takes a variable away. */
static void plan_env(struct plan *plan)
{
    auto_strv struct strv env = {0}, own = {0};
    strv_add(&env, DEFAULT_PATH);
    const char *hostname = field_string(plan->doc, "Config.Hostname");
    if (hostname != NULL)
        strv_addf(&env, "HOSTNAME=%s", hostname);
    if (field_bool(plan->doc, "Config.Tty"))
        strv_add(&env, "TERM=xterm");
    field_strings(plan->doc, "Config.Env", &own);
    for (size_t i = 0; i < own.n; i++)
        strv_set_env(&env, own.v[i]);
    for (size_t i = 0; i < env.n; i++)
        if (strchr(env.v[i], '=') != NULL)
            strv_add(&plan->spec->process.env, env.v[i]);
}

static int plan_args(struct plan *plan, struct err *e)
{
    struct spec *spec = plan->spec;
    struct strv *args = &spec->process.args;
    if (field_bool(plan->doc, "HostConfig.Init")) {
        auto_free char *init = place_helper("mini-docker-init");
        if (init == NULL)
            return err_set(e, ENOENT,
                           "--init: mini-docker-init is not "
                           "installed beside mini-docker");
        /* Read-only: what runs inside must not be able to change it. */
        int r = mnt_list_add(&spec->mounts, init, INIT_INSIDE, "bind",
                             "bind,ro", e);
        if (r < 0)
            return r;
        strv_add(args, INIT_INSIDE);
        strv_add(args, "--");
    }
    size_t before = args->n;
    field_strings(plan->doc, "Config.Entrypoint", args);
    field_strings(plan->doc, "Config.Cmd", args);
    if (args->n == before)
        return err_set(e, EINVAL, "no command specified");
    return 0;
}

static int plan_ulimits(struct plan *plan, struct err *e)
{
    struct spec_process *process = &plan->spec->process;
    const json_t *list = field_get(plan->doc, "HostConfig.Ulimits");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);
        const char *name = field_string(item, "Name");
        int resource = name != NULL ? limits_resource(name) : -EINVAL;
        if (resource < 0)
            return err_set(e, EINVAL, "invalid ulimit type: %s",
                           name != NULL ? name : "");
        if (process->n_limits == SPEC_MAX_LIMITS)
            return err_set(e, EINVAL, "more than %d ulimits", SPEC_MAX_LIMITS);
        process->limits[process->n_limits++] = (struct limit){
            .resource = resource,
            .soft = (uint64_t)field_int(item, "Soft", -1),
            .hard = (uint64_t)field_int(item, "Hard", -1),
        };
    }
    return 0;
}

int plan_process(struct plan *plan, struct err *e)
{
    struct spec_process *process = &plan->spec->process;
    int r = plan_args(plan, e);
    if (r < 0)
        return r;
    plan_env(plan);
    const char *cwd = field_string(plan->doc, "Config.WorkingDir");
    process->cwd = own_strdup(cwd != NULL && cwd[0] != '\0' ? cwd : "/");
    int64_t oom = field_int(plan->doc, "HostConfig.OomScoreAdj", 0);
    process->terminal = field_bool(plan->doc, "Config.Tty");
    process->rows = (uint16_t)json_integer_value(
        json_array_get(field_get(plan->doc, "HostConfig.ConsoleSize"), 0));
    process->columns = (uint16_t)json_integer_value(
        json_array_get(field_get(plan->doc, "HostConfig.ConsoleSize"), 1));
    process->oom_score_adj = (int)oom;
    process->has_oom_score_adj = oom != 0;
    r = plan_ulimits(plan, e);
    if (r < 0)
        return r;
    auto_strv struct strv extra = {0};
    field_strings(plan->doc, "HostConfig.GroupAdd", &extra);
    const char *user = field_string(plan->doc, "Config.User");
    r = account_resolve(plan->layers, user, &extra, process, e);
    if (r < 0 || !plan->engine->has_one_id)
        return r;
    /* There is nobody but root, who is the user outside; setgroups(2) is not
     * for him (user_namespaces(7)). */
    process->n_groups = 0;
    if (process->uid == 0 && process->gid == 0 && extra.n == 0)
        return 0;
    return err_set(e, EINVAL,
                   "%s %s: this user may map a single id: let /etc/subuid "
                   "and /etc/subgid grant more, and install newuidmap",
                   extra.n > 0 ? "group" : "user",
                   extra.n > 0 ? extra.v[0] : user);
}
