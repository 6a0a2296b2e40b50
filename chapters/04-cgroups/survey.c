/* Second reading: see cg_survey.h. */
#include "cg_survey.h"

#include "cg_parts.h"
#include "own.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Groups of v2 are looked at so deep below the root for an example. */
#define DEPTH 2

/* A limit's file in the group of its controller. `sign` is a file that tells
 * whether a group of v2 has that controller at all. */
static const struct {
    enum cg_controller controller;
    const char *v1, *v2, *sign;
} files[CG_FEATURES] = {
    [CG_FEATURE_SWAP] = {CG_MEMORY,  "memory.memsw.limit_in_bytes",
                         "memory.swap.max",                                           "memory.max"   },
    [CG_FEATURE_OOM_KILL_DISABLE] = {CG_MEMORY,  "memory.oom_control",             NULL,
                         NULL                                                                        },
    [CG_FEATURE_CPU_QUOTA] = {CG_CPU,     "cpu.cfs_quota_us",               "cpu.max",
                         "cpu.weight"                                                                },
    [CG_FEATURE_CPU_SHARES] = {CG_CPU,     "cpu.shares",                     "cpu.weight",
                         "cpu.pressure"                                                              },
    [CG_FEATURE_CPU_REALTIME] = {CG_CPU,     "cpu.rt_period_us",               NULL,          NULL           },
    [CG_FEATURE_IO_MAX] = {CG_IO,      "blkio.throttle.read_bps_device", "io.max",
                         "io.stat"                                                                   },
    [CG_FEATURE_KILL] = {CG_FREEZER, NULL,                             "cgroup.kill", "cgroup.events"},
};

static bool has(int dir, const char *file)
{
    return faccessat(dir, file, F_OK, 0) == 0;
}

/* In this group, or in one of those below it. */
static enum cg_answer look_in(int dir, const char *file, const char *sign,
                              int depth)
{
    if (has(dir, file))
        return CG_YES;
    if (has(dir, sign))
        return CG_NO;
    auto_dir DIR *list = depth > 0 ? cg_list(dir) : NULL;
    const struct dirent *entry;
    while (list != NULL && (entry = readdir(list)) != NULL) {
        auto_fd int child = cg_open_child(dir, entry);
        enum cg_answer answer =
            child < 0 ? CG_UNKNOWN : look_in(child, file, sign, depth - 1);
        if (answer != CG_UNKNOWN)
            return answer;
    }
    return CG_UNKNOWN;
}

static enum cg_answer look_for(const struct cg_survey *survey,
                               enum cg_feature feature)
{
    const struct cg_hierarchy *h =
        cg_survey_where(survey, files[feature].controller);
    int v2 = cg_v2_index(&survey->layout);
    if (feature == CG_FEATURE_KILL && v2 >= 0)
        h = &survey->layout.v[v2]; /* in every tree of v2 */
    const char *file = h == NULL         ? NULL
                       : h->version == 1 ? files[feature].v1
                                         : files[feature].v2;
    auto_fd int dir = file == NULL ? -1 : cg_open_hierarchy(h);
    if (dir < 0)
        return file == NULL ? CG_NO : CG_UNKNOWN;
    if (h->version == 1)
        return has(dir, file) ? CG_YES : CG_NO;
    return look_in(dir, file, files[feature].sign, DEPTH);
}

static int reach(const struct cg_hierarchy *h)
{
    auto_fd int dir = cg_open_hierarchy(h);
    if (dir < 0)
        return dir;
    return faccessat(dir, ".", W_OK, AT_EACCESS) == 0 ? 0 : -errno;
}

void cg_survey(struct cg_survey *ret)
{
    *ret = (struct cg_survey){0};
    if (cg_detect(&ret->layout, NULL) < 0)
        cg_parse_mountinfo("", &ret->layout);
    for (size_t i = 0; i < ret->layout.n; i++)
        ret->reach[i] = reach(&ret->layout.v[i]);
    for (int f = 0; f < CG_FEATURES; f++)
        ret->features[f] = look_for(ret, (enum cg_feature)f);
}

const struct cg_hierarchy *cg_survey_where(const struct cg_survey *survey,
                                           enum cg_controller controller)
{
    int where = survey->layout.where[controller];
    return where < 0 ? NULL : &survey->layout.v[where];
}

int cg_survey_reach(const struct cg_survey *survey,
                    enum cg_controller controller)
{
    int where = survey->layout.where[controller];
    return where < 0 ? -EOPNOTSUPP : survey->reach[where];
}

int cg_survey_best(const struct cg_survey *survey)
{
    int best = -ENOENT;
    for (size_t i = 0; i < survey->layout.n && best != 0; i++)
        if (survey->reach[i] == 0 || best == -ENOENT)
            best = survey->reach[i];
    return best;
}

const char *cg_survey_name(const struct cg_survey *survey,
                           enum cg_controller controller)
{
    const struct cg_hierarchy *h = cg_survey_where(survey, controller);
    const char *name =
        cg_controller_name(controller, h == NULL ? 2 : h->version);
    return name != NULL ? name : cg_controller_name(controller, 1);
}
