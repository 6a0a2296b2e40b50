/* What a container's process may do and see, as /proc on the host tells it. */
#include "box.h"

#include <sys/resource.h>

/* The value of "Key:" in /proc/PID/status, without the white space. */
static void status_of(const struct box *box, const char *key, char out[128])
{
    auto_text struct text status = {0};
    box_proc(box, "status", &status);
    auto_free char *line = text_format("\n%s:", key);
    const char *at = strstr(status.s, line);
    ck_assert_msg(at != NULL, "no %s", key);
    at += strlen(line);
    at += strspn(at, " \t");
    snprintf(out, 128, "%.*s", (int)strcspn(at, "\n"), at);
}

static void check_status(const struct box *box, const char *key,
                         const char *value)
{
    char said[128];
    status_of(box, key, said);
    ck_assert_msg(strcmp(said, value) == 0, "%s is \"%s\", not \"%s\"", key,
                  said, value);
}

static void check_set(const struct box *box, const char *key, uint64_t value)
{
    char set[32];
    snprintf(set, sizeof set, "%016llx", (unsigned long long)value);
    check_status(box, key, set);
}

START_TEST(roots_powers_are_those_of_the_spec)
{
    struct box box;
    box_init(&box, "echo up; sleep 1000");
    box.spec.process.no_new_privs = true;
    ck_assert_int_eq(
        filter_get(NULL, caps_default(), -1, &box.spec.process.filter, &box.e),
        0);
    box_start(&box);
    box_hear(&box, "up\n");
    check_set(&box, "CapBnd", caps_default());
    check_set(&box, "CapPrm", caps_default());
    check_set(&box, "CapEff", caps_default());
    check_set(&box, "CapInh", 0);
    check_set(&box, "CapAmb", 0);
    check_status(&box, "Seccomp", "2");
    check_status(&box, "NoNewPrivs", "1");
    box_end(&box);
}
END_TEST

START_TEST(an_ordinary_user_has_no_powers)
{
    struct box box;
    box_init(&box, "echo up; sleep 1000");
    struct spec_process *process = &box.spec.process;
    process->uid = process->gid = 1000;
    process->groups[0] = 1000;
    process->groups[1] = 7;
    process->n_groups = 2;
    process->caps = caps_for_user(caps_default(), 1000);
    box_start(&box);
    box_hear(&box, "up\n");
    check_status(&box, "Uid", "1000\t1000\t1000\t1000");
    check_status(&box, "Gid", "1000\t1000\t1000\t1000");
    check_status(&box, "Groups", "7 1000 ");
    check_set(&box, "CapEff", 0);
    check_set(&box, "CapBnd", caps_default());
    check_status(&box, "Seccomp", "0");
    check_status(&box, "NoNewPrivs", "0");
    box_end(&box);
}
END_TEST

/* The line of mountinfo for what is mounted at `target`, or NULL. */
static char *mount_line(const struct text *mounts, const char *target)
{
    auto_strv struct strv lines = {0};
    strv_split(&lines, mounts->s, '\n');
    for (size_t i = 0; i < lines.n; i++) {
        auto_strv struct strv words = {0};
        strv_split(&words, lines.v[i], ' ');
        if (words.n > 5 && strcmp(words.v[4], target) == 0)
            return own_strdup(lines.v[i]);
    }
    return NULL;
}

static void check_mount(const struct text *mounts, const char *target,
                        const char *part, bool has)
{
    auto_free char *line = mount_line(mounts, target);
    ck_assert_msg(line != NULL, "%s is no mount: %s", target, mounts->s);
    ck_assert_msg((strstr(line, part) != NULL) == has, "\"%s\": %s", part,
                  line);
}

