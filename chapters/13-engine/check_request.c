/*
 * What a request may not say: the checks that Docker's daemon makes before it
 * creates a container, in its words. They look at the document alone.
 */
#include "engine_check.h"

#include "field.h"
#include "health.h"
#include "own.h"
#include "proc.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define MIB (1024 * 1024LL)
#define NANO 1000000000LL

bool engine_check_is_name(const char *name)
{
    bool good = isalnum((unsigned char)name[0]) && name[1] != '\0';
    for (const char *s = name; *s != '\0'; s++)
        good &= isalnum((unsigned char)*s) || strchr("_.-", *s) != NULL;
    return good;
}

int engine_check_name(const char *name, struct err *e)
{
    if (engine_check_is_name(name))
        return 0;
    return err_set(e, EINVAL,
                   "Invalid container name (%s), only "
                   "[a-zA-Z0-9][a-zA-Z0-9_.-] are allowed",
                   name);
}

static int check_workdir(const json_t *doc, struct err *e)
{
    const char *dir = field_string(doc, "WorkingDir");
    if (dir == NULL || dir[0] == '\0' || dir[0] == '/')
        return 0;
    return err_set(e, EINVAL,
                   "the working directory '%s' is invalid, it needs to be an "
                   "absolute path",
                   dir);
}

/* There is one, which answers to the name of Docker's, too. */
static int check_runtime(const json_t *doc, struct err *e)
{
    static const char *const known[] = {"", "mini-runc", "runc",
                                        "io.containerd.runc.v2"};
    const char *name = field_string(doc, "HostConfig.Runtime");
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (name == NULL || strcmp(name, known[i]) == 0)
            return 0;
    return err_set(e, EINVAL, "unknown or invalid runtime name: %s", name);
}

static int check_signal(const json_t *doc, struct err *e)
{
    const char *signal = field_string(doc, "StopSignal");
    if (signal == NULL || signal[0] == '\0' || proc_signal_number(signal) > 0)
        return 0;
    return err_set(e, EINVAL, "invalid signal: %s", signal);
}

static int check_hostname(const json_t *doc, struct err *e)
{
    const char *name = field_string(doc, "Hostname");
    if (name == NULL || name[0] == '\0' ||
        !field_is(doc, "HostConfig.UTSMode", "host"))
        return 0;
    return err_set(e, EINVAL, "conflicting options: hostname and the UTS mode");
}

/* Numbers with a range. Values outside of it that mean "not set" in Docker's
 * API are in the last column. */
/* clang-format off */
static const struct range {
    const char *path;
    int64_t min, max;
    const char *complaint;
    enum { NEVER, ZERO, ZERO_AND_LESS } unset;
} ranges[] = {
    {"HostConfig.Memory", 6 * MIB, INT64_MAX,
     "Minimum memory limit allowed is 6MB", ZERO},
    {"HostConfig.MemoryReservation", 6 * MIB, INT64_MAX,
     "Minimum memory reservation allowed is 6MB", ZERO},
    {"HostConfig.MemorySwap", -1, INT64_MAX, "invalid value for --memory-swap",
     ZERO},
    {"HostConfig.BlkioWeight", 10, 1000,
     "Range of blkio weight is from 10 to 1000", ZERO},
    {"HostConfig.OomScoreAdj", -1000, 1000,
     "Invalid value %" PRId64 ", range for oom score adj is [-1000, 1000]",
     NEVER},
    {"HostConfig.CpuShares", 0, INT64_MAX, "shares can not be less than 0",
     ZERO},
    {"HostConfig.CpuPeriod", 1000, 1000000,
     "CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s "
     "(i.e. 1000000)", ZERO},
    {"HostConfig.CpuQuota", 1000, INT64_MAX,
     "CPU cfs quota can not be less than 1ms (i.e. 1000)", ZERO_AND_LESS},
    {"HostConfig.ShmSize", 0, INT64_MAX, "SHM size can not be less than 0",
     NEVER},
};
/* clang-format on */

