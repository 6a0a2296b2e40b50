/* The contract of ns.h: each test makes a child in namespaces of its own and
 * looks at it from outside, through /proc. As root it needs nothing more; as
 * an ordinary user every child gets a user namespace too. */
#include "contract.h"
#include "files.h"
#include "ns.h"
#include "own.h"
#include "sys.h"
#include "text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* What makes it possible without privilege. */
static unsigned int and_user(unsigned int kinds)
{
    return geteuid() == 0 ? kinds : kinds | NS_BIT(NS_USER);
}

/* A child that has done `act` and then waits to be killed. The pipe tells
 * that it is ready, or carries the error. */
struct child {
    pid_t pid;
    int pidfd;
};

static struct child child_that(int (*act)(struct err *e))
{
    int ready[2];
    ck_assert_int_eq(pipe(ready), 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct err e = {0};
        act(&e);
        if (write(ready[1], &e, sizeof e) == sizeof e)
            for (;;)
                pause();
        _exit(1);
    }
    struct err e;
    ck_assert_int_eq(read(ready[0], &e, sizeof e), sizeof e);
    contract_needs(e.code != EPERM && e.code != ENOSPC,
                   "new namespaces (root, or user namespaces)");
    ck_assert_msg(e.code == 0, "%s", e.msg);
    close(ready[0]);
    close(ready[1]);
    return (struct child){pid, sys_pidfd_open(pid, 0)};
}

static void end(struct child *child)
{
    kill(child->pid, SIGKILL);
    waitpid(child->pid, NULL, 0);
    close(child->pidfd);
}

/* unshare(2) itself, so that these tests do not lean on ns_unshare. */
static int leave(unsigned int kinds, struct err *e)
{
    int r = sys_unshare((int)ns_clone_flags(and_user(kinds)));
    return r < 0 ? err_sys(e, r, "unshare") : 0;
}

/* pid and time change with the next child only; the links of those that wait
 * for it have names of their own. */
static ino_t inode_for_children(pid_t pid, enum ns_kind kind)
{
    bool later = kind == NS_PID || kind == NS_TIME;
    auto_free char *path =
        text_format("/proc/%d/ns/%s%s", (int)pid, ns_table[kind].file,
                    later ? "_for_children" : "");
    struct stat info;
    return stat(path, &info) == 0 ? info.st_ino : 0;
}

static int unshare_all(struct err *e)
{
    return ns_unshare((1u << NS_COUNT) - 1, e);
}

START_TEST(lab_2_1_every_kind_is_new)
{
    struct child child = child_that(unshare_all);
    for (int i = 0; i < NS_COUNT; i++) {
        ino_t theirs = i == NS_PID || i == NS_TIME ? 0 : ns_inode(child.pid, i);
        /* A pid namespace without a first process has no inode yet. */
        if (i == NS_TIME)
            theirs = inode_for_children(child.pid, i);
        if (i == NS_PID)
            continue;
        ck_assert_msg(theirs != 0, "%s: no inode", ns_table[i].file);
        ck_assert_msg(theirs != ns_inode(getpid(), i), "%s is still ours",
                      ns_table[i].file);
    }
    end(&child);
}
END_TEST

static int unshare_uts(struct err *e)
{
    return ns_unshare(and_user(NS_BIT(NS_UTS)), e);
}

START_TEST(lab_2_1_only_what_was_asked_for)
{
    struct child child = child_that(unshare_uts);
    for (int i = 0; i < NS_COUNT; i++) {
        bool same = ns_inode(child.pid, i) == ns_inode(getpid(), i);
        bool asked = (and_user(NS_BIT(NS_UTS)) & NS_BIT(i)) != 0;
        ck_assert_msg(same != asked, "%s", ns_table[i].file);
    }
    end(&child);
}
END_TEST

#define JOINED                                                                 \
    (NS_BIT(NS_UTS) | NS_BIT(NS_IPC) | NS_BIT(NS_NET) | NS_BIT(NS_MOUNT))

static int leave_joined(struct err *e)
{
    return leave(JOINED, e);
}

/* Join the kinds of `target` in a child of ours; compare from outside. */
static void check_join(const struct child *target, int pidfd)
{
    int ready[2], done[2];
    ck_assert_int_eq(pipe(ready) | pipe(done), 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct err e = {0};
        ns_join_process(target->pid, pidfd, and_user(JOINED), &e);
        char byte;
        close(done[1]);
        _exit(write(ready[1], &e, sizeof e) == sizeof e &&
                      read(done[0], &byte, 1) == 0
                  ? 0
                  : 1);
    }
    struct err e;
    ck_assert_int_eq(read(ready[0], &e, sizeof e), sizeof e);
    ck_assert_msg(e.code == 0, "%s", e.msg);
    for (int i = 0; i < NS_COUNT; i++)
        ck_assert_msg(ns_inode(pid, i) == ns_inode(target->pid, i), "%s",
                      ns_table[i].file);
    close(done[1]);
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}