START_TEST(only_its_own_mounts_are_there)
{
    struct box box;
    auto_text struct text mounts = {0};
    box_init(&box, "echo up; sleep 1000");
    box.spec.root.readonly = true;
    strv_add(&box.spec.readonly, "/proc/sys");
    box_start(&box);
    box_hear(&box, "up\n");
    box_proc(&box, "mountinfo", &mounts);
    auto_strv struct strv lines = {0};
    text_trim(&mounts);
    strv_split(&lines, mounts.s, '\n');
    ck_assert_msg(lines.n == 4, "%s", mounts.s);
    check_mount(&mounts, "/", " / ro", true);
    check_mount(&mounts, "/bin/sh", " ro", false);
    check_mount(&mounts, "/proc", "nosuid", true);
    check_mount(&mounts, "/proc/sys", " /proc/sys ro", true);
    box_end(&box);
}
END_TEST

START_TEST(mounts_travel_only_where_the_spec_says_so)
{
    struct box box;
    auto_text struct text mounts = {0};
    box_init(&box, "echo up; sleep 1000");
    ck_assert_int_eq(mkdir(SCRATCH "/vol", 0755), 0);
    ck_assert_int_eq(mount("vol", SCRATCH "/vol", "tmpfs", 0, NULL), 0);
    ck_assert_int_eq(mount(NULL, "/", NULL, MS_SHARED | MS_REC, NULL), 0);
    mnt_list_add(&box.spec.mounts, SCRATCH "/vol", "/follows", "bind",
                 "rbind,rslave", &box.e);
    mnt_list_add(&box.spec.mounts, SCRATCH "/vol", "/stays", "bind",
                 "rbind,rprivate", &box.e);
    box_start(&box);
    box_hear(&box, "up\n");
    ck_assert_int_eq(mkdir(SCRATCH "/vol/late", 0755), 0);
    ck_assert_int_eq(mount("late", SCRATCH "/vol/late", "tmpfs", 0, NULL), 0);
    box_proc(&box, "mountinfo", &mounts);
    check_mount(&mounts, "/", "master:", false);
    check_mount(&mounts, "/", "shared:", false);
    check_mount(&mounts, "/follows", "master:", true);
    check_mount(&mounts, "/follows/late", "tmpfs", true);
    check_mount(&mounts, "/stays", "master:", false);
    auto_free char *late = mount_line(&mounts, "/stays/late");
    ck_assert_ptr_null(late);
    box_end(&box);
}
END_TEST

START_TEST(masked_paths_are_empty)
{
    struct box box;
    char said[BOX_SAID];
    box_init(&box, "cat /proc/timer_list; ls /proc/acpi; ls /dev");
    mnt_list_add(&box.spec.mounts, "tmpfs", "/dev", "tmpfs", "mode=755",
                 &box.e);
    box.spec.default_dev = true;
    strv_add(&box.spec.masked, "/proc/timer_list");
    strv_add(&box.spec.masked, "/proc/acpi");
    strv_add(&box.spec.masked, "/proc/no/such/thing");
    box_run(&box, said, 0);
    ck_assert_msg(text_starts(said, "core\nfd\nfull\nnull\n"), "%s", said);
}
END_TEST

START_TEST(limits_of_the_process_are_set)
{
    struct box box;
    char said[BOX_SAID];
    mode_t before = umask(077); /* ours is no business of the container */
    box_init(&box, "ulimit -n; umask; stat -c %a .; "
                   "cat /proc/self/oom_score_adj; "
                   "cat /proc/sys/kernel/shm_rmid_forced");
    struct spec_process *process = &box.spec.process;
    process->limits[0] = (struct limit){RLIMIT_NOFILE, 77, 99};
    process->n_limits = 1;
    process->umask = 027;
    process->has_oom_score_adj = true;
    process->oom_score_adj = 500;
    own_free(&process->cwd);
    process->cwd = own_strdup("/made/here");
    strv_add(&box.spec.sysctls, "kernel.shm_rmid_forced=1");
    box_run(&box, said, 0);
    umask(before);
    ck_assert_str_eq(said, "77\n0027\n755\n500\n1\n");
}
END_TEST

