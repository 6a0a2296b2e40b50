/*
 * ns.h - the eight namespaces: make, look at, join, and what each makes ours.
 *
 * A namespace is a copy of one global thing of the kernel: mounts, pids, the
 * hostname, the network stack ... (namespaces(7)). Processes are born into
 * those of their parent. clone3(2) and unshare(2) make new ones, setns(2)
 * joins existing ones, and /proc/PID/ns/ shows which ones a process is in: two
 * processes share one if the inode numbers are equal.
 *
 *     pid = proc_clone(ns_clone_flags(NS_BIT(NS_UTS) | NS_BIT(NS_PID)), ...);
 *     in the child: ns_set_hostname("web", e);
 *     from outside: ns_inode(pid, NS_UTS) != ns_inode(getpid(), NS_UTS)
 *     later:        ns_join_process(pid, pidfd, NS_BIT(NS_UTS), e);
 *
 * A namespace lives as long as a process is in it, a descriptor is open on it
 * or something is mounted on it; the caller of ns_open owns such a descriptor.
 * Errors worth telling apart: -EPERM (needs CAP_SYS_ADMIN in the user
 * namespace that owns the target; all but the user namespace itself need it to
 * be made, too), -ENOSPC (limits in /proc/sys/user), -EINVAL (the kernel has
 * not this kind). Kernels: cgroup 4.6, time 5.6, setns with pidfd 5.8. User
 * and time namespaces are joined by processes of one thread. Fork-safe.
 */
#ifndef NS_H
#define NS_H

#include "err.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum ns_kind {
    NS_USER, /* first: joining the others may need its privileges */
    NS_CGROUP,
    NS_IPC,
    NS_UTS,
    NS_NET,
    NS_PID,
    NS_TIME,
    NS_MOUNT, /* last: after it /proc is another one */
    NS_COUNT,
};

struct ns_info {
    const char *file;     /* in /proc/PID/ns: "mnt" */
    const char *oci_name; /* in config.json: "mount" */
    int flag;             /* CLONE_NEWNS */
};
extern const struct ns_info ns_table[NS_COUNT];

/* A set of kinds is a bit mask: NS_BIT(NS_PID) | NS_BIT(NS_UTS). */
#define NS_BIT(kind) (1u << (kind))
uint64_t ns_clone_flags(unsigned int kinds);

/* NS_* by either name, or -EINVAL. */
int ns_by_name(const char *name);

/* The namespace a process is in, as a descriptor (caller closes). Here and in
 * ns_inode pid 0 is the calling process. */
int ns_open(pid_t pid, enum ns_kind kind, struct err *e);
/* Its identity: two processes share it if inodes are equal. 0 on error. */
ino_t ns_inode(pid_t pid, enum ns_kind kind);

/* Join one namespace by descriptor; or those in `kinds` of a process at once
 * (setns(2) with a pidfd, Linux 5.8; one by one before that). A pid namespace
 * is entered by the next child only. */
int ns_join(int fd, enum ns_kind kind, struct err *e);
int ns_join_process(pid_t pid, int pidfd, unsigned int kinds, struct err *e);

/* Leave for new ones (unshare(2)). */
int ns_unshare(unsigned int kinds, struct err *e);

/* Could a child of ours be born into one of this kind? Tried out; one who is
 * not root gets a user namespace with it. 0; -EINVAL: the kernel has not this
 * kind; -EPERM, -ENOSPC as above. */
int ns_try(enum ns_kind kind, struct err *e);

/* uts: 64 bytes at most. net: bring "lo" up. */
int ns_set_hostname(const char *name, struct err *e);
int ns_set_domainname(const char *name, struct err *e);
int ns_loopback_up(struct err *e);

/* Time: set the clock offsets of the namespace our children will enter, after
 * unshare(2) and before the first of them is born ("monotonic" or
 * "boottime"). -EACCES when somebody is in it already; a child of clone3 with
 * CLONE_NEWTIME is, so there the offsets can no longer be set. */
int ns_set_time_offset(const char *clock, int64_t seconds, uint32_t nanoseconds,
                       struct err *e);

/* Enter the time namespace that our children would be born into; its clocks
 * are fixed from then on. */
int ns_enter_time(struct err *e);

/* Sysctls that belong to a namespace: those of `kinds` only, or -EPERM, since
 * any other would change the host (sysctl(8), Docker's and runc's rules).
 * `key` has dots or slashes; proc_fd is the container's /proc. */
int ns_check_sysctl(const char *key, unsigned int kinds, struct err *e);
int ns_set_sysctl(int proc_fd, const char *key, const char *value,
                  struct err *e);

#endif
