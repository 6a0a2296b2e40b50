// WRAP cg_detect cg_open_hierarchy
/* What is to be had, read off directories of ours that look like groups. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cg_survey.h"

#include "files.h"
#include "own.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Hierarchy i is the directory i of this one, if that is there. */
static int top;
static struct cg_layout layout;

int __wrap_cg_detect(struct cg_layout *ret, struct err *e)
{
    (void)e;
    *ret = layout;
    return layout.n > 0 ? 0 : -ENOENT;
}

int __wrap_cg_open_hierarchy(const struct cg_hierarchy *h)
{
    int fd = openat(top, h->mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

static int set_up(void **state)
{
    (void)state;
    char dir[] = "/tmp/survey.XXXXXX";
    if (mkdtemp(dir) == NULL)
        return -1;
    top = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    *state = own_strdup(dir);
    layout = (struct cg_layout){0};
    for (int c = 0; c < CG_COUNT; c++)
        layout.where[c] = -1;
    return top < 0 ? -1 : 0;
}

static int tear_down(void **state)
{
    close(top);
    int r = files_remove_tree(AT_FDCWD, *state, NULL);
    free(*state);
    return r;
}

static void add(const char *name, int version)
{
    struct cg_hierarchy *h = &layout.v[layout.n++];
    h->version = version;
    strncpy(h->mount, name, sizeof h->mount - 1);
}

static void put(const char *path)
{
    const char *slash = strrchr(path, '/');
    auto_free char *dir = text_format("%.*s", (int)(slash - path), path);
    assert_int_equal(files_mkdirs(top, dir, 0755, NULL), 0);
    auto_fd int fd = openat(top, path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    assert_true(fd >= 0);
}

static void no_groups_at_all(void **state)
{
    (void)state;
    struct cg_survey survey;
    cg_survey(&survey);
    assert_int_equal(survey.layout.n, 0);
    assert_int_equal(cg_survey_best(&survey), -ENOENT);
    assert_int_equal(cg_survey_reach(&survey, CG_MEMORY), -EOPNOTSUPP);
    assert_null(cg_survey_where(&survey, CG_MEMORY));
    assert_int_equal(survey.features[CG_FEATURE_SWAP], CG_NO);
    assert_string_equal(cg_survey_name(&survey, CG_DEVICES), "devices");
}

/* v1: a hierarchy's root has all files of its controllers. */
static void v1_files_tell(void **state)
{
    (void)state;
    struct cg_survey survey;
    add("memory", 1);
    add("cpu", 1);
    layout.where[CG_MEMORY] = 0;
    layout.where[CG_CPU] = 1;
    put("memory/memory.limit_in_bytes");
    put("memory/memory.oom_control");
    put("cpu/cpu.cfs_quota_us");
    cg_survey(&survey);
    assert_int_equal(survey.features[CG_FEATURE_SWAP], CG_NO);
    assert_int_equal(survey.features[CG_FEATURE_OOM_KILL_DISABLE], CG_YES);
    assert_int_equal(survey.features[CG_FEATURE_CPU_QUOTA], CG_YES);
    assert_int_equal(survey.features[CG_FEATURE_CPU_SHARES], CG_NO);
    assert_int_equal(survey.features[CG_FEATURE_CPU_REALTIME], CG_NO);
    assert_int_equal(cg_survey_reach(&survey, CG_MEMORY), 0);
    put("memory/memory.memsw.limit_in_bytes");
    put("cpu/cpu.rt_period_us");
    cg_survey(&survey);
    assert_int_equal(survey.features[CG_FEATURE_SWAP], CG_YES);
    assert_int_equal(survey.features[CG_FEATURE_CPU_REALTIME], CG_YES);
}

/* v2: the root has none, so groups below it are looked at. */
static void v2_groups_are_examples(void **state)
{
    (void)state;
    struct cg_survey survey;
    add("all", 2);
    layout.where[CG_MEMORY] = layout.where[CG_CPU] = layout.where[CG_IO] = 0;
    put("all/cgroup.procs");
    cg_survey(&survey);
    assert_int_equal(survey.features[CG_FEATURE_SWAP], CG_UNKNOWN);
    assert_int_equal(survey.features[CG_FEATURE_KILL], CG_UNKNOWN);
    assert_int_equal(survey.features[CG_FEATURE_OOM_KILL_DISABLE], CG_NO);
    assert_int_equal(survey.features[CG_FEATURE_CPU_REALTIME], CG_NO);
    put("all/one/cgroup.events");
    put("all/one/two/memory.max");
    put("all/one/two/cpu.max");
    cg_survey(&survey);
    assert_int_equal(survey.features[CG_FEATURE_KILL], CG_NO);
    assert_int_equal(survey.features[CG_FEATURE_SWAP], CG_NO);
    assert_int_equal(survey.features[CG_FEATURE_CPU_QUOTA], CG_YES);
    assert_int_equal(survey.features[CG_FEATURE_IO_MAX], CG_UNKNOWN);
    put("all/one/two/memory.swap.max");
    put("all/one/cgroup.kill");
    cg_survey(&survey);
    assert_int_equal(survey.features[CG_FEATURE_SWAP], CG_YES);
    assert_int_equal(survey.features[CG_FEATURE_KILL], CG_YES);
    assert_string_equal(cg_survey_name(&survey, CG_IO), "io");
}

static void hidden_and_reachable(void **state)
{
    (void)state;
    struct cg_survey survey;
    add("gone", 1);
    layout.where[CG_MEMORY] = 0;
    cg_survey(&survey);
    assert_int_equal(cg_survey_best(&survey), -ENOENT);
    assert_int_equal(cg_survey_reach(&survey, CG_MEMORY), -ENOENT);
    add("pids", 1);
    layout.where[CG_PIDS] = 1;
    put("pids/pids.max");
    cg_survey(&survey);
    assert_int_equal(cg_survey_best(&survey), 0);
    assert_int_equal(cg_survey_reach(&survey, CG_PIDS), 0);
    assert_int_equal(cg_survey_reach(&survey, CG_MEMORY), -ENOENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(no_groups_at_all, set_up, tear_down),
        cmocka_unit_test_setup_teardown(v1_files_tell, set_up, tear_down),
        cmocka_unit_test_setup_teardown(v2_groups_are_examples, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(hidden_and_reachable, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests_name("survey", tests, NULL, NULL);
}