START_TEST(standard_streams_may_lie_anywhere)
{
    struct box box;
    char said[BOX_SAID];
    int input[2];
    box_init(&box, "read x; echo out $x; echo err >&2");
    ck_assert_int_eq(pipe2(input, O_CLOEXEC), 0);
    ck_assert_int_eq(write(input[1], "in\n", 3), 3);
    /* Each where another has to go: 0 is to be 1, and 1 is to be 0. */
    ck_assert_int_eq(dup2(box.options.stdio[1], 0), 0);
    ck_assert_int_eq(dup2(input[0], 1), 1);
    close(box.options.stdio[1]);
    box.options.stdio[0] = 1;
    box.options.stdio[1] = box.options.stdio[2] = 0;
    box_start(&box);
    box_read(&box, said);
    ck_assert_str_eq(said, "out in\nerr\n");
    ck_assert_int_eq(proc_wait(box.ctr.pidfd, &box.e), 0);
    box_end(&box);
}
END_TEST

START_TEST(root_of_a_user_namespace_is_nobody_outside)
{
    struct box box;
    char said[BOX_SAID];
    box_init(&box, "id -u; read x; cat /proc/self/uid_map");
    struct idmap_range range = {.inside = 0, .outside = 100000, .count = 65536};
    ck_assert_int_eq(idmap_add(&box.spec.uids, range, &box.e), 0);
    ck_assert_int_eq(idmap_add(&box.spec.gids, range, &box.e), 0);
    box.spec.new_namespaces |= NS_BIT(NS_USER);
    const char *const files[] = {BOX_ROOT, BOX_ROOT "/bin", BOX_ROOT "/proc"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        ck_assert_int_eq(chown(files[i], 100000, 100000), 0);
    int input[2];
    ck_assert_int_eq(pipe2(input, O_CLOEXEC), 0);
    box.options.stdio[0] = input[0];
    box_start(&box);
    box_hear(&box, "0\n");
    check_status(&box, "Uid", "100000\t100000\t100000\t100000");
    check_status(&box, "Gid", "100000\t100000\t100000\t100000");
    ck_assert_uint_ne(ns_inode(box.ctr.pid, NS_USER), ns_inode(0, NS_USER));
    close(input[1]);
    box_read(&box, said);
    ck_assert_str_eq(said, "         0     100000      65536\n");
    box_end(&box);
}
END_TEST

START_TEST(a_namespace_can_be_shared)
{
    struct box box;
    box_init(&box, "echo up; sleep 1000");
    struct err e;
    int pidfd = -1, pid = proc_clone(CLONE_NEWNET, -1, &pidfd, &e);
    if (pid == 0)
        for (;;)
            pause();
    ck_assert_int_gt(pid, 0);
    box.spec.new_namespaces &= ~NS_BIT(NS_NET);
    box.spec.join_paths[NS_NET] = text_format("/proc/%d/ns/net", pid);
    box_start(&box);
    box_hear(&box, "up\n");
    ck_assert_uint_eq(ns_inode(box.ctr.pid, NS_NET), ns_inode(pid, NS_NET));
    ck_assert_uint_ne(ns_inode(box.ctr.pid, NS_NET), ns_inode(0, NS_NET));
    box_end(&box);
    proc_signal(pidfd, SIGKILL, &e);
    proc_wait(pidfd, &e);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, roots_powers_are_those_of_the_spec);
    tcase_add_test(tc, an_ordinary_user_has_no_powers);
    tcase_add_test(tc, only_its_own_mounts_are_there);
    tcase_add_test(tc, mounts_travel_only_where_the_spec_says_so);
    tcase_add_test(tc, masked_paths_are_empty);
    tcase_add_test(tc, limits_of_the_process_are_set);
    tcase_add_test(tc, standard_streams_may_lie_anywhere);
    tcase_add_test(tc, root_of_a_user_namespace_is_nobody_outside);
    tcase_add_test(tc, a_namespace_can_be_shared);
}

int main(void)
{
    return contract_main("inside", add);
}
