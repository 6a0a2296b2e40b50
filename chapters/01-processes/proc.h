/*
 * proc.h - starting a process in a way that it cannot be lost: clone3, pidfd.
 *
 * A pid is a number, and the kernel gives it to somebody else once its owner
 * has been reaped. A pidfd (pidfd_open(2), clone3(2)) is a descriptor that
 * means one process for ever: waitid(2) waits for it, pidfd_send_signal(2)
 * signals it, poll(2) reports its end, setns(2) joins its namespaces.
 *
 *     auto_fd int pidfd = -1;
 *     fflush(NULL);
 *     int pid = proc_clone(CLONE_NEWPID, -1, &pidfd, e);
 *     if (pid == 0)
 *         become_something();                   // never returns
 *     int code = pid < 0 ? pid : proc_wait(pidfd, e);
 *
 * The caller owns the pidfd and the duty to wait; a child that nobody waits
 * for stays behind as a zombie. Errors worth telling apart: -EPERM (namespaces
 * need CAP_SYS_ADMIN or CLONE_NEWUSER among them), -ENOSPC (a limit on
 * namespaces), -EAGAIN (a limit on processes), -ESRCH (it has ended), -ECHILD
 * (it was waited for already, or is not ours).
 *
 * Needs Linux 5.4 (P_PIDFD); CLONE_INTO_CGROUP 5.7. Where clone3 is refused by
 * a seccomp filter, clone(2) is used (proc_old.h). The child of proc_clone is
 * as after a raw fork: stdio buffers exist twice, and no pthread_atfork
 * handlers have run, so the caller has one thread.
 */
#ifndef PROC_H
#define PROC_H

#include "err.h"

#include <signal.h>
#include <stdint.h>
#include <sys/types.h>

/* Fork with clone3(2) and its namespace `flags` (CLONE_NEW*, or CLONE_PARENT
 * for a sibling that our parent has to wait for). cgroup_fd >= 0
 * starts the child inside that cgroup v2 group (CLONE_INTO_CGROUP); -1 does
 * not. In the parent: the pid, and a pidfd that refers to this process for
 * ever in *ret_pidfd (caller closes; close-on-exec). In the child: 0. */
int proc_clone(uint64_t flags, int cgroup_fd, int *ret_pidfd, struct err *e);

/* Wait for the child to end and reap it (waitid(2), P_PIDFD). 0..255 its exit
 * code, or 128 + N when signal N ended it, as a shell counts; or -errno. */
int proc_wait(int pidfd, struct err *e);
/* The same number from what waitid(2) reported. */
int proc_exit_code(const siginfo_t *info);

/* Send a signal; -ESRCH if the process has ended. */
int proc_signal(int pidfd, int signal, struct err *e);

/* "TERM", "SIGTERM", "sigterm", "15", "RTMIN+3" -> number or -EINVAL. */
int proc_signal_number(const char *name);
/* 15 -> "TERM"; NULL if there is no such signal. */
const char *proc_signal_name(int signal);

/* Die of SIGKILL when the parent dies (PR_SET_PDEATHSIG). A parent that is
 * dead already sends nothing any more: whoever cannot rule that out asks for
 * the next message of the parent after this call (talk_receive: -EPIPE), since
 * getppid(2) is 0 in a new pid namespace and tells nothing. The wish is lost
 * with a change of uid or gid and with the exec of a set-uid program, so it is
 * repeated after the last of these. "Parent" is the thread that made us. */
int proc_die_with_parent(struct err *e);

/* Its number, as our pid namespace has it (/proc/self/fdinfo, pidfd_open(2)).
 * -ESRCH when it has ended and been waited for. */
int proc_pid(int pidfd, struct err *e);

/* When the process started, in clock ticks since boot (/proc/PID/stat field
 * 22): with the pid, an identity that survives pid reuse. 0 or -errno. */
int proc_start_time(pid_t pid, uint64_t *ret, struct err *e);

/* The first executable file of that name in `places`, directories as PATH lists
 * them, of which only absolute ones count; NULL, as an unset PATH is: nowhere.
 * The caller frees it; NULL: none. */
char *proc_find_program(const char *places, const char *name);

/* How many processors we may run on, which may be fewer than there are
 * (sched_getaffinity(2)). */
int proc_processors(void);

/* Mark every descriptor >= first close-on-exec (close_range(2)). */
int proc_close_on_exec_from(int first, struct err *e);

#endif
