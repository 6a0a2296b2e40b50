/* The contract of idmap.h and rootless.h, seen from outside through
 * /proc/PID/uid_map. Those that need an ordinary user become one. */
#include "contract.h"
#include "files.h"
#include "idmap.h"
#include "own.h"
#include "rootless.h"
#include "sys.h"
#include "text.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define ORDINARY_ID 1000

/* A child in a new user namespace, waiting to be killed; -errno if refused. */
static pid_t stranger(void)
{
    int ready[2];
    ck_assert_int_eq(pipe(ready), 0);
    pid_t pid = fork();
    if (pid == 0) {
        int r = sys_unshare(CLONE_NEWUSER);
        if (write(ready[1], &r, sizeof r) == sizeof r)
            for (;;)
                pause();
        _exit(1);
    }
    int r;
    ck_assert_int_eq(read(ready[0], &r, sizeof r), sizeof r);
    contract_needs(r == 0, "user namespaces");
    return pid;
}

static void end(pid_t pid)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

/* The file with runs of blanks made one: "0 1000 1\n". */
static void check_file(pid_t pid, const char *file, const char *expected)
{
    auto_text struct text content = {0}, squeezed = {0};
    auto_free char *path = text_format("/proc/%d/%s", (int)pid, file);
    ck_assert_int_ge(files_read(AT_FDCWD, path, &content, NULL), 0);
    for (const char *c = content.s; *c != '\0'; c++)
        if (*c != ' ' || (squeezed.len > 0 && c[1] != ' ' &&
                          squeezed.s[squeezed.len - 1] != '\n'))
            text_addn(&squeezed, c, 1);
    text_addn(&squeezed, "", 0);
    ck_assert_msg(strcmp(squeezed.s, expected) == 0, "%s is \"%s\"", file,
                  squeezed.s);
}

static void become_ordinary(void)
{
    if (geteuid() != 0)
        return;
    ck_assert_int_eq(setgroups(0, NULL), 0);
    ck_assert_int_eq(sys_setresgid(ORDINARY_ID, ORDINARY_ID, ORDINARY_ID), 0);
    ck_assert_int_eq(sys_setresuid(ORDINARY_ID, ORDINARY_ID, ORDINARY_ID), 0);
    /* A change of uid makes /proc/self root's own; this gives it back. */
    sys_prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

START_TEST(lab_2_5_root_maps_ranges)
{
    contract_needs(geteuid() == 0, "root");
    struct err e;
    struct idmap uids = {
        .v = {{0, 100000, 1000}, {1000, 5000, 1}},
          .n = 2
    };
    struct idmap gids = {.v = {{0, 200000, 65536}}, .n = 1};
    pid_t pid = stranger();
    int r = idmap_write(pid, &uids, &gids, &e);
    ck_assert_msg(r == 0, "%s", e.msg);
    check_file(pid, "uid_map", "0 100000 1000\n1000 5000 1\n");
    check_file(pid, "gid_map", "0 200000 65536\n");
    check_file(pid, "setgroups", "allow\n");
    end(pid);
}
END_TEST

START_TEST(lab_2_5_a_user_maps_himself)
{
    struct err e;
    become_ordinary();
    struct idmap uids = {.v = {{0, geteuid(), 1}}, .n = 1};
    struct idmap gids = {.v = {{0, getegid(), 1}}, .n = 1};
    pid_t pid = stranger();
    int r = idmap_write(pid, &uids, &gids, &e);
    ck_assert_msg(r == 0, "%s", e.msg);
    auto_free char *users = text_format("0 %u 1\n", geteuid());
    auto_free char *groups = text_format("0 %u 1\n", getegid());
    check_file(pid, "uid_map", users);
    check_file(pid, "gid_map", groups);
    check_file(pid, "setgroups", "deny\n");
    end(pid);
}
END_TEST

START_TEST(lab_2_5_a_user_does_not_get_others)
{
    struct err e;
    become_ordinary();
    /* Nobody grants the ids of root. */
    struct idmap uids = {.v = {{0, 0, 1}}, .n = 1};
    struct idmap gids = {.v = {{0, getegid(), 1}}, .n = 1};
    pid_t pid = stranger();
    int r = idmap_write(pid, &uids, &gids, &e);
    ck_assert_msg(r == -EPERM || r == -ENOENT, "%d", r);
    ck_assert_msg(strstr(e.msg, "newuidmap") != NULL, "%s", e.msg);
    check_file(pid, "uid_map", "");
    end(pid);
    /* Nor those of its groups; that is told although his own id is mapped. */
    uids.v[0].outside = geteuid();
    gids.v[0].outside = 0;
    pid = stranger();
    r = idmap_write(pid, &uids, &gids, &e);
    ck_assert_msg(r == -EPERM || r == -ENOENT, "%d", r);
    ck_assert_msg(strstr(e.msg, "newgidmap") != NULL, "%s", e.msg);
    end(pid);
}
END_TEST

/* A file of this test's own over the one in /etc, seen in its own mount
 * namespace only. */
static void put_over_etc(const char *name, const char *line)
{
    FILE *file = fopen(name, "we");
    ck_assert_ptr_nonnull(file);
    fprintf(file, "%s\n", line);
    fclose(file);
    auto_free char *target = text_format("/etc/%s", strrchr(name, '/') + 1);
    contract_needs(sys_mount(name, target, NULL, MS_BIND, NULL) == 0,
                   "files in /etc to mount over");
    sys_unlinkat(AT_FDCWD, name, 0);
}

START_TEST(lab_2_5_newuidmap_gives_what_was_granted)
{
    contract_needs(geteuid() == 0, "root");
    contract_needs(access("/usr/bin/newuidmap", X_OK) == 0, "newuidmap");
    char dir[] = "/tmp/test-idmap-XXXXXX";
    ck_assert_int_eq(sys_unshare(CLONE_NEWNS), 0);
    ck_assert_int_eq(sys_mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL), 0);
    ck_assert_ptr_nonnull(mkdtemp(dir));
    /* newuidmap wants a name for whoever calls it. */
    auto_free char *user =
        text_format("tester:x:%d:%d::/:/bin/sh", ORDINARY_ID, ORDINARY_ID);
    auto_free char *grant = text_format("%d:300000:65536", ORDINARY_ID);
    auto_free char *passwd = text_format("%s/passwd", dir);
    auto_free char *subuid = text_format("%s/subuid", dir);
    auto_free char *subgid = text_format("%s/subgid", dir);
    put_over_etc(passwd, user);
    put_over_etc(subuid, grant);
    put_over_etc(subgid, grant);
    rmdir(dir);
    become_ordinary();
    struct err e;
    struct idmap ids = {
        .v = {{0, ORDINARY_ID, 1}, {1, 300000, 65536}},
          .n = 2
    };
    pid_t pid = stranger();
    int r = idmap_write(pid, &ids, &ids, &e);
    ck_assert_msg(r == 0, "%s", e.msg);
    check_file(pid, "uid_map", "0 1000 1\n1 300000 65536\n");
    check_file(pid, "gid_map", "0 1000 1\n1 300000 65536\n");
    end(pid);
}
END_TEST

