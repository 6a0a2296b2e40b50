/* Control groups: which controller is where, and whose. */
#include "doctor.h"

#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Root's containers do not run without a group; others run without limits. */
static enum doctor_status missing(const struct doctor *doctor)
{
    return doctor->facts.user == 0 ? DOCTOR_FAIL : DOCTOR_WARN;
}

static const char *reach_word(int r)
{
    return r == 0         ? "writable"
           : r == -EROFS  ? "read-only"
           : r == -ENOENT ? "hidden under another mount"
                          : "not writable";
}

static void look_at_groups(const struct doctor *doctor, int which,
                           struct doctor_finding *f)
{
    (void)which;
    const struct facts *facts = &doctor->facts;
    int best = cg_survey_best(&facts->groups);
    if (facts->groups.layout.n == 0)
        doctor_say(f, missing(doctor), facts_cgroup_remedy(facts),
                   "none are mounted");
    else if (best == 0)
        doctor_say(f, DOCTOR_OK, NULL, "%s",
                   cg_layout_name(&facts->groups.layout));
    else
        doctor_say(f, missing(doctor), facts_cgroup_remedy(facts), "%s, %s",
                   cg_layout_name(&facts->groups.layout), reach_word(best));
}

/* A line of /proc/cgroups, cgroups(7): "#subsys_name hierarchy num enabled".
 * -1: the kernel has not this controller (or none of v1 any more). */
static int is_enabled(const char *name)
{
    FILE *file = fopen("/proc/cgroups", "re");
    char line[256], found[64];
    int enabled = -1, value;
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (sscanf(line, "%63s %*d %*d %d", found, &value) == 2 &&
            strcmp(found, name) == 0)
            enabled = value;
    if (file != NULL)
        fclose(file);
    return enabled;
}

/* Has v2's own root the controller, whatever was handed down from there? Where
 * it cannot be asked: perhaps. */
static bool root_has(const char *name)
{
    auto_text struct text list = {0};
    return files_read(AT_FDCWD, "/sys/fs/cgroup/cgroup.controllers", &list,
                      NULL) < 0 ||
           strstr(list.s, name) != NULL;
}

static void name_remedy(const struct doctor *doctor, const char *name, int r,
                        struct doctor_finding *f)
{
    const struct facts *facts = &doctor->facts;
    bool some = cg_survey_best(&facts->groups) == 0;
    if (r != -EOPNOTSUPP || !some)
        text_add(&f->remedy, facts_cgroup_remedy(facts));
    else if (is_enabled(name) == 0)
        text_addf(&f->remedy, "boot with cgroup_enable=%s", name);
    else if (facts->user != 0 && root_has(name))
        text_add(&f->remedy,
                 "as root, mkdir -p /etc/systemd/system/user@.service.d && "
                 "printf '[Service]\\nDelegate=cpu cpuset io memory pids\\n' "
                 ">/etc/systemd/system/user@.service.d/delegate.conf && "
                 "systemctl daemon-reload; then log in again");
    else if (facts->user == 0 && is_enabled(name) > 0)
        text_addf(&f->remedy,
                  "mkdir -p /sys/fs/cgroup/%s && mount -t cgroup -o %s cgroup "
                  "/sys/fs/cgroup/%s",
                  name, name, name);
    else
        text_addf(&f->remedy, "boot a kernel that has the %s controller", name);
}

static void look_at_controller(const struct doctor *doctor, int which,
                               struct doctor_finding *f)
{
    const struct cg_survey *groups = &doctor->facts.groups;
    enum cg_controller controller = (enum cg_controller)which;
    const struct cg_hierarchy *h = cg_survey_where(groups, controller);
    int r = cg_survey_reach(groups, controller);
    if (h == NULL)
        doctor_say(f, DOCTOR_WARN, NULL, "no hierarchy has it");
    else
        doctor_say(f, r == 0 ? DOCTOR_OK : DOCTOR_WARN, NULL, "v%d at %s, %s",
                   h->version, h->mount, reach_word(r));
    if (r != 0)
        name_remedy(doctor, cg_survey_name(groups, controller), r, f);
}

