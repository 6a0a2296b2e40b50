/*
 * sys.h - the door: every system call a reader should see goes through here.
 *
 * sys_mount is mount(2), sys_clone3 is clone3(2): same name, same arguments,
 * same order, so the man page of section 2 explains every call. The one
 * difference is the result: sys_* return what the kernel itself returns, that
 * is >= 0 or -errno; the C library's errno is not involved.
 *
 *     int fd = sys_openat(dir, "memory.max", O_WRONLY | O_CLOEXEC, 0);
 *     if (fd < 0)
 *         return err_sys(e, fd, "open memory.max");
 *
 * One door has four uses, and costs one predictable branch when none is on:
 *
 *     trace    trace.h prints each call with its arguments by name
 *     probes   a USDT probe, mini_docker:call, fires for each call
 *     faults   fault.h makes the n-th call fail, or kills the process there
 *     fakes    unit tests replace single functions (ld --wrap) and so check
 *              order and arguments without privilege
 *
 * The calls are made with syscall(2), so no C library work is hidden in them.
 * In particular sys_clone3 is a bare fork: buffered stdio output of the parent
 * must be flushed before it. Errors: those of the man page. Fork-safe.
 */
#ifndef SYS_H
#define SYS_H

#include <fcntl.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/vfs.h>

/* Mounts: mount(2), umount(2), pivot_root(2), chroot(2). The new mount API,
 * whose calls work on descriptors and so cannot be raced: open_tree,
 * move_mount, mount_setattr(2), fsopen, fsconfig, fsmount. */
struct mount_attr;
int sys_mount(const char *source, const char *target, const char *type,
              unsigned long flags, const void *data);
int sys_umount2(const char *target, int flags);
int sys_pivot_root(const char *new_root, const char *put_old);
int sys_chroot(const char *path);
int sys_open_tree(int dirfd, const char *path, unsigned int flags);
int sys_move_mount(int from_dirfd, const char *from_path, int to_dirfd,
                   const char *to_path, unsigned int flags);
int sys_mount_setattr(int dirfd, const char *path, unsigned int flags,
                      struct mount_attr *attr, size_t size);
int sys_fsopen(const char *type, unsigned int flags);
int sys_fsconfig(int fd, unsigned int cmd, const char *key, const void *value,
                 int aux);
int sys_fsmount(int fd, unsigned int flags, unsigned int attr_flags);

/* Namespaces and processes: clone(2), unshare(2), setns(2), pidfd_open(2),
 * pidfd_send_signal(2), waitid(2), kill(2), execveat(2). */
struct clone_args;
int sys_clone3(struct clone_args *args, size_t size);
int sys_clone(unsigned long flags, void *stack, int *parent_tid, int *child_tid,
              unsigned long tls);
int sys_unshare(int flags);
int sys_setns(int fd, int type);
int sys_pidfd_open(pid_t pid, unsigned int flags);
int sys_pidfd_send_signal(int pidfd, int signal, siginfo_t *info,
                          unsigned int flags);
int sys_waitid(int type, int id, siginfo_t *info, int options);
int sys_kill(pid_t pid, int signal);
int sys_execve(const char *path, char *const argv[], char *const envp[]);
int sys_setsid(void);

/* Privileges: prctl(2), seccomp(2), capset(2), setresuid(2), setgroups(2),
 * prlimit(2), keyctl(2), bpf(2). */
struct __user_cap_header_struct;
struct __user_cap_data_struct;
union bpf_attr;
int sys_prctl(int option, unsigned long arg2, unsigned long arg3,
              unsigned long arg4, unsigned long arg5);
int sys_seccomp(unsigned int operation, unsigned int flags, void *args);
int sys_capset(struct __user_cap_header_struct *header,
               const struct __user_cap_data_struct *data);
int sys_setresuid(uid_t real, uid_t effective, uid_t saved);
int sys_setresgid(gid_t real, gid_t effective, gid_t saved);
int sys_setgroups(size_t count, const gid_t *list);
int sys_prlimit64(pid_t pid, int resource, const struct rlimit *new_limit,
                  struct rlimit *old_limit);
int sys_keyctl(int operation, unsigned long arg2, unsigned long arg3,
               unsigned long arg4, unsigned long arg5);
int sys_bpf(int command, union bpf_attr *attr, unsigned int size);

/* How a process is treated: personality(2), sched_setattr(2),
 * sched_setaffinity(2) (bit N of the mask is processor N), ioprio_set(2). */
struct sched_attr;
int sys_personality(unsigned long persona);
int sys_sched_setattr(pid_t pid, const struct sched_attr *attr,
                      unsigned int flags);
int sys_sched_setaffinity(pid_t pid, size_t size, const unsigned long *mask);
int sys_ioprio_set(int which, int who, int priority);

/* The machine's names: sethostname(2), setdomainname(2). */
int sys_sethostname(const char *name, size_t len);
int sys_setdomainname(const char *name, size_t len);

/* Files: open(2), openat2(2), and the calls that change a file tree. */
int sys_openat(int dirfd, const char *path, int flags, mode_t mode);
int sys_openat2(int dirfd, const char *path, struct open_how *how, size_t size);
int sys_mkdirat(int dirfd, const char *path, mode_t mode);
int sys_mknodat(int dirfd, const char *path, mode_t mode, dev_t dev);
int sys_symlinkat(const char *target, int dirfd, const char *path);
int sys_linkat(int old_dirfd, const char *old_path, int new_dirfd,
               const char *new_path, int flags);
int sys_unlinkat(int dirfd, const char *path, int flags);
int sys_renameat2(int old_dirfd, const char *old_path, int new_dirfd,
                  const char *new_path, unsigned int flags);
int sys_fchownat(int dirfd, const char *path, uid_t owner, gid_t group,
                 int flags);
int sys_fchmodat(int dirfd, const char *path, mode_t mode);
int sys_fchmod(int fd, mode_t mode);
int sys_utimensat(int dirfd, const char *path, const struct timespec times[2],
                  int flags);
int sys_lsetxattr(const char *path, const char *name, const void *value,
                  size_t size, int flags);
ssize_t sys_write(int fd, const void *bytes, size_t count);
int sys_fsync(int fd);
int sys_syncfs(int fd);
int sys_flock(int fd, int operation);
int sys_chdir(const char *path);
int sys_fchdir(int fd);
int sys_dup3(int old_fd, int new_fd, int flags);
int sys_close_range(unsigned int first, unsigned int last, unsigned int flags);
int sys_ioctl(int fd, unsigned long request, void *argument);

/* Sockets: socket(2), setsockopt(2), sendmsg(2), recvmsg(2). */
struct msghdr;
int sys_socket(int family, int type, int protocol);
int sys_setsockopt(int fd, int level, int option, const void *value,
                   unsigned int size);
ssize_t sys_sendmsg(int fd, const struct msghdr *message, int flags);
ssize_t sys_recvmsg(int fd, struct msghdr *message, int flags);

#endif
