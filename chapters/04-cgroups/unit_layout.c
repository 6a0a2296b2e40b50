/* Which controller is where: mountinfo as various machines write it. */
#include "cg_parts.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#define SUPER "rw,nosuid,nodev,noexec,relatime"

static const char unified[] =
    "24 30 0:22 / /proc rw,relatime shared:5 - proc proc rw\n"
    "35 34 0:30 / /sys/fs/cgroup " SUPER
    " shared:9 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot\n";

/* systemd's v1: joint controllers, named hierarchy, an empty v2 tree. */
static const char systemd_hybrid[] =
    "31 24 0:27 / /sys/fs/cgroup ro shared:9 - tmpfs tmpfs ro,mode=755\n"
    "32 31 0:28 / /sys/fs/cgroup/unified " SUPER
    " shared:10 - cgroup2 cgroup2 rw\n"
    "33 31 0:29 / /sys/fs/cgroup/systemd " SUPER
    " shared:11 - cgroup cgroup rw,xattr,name=systemd\n"
    "36 31 0:32 / /sys/fs/cgroup/cpu,cpuacct " SUPER
    " shared:15 - cgroup cgroup rw,cpu,cpuacct\n"
    "37 31 0:33 / /sys/fs/cgroup/memory " SUPER
    " shared:16 master:1 - cgroup cgroup rw,memory\n"
    "38 31 0:34 / /sys/fs/cgroup/net_cls,net_prio " SUPER
    " - cgroup cgroup rw,net_cls,net_prio\n";

static void v2_alone(void **state)
{
    (void)state;
    struct cg_layout layout;
    assert_int_equal(cg_parse_mountinfo(unified, &layout), 1);
    assert_int_equal(layout.v[0].version, 2);
    assert_string_equal(layout.v[0].mount, "/sys/fs/cgroup");
    assert_string_equal(layout.v[0].controllers, "");
    assert_int_equal(layout.where[CG_MEMORY], -1);
    cg_parse_controllers("cpuset cpu io memory hugetlb\n", &layout);
    assert_int_equal(layout.where[CG_MEMORY], 0);
    assert_int_equal(layout.where[CG_IO], 0);
    assert_int_equal(layout.where[CG_PIDS], -1); /* not in the list */
    /* Built into v2, whatever the list says. */
    assert_int_equal(layout.where[CG_CPUACCT], 0);
    assert_int_equal(layout.where[CG_FREEZER], 0);
    assert_int_equal(layout.where[CG_DEVICES], 0);
    assert_string_equal(cg_layout_name(&layout), "v2");
}

static void hybrid_of_systemd(void **state)
{
    (void)state;
    struct cg_layout layout;
    assert_int_equal(cg_parse_mountinfo(systemd_hybrid, &layout), 5);
    cg_parse_controllers("pids memory\n", &layout);
    assert_string_equal(layout.v[1].controllers, "name=systemd");
    assert_string_equal(layout.v[2].controllers, "cpu,cpuacct");
    assert_string_equal(layout.v[4].controllers, "net_cls,net_prio");
    assert_int_equal(layout.where[CG_CPU], 2);
    assert_int_equal(layout.where[CG_CPUACCT], 2);
    assert_int_equal(layout.where[CG_MEMORY], 3); /* v1 has it: v2 cannot */
    assert_int_equal(layout.where[CG_PIDS], 0);
    assert_int_equal(layout.where[CG_CPUSET], -1);
    assert_int_equal(cg_v2_index(&layout), 0);
    assert_string_equal(cg_layout_name(&layout), "hybrid");
}

static void v1_alone(void **state)
{
    (void)state;
    struct cg_layout layout;
    const char text[] = "1 0 0:5 / /cg/pids rw - cgroup none rw,pids\n"
                        "2 0 0:6 / /cg/blkio rw - cgroup none rw,blkio";
    assert_int_equal(cg_parse_mountinfo(text, &layout), 2);
    cg_parse_controllers("memory\n", &layout); /* there is no v2 to have it */
    assert_int_equal(layout.where[CG_PIDS], 0);
    assert_int_equal(layout.where[CG_IO], 1);
    assert_int_equal(layout.where[CG_MEMORY], -1);
    assert_int_equal(cg_v2_index(&layout), -1);
    assert_string_equal(cg_layout_name(&layout), "v1");
}

