/* What the process may do: capabilities, filter, hidden paths. */
#include "plan.h"

#include "field.h"
#include "own.h"
#include "sys.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

static const char *const masked[] = {
    "/proc/asound",     "/proc/acpi",        "/proc/interrupts",
    "/proc/kcore",      "/proc/keys",        "/proc/latency_stats",
    "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug",
    "/proc/scsi",       "/sys/firmware",     "/sys/devices/virtual/powercap",
};
static const char *const readonly[] = {
    "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger",
};

/* HostConfig's two lists of paths, and what holds where there is none. */
static const struct hidden {
    const char *key;
    const char *const *usual;
    size_t n, offset;
} hidden[] = {
    {"MaskedPaths",   masked,   sizeof masked / sizeof masked[0],
     offsetof(struct spec, masked)  },
    {"ReadonlyPaths", readonly, sizeof readonly / sizeof readonly[0],
     offsetof(struct spec, readonly)},
};

/* What --security-opt asked for. */
struct security {
    bool no_new_privs, unconfined_filter, unconfined_paths;
    const char *profile; /* borrowed; NULL is Docker's */
};

static int opt_no_new_privs(struct security *security, const char *value,
                            struct err *e)
{
    if (value[0] != '\0' && strcmp(value, "true") != 0 &&
        strcmp(value, "false") != 0)
        return err_set(e, EINVAL,
                       "invalid --security-opt: \"no-new-privileges=%s\"",
                       value);
    security->no_new_privs = strcmp(value, "false") != 0;
    return 0;
}

static int opt_seccomp(struct security *security, const char *value,
                       struct err *e)
{
    (void)e;
    security->unconfined_filter = strcmp(value, "unconfined") == 0;
    security->profile =
        security->unconfined_filter || strcmp(value, "builtin") == 0 ? NULL
                                                                     : value;
    return 0;
}

static int opt_systempaths(struct security *security, const char *value,
                           struct err *e)
{
    if (strcmp(value, "unconfined") != 0)
        return err_set(e, EINVAL, "invalid --security-opt: \"systempaths=%s\"",
                       value);
    security->unconfined_paths = true;
    return 0;
}

static int opt_apparmor(struct security *security, const char *value,
                        struct err *e)
{
    (void)security;
    if (strcmp(value, "unconfined") == 0)
        return 0;
    return err_set(e, ENOTSUP,
                   "--security-opt apparmor=%s: profiles are not built yet",
                   value);
}

static int opt_label(struct security *security, const char *value,
                     struct err *e)
{
    (void)security;
    /* Without SELinux labels mean nothing, and Docker says nothing. */
    if (access("/sys/fs/selinux", F_OK) < 0 || strcmp(value, "disable") == 0)
        return 0;
    return err_set(e, ENOTSUP,
                   "--security-opt label=%s: SELinux is not built yet", value);
}

static const struct {
    const char *key;
    int (*set)(struct security *security, const char *value, struct err *e);
} security_opts[] = {
    {"no-new-privileges", opt_no_new_privs},
    {"seccomp",           opt_seccomp     },
    {"systempaths",       opt_systempaths },
    {"apparmor",          opt_apparmor    },
    {"label",             opt_label       },
};

/* KEY, KEY=VALUE or, as it once was, KEY:VALUE. */
static int read_opt(struct security *security, const char *opt, struct err *e)
{
    size_t len = strcspn(opt, "=:");
    const char *value = opt[len] == '\0' ? "" : opt + len + 1;
    for (size_t i = 0; i < sizeof security_opts / sizeof security_opts[0]; i++)
        if (strlen(security_opts[i].key) == len &&
            strncmp(security_opts[i].key, opt, len) == 0)
            return security_opts[i].set(security, value, e);
    return err_set(e, EINVAL, "invalid --security-opt: \"%s\"", opt);
}

static int plan_caps(struct plan *plan, uint64_t *ret_mask, struct err *e)
{
    struct spec_process *process = &plan->spec->process;
    auto_strv struct strv add = {0}, drop = {0};
    field_strings(plan->doc, "HostConfig.CapAdd", &add);
    field_strings(plan->doc, "HostConfig.CapDrop", &drop);
    uint64_t base = plan->privileged ? caps_all() : caps_default();
    int r = caps_adjust(base, &add, &drop, ret_mask, e);
    if (r == 0)
        process->caps = caps_for_user(*ret_mask, process->uid);
    return r;
}

/* The paths where they are listed, else the usual ones. */
static void read_paths(const json_t *host, const struct hidden *which,
                       struct strv *out)
{
    if (json_is_array(json_object_get(host, which->key))) {
        field_strings(host, which->key, out);
        return;
    }
    for (size_t i = 0; i < which->n; i++)
        strv_add(out, which->usual[i]);
}

void plan_show_paths(json_t *host)
{
    for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++) {
        auto_strv struct strv paths = {0};
        read_paths(host, &hidden[i], &paths);
        json_object_set_new(
            host, hidden[i].key,
            field_bool(host, "Privileged") ? json_null() : field_list(&paths));
    }
}

static int plan_filter(struct plan *plan, const struct security *security,
                       uint64_t caps, struct err *e)
{
    if (security->unconfined_filter ||
        (plan->privileged && security->profile == NULL))
        return 0;
    auto_fd int cache = sys_openat(plan->engine->rootfd, "cache",
                                   O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    return filter_get(security->profile, caps, cache,
                      &plan->spec->process.filter, e);
}

int plan_security(struct plan *plan, struct err *e)
{
    struct security security = {0};
    auto_strv struct strv opts = {0};
    field_strings(plan->doc, "HostConfig.SecurityOpt", &opts);
    for (size_t i = 0; i < opts.n; i++) {
        int r = read_opt(&security, opts.v[i], e);
        if (r < 0)
            return r;
    }
    struct spec *spec = plan->spec;
    spec->process.no_new_privs = security.no_new_privs;
    bool hides = !plan->privileged && !security.unconfined_paths;
    for (size_t i = 0; hides && i < sizeof hidden / sizeof hidden[0]; i++)
        read_paths(json_object_get(plan->doc, "HostConfig"), &hidden[i],
                   (struct strv *)(void *)((char *)spec + hidden[i].offset));
    const json_t *sysctls = field_get(plan->doc, "HostConfig.Sysctls");
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)sysctls, key, value)
        strv_addf(&spec->sysctls, "%s=%s", key, json_string_value(value));
    uint64_t caps;
    int r = plan_caps(plan, &caps, e);
    return r < 0 ? r : plan_filter(plan, &security, caps, e);
}
