#include "plan.h"

#include "cg_survey.h"
#include "wiring.h"

#include "field.h"
#include "own.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

/* HostConfig's five modes. Each says "our own" or "the host's"; some have
 * further words. */
static const struct {
    const char *path, *option; /* as the command line spells it */
    const char *word;          /* and as Docker's errors do */
    enum ns_kind kind;
    const char *own; /* words that mean a namespace of one's own; NULL: all */
} modes[] = {
    {"HostConfig.PidMode",      "--pid",      "PID",     NS_PID,    "private"               },
    {"HostConfig.IpcMode",      "--ipc",      "IPC",     NS_IPC,    "private none shareable"},
    {"HostConfig.UTSMode",      "--uts",      "UTS",     NS_UTS,    "private"               },
    {"HostConfig.CgroupnsMode", "--cgroupns", "CGROUP",  NS_CGROUP, "private"               },
    {"HostConfig.NetworkMode",  "--network",  "network", NS_NET,    NULL                    },
};

static bool is_word_of(const char *words, const char *word)
{
    size_t len = strlen(word);
    for (const char *at = words; (at = strstr(at, word)) != NULL; at++)
        if ((at == words || at[-1] == ' ') && (at[len] == ' ' || !at[len]))
            return true;
    return false;
}

/* "container:NAME": the namespace of another container, which runs. */
static int join_other(struct plan *plan, enum ns_kind kind, const char *name,
                      struct err *e)
{
    auto_record struct record other = {.doc = NULL};
    int r = record_find(plan->engine, name, &other, e);
    if (r < 0)
        return r;
    int64_t pid = field_int(other.doc, "State.Pid", 0);
    bool runs = other.live && pid > 0;
    if (!runs && plan->waits != NULL) {
        *plan->waits = true;
        return 0;
    }
    if (!runs)
        return err_set(e, EINVAL,
                       "cannot join %s of a non running container: "
                       "%s",
                       kind == NS_PID ? "PID" : "network", other.id);
    if (kind == NS_NET)
        memcpy(plan->network_of, other.id, sizeof other.id);
    plan->spec->join_paths[kind] =
        text_format("/proc/%lld/ns/%s", (long long)pid, ns_table[kind].file);
    return 0;
}

static int plan_mode(struct plan *plan, size_t i, struct err *e)
{
    static const char join[] = "container:";
    const char *mode = field_string(plan->doc, modes[i].path);
    bool is_own = mode == NULL || mode[0] == '\0' ||
                  (modes[i].own != NULL && is_word_of(modes[i].own, mode));
    if (!is_own && strcmp(mode, "host") == 0)
        return 0;
    bool joins = !is_own && text_starts(mode, join);
    if (joins && (modes[i].kind == NS_NET || modes[i].kind == NS_PID))
        return join_other(plan, modes[i].kind, mode + strlen(join), e);
    if (joins)
        return err_set(e, EINVAL, "%s %s is not built yet", modes[i].option,
                       mode);
    if (!is_own && modes[i].own != NULL)
        return err_set(e, EINVAL, "invalid %s mode: %s", modes[i].word, mode);
    plan->spec->new_namespaces |= NS_BIT(modes[i].kind);
    return 0;
}

int plan_namespaces(struct plan *plan, struct err *e)
{
    struct spec *spec = plan->spec;
    spec->new_namespaces = NS_BIT(NS_MOUNT);
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        int r = plan_mode(plan, i, e);
        if (r < 0)
            return r;
    }
    const char *mode = field_string(plan->doc, "HostConfig.NetworkMode");
    plan->is_wired = wiring_network_of(mode) != NULL && plan->engine != NULL;
    const char *userns = field_string(plan->doc, "HostConfig.UsernsMode");
    if (userns != NULL && userns[0] != '\0' && strcmp(userns, "host") != 0)
        return err_set(e, EINVAL, "invalid user namespace mode: \"%s\"",
                       userns);
    if ((spec->new_namespaces & NS_BIT(NS_UTS)) == 0)
        return 0;
    const char *hostname = field_string(plan->doc, "Config.Hostname");
    const char *domainname = field_string(plan->doc, "Config.Domainname");
    spec->hostname = hostname != NULL ? own_strdup(hostname) : NULL;
    if (domainname != NULL && domainname[0] != '\0')
        spec->domainname = own_strdup(domainname);
    return 0;
}

/* HostConfig's numbers that are limits of the control group. 0 is "not set"
 * in the API. */