START_TEST(lab_2_2_join_is_in_the_same_namespaces)
{
    struct child child = child_that(leave_joined);
    check_join(&child, child.pidfd);
    end(&child);
}
END_TEST

START_TEST(lab_2_2_join_works_without_a_pidfd)
{
    struct child child = child_that(leave_joined);
    check_join(&child, -1);
    end(&child);
}
END_TEST

START_TEST(lab_2_2_our_own_user_namespace_is_no_obstacle)
{
    contract_needs(geteuid() == 0, "root");
    struct err e;
    struct child child = child_that(leave_joined);
    int r = ns_join_process(child.pid, child.pidfd,
                            NS_BIT(NS_USER) | NS_BIT(NS_UTS), &e);
    ck_assert_msg(r == 0, "%s", e.msg);
    ck_assert_uint_eq(ns_inode(getpid(), NS_UTS), ns_inode(child.pid, NS_UTS));
    end(&child);
}
END_TEST

START_TEST(lab_2_2_the_dead_cannot_be_joined)
{
    struct err e;
    struct child child = child_that(leave_joined);
    kill(child.pid, SIGKILL);
    waitpid(child.pid, NULL, 0);
    ck_assert_int_lt(
        ns_join_process(child.pid, child.pidfd, NS_BIT(NS_UTS), &e), 0);
}
END_TEST

static int be_web(struct err *e)
{
    int r = leave(NS_BIT(NS_UTS), e);
    if (r == 0)
        r = ns_set_hostname("web", e);
    return r < 0 ? r : ns_set_domainname("example.org", e);
}

/* What a process answers to, asked in its namespace. */
static void names_of(const struct child *child, struct utsname *ret)
{
    int names[2];
    ck_assert_int_eq(pipe(names), 0);
    pid_t pid = fork();
    if (pid == 0) {
        if (geteuid() != 0)
            sys_setns(child->pidfd, CLONE_NEWUSER);
        int r = sys_setns(child->pidfd, CLONE_NEWUTS);
        uname(ret);
        _exit(r == 0 && write(names[1], ret, sizeof *ret) > 0 ? 0 : 1);
    }
    ck_assert_int_eq(read(names[0], ret, sizeof *ret), sizeof *ret);
    waitpid(pid, NULL, 0);
}

START_TEST(lab_2_3_hostname_inside_and_not_outside)
{
    struct utsname before, inside, after;
    uname(&before);
    struct child child = child_that(be_web);
    names_of(&child, &inside);
    uname(&after);
    ck_assert_str_eq(inside.nodename, "web");
    ck_assert_str_eq(inside.domainname, "example.org");
    ck_assert_str_eq(after.nodename, before.nodename);
    end(&child);
}
END_TEST

static int be_64_long(struct err *e)
{
    char name[66];
    memset(name, 'a', 65);
    name[65] = '\0';
    int r = leave(NS_BIT(NS_UTS), e);
    if (r < 0)
        return r;
    r = ns_set_hostname(name, NULL);
    if (r != -EINVAL)
        return err_set(e, EPROTO, "for 65 bytes it returned %d", r);
    return ns_set_hostname(name + 1, e);
}

START_TEST(lab_2_3_a_hostname_has_64_bytes_at_most)
{
    struct utsname inside;
    struct child child = child_that(be_64_long);
    names_of(&child, &inside);
    ck_assert_uint_eq(strlen(inside.nodename), 64);
    end(&child);
}
END_TEST

static int can_reach_loopback(void)
{
    auto_fd int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto_fd int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof to;
    struct sockaddr *address = (struct sockaddr *)&to;
    if (bind(server, address, len) < 0 || listen(server, 1) < 0 ||
        getsockname(server, address, &len) < 0)
        return -errno;
    return connect(client, address, len) < 0 ? -errno : 0;
}

static int bring_up(struct err *e)
{
    int r = leave(NS_BIT(NS_NET), e);
    if (r < 0)
        return r;
    if (can_reach_loopback() == 0)
        return err_set(e, EPROTO, "lo was up before");
    r = ns_loopback_up(e);
    if (r < 0)
        return r;
    r = can_reach_loopback();
    return r < 0 ? err_sys(e, r, "connect to 127.0.0.1") : 0;
}

START_TEST(lab_2_4_loopback_comes_up)
{
    struct child child = child_that(bring_up);
    end(&child);
}
END_TEST

#define DAY INT64_C(86400)

static int live_tomorrow(struct err *e)
{
    int r = leave(NS_BIT(NS_TIME), e);
    return r < 0 ? r : ns_set_time_offset("monotonic", DAY, 0, e);
}

static int day_of_first_child(struct err *e)
{
    struct timespec before, now;
    clock_gettime(CLOCK_MONOTONIC, &before);
    int r = live_tomorrow(e);
    if (r < 0)
        return r;
    pid_t pid = fork();
    if (pid == 0) {
        clock_gettime(CLOCK_MONOTONIC, &now);
        _exit((int)((now.tv_sec - before.tv_sec) / DAY));
    }
    int status;
    waitpid(pid, &status, 0);
    if (WEXITSTATUS(status) != 1)
        return err_set(e, EPROTO, "the child is %d days ahead",
                       WEXITSTATUS(status));
    /* Now there is a process in it, and its clock may not jump. */
    if (ns_set_time_offset("monotonic", 2 * DAY, 0, NULL) != -EACCES)
        return err_set(e, EPROTO, "the offset could be changed again");
    return 0;
}

