/* What a container shall be: released, and checked before it is begun. */
#include "spec.h"

#include "own.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

void spec_process_done(struct spec_process *process)
{
    strv_done(&process->args);
    strv_done(&process->env);
    free(process->cwd);
    free(process->apparmor);
    free(process->selinux);
    filter_done(&process->filter);
    *process = (struct spec_process){.umask = 0022};
}

void spec_done(struct spec *spec)
{
    free(spec->hostname);
    free(spec->domainname);
    spec_process_done(&spec->process);
    free(spec->root.path);
    for (int kind = 0; kind < NS_COUNT; kind++)
        free(spec->join_paths[kind]);
    mnt_list_done(&spec->mounts);
    for (size_t i = 0; i < spec->n_mount_ids; i++)
        free(spec->mount_ids[i].target);
    free(spec->mount_ids);
    strv_done(&spec->masked);
    strv_done(&spec->readonly);
    for (size_t i = 0; i < spec->n_devices; i++)
        free(spec->devices[i].path);
    free(spec->devices);
    device_rules_done(&spec->rules);
    strv_done(&spec->sysctls);
    free(spec->cgroup);
    cg_limits_done(&spec->limits);
    strv_done(&spec->skipped);
    *spec = (struct spec)SPEC_INIT;
}

int spec_map_mount(struct spec *spec, const char *target,
                   const struct idmap *uids, const struct idmap *gids,
                   struct err *e)
{
    struct mnt *mount = NULL;
    for (size_t i = 0; i < spec->mounts.n; i++)
        if (strcmp(spec->mounts.v[i].target, target) == 0)
            mount = &spec->mounts.v[i];
    if (mount == NULL)
        return err_set(e, ENOENT, "no mount on %s to map ids for", target);
    if ((mount->flags & MS_BIND) == 0 || uids->n == 0 || gids->n == 0)
        return err_set(e, EINVAL,
                       "mount %s: only a bind can map ids, and needs both "
                       "users and groups for it",
                       target);
    mount->mapped = true;
    spec->mount_ids = own_grow(spec->mount_ids, (spec->n_mount_ids + 1) *
                                                    sizeof *spec->mount_ids);
    spec->mount_ids[spec->n_mount_ids++] = (struct spec_mount_ids){
        .target = own_strdup(target), .uids = *uids, .gids = *gids};
    return 0;
}

static int check_process(const struct spec_process *process, struct err *e)
{
    if (process->args.n == 0 || process->args.v[0][0] == '\0')
        return err_set(e, EINVAL, "no command specified");
    if (process->cwd == NULL || process->cwd[0] != '/')
        return err_set(e, EINVAL, "working directory \"%s\" is not absolute",
                       process->cwd != NULL ? process->cwd : "");
    if (process->has_oom_score_adj &&
        (process->oom_score_adj < -1000 || process->oom_score_adj > 1000))
        return err_set(e, EINVAL,
                       "oom score adjustment %d is not in [-1000, 1000]",
                       process->oom_score_adj);
    if (process->n_groups > SPEC_MAX_GROUPS ||
        process->n_limits > SPEC_MAX_LIMITS)
        return err_set(e, E2BIG, "more than %d groups or %d rlimits",
                       SPEC_MAX_GROUPS, SPEC_MAX_LIMITS);
    return 0;
}

static int check_sysctls(const struct spec *spec, struct err *e)
{
    unsigned int own = spec->new_namespaces;
    for (int kind = 0; kind < NS_COUNT; kind++)
        if (spec->join_paths[kind] != NULL)
            own |= NS_BIT(kind);
    for (size_t i = 0; i < spec->sysctls.n; i++) {
        const char *equals = strchr(spec->sysctls.v[i], '=');
        if (equals == NULL)
            return err_set(e, EINVAL, "sysctl \"%s\" has no value",
                           spec->sysctls.v[i]);
        auto_strv struct strv key = {0};
        strv_addf(&key, "%.*s", (int)(equals - spec->sysctls.v[i]),
                  spec->sysctls.v[i]);
        int r = ns_check_sysctl(key.v[0], own, e);
        if (r < 0)
            return r;
    }
    return 0;
}

static int check_namespaces(const struct spec *spec, struct err *e)
{
    unsigned int own = spec->new_namespaces;
    for (int kind = 0; kind < NS_COUNT; kind++)
        if (spec->join_paths[kind] != NULL && (own & NS_BIT(kind)) != 0)
            return err_set(e, EINVAL,
                           "the %s namespace is either new or joined",
                           ns_table[kind].file);
    if ((own & NS_BIT(NS_MOUNT)) == 0 && spec->join_paths[NS_MOUNT] == NULL)
        return err_set(e, EINVAL, "a container needs a mount namespace");
    if ((own & NS_BIT(NS_UTS)) == 0 &&
        (spec->hostname != NULL || spec->domainname != NULL))
        return err_set(e, EINVAL, "a host name needs an own uts namespace");
    if ((own & NS_BIT(NS_USER)) != 0 &&
        (spec->uids.n == 0 || spec->gids.n == 0))
        return err_set(e, EINVAL, "a user namespace needs id maps");
    if ((own & NS_BIT(NS_TIME)) == 0 &&
        (spec->monotonic.set || spec->boottime.set))
        return err_set(e, EINVAL, "clock offsets need a new time namespace");
    return 0;
}

int spec_check(const struct spec *spec, struct err *e)
{
    int r = check_process(&spec->process, e);
    if (r == 0)
        r = check_namespaces(spec, e);
    if (r < 0)
        return r;
    if (spec->root.path == NULL || spec->root.path[0] != '/')
        return err_set(e, EINVAL,
                       "the root file system needs an absolute path");
    if (spec->mount_cgroups && spec->cgroup == NULL)
        return err_set(e, EINVAL, "no control group that could be mounted");
    return check_sysctls(spec, e);
}
