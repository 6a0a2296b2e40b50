/* The contract of ns.h: making and joining. Each test makes a child in
 * namespaces of its own and looks at it from outside, through /proc. As root
 * it needs nothing more; as an ordinary user every child gets a user namespace
 * too. */
#include "contract.h"
#include "fault.h"
#include "ns.h"
#include "own.h"
#include "sys.h"
#include "test_child.h"
#include "text.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static ino_t inode_of(pid_t pid, const char *file)
{
    auto_free char *path = text_format("/proc/%d/ns/%s", (int)pid, file);
    struct stat info;
    return stat(path, &info) == 0 ? info.st_ino : 0;
}

/* All kinds but those that this kernel was built without. */
static unsigned int kinds_here(void)
{
    unsigned int kinds = 0;
    for (int i = 0; i < NS_COUNT; i++)
        if (ns_inode(getpid(), i) != 0)
            kinds |= NS_BIT(i);
    return kinds;
}

/* A new time namespace, as a new pid namespace, is for the children: it shows
 * under another name until the first of them is born. */
static int unshare_all(struct err *e)
{
    int r = ns_unshare(kinds_here(), e);
    pid_t first = r < 0 ? -1 : fork();
    if (first == 0)
        _exit(getpid() == 1 ? 0 : 1);
    int status = 0;
    if (r == 0 && (waitpid(first, &status, 0) != first || status != 0))
        return err_set(e, EPROTO, "the first child is not pid 1");
    return r;
}

START_TEST(lab_2_1_every_kind_is_new)
{
    struct child child = child_that(unshare_all);
    for (int i = 0; i < NS_COUNT; i++) {
        const char *file =
            i == NS_TIME ? "time_for_children" : ns_table[i].file;
        /* Died with its first process: no inode. */
        if (i == NS_PID || (kinds_here() & NS_BIT(i)) == 0)
            continue;
        ino_t theirs = inode_of(child.pid, file);
        ck_assert_msg(theirs != 0 && theirs != ns_inode(getpid(), i),
                      "%s is still ours", file);
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

START_TEST(lab_2_1_a_refusal_is_told)
{
    struct err e = {0};
    ck_assert_int_eq(fault_open("unshare:1:EPERM", &e), 0);
    ck_assert_int_eq(ns_unshare(NS_BIT(NS_UTS), &e), -EPERM);
    ck_assert_int_eq(e.code, EPERM);
}
END_TEST

#define JOINED                                                                 \
    (NS_BIT(NS_UTS) | NS_BIT(NS_IPC) | NS_BIT(NS_NET) | NS_BIT(NS_MOUNT))

static int leave_joined(struct err *e)
{
    return leave(JOINED, e);
}

/* Join the kinds of `target` in a child of ours; compare from outside. */
static void check_join(const struct child *target, int pidfd,
                       unsigned int kinds)
{
    int ready[2], done[2];
    ck_assert_int_eq(pipe(ready) | pipe(done), 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct err e = {0};
        ns_join_process(target->pid, pidfd, and_user(kinds), &e);
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
        ck_assert_msg((ns_inode(pid, i) == ns_inode(target->pid, i)) ==
                          ((JOINED & ~kinds & NS_BIT(i)) == 0),
                      "%s", ns_table[i].file);
    close(done[1]);
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}

START_TEST(lab_2_2_join_is_in_the_same_namespaces)
{
    struct child child = child_that(leave_joined);
    check_join(&child, child.pidfd, JOINED);
    end(&child);
}
END_TEST

START_TEST(lab_2_2_join_is_in_no_others)
{
    struct child child = child_that(leave_joined);
    check_join(&child, child.pidfd, NS_BIT(NS_UTS));
    end(&child);
}
END_TEST

START_TEST(lab_2_2_join_works_without_a_pidfd)
{
    struct child child = child_that(leave_joined);
    check_join(&child, -1, JOINED);
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
    ck_assert_int_eq(
        ns_join_process(child.pid, child.pidfd, NS_BIT(NS_UTS), &e), -ESRCH);
}
END_TEST

static void add(TCase *tests)
{
    tcase_add_test(tests, lab_2_1_every_kind_is_new);
    tcase_add_test(tests, lab_2_1_only_what_was_asked_for);
    tcase_add_test(tests, lab_2_1_a_refusal_is_told);
    tcase_add_test(tests, lab_2_2_join_is_in_the_same_namespaces);
    tcase_add_test(tests, lab_2_2_join_is_in_no_others);
    tcase_add_test(tests, lab_2_2_join_works_without_a_pidfd);
    tcase_add_test(tests, lab_2_2_our_own_user_namespace_is_no_obstacle);
    tcase_add_test(tests, lab_2_2_the_dead_cannot_be_joined);
}

int main(void)
{
    return contract_main("namespaces", add);
}