static const struct {
    const char *path;
    size_t offset;
} numbers[] = {
    {"HostConfig.Memory",             offsetof(struct cg_limits, memory)            },
    {"HostConfig.MemoryReservation",
     offsetof(struct cg_limits,                                  memory_reservation)},
    {"HostConfig.MemorySwap",         offsetof(struct cg_limits, memory_swap)       },
    {"HostConfig.CpuShares",          offsetof(struct cg_limits, cpu_shares)        },
    {"HostConfig.CpuQuota",           offsetof(struct cg_limits, cpu_quota)         },
    {"HostConfig.CpuPeriod",          offsetof(struct cg_limits, cpu_period)        },
    {"HostConfig.CpuRealtimePeriod",  offsetof(struct cg_limits, cpu_rt_period)     },
    {"HostConfig.CpuRealtimeRuntime",
     offsetof(struct cg_limits,                                  cpu_rt_runtime)    },
    {"HostConfig.PidsLimit",          offsetof(struct cg_limits, pids)              },
    {"HostConfig.BlkioWeight",        offsetof(struct cg_limits, io_weight)         },
};

/* BlkioDeviceReadBps and its three sisters: [{"Path", "Rate"}]. */
static int plan_throttles(struct plan *plan, struct err *e)
{
    static const struct {
        const char *path, *key;
    } kinds[] = {
        {"HostConfig.BlkioDeviceReadBps",   "rbps" },
        {"HostConfig.BlkioDeviceWriteBps",  "wbps" },
        {"HostConfig.BlkioDeviceReadIOps",  "riops"},
        {"HostConfig.BlkioDeviceWriteIOps", "wiops"},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        const json_t *list = field_get(plan->doc, kinds[i].path);
        for (size_t j = 0; j < json_array_size(list); j++) {
            const json_t *item = json_array_get(list, j);
            const char *path = field_string(item, "Path");
            struct dev_node node = {0};
            int r = dev_from_host(path != NULL ? path : "", &node, e);
            own_free(&node.path);
            if (r < 0)
                return r;
            strv_addf(&plan->spec->limits.io_max, "%u:%u %s=%lld", node.major,
                      node.minor, kinds[i].key,
                      (long long)field_int(item, "Rate", 0));
        }
    }
    return 0;
}

/* Few kernels share out the time of real-time processes, and version 2 of the
 * control groups has no words for it. */
static int check_realtime(const struct cg_limits *limits, struct err *e)
{
    struct cg_survey survey;
    if (limits->cpu_rt_period == CG_UNSET && limits->cpu_rt_runtime == CG_UNSET)
        return 0;
    cg_survey(&survey);
    if (survey.features[CG_FEATURE_CPU_REALTIME] == CG_NO)
        return err_set(e, EOPNOTSUPP,
                       "Your kernel does not support CPU real-time scheduler");
    if (limits->cpu_rt_period != CG_UNSET &&
        limits->cpu_rt_runtime > limits->cpu_rt_period)
        return err_set(e, EINVAL,
                       "cpu real-time runtime cannot be higher than cpu "
                       "real-time period");
    return 0;
}

int plan_limits(struct plan *plan, struct err *e)
{
    struct cg_limits *limits = &plan->spec->limits;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        int64_t value = field_int(plan->doc, numbers[i].path, 0);
        if (value != 0)
            *(int64_t *)((char *)limits + numbers[i].offset) = value;
    }
    /* As much swap as memory, where only memory is limited. */
    if (limits->memory > 0 && limits->memory_swap == CG_UNSET)
        limits->memory_swap = 2 * limits->memory;
    int64_t nano = field_int(plan->doc, "HostConfig.NanoCpus", 0);
    if (nano > 0) {
        limits->cpu_period = 100000;
        limits->cpu_quota = nano / 10000; /* of 100000 us: 1e9 / 1e5 */
    }
    limits->memory_swappiness =
        field_int(plan->doc, "HostConfig.MemorySwappiness", CG_UNSET);
    if (limits->memory_swappiness < 0)
        limits->memory_swappiness = CG_UNSET;
    if (field_bool(plan->doc, "HostConfig.OomKillDisable"))
        limits->oom_kill_disable = 1;
    int r = check_realtime(limits, e);
    return r < 0 ? r : plan_throttles(plan, e);
}

bool plan_has_limits(const json_t *doc)
{
    bool any = field_int(doc, "HostConfig.NanoCpus", 0) != 0;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        any = any || field_int(doc, numbers[i].path, 0) != 0;
    return any;
}

int plan_make(struct plan *plan, struct err *e)
{
    static int (*const parts[])(struct plan * plan, struct err * e) = {
        plan_process, plan_namespaces, plan_points,  plan_mounts,
        plan_devices, plan_limits,     plan_cpusets, plan_security,
        plan_skipped, plan_log,        plan_sources,
    };
    plan->privileged = field_bool(plan->doc, "HostConfig.Privileged");
    plan->spec->cgroup = record_cgroup(plan->doc, plan->id);
    plan->spec->cgroup_optional = plan->engine->user != 0;
    int bad = cg_check_path(plan->spec->cgroup, e);
    if (bad < 0)
        return bad;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        int r = parts[i](plan, e);
        if (r < 0)
            return r;
    }
    return 0;
}
