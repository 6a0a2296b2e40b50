/*
 * proc_old.h - second reading: what proc.c does where the kernel is old.
 *
 * Private to this chapter. clone3(2) is of Linux 5.3, but seccomp filters
 * that cannot look into its struct answer ENOSYS for it (Docker's default one
 * does, for processes without CAP_SYS_ADMIN), so that callers use clone(2).
 * close_range(2) knows CLOSE_RANGE_CLOEXEC since Linux 5.11.
 *
 * Both return >= 0 or -errno, as the door does. Fork-safe.
 */
#ifndef PROC_OLD_H
#define PROC_OLD_H

struct clone_args;

/* The same child by clone(2); -ENOSYS if only clone3 can make it (a time
 * namespace, a cgroup to start in). */
int proc_clone_old(const struct clone_args *args, int *ret_pidfd);

/* Mark each descriptor >= first that /proc/self/fd lists. */
int proc_close_on_exec_old(int first);

#endif
