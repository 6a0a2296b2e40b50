/*
 * Device rules, as v1's files hold them and as open(2) feels them. A group on
 * each version is made where the machine has one. Needs root.
 */
#include "contract.h"

#include "cg.h"
#include "devices.h"
#include "fault.h"
#include "files.h"
#include "own.h"
#include "sys.h"

#include <errno.h>
#include <linux/bpf.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

/* A directory with two empty files, like a v1 group: what is written there can
 * be read again, which the kernel's own files do not offer. */
struct stage {
    char path[32];
    struct cg cg;
};

static void set_up(struct stage *stage)
{
    snprintf(stage->path, sizeof stage->path, "/tmp/test-devices-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(stage->path));
    stage->cg = (struct cg)CG_INIT;
    stage->cg.layout.v[0].version = 1;
    stage->cg.layout.n = 1;
    memset(stage->cg.layout.where, -1, sizeof stage->cg.layout.where);
    stage->cg.layout.where[CG_DEVICES] = 0;
    stage->cg.dirs[0] = sys_openat(AT_FDCWD, stage->path,
                                   O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    files_replace(stage->cg.dirs[0], "devices.deny", "", 0, 0, NULL);
    files_replace(stage->cg.dirs[0], "devices.allow", "", 0, 0, NULL);
}

static void tear_down(struct stage *stage)
{
    cg_done(&stage->cg);
    files_remove_tree(AT_FDCWD, stage->path, NULL);
}

START_TEST(lab_5_7_rules_are_written_in_order)
{
    struct stage stage;
    auto_device_rules struct device_rules rules = {0};
    auto_text struct text deny = {0}, allow = {0};
    set_up(&stage);
    device_rules_add_default(&rules);
    ck_assert_int_eq(device_rules_parse(&rules, "b 7:* r", NULL), 0);
    int r = device_rules_apply(&rules, &stage.cg, NULL);
    files_read(stage.cg.dirs[0], "devices.deny", &deny, NULL);
    files_read(stage.cg.dirs[0], "devices.allow", &allow, NULL);
    tear_down(&stage);
    ck_assert_int_eq(r, 0);
    ck_assert_str_eq(deny.s, "a");
    ck_assert_str_eq(allow.s, "c *:* mb *:* mc 1:3 rwmc 1:5 rwmc 1:7 rwm"
                              "c 1:8 rwmc 1:9 rwmc 5:0 rwmc 5:1 rwmc 5:2 rwm"
                              "c 136:* rwmb 7:* r");
}
END_TEST

START_TEST(lab_5_7_a_rule_that_is_refused_is_named)
{
    struct stage stage;
    auto_device_rules struct device_rules rules = {0};
    struct err e = {0}, missing = {0};
    set_up(&stage);
    ck_assert_int_eq(device_rules_parse(&rules, "b 7:* r", NULL), 0);
    ck_assert_int_eq(fault_open("write:2:EINVAL", &e), 0);
    int refused = device_rules_apply(&rules, &stage.cg, &e);
    sys_unlinkat(stage.cg.dirs[0], "devices.allow", 0);
    int unopened = device_rules_apply(&rules, &stage.cg, &missing);
    tear_down(&stage);
    ck_assert_int_eq(refused, -EINVAL);
    ck_assert_msg(strstr(e.msg, "b 7:* r") != NULL, "%s", e.msg);
    ck_assert_int_eq(unopened, -ENOENT);
    ck_assert_msg(strstr(missing.msg, "devices.allow") != NULL, "%s",
                  missing.msg);
}
END_TEST

START_TEST(without_rules_nothing_is_done)
{
    struct device_rules none = {0};
    struct cg nowhere = CG_INIT;
    ck_assert_int_eq(device_rules_apply(&none, &nowhere, NULL), 0);
}
END_TEST

/* --- on the kernel --- */

static int open_node(const char *path, int flags)
{
    auto_fd int fd = sys_openat(AT_FDCWD, path, flags | O_CLOEXEC, 0);
    return fd < 0 ? fd : 0;
}

/* A node on a file system that honours it, wherever the tests run. */
static int make_node(const char *path, mode_t type, unsigned int minor)
{
    return sys_mknodat(AT_FDCWD, path, type | 0600, makedev(1, minor));
}

/* In a child that is a member of the group `dir`: what do the calls say? Each
 * bit is one wrong answer. */
static int try_devices(int dir, const char *file)
{
    if (files_write(dir, file, "0", NULL) < 0)
        return 1 << 7;
    int wrong = 0;
    wrong |= (open_node("/mnt/null", O_RDWR) != 0) << 0;
    wrong |= (open_node("/mnt/zero", O_RDONLY) != 0) << 1;
    wrong |= (open_node("/mnt/zero", O_RDWR) != -EPERM) << 2;
    wrong |= (open_node("/mnt/full", O_RDONLY) != -EPERM) << 3;
    wrong |= (make_node("/mnt/new", S_IFCHR, 7) != 0) << 4;
    wrong |= (make_node("/mnt/ram", S_IFBLK, 0) != -EPERM) << 5;
    return wrong;
}

static void prepare_nodes(void)
{
    ck_assert_int_eq(sys_unshare(CLONE_NEWNS), 0);
    ck_assert_int_eq(sys_mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
    ck_assert_int_eq(sys_mount("tmpfs", "/mnt", "tmpfs", 0, NULL), 0);
    ck_assert_int_eq(make_node("/mnt/null", S_IFCHR, 3), 0);
    ck_assert_int_eq(make_node("/mnt/zero", S_IFCHR, 5), 0);
    ck_assert_int_eq(make_node("/mnt/full", S_IFCHR, 7), 0);
    ck_assert_int_eq(open_node("/mnt/full", O_RDONLY), 0);
}

/* Put rules in force for the group and see what a member may do; whoever is
 * outside may do everything still. */
static void check_group(struct cg *cg, int dir, const char *file)
{
    static const struct device_rule all[] = {
        {false, 'a', -1, -1, "rwm"},
        {true,  'c', -1, -1, "m"  },
        {true,  'c', 1,  7,  "rw" },
        {false, 'c', 1,  -1, "rw" }, /* not 7 */
        {true,  'c', 1,  3,  "rw" },
        {true,  'c', 1,  5,  "r"  },
    };
    auto_device_rules struct device_rules rules = {0};
    struct err e = {0};
    int status = -1;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        device_rules_add(&rules, all[i]);
    int r = device_rules_apply(&rules, cg, &e);
    pid_t child = r < 0 ? -1 : fork();
    if (child == 0)
        _exit(try_devices(dir, file));
    if (child > 0)
        waitpid(child, &status, 0);
    int outside = open_node("/mnt/full", O_RDONLY);
    cg_destroy(cg, NULL);
    cg_done(cg);
    ck_assert_msg(r == 0, "%s", e.msg);
    ck_assert_int_eq(outside, 0);
    ck_assert_msg(WIFEXITED(status), "the child died");
    ck_assert_msg(WEXITSTATUS(status) == 0, "wrong answers: %#x",
                  (unsigned int)WEXITSTATUS(status));
}

static void create_group(struct cg *cg)
{
    struct err e = {0};
    auto_free char *path = text_format("test-devices-%d", getpid());
    contract_needs(geteuid() == 0, "root");
    if (cg_create(cg, path, &e) < 0)
        contract_needs(false, e.msg);
}

static void give_back(struct cg *cg, const char *why)
{
    cg_destroy(cg, NULL);
    cg_done(cg);
    contract_needs(false, why);
}

START_TEST(lab_5_7_v1_members_are_held_to_the_rules)
{
    auto_cg struct cg cg = CG_INIT;
    create_group(&cg);
    if (cg_version(&cg, CG_DEVICES) != 1)
        give_back(&cg, "the devices controller of cgroup v1");
    prepare_nodes();
    check_group(&cg, cg_dir(&cg, CG_DEVICES), "tasks");
}
END_TEST

/* The shortest program there is: may it be loaded? */
static bool has_programs(void)
{
    const struct bpf_insn code[] = {
        {.code = BPF_ALU | BPF_MOV | BPF_K, .imm = 1},
        {.code = BPF_JMP | BPF_EXIT                                },
    };
    union bpf_attr attr = {
        .prog_type = BPF_PROG_TYPE_CGROUP_DEVICE,
        .insn_cnt = 2,
        .insns = (uintptr_t)code,
        .license = (uintptr_t) "GPL",
    };
    auto_fd int fd = sys_bpf(BPF_PROG_LOAD, &attr, sizeof attr);
    return fd >= 0;
}

/* On a machine that also has v1 the v2 tree serves: to our module it looks as
 * if there were nothing else. */
START_TEST(v2_members_are_held_to_the_rules)
{
    auto_cg struct cg cg = CG_INIT;
    contract_needs(has_programs(), "a kernel with CONFIG_CGROUP_BPF, and root");
    create_group(&cg);
    int8_t v2 = -1;
    for (size_t i = 0; i < cg.layout.n; i++)
        if (cg.layout.v[i].version == 2 && cg.dirs[i] >= 0)
            v2 = (int8_t)i;
    if (v2 < 0)
        give_back(&cg, "a cgroup v2 tree");
    for (int i = 0; i < CG_COUNT; i++)
        cg.layout.where[i] = v2;
    cg.layout.where[CG_DEVICES] = -1;
    prepare_nodes();
    check_group(&cg, cg.dirs[v2], "cgroup.procs");
}
END_TEST

/* Whose rules begin otherwise than by denying all: still, what none of them
 * speaks of is denied. */
START_TEST(what_no_rule_speaks_of_is_denied)
{
    struct stage stage;
    auto_device_rules struct device_rules rules = {0};
    auto_text struct text deny = {0}, allow = {0};
    set_up(&stage);
    ck_assert_int_eq(device_rules_parse(&rules, "c 1:3 r", NULL), 0);
    int r = device_rules_apply(&rules, &stage.cg, NULL);
    files_read(stage.cg.dirs[0], "devices.deny", &deny, NULL);
    files_read(stage.cg.dirs[0], "devices.allow", &allow, NULL);
    tear_down(&stage);
    ck_assert_int_eq(r, 0);
    ck_assert_str_eq(deny.s, "a");
    ck_assert_str_eq(allow.s, "c 1:3 r");
}
END_TEST

static void add(TCase *tests)
{
    tcase_add_test(tests, lab_5_7_rules_are_written_in_order);
    tcase_add_test(tests, lab_5_7_a_rule_that_is_refused_is_named);
    tcase_add_test(tests, without_rules_nothing_is_done);
    tcase_add_test(tests, what_no_rule_speaks_of_is_denied);
    tcase_add_test(tests, lab_5_7_v1_members_are_held_to_the_rules);
    tcase_add_test(tests, v2_members_are_held_to_the_rules);
}

int main(void)
{
    return contract_main("devices", add);
}
