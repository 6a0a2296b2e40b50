// WRAP sys_clone3 sys_pidfd_open sys_openat2 sys_open_tree sys_close_range
// WRAP sys_mount_setattr ns_try snap_try rootless_check_users
// WRAP idmap_check_helpers rootless_find_maps rootless_explain
/* The verdicts: what is found, and what follows from it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "doctor.h"

#include "idmap.h"
#include "ns.h"
#include "rootless.h"
#include "sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What each of them answers. */
static struct {
    int clone3, pidfd, openat2, open_tree, close_range, mount_setattr;
    int ns[NS_COUNT], overlay, overlay_user, users, helpers;
    uint32_t granted;
} world;

int __wrap_sys_clone3(struct clone_args *args, size_t size)
{
    (void)size;
    return args == NULL || world.clone3 == -ENOSYS ? world.clone3 : -EBADF;
}
int __wrap_sys_pidfd_open(pid_t pid, unsigned int flags)
{
    (void)pid, (void)flags;
    return world.pidfd != 0 ? world.pidfd : dup(STDERR_FILENO);
}
int __wrap_sys_openat2(int dirfd, const char *path, struct open_how *how,
                       size_t size)
{
    (void)dirfd, (void)path, (void)how, (void)size;
    return world.openat2 != 0 ? world.openat2 : dup(STDERR_FILENO);
}
int __wrap_sys_open_tree(int dirfd, const char *path, unsigned int flags)
{
    (void)dirfd, (void)path, (void)flags;
    return world.open_tree != 0 ? world.open_tree : dup(STDERR_FILENO);
}
int __wrap_sys_close_range(unsigned int first, unsigned int last,
                           unsigned int flags)
{
    (void)first, (void)last, (void)flags;
    return world.close_range;
}
int __wrap_sys_mount_setattr(int dirfd, const char *path, unsigned int flags,
                             struct mount_attr *attr, size_t size)
{
    (void)dirfd, (void)path, (void)flags, (void)attr, (void)size;
    return world.mount_setattr;
}
int __wrap_ns_try(enum ns_kind kind, struct err *e)
{
    return world.ns[kind] == 0 ? 0 : err_sys(e, world.ns[kind], "try it");
}
int __wrap_snap_try(const char *place, int (*before)(struct err *e),
                    struct err *e)
{
    (void)place;
    int r = before == NULL ? world.overlay : world.overlay_user;
    return r == 0 ? 0 : err_sys(e, r, "mount overlay");
}
int __wrap_rootless_check_users(struct err *e)
{
    return world.users == 0 ? 0 : err_sys(e, world.users, "users");
}
struct rootless_reason __wrap_rootless_explain(int code)
{
    return (struct rootless_reason){
        "there is a cause", code == EPERM ? "turn it on" : "raise the limit"};
}
int __wrap_idmap_check_helpers(struct err *e)
{
    return world.helpers == 0 ? 0 : err_sys(e, world.helpers, "newuidmap");
}
int __wrap_rootless_find_maps(struct idmap *uids, struct idmap *gids,
                              struct err *e)
{
    (void)e;
    *uids = (struct idmap){
        .v = {{0, 1000, 1}, {1, 100000, world.granted}},
        .n = world.granted > 0 ? 2 : 1
    };
    *gids = *uids;
    return 0;
}

/* A machine on which all is well, and whoever asks. */
static struct doctor healthy(uid_t user)
{
    static char root[] = "/", run[] = "/";
    memset(&world, 0, sizeof world);
    world.clone3 = -EINVAL;
    world.mount_setattr = -EINVAL;
    world.granted = 65536;
    struct doctor doctor = {
        .root = root, .run = run, .facts = {.user = user, .has_seccomp = true}
    };
    struct cg_survey *groups = &doctor.facts.groups;
    groups->layout.n = 1;
    groups->layout.v[0] = (struct cg_hierarchy){.version = 2, .mount = "/cg"};
    for (int f = 0; f < CG_FEATURES; f++)
        groups->features[f] = CG_YES;
    return doctor;
}

/* Row `name` of a table says this, and something of `remedy` (NULL: none). */
static void finds(const struct doctor *doctor, const struct doctor_check *table,
                  const char *name, enum doctor_status status,
                  const char *remedy)
{
    while (table->name != NULL && strcmp(table->name, name) != 0)
        table++;
    assert_non_null(table->name);
    struct doctor_finding f = {0};
    table->look(doctor, table->which, &f);
    if (f.status != status ||
        (remedy == NULL ? f.remedy.len > 0
                        : strstr(f.remedy.s, remedy) == NULL))
        fail_msg("%s: status %d, %s; %s", name, f.status, f.detail.s,
                 f.remedy.s);
    assert_true(f.detail.len > 0);
    text_done(&f.detail);
    text_done(&f.remedy);
}