static const struct {
    enum cg_controller controller;
    const char *remedy;
} features[CG_FEATURES] = {
    [CG_FEATURE_SWAP] = {CG_MEMORY,  "boot with swapaccount=1"         },
    [CG_FEATURE_OOM_KILL_DISABLE] = {CG_MEMORY,  NULL                              },
    [CG_FEATURE_CPU_QUOTA] = {CG_CPU,
                         "boot a kernel with CONFIG_CFS_BANDWIDTH"     },
    [CG_FEATURE_CPU_SHARES] = {CG_CPU,
                         "boot a kernel with CONFIG_FAIR_GROUP_SCHED"  },
    [CG_FEATURE_IO_MAX] = {CG_IO,
                         "boot a kernel with CONFIG_BLK_DEV_THROTTLING"},
    [CG_FEATURE_KILL] = {CG_FREEZER, NULL                              },
};

static void look_at_feature(const struct doctor *doctor, int which,
                            struct doctor_finding *f)
{
    const struct cg_survey *groups = &doctor->facts.groups;
    int r = cg_survey_reach(groups, features[which].controller);
    const char *name = cg_survey_name(groups, features[which].controller);
    if (r != 0) {
        doctor_say(f, DOCTOR_WARN, NULL, "out of reach, as the %s controller",
                   name);
        name_remedy(doctor, name, r, f);
    } else if (groups->features[which] == CG_NO)
        doctor_say(f, DOCTOR_WARN, features[which].remedy,
                   "the kernel was built or booted without");
    else
        doctor_say(f, DOCTOR_OK, NULL, "%s",
                   groups->features[which] == CG_YES
                       ? "there"
                       : "cannot be seen before there is a group with it");
}

/* A convenience of v2; v1 does without, process by process. */
static void look_at_kill(const struct doctor *doctor, int which,
                         struct doctor_finding *f)
{
    enum cg_answer answer = doctor->facts.groups.features[which];
    if (strcmp(cg_layout_name(&doctor->facts.groups.layout), "v1") == 0)
        doctor_say(f, DOCTOR_OK, NULL,
                   "v1 has none: processes are killed one by one");
    else if (answer != CG_NO)
        doctor_say(f, DOCTOR_OK, NULL, "%s",
                   answer == CG_YES ? "there (Linux 5.14)"
                                    : "cannot be seen before there is a group");
    else {
        doctor_say(f, DOCTOR_WARN, NULL,
                   "not there: processes are killed one by one");
        doctor_blame_kernel(doctor, "5.14", f);
    }
}

/* clang-format off */
const struct doctor_check doctor_groups[] = {
    {"control groups", "limits, counters, killing all of a container",
     look_at_groups, 0},
    {"memory controller", "--memory", look_at_controller, CG_MEMORY},
    {"swap limits", "--memory-swap", look_at_feature, CG_FEATURE_SWAP},
    {"cpu controller", "--cpu-shares", look_at_controller, CG_CPU},
    {"cpu quota", "--cpus", look_at_feature, CG_FEATURE_CPU_QUOTA},
    {"cpuset controller", "--cpuset-cpus", look_at_controller, CG_CPUSET},
    {"pids controller", "--pids-limit", look_at_controller, CG_PIDS},
    {"io controller", "--blkio-weight, --device-read-bps",
     look_at_controller, CG_IO},
    {"devices controller", "--device", look_at_controller, CG_DEVICES},
    {"freezer", "pausing, and killing without a race",
     look_at_controller, CG_FREEZER},
    {"cgroup.kill", "all processes of a container die at once",
     look_at_kill, CG_FEATURE_KILL},
    {0},
};
/* clang-format on */