static int check_ranges(const json_t *doc, struct err *e)
{
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        const struct range *range = &ranges[i];
        if (field_get(doc, range->path) == NULL)
            continue;
        int64_t value = field_int(doc, range->path, 0);
        if ((value == 0 && range->unset >= ZERO) ||
            (value < 0 && range->unset == ZERO_AND_LESS) ||
            (value >= range->min && value <= range->max))
            continue;
        return err_set(e, EINVAL, range->complaint, value);
    }
    return 0;
}

static int check_memory(const json_t *doc, struct err *e)
{
    int64_t memory = field_int(doc, "HostConfig.Memory", 0);
    int64_t swap = field_int(doc, "HostConfig.MemorySwap", 0);
    int64_t reserved = field_int(doc, "HostConfig.MemoryReservation", 0);
    if (memory == 0 && swap > 0)
        return err_set(e, EINVAL,
                       "You should always set the Memory limit when using "
                       "Memoryswap limit, see usage");
    if (swap > 0 && swap < memory)
        return err_set(e, EINVAL,
                       "Minimum memoryswap limit should be larger than memory "
                       "limit, see usage");
    if (memory > 0 && reserved > memory)
        return err_set(e, EINVAL,
                       "Minimum memory limit can not be less than memory "
                       "reservation limit, see usage");
    return 0;
}

static int check_cpus(const json_t *doc, struct err *e)
{
    int64_t nano = field_int(doc, "HostConfig.NanoCpus", 0);
    if (nano == 0)
        return 0;
    static const char *const others[] = {"Period", "Quota"};
    for (size_t i = 0; i < 2; i++) {
        auto_free char *path = text_format("HostConfig.Cpu%s", others[i]);
        if (field_int(doc, path, 0) > 0)
            return err_set(e, EINVAL,
                           "Conflicting options: Nano CPUs and CPU %s cannot "
                           "both be set",
                           others[i]);
    }
    int cpus = proc_processors();
    if (nano < NANO / 100 || nano > cpus * NANO)
        return err_set(e, EINVAL,
                       "range of CPUs is from 0.01 to %d.00, as there are "
                       "only %d CPUs available",
                       cpus, cpus);
    return 0;
}

/* Remember a mount point; the second one of the same name is refused. */
static int check_target(json_t *seen, const char *target, size_t len,
                        struct err *e)
{
    while (len > 1 && target[len - 1] == '/')
        len--;
    auto_free char *name = text_format("%.*s", (int)len, target);
    if (json_object_get(seen, name) != NULL)
        return err_set(e, EINVAL, "Duplicate mount point: %s", name);
    json_object_set_new(seen, name, json_true());
    return 0;
}

static int check_propagation(const json_t *mount, struct err *e)
{
    static const char *const words[] = {"private", "rprivate", "shared",
                                        "rshared", "slave",    "rslave"};
    const char *said = field_string(mount, "BindOptions.Propagation");
    if (said == NULL || said[0] == '\0')
        return 0;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(words[i], said) == 0)
            return 0;
    return err_set(e, EINVAL,
                   "invalid mount config for type \"bind\": invalid "
                   "propagation mode: %s",
                   said);
}

static int check_mount(const json_t *mount, struct err *e)
{
    const char *type = field_string(mount, "Type");
    const char *source = field_string(mount, "Source");
    const char *target = field_string(mount, "Target");
    if (type == NULL || target == NULL)
        return err_set(e, EINVAL,
                       "invalid mount config: field %s must not be empty",
                       type == NULL ? "Type" : "Target");
    bool is_bind = strcmp(type, "bind") == 0;
    bool is_volume = strcmp(type, "volume") == 0;
    const char *relative = NULL;
    if (target[0] != '/')
        relative = target;
    else if (is_bind && source != NULL && source[0] != '/')
        relative = source;
    if (relative != NULL)
        return err_set(e, EINVAL,
                       "invalid mount config for type \"%s\": invalid mount "
                       "path: '%s' mount path must be absolute",
                       type, relative);
    if (target[strspn(target, "/")] == '\0')
        return err_set(e, EINVAL,
                       "invalid mount config for type \"%s\": invalid "
                       "specification: destination can't be '/'",
                       type);
    if (is_volume && source == NULL && field_bool(mount, "ReadOnly"))
        return err_set(e, EINVAL,
                       "invalid mount config for type \"volume\": must not set "
                       "ReadOnly mode when using anonymous volumes");
    bool needs_source = is_bind || strcmp(type, "image") == 0;
    if (!is_volume && needs_source != (source != NULL))
        return err_set(e, EINVAL,
                       "invalid mount config for type \"%s\": field Source "
                       "must not be %s",
                       type, needs_source ? "empty" : "specified");
    return check_propagation(mount, e);
}