static void a_healthy_machine_has_nothing_to_mend(void **state)
{
    (void)state;
    const struct doctor_check *const tables[] = {
        doctor_kernel, doctor_namespaces, doctor_groups};
    for (uid_t user = 0; user <= 1000; user += 1000) {
        struct doctor doctor = healthy(user);
        for (size_t t = 0; t < 3; t++)
            for (const struct doctor_check *c = tables[t]; c->name; c++)
                finds(&doctor, tables[t], c->name, DOCTOR_OK, NULL);
    }
    assert_true(fcntl(STDIN_FILENO, F_GETFD) >= 0); /* 0 is not always one */
}

static void calls_are_needed_or_replaced(void **state)
{
    (void)state;
    struct doctor doctor = healthy(0);
    world.pidfd = world.openat2 = world.open_tree = -ENOSYS;
    world.clone3 = world.close_range = world.mount_setattr = -ENOSYS;
    finds(&doctor, doctor_kernel, "pidfd", DOCTOR_FAIL, "Linux 5.3");
    finds(&doctor, doctor_kernel, "openat2", DOCTOR_FAIL, "Linux 5.6");
    finds(&doctor, doctor_kernel, "open_tree", DOCTOR_FAIL, "Linux 5.2");
    finds(&doctor, doctor_kernel, "clone3", DOCTOR_WARN, "Linux 5.3");
    finds(&doctor, doctor_kernel, "CLONE_INTO_CGROUP", DOCTOR_WARN, "5.7");
    finds(&doctor, doctor_kernel, "close_range", DOCTOR_WARN, "Linux 5.11");
    finds(&doctor, doctor_kernel, "mount_setattr", DOCTOR_WARN, "Linux 5.12");
    /* In a container it is the filter, not the kernel. */
    doctor.facts.is_filtered = true;
    finds(&doctor, doctor_kernel, "clone3", DOCTOR_WARN, "seccomp=unconfined");
}

static void namespaces_are_needed_or_wished_for(void **state)
{
    (void)state;
    struct doctor doctor = healthy(0);
    for (int i = 0; i < NS_COUNT; i++)
        world.ns[i] = -EPERM;
    finds(&doctor, doctor_namespaces, "mount namespace", DOCTOR_FAIL,
          "--privileged");
    finds(&doctor, doctor_namespaces, "user namespace", DOCTOR_WARN, "root");
    doctor.facts.user = 1000;
    finds(&doctor, doctor_namespaces, "user namespace", DOCTOR_FAIL, "root");
    world.ns[NS_TIME] = -EINVAL;
    finds(&doctor, doctor_namespaces, "time namespace", DOCTOR_WARN,
          "that has time namespaces");
    world.ns[NS_NET] = -ENOSPC;
    finds(&doctor, doctor_namespaces, "network namespace", DOCTOR_FAIL,
          "user.max_net_namespaces");
}

static void groups_are_needed_by_root_alone(void **state)
{
    (void)state;
    struct doctor doctor = healthy(0);
    doctor.facts.groups.reach[0] = -EROFS;
    finds(&doctor, doctor_groups, "control groups", DOCTOR_FAIL,
          "--privileged");
    finds(&doctor, doctor_groups, "memory controller", DOCTOR_WARN,
          "--privileged");
    doctor.facts.groups.reach[0] = -ENOENT;
    finds(&doctor, doctor_groups, "control groups", DOCTOR_FAIL, "umount");
    doctor.facts.user = 1000;
    doctor.facts.groups.reach[0] = -EACCES;
    finds(&doctor, doctor_groups, "control groups", DOCTOR_WARN, "systemd-run");
    doctor.facts.groups.layout.v[0].version = 1;
    finds(&doctor, doctor_groups, "control groups", DOCTOR_WARN,
          "unified_cgroup_hierarchy");
    doctor.facts.groups.layout.n = 0;
    finds(&doctor, doctor_groups, "control groups", DOCTOR_WARN,
          "mount -t cgroup2");
}

static void single_limits_may_be_missing(void **state)
{
    (void)state;
    struct doctor doctor = healthy(1000);
    doctor.facts.groups.layout.where[CG_CPU] = -1;
    doctor.facts.groups.features[CG_FEATURE_SWAP] = CG_NO;
    doctor.facts.groups.features[CG_FEATURE_KILL] = CG_UNKNOWN;
    finds(&doctor, doctor_groups, "cpu controller", DOCTOR_WARN, "Delegate=");
    finds(&doctor, doctor_groups, "cpu quota", DOCTOR_WARN, "Delegate=");
    finds(&doctor, doctor_groups, "swap limits", DOCTOR_WARN, "swapaccount=1");
    finds(&doctor, doctor_groups, "cgroup.kill", DOCTOR_OK, NULL);
}