static void check_grants(const char *content, const char *user, size_t n)
{
    struct err e;
    struct idmap map;
    char path[] = "/tmp/test-subuid-XXXXXX";
    int fd = mkstemp(path);
    ck_assert(fd >= 0);
    ck_assert_int_eq(write(fd, content, strlen(content)), strlen(content));
    close(fd);
    int r = idmap_for_user(path, user, 1000, &map, &e);
    unlink(path);
    ck_assert_msg(r == 0, "%s", e.msg);
    ck_assert_int_eq(map.n, n);
    ck_assert_int_eq(idmap_outside(&map, 0), 1000);
    if (n > 1)
        ck_assert_int_eq(idmap_outside(&map, 1), 100000);
    if (n > 2)
        ck_assert_int_eq(idmap_outside(&map, 65537), 300000);
}

/* One range behind the other inside, whatever they are outside. */
START_TEST(lab_2_7_ranges_lie_behind_each_other)
{
    struct err e = {0};
    struct idmap map;
    static const char content[] = "ann:500000:3\nbob:1:9\nann:7000:2\n";
    static const long outside[] = {42, 500000, 500001, 500002, 7000, 7001};
    auto_fd int fd = memfd_create("subuid", MFD_CLOEXEC);
    ck_assert_int_eq(write(fd, content, strlen(content)), strlen(content));
    auto_free char *path = text_format("/proc/self/fd/%d", fd);
    int r = idmap_for_user(path, "ann", 42, &map, &e);
    ck_assert_msg(r == 0, "%s", e.msg);
    ck_assert_int_eq(map.n, 3);
    for (unsigned int id = 0; id < 6; id++)
        ck_assert_int_eq(idmap_outside(&map, id), outside[id]);
    ck_assert_int_eq(idmap_outside(&map, 6), -1);
}
END_TEST