static int check_mounts(const json_t *doc, struct err *e)
{
    json_auto_t *seen = json_object();
    size_t i;
    const json_t *item;
    json_array_foreach(field_get(doc, "HostConfig.Binds"), i, item)
    {
        const char *bind = json_string_value(item);
        const char *target = bind == NULL ? NULL : strchr(bind, ':');
        if (target == NULL)
            return err_set(e, EINVAL, "invalid volume specification: '%s'",
                           bind != NULL ? bind : "");
        target++;
        int r = check_target(seen, target, strcspn(target, ":"), e);
        if (r < 0)
            return r;
    }
    json_array_foreach(field_get(doc, "HostConfig.Mounts"), i, item)
    {
        int r = check_mount(item, e);
        const char *target = field_string(item, "Target");
        if (r == 0)
            r = check_target(seen, target, strlen(target), e);
        if (r < 0)
            return r;
    }
    json_t *tmpfs =
        json_object_get(json_object_get(doc, "HostConfig"), "Tmpfs");
    for (void *at = json_object_iter(tmpfs); at != NULL;
         at = json_object_iter_next(tmpfs, at)) {
        const char *target = json_object_iter_key(at);
        int r = check_target(seen, target, strlen(target), e);
        if (r < 0)
            return r;
    }
    return 0;
}

int engine_check_restart(const char *name, int64_t most, struct err *e)
{
    static const char *const words[] = {"", "no", "always", "unless-stopped",
                                        "on-failure"};
    const size_t last = sizeof words / sizeof words[0] - 1;
    size_t i = 0;
    while (i <= last && strcmp(words[i], name) != 0)
        i++;
    if (i > last)
        return err_set(e, EINVAL,
                       "invalid restart policy: unknown policy '%s'; use one "
                       "of 'no', 'always', 'on-failure', or 'unless-stopped'",
                       name);
    if (most < 0)
        return err_set(e, EINVAL,
                       "invalid restart policy: maximum retry count cannot be "
                       "negative");
    return i == last || most == 0
               ? 0
               : err_set(e, EINVAL,
                         "invalid restart policy: maximum retry count can only "
                         "be used with 'on-failure'");
}

/* When it is started again by itself. */
static int check_restart(const json_t *doc, struct err *e)
{
    const json_t *policy = field_get(doc, "HostConfig.RestartPolicy");
    const char *name = field_string(policy, "Name");
    return engine_check_restart(name != NULL ? name : "",
                                field_int(policy, "MaximumRetryCount", 0), e);
}

int engine_check_limits(const json_t *doc, struct err *e)
{
    int r = check_ranges(doc, e);
    if (r == 0)
        r = check_cpus(doc, e);
    return r < 0 ? r : check_restart(doc, e);
}

/* How often and for how long it is looked at. */
static int check_health(const json_t *doc, struct err *e)
{
    for (const struct health_member *m = health_members; m->option; m++) {
        int64_t value = field_int(field_get(doc, "Healthcheck"), m->name, 0);
        if (m->is_time && value > 0 && value < HEALTH_LEAST_NS)
            return err_set(e, EINVAL,
                           "%s in Healthcheck cannot be less than 1ms",
                           m->name);
    }
    return 0;
}

int engine_check_request(const json_t *doc, struct err *e)
{
    static int (*const checks[])(const json_t *doc, struct err *e) = {
        check_workdir,  check_signal,        engine_check_conflicts,
        check_hostname, engine_check_limits, check_memory,
        check_mounts,   check_health,        check_runtime,
    };
    int r = 0;
    for (size_t i = 0; i < sizeof checks / sizeof checks[0] && r == 0; i++)
        r = checks[i](doc, e);
    return r;
}
