#include "facts.h"

#include "files.h"
#include "filter.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static bool reads(const char *file, const char *value)
{
    auto_text struct text text = {0};
    text_add(&text, "");
    files_read(AT_FDCWD, file, &text, NULL);
    return strstr(text.s, value) != NULL;
}

void facts_gather(struct facts *ret)
{
    *ret = (struct facts){
        .user = geteuid(),
        .has_seccomp = filter_check(NULL) == 0,
        .is_filtered = reads("/proc/self/status", "\nSeccomp:\t2"),
        .has_apparmor = reads("/sys/module/apparmor/parameters/enabled", "Y"),
        .has_selinux = access("/sys/fs/selinux/enforce", F_OK) == 0,
        .selinux_enforces = reads("/sys/fs/selinux/enforce", "1"),
    };
    cg_survey(&ret->groups);
}

const char *facts_cgroup_driver(const struct facts *facts)
{
    return cg_survey_best(&facts->groups) == 0 ? "cgroupfs" : "none";
}

json_t *facts_security_options(const struct facts *facts)
{
    const struct {
        bool applies;
        const char *option;
    } options[] = {
        {facts->has_apparmor, "name=apparmor"               },
        {facts->has_seccomp,  "name=seccomp,profile=builtin"},
        {facts->has_selinux,  "name=selinux"                },
        {facts->user != 0,    "name=rootless"               },
        {true,                "name=cgroupns"               },
    };
    json_t *list = json_array();
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
        if (options[i].applies)
            json_array_append_new(list, json_string(options[i].option));
    return list;
}

/* What can be limited, under Docker's names and with Docker's warnings. A limit
 * is a controller and perhaps a feature of it; CG_FEATURES: none in special. */
static const struct limit {
    const char *member, *warning;
    enum cg_controller controller;
    enum cg_feature feature;
    bool v1_only;
} limits[] = {
    {"MemoryLimit",    "No memory limit support",     CG_MEMORY, CG_FEATURES,           false},
    {"SwapLimit",      "No swap limit support",       CG_MEMORY, CG_FEATURE_SWAP,       false},
    {"OomKillDisable", "No oom kill disable support", CG_MEMORY,
     CG_FEATURE_OOM_KILL_DISABLE,                                                       true },
    {"CpuCfsQuota",    "No cpu cfs quota support",    CG_CPU,    CG_FEATURE_CPU_QUOTA,
     false                                                                                   },
    {"CpuCfsPeriod",   "No cpu cfs period support",   CG_CPU,    CG_FEATURE_CPU_QUOTA,
     false                                                                                   },
    {"CPUShares",      "No cpu shares support",       CG_CPU,    CG_FEATURE_CPU_SHARES,
     false                                                                                   },
    {"CPUSet",         "No cpuset support",           CG_CPUSET, CG_FEATURES,           false},
    {"PidsLimit",      NULL,                          CG_PIDS,   CG_FEATURES,           false},
};

static bool is_available(const struct facts *facts, const struct limit *limit)
{
    return cg_survey_reach(&facts->groups, limit->controller) == 0 &&
           (limit->feature == CG_FEATURES ||
            facts->groups.features[limit->feature] != CG_NO);
}

void facts_add_limits(const struct facts *facts, json_t *info)
{
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++)
        json_object_set_new(info, limits[i].member,
                            json_boolean(is_available(facts, &limits[i])));
}

static void warn(json_t *list, const char *format, const char *what)
{
    auto_text struct text line = {0};
    text_add(&line, "WARNING: ");
    text_addf(&line, format, what);
    json_array_append_new(list, json_string(line.s));
}

json_t *facts_warnings(const struct facts *facts)
{
    json_t *list = json_array();
    if (cg_survey_best(&facts->groups) != 0) {
        if (facts->user != 0)
            warn(list, "%s", "Running in rootless-mode without cgroups.");
        warn(list, "limits are not available; to get them: %s",
             facts_cgroup_remedy(facts));
        return list;
    }
    const struct cg_hierarchy *memory =
        cg_survey_where(&facts->groups, CG_MEMORY);
    bool is_v1 = memory != NULL && memory->version == 1;
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++)
        if (limits[i].warning != NULL && (is_v1 || !limits[i].v1_only) &&
            !is_available(facts, &limits[i]))
            warn(list, "%s", limits[i].warning);
    return list;
}

const char *facts_cgroup_remedy(const struct facts *facts)
{
    bool has_v2 = false;
    for (size_t i = 0; i < facts->groups.layout.n; i++)
        has_v2 = has_v2 || facts->groups.layout.v[i].version == 2;
    int best = cg_survey_best(&facts->groups);
    if (best == -ENOENT && facts->groups.layout.n > 0)
        return "as root, umount /sys/fs/cgroup, where something hides them";
    if (best == -ENOENT)
        return "as root, mount -t cgroup2 cgroup2 /sys/fs/cgroup";
    if (best == -EROFS || facts->user == 0)
        return "if this is a container, start it with --privileged, so that "
               "its control groups may be written";
    if (!has_v2 || facts->groups.layout.n > 1)
        return "be root, or boot with systemd.unified_cgroup_hierarchy=1: "
               "nobody else gets groups of version 1";
    return "systemd-run --user --scope -p Delegate=yes mini-docker ...";
}