START_TEST(lab_2_7_grants_of_subuid)
{
    check_grants("", "ann", 1);
    check_grants("ann:100000:65536\n", "ann", 2);
    check_grants("bob:1:2\nann:100000:65536\nann:300000:10\n", "ann", 3);
    check_grants("anna:100000:65536\nan:1:1\n", "ann", 1);
    check_grants("ann:x:65536\nann:7\nann\n::\nann:100000:65536", "ann", 2);
    check_grants("1000:100000:65536\n", "1000", 2);
    struct idmap map;
    ck_assert_int_eq(idmap_for_user("/no/file", "ann", 7, &map, NULL), 0);
    ck_assert_int_eq(map.n, 1);
    ck_assert_int_eq(idmap_outside(&map, 0), 7);
}
END_TEST

START_TEST(lab_2_7_a_grant_that_cannot_be_is_named)
{
    struct err e = {0};
    struct idmap map;
    static const char content[] = "ann:100000:10\nann:100005:10\n";
    auto_fd int fd = memfd_create("subuid", MFD_CLOEXEC);
    ck_assert_int_eq(write(fd, content, strlen(content)), strlen(content));
    auto_free char *path = text_format("/proc/self/fd/%d", fd);
    ck_assert_int_eq(idmap_for_user(path, "ann", 42, &map, &e), -EINVAL);
    ck_assert_msg(strstr(e.msg, "line 2") != NULL, "%s", e.msg);
}
END_TEST

START_TEST(rootless_tells_what_unshare_does)
{
    struct err e = {0};
    become_ordinary();
    pid_t pid = fork();
    if (pid == 0)
        _exit(sys_unshare(CLONE_NEWUSER | CLONE_NEWUTS) == 0 ? 0 : 1);
    int status;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    int r = rootless_check(&e);
    ck_assert_msg((r == 0) == (status == 0), "%d: %s", r, e.msg);
}
END_TEST

START_TEST(rootless_knows_the_switch)
{
    struct err e = {0};
    /* The limit of a user namespace of our own is ours to set. */
    pid_t pid = fork();
    if (pid == 0) {
        if (sys_unshare(CLONE_NEWUSER) < 0 ||
            files_write(AT_FDCWD, "/proc/sys/user/max_user_namespaces", "0",
                        NULL) < 0)
            _exit(77);
        int r = rootless_check(&e);
        _exit(r == -ENOSPC && strstr(e.msg, "max_user_namespaces=") ? 0 : 1);
    }
    int status;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    contract_needs(WEXITSTATUS(status) != 77, "user namespaces");
    ck_assert_int_eq(status, 0);
}
END_TEST

/* In a child, which becomes root of its own, makes a file and checks who is
 * whom. Exit status 0, or what is wrong. */
static int enter_and_look(void)
{
    struct rootless who;
    struct err e = {0};
    become_ordinary();
    uid_t outside = geteuid();
    int r = rootless_enter(&who, &e);
    if (r == -EPERM || r == -ENOSPC)
        return 77;
    if (r < 0 || who.uid != outside || geteuid() != 0)
        return 1;
    if (!rootless_is_inside() || who.single != rootless_has_one_id())
        return 2;
    /* Powers over what is its own: another namespace, and a host name in it. */
    return sys_unshare(CLONE_NEWUTS) == 0 && sys_sethostname("own", 3) == 0 ? 0
                                                                            : 3;
}

START_TEST(a_user_becomes_root_of_his_own)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(enter_and_look());
    int status;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    contract_needs(WEXITSTATUS(status) != 77, "user namespaces");
    ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(the_first_namespace_is_known)
{
    contract_needs(geteuid() == 0, "root");
    auto_text struct text map = {0};
    ck_assert_int_gt(files_read(AT_FDCWD, "/proc/self/uid_map", &map, NULL), 0);
    bool first = strstr(map.s, "4294967295") != NULL;
    ck_assert_int_eq(rootless_is_inside(), !first);
    ck_assert(!rootless_has_one_id() || !first);
}
END_TEST

static void add(TCase *tests)
{
    tcase_add_test(tests, lab_2_5_root_maps_ranges);
    tcase_add_test(tests, lab_2_5_a_user_maps_himself);
    tcase_add_test(tests, lab_2_5_a_user_does_not_get_others);
    tcase_add_test(tests, lab_2_5_newuidmap_gives_what_was_granted);
    tcase_add_test(tests, lab_2_7_grants_of_subuid);
    tcase_add_test(tests, lab_2_7_ranges_lie_behind_each_other);
    tcase_add_test(tests, lab_2_7_a_grant_that_cannot_be_is_named);
    tcase_add_test(tests, a_user_becomes_root_of_his_own);
    tcase_add_test(tests, the_first_namespace_is_known);
    tcase_add_test(tests, rootless_tells_what_unshare_does);
    tcase_add_test(tests, rootless_knows_the_switch);
}

int main(void)
{
    return contract_main("idmap", add);
}