/* Mounts that show more than our cgroup namespace, and one hierarchy seen at
 * several places. */
static void foreign_and_double_mounts(void **state)
{
    (void)state;
    struct cg_layout layout;
    const char text[] =
        "1 0 0:5 /../.. /sys/fs/cgroup/pids rw - cgroup none rw,pids\n"
        "2 0 0:6 / /mnt/memory rw - cgroup none rw,memory\n"
        "3 0 0:6 / /sys/fs/cgroup/memory rw - cgroup none rw,memory\n"
        "4 0 0:6 / /srv/memory rw - cgroup none rw,memory\n"
        "5 0 0:7 /docker/x /sys/fs/cgroup/cpu rw - cgroup none rw,cpu\n";
    assert_int_equal(cg_parse_mountinfo(text, &layout), 2);
    assert_int_equal(layout.where[CG_PIDS], -1);
    assert_string_equal(layout.v[0].mount, "/sys/fs/cgroup/memory");
    assert_string_equal(layout.v[1].mount, "/sys/fs/cgroup/cpu");
}

static void escapes(void **state)
{
    (void)state;
    struct cg_layout layout;
    const char text[] =
        "1 0 0:5 / /a\\040b\\134c\\9 rw - cgroup none rw,pids\n";
    assert_int_equal(cg_parse_mountinfo(text, &layout), 1);
    assert_string_equal(layout.v[0].mount, "/a b\\c\\9");
}

static void garbage(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "\n\n\n",
        "-",
        " - cgroup cgroup rw,memory",
        "1 2 3 4 5 6 7",
        "1 2 0:5 / /x rw - cgroup none",
        "1 2 0:5 / /x rw cgroup none rw,memory\n",
        "1 2 0:5 / /x rw - cgroup none rw\n",
        "1 2 0:5 / /x rw - cgroup none rw,name=,memoryy\n",
        "1 2 0:5 / /x rw - cgroup3 none rw,memory\n",
        "1 2 0:5 / /x\\ rw - tmpfs none rw\n\\",
    };
    struct cg_layout layout;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(cg_parse_mountinfo(bad[i], &layout), 0);
        cg_parse_controllers("memory", &layout);
        assert_int_equal(layout.where[CG_MEMORY], -1);
    }
}

/* More and longer than there is room for. */
static void too_much(void **state)
{
    (void)state;
    struct cg_layout layout;
    auto_text struct text text = {0};
    text_add(&text, "1 2 0:99 / /");
    for (int i = 0; i < 1000; i++)
        text_add(&text, "x");
    text_add(&text, " rw - cgroup2 none rw\n");
    for (int i = 0; i < 40; i++)
        text_addf(&text, "1 2 0:%d / /h%d rw - cgroup none rw,name=n%d\n", i, i,
                  i);
    assert_int_equal(cg_parse_mountinfo(text.s, &layout), CG_MAX_HIERARCHIES);
    assert_string_equal(layout.v[0].mount, "/h0");
}

static void sums(void **state)
{
    (void)state;
    const char flat[] = "oom_kill_disable 1\nunder_oom 0\noom_kill 12\n";
    assert_int_equal(cg_sum(flat, "oom_kill"), 12);
    assert_int_equal(cg_sum(flat, "oom"), 0);
    const char nested[] = "8:0 rbytes=10 wbytes=3\n8:16 rbytes=32 rios=1\n";
    assert_int_equal(cg_sum(nested, "rbytes"), 42);
    const char v1[] = "8:0 Read 7\n8:0 Write 5\n8:0 Total 12\nTotal 12\n";
    assert_int_equal(cg_sum(v1, "Read"), 7);
    assert_int_equal(cg_sum("key", "key"), 0);
    assert_int_equal(cg_sum("key ", "key"), 0);
    assert_int_equal(cg_sum("key -1\n key=", "key"), 0);
    assert_int_equal(cg_sum("", "key"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(v2_alone), cmocka_unit_test(hybrid_of_systemd),
        cmocka_unit_test(v1_alone), cmocka_unit_test(foreign_and_double_mounts),
        cmocka_unit_test(escapes),  cmocka_unit_test(garbage),
        cmocka_unit_test(too_much), cmocka_unit_test(sums),
    };
    return cmocka_run_group_tests_name("layout", tests, NULL, NULL);
}