START_TEST(the_first_child_lives_tomorrow)
{
    contract_needs(access("/proc/self/ns/time", F_OK) == 0, "time namespaces");
    struct child child = child_that(day_of_first_child);
    end(&child);
}
END_TEST

START_TEST(lab_2_6_a_sysctl_needs_a_namespace_of_its_own)
{
    static const struct {
        const char *key;
        unsigned int kinds;
        int result;
    } cases[] = {
        {"kernel.shmmax",                     NS_BIT(NS_IPC), 0      },
        {"kernel/shmmax",                     NS_BIT(NS_IPC), 0      },
        {"kernel.shm_rmid_forced",            NS_BIT(NS_IPC), 0      },
        {"fs.mqueue.msg_max",                 NS_BIT(NS_IPC), 0      },
        {"net.core.somaxconn",                NS_BIT(NS_NET), 0      },
        {"net.ipv4.conf.eth0/100.forwarding", NS_BIT(NS_NET), 0      },
        {"kernel.domainname",                 NS_BIT(NS_UTS), 0      },
        {"kernel.shmmax",                     NS_BIT(NS_NET), -EPERM },
        {"fs.mqueue.msg_max",                 0,              -EPERM },
        {"net.core.somaxconn",                NS_BIT(NS_IPC), -EPERM },
        {"kernel.domainname",                 NS_BIT(NS_NET), -EPERM },
        {"kernel.hostname",                   NS_BIT(NS_UTS), -EPERM },
        {"kernel.core_pattern",               ~0u,            -EPERM },
        {"vm.swappiness",                     ~0u,            -EPERM },
        {"kernel.shmmax.more",                ~0u,            -EPERM },
        {"network.x",                         ~0u,            -EPERM },
        {"net/../kernel/core_pattern",        ~0u,            -EINVAL},
        {"net.//.kernel",                     ~0u,            -EINVAL},
        {"net//core",                         ~0u,            -EINVAL},
        {"net/",                              ~0u,            -EINVAL},
        {"net",                               ~0u,            -EINVAL},
        {"",                                  ~0u,            -EINVAL},
        {"/net/core/somaxconn",               ~0u,            -EINVAL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct err e = {0};
        int r = ns_check_sysctl(cases[i].key, cases[i].kinds, &e);
        ck_assert_msg(r == cases[i].result, "%s: %d, %s", cases[i].key, r,
                      e.msg);
    }
}
END_TEST

static int set_somaxconn(struct err *e)
{
    int r = leave(NS_BIT(NS_NET), e);
    auto_fd int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (r == 0)
        r = ns_set_sysctl(proc, "net.core.somaxconn", "777", e);
    auto_text struct text value = {0};
    if (r == 0)
        r = files_read(proc, "sys/net/core/somaxconn", &value, e);
    if (r >= 0 && strcmp(value.s, "777\n") != 0)
        return err_set(e, EPROTO, "it is %s", value.s);
    return r;
}

START_TEST(a_sysctl_is_set_inside_and_not_outside)
{
    struct err e;
    auto_text struct text before = {0}, after = {0};
    const char *file = "/proc/sys/net/core/somaxconn";
    contract_needs(files_read(AT_FDCWD, file, &before, &e) >= 0, "somaxconn");
    struct child child = child_that(set_somaxconn);
    ck_assert_int_ge(files_read(AT_FDCWD, file, &after, &e), 0);
    ck_assert(before.s != NULL && after.s != NULL &&
              strcmp(before.s, after.s) == 0);
    end(&child);
}
END_TEST

static void add(TCase *tests)
{
    tcase_add_test(tests, lab_2_1_every_kind_is_new);
    tcase_add_test(tests, lab_2_1_only_what_was_asked_for);
    tcase_add_test(tests, lab_2_2_join_is_in_the_same_namespaces);
    tcase_add_test(tests, lab_2_2_join_works_without_a_pidfd);
    tcase_add_test(tests, lab_2_2_our_own_user_namespace_is_no_obstacle);
    tcase_add_test(tests, lab_2_2_the_dead_cannot_be_joined);
    tcase_add_test(tests, lab_2_3_hostname_inside_and_not_outside);
    tcase_add_test(tests, lab_2_3_a_hostname_has_64_bytes_at_most);
    tcase_add_test(tests, lab_2_4_loopback_comes_up);
    tcase_add_test(tests, the_first_child_lives_tomorrow);
    tcase_add_test(tests, lab_2_6_a_sysctl_needs_a_namespace_of_its_own);
    tcase_add_test(tests, a_sysctl_is_set_inside_and_not_outside);
}

int main(void)
{
    return contract_main("namespaces", add);
}