static void rights_of_users(void **state)
{
    (void)state;
    struct doctor doctor = healthy(1000);
    finds(&doctor, doctor_rootless, "unprivileged users", DOCTOR_OK, NULL);
    finds(&doctor, doctor_rootless, "subordinate ids", DOCTOR_OK, NULL);
    world.granted = 0;
    finds(&doctor, doctor_rootless, "subordinate ids", DOCTOR_WARN, "usermod");
    world.helpers = -ENOENT;
    finds(&doctor, doctor_rootless, "newuidmap", DOCTOR_WARN, "uidmap");
    world.helpers = -EPERM;
    finds(&doctor, doctor_rootless, "newuidmap", DOCTOR_WARN, "chmod u+s");
    world.helpers = -EACCES;
    finds(&doctor, doctor_rootless, "newuidmap", DOCTOR_WARN, "remount,suid");
    world.users = -ENOSPC;
    finds(&doctor, doctor_rootless, "unprivileged users", DOCTOR_FAIL,
          "raise the limit");
    doctor.facts.user = 0;
    finds(&doctor, doctor_rootless, "unprivileged users", DOCTOR_WARN,
          "raise the limit");
    finds(&doctor, doctor_rootless, "subordinate ids", DOCTOR_OK, NULL);
    doctor.facts.has_seccomp = false;
    finds(&doctor, doctor_rights, "seccomp", DOCTOR_FAIL, "CONFIG_SECCOMP");
}

/* A writable place is wanted to try it on; so the real one is a tmpfs. */
static void overlays_for_whom(void **state)
{
    (void)state;
    static char place[] = "/dev/shm";
    struct doctor doctor = healthy(0);
    doctor.root = place;
    finds(&doctor, doctor_places, "overlayfs", DOCTOR_OK, NULL);
    world.overlay = -ENODEV;
    world.overlay_user = -EINVAL;
    finds(&doctor, doctor_places, "overlayfs", DOCTOR_FAIL, "modprobe");
    finds(&doctor, doctor_places, "overlayfs for users", DOCTOR_WARN, "ext4");
    doctor.facts.user = 1000;
    finds(&doctor, doctor_places, "overlayfs", DOCTOR_OK, NULL);
    finds(&doctor, doctor_places, "overlayfs for users", DOCTOR_FAIL, "ext4");
}

static bool warns(const struct facts *facts, const char *words)
{
    json_t *list = facts_warnings(facts);
    char *all = json_dumps(list, 0);
    bool found = strstr(all, words) != NULL;
    free(all);
    json_decref(list);
    return found;
}

static void info_warns_of_the_same(void **state)
{
    (void)state;
    struct doctor doctor = healthy(1000);
    struct facts *facts = &doctor.facts;
    assert_false(warns(facts, "WARNING"));
    facts->groups.features[CG_FEATURE_SWAP] = CG_NO;
    facts->groups.features[CG_FEATURE_CPU_QUOTA] = CG_NO;
    facts->groups.features[CG_FEATURE_OOM_KILL_DISABLE] = CG_NO;
    assert_true(warns(facts, "WARNING: No swap limit support"));
    assert_true(warns(facts, "WARNING: No cpu cfs quota support"));
    assert_false(warns(facts, "oom kill")); /* v2 never had it */
    assert_string_equal(facts_cgroup_driver(facts), "cgroupfs");
    facts->groups.reach[0] = -EACCES;
    assert_string_equal(facts_cgroup_driver(facts), "none");
    assert_true(warns(facts, "rootless-mode without cgroups"));
    assert_true(warns(facts, "systemd-run"));
    assert_false(warns(facts, "No swap limit"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_healthy_machine_has_nothing_to_mend),
        cmocka_unit_test(calls_are_needed_or_replaced),
        cmocka_unit_test(namespaces_are_needed_or_wished_for),
        cmocka_unit_test(groups_are_needed_by_root_alone),
        cmocka_unit_test(single_limits_may_be_missing),
        cmocka_unit_test(rights_of_users),
        cmocka_unit_test(overlays_for_whom),
        cmocka_unit_test(info_warns_of_the_same),
    };
    return cmocka_run_group_tests_name("doctor", tests, NULL, NULL);
}
