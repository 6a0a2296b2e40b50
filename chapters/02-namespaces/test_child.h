/*
 * test_child.h - for tests: a child in namespaces of its own, to be looked at
 * from outside.
 *
 *     static int act(struct err *e) { return leave(NS_BIT(NS_UTS), e); }
 *     struct child child = child_that(act);
 *     ... ns_inode(child.pid, NS_UTS) ...
 *     end(&child);
 */
#ifndef TEST_CHILD_H
#define TEST_CHILD_H

#include "contract.h"
#include "ns.h"
#include "sys.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* What makes it possible without privilege. */
static inline unsigned int and_user(unsigned int kinds)
{
    return geteuid() == 0 ? kinds : kinds | NS_BIT(NS_USER);
}

/* A child that has done `act` and then waits to be killed. The pipe tells
 * that it is ready, or carries the error. */
struct child {
    pid_t pid;
    int pidfd;
};

static inline struct child child_that(int (*act)(struct err *e))
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

static inline void end(struct child *child)
{
    kill(child->pid, SIGKILL);
    waitpid(child->pid, NULL, 0);
    close(child->pidfd);
}

/* unshare(2) itself, so that these tests do not lean on ns_unshare. */
static inline int leave(unsigned int kinds, struct err *e)
{
    int r = sys_unshare((int)ns_clone_flags(and_user(kinds)));
    return r < 0 ? err_sys(e, r, "unshare") : 0;
}

#endif
