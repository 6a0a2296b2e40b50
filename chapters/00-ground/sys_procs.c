/* The door, call by call: namespaces, processes, privileges and names. See
 * sys.h. */
#include "sys.h"

#include "door.h"

DOOR_CALL(clone3, "args=C size=d");
int sys_clone3(struct clone_args *args, size_t size)
{
    return (int)ENTER(clone3, (long)args, (long)size);
}

DOOR_CALL(clone, "flags=N stack=p parent_tid=p child_tid=p tls=x");
int sys_clone(unsigned long flags, void *stack, int *parent_tid, int *child_tid,
              unsigned long tls)
{
    return (int)ENTER(clone, (long)flags, (long)stack, (long)parent_tid,
                      (long)child_tid, (long)tls);
}

DOOR_CALL(unshare, "flags=N");
int sys_unshare(int flags)
{
    return (int)ENTER(unshare, (long)flags);
}

DOOR_CALL(setns, "fd=d type=N");
int sys_setns(int fd, int type)
{
    return (int)ENTER(setns, (long)fd, (long)type);
}

DOOR_CALL(pidfd_open, "pid=d flags=x");
int sys_pidfd_open(pid_t pid, unsigned int flags)
{
    return (int)ENTER(pidfd_open, (long)pid, (long)flags);
}

DOOR_CALL(pidfd_send_signal, "pidfd=d signal=S info=p flags=x");
int sys_pidfd_send_signal(int pidfd, int signal, siginfo_t *info,
                          unsigned int flags)
{
    return (int)ENTER(pidfd_send_signal, (long)pidfd, (long)signal, (long)info,
                      (long)flags);
}

DOOR_CALL(waitid, "type=w id=d info=p options=W");
int sys_waitid(int type, int id, siginfo_t *info, int options)
{
    return (int)ENTER(waitid, (long)type, (long)id, (long)info, (long)options);
}

DOOR_CALL(kill, "pid=d signal=S");
int sys_kill(pid_t pid, int signal)
{
    return (int)ENTER(kill, (long)pid, (long)signal);
}

DOOR_CALL(execve, "path=s argv=v envp=p");
int sys_execve(const char *path, char *const argv[], char *const envp[])
{
    return (int)ENTER(execve, (long)path, (long)argv, (long)envp);
}

DOOR_CALL(setsid, "");
int sys_setsid(void)
{
    return (int)ENTER(setsid, 0);
}

DOOR_CALL(prctl, "option=P arg2=d arg3=x arg4=x arg5=x");
int sys_prctl(int option, unsigned long arg2, unsigned long arg3,
              unsigned long arg4, unsigned long arg5)
{
    return (int)ENTER(prctl, (long)option, (long)arg2, (long)arg3, (long)arg4,
                      (long)arg5);
}

DOOR_CALL(seccomp, "operation=q flags=x args=p");
int sys_seccomp(unsigned int operation, unsigned int flags, void *args)
{
    return (int)ENTER(seccomp, (long)operation, (long)flags, (long)args);
}

DOOR_CALL(capset, "header=p data=p");
int sys_capset(struct __user_cap_header_struct *header,
               const struct __user_cap_data_struct *data)
{
    return (int)ENTER(capset, (long)header, (long)data);
}

DOOR_CALL(setresuid, "real=d effective=d saved=d");
int sys_setresuid(uid_t real, uid_t effective, uid_t saved)
{
    return (int)ENTER(setresuid, (long)real, (long)effective, (long)saved);
}

DOOR_CALL(setresgid, "real=d effective=d saved=d");
int sys_setresgid(gid_t real, gid_t effective, gid_t saved)
{
    return (int)ENTER(setresgid, (long)real, (long)effective, (long)saved);
}

DOOR_CALL(setgroups, "count=d list=p");
int sys_setgroups(size_t count, const gid_t *list)
{
    return (int)ENTER(setgroups, (long)count, (long)list);
}

DOOR_CALL(personality, "persona=x");
int sys_personality(unsigned long persona)
{
    return (int)ENTER(personality, (long)persona);
}

DOOR_CALL(sched_setattr, "pid=d attr=p flags=x");
int sys_sched_setattr(pid_t pid, const struct sched_attr *attr,
                      unsigned int flags)
{
    return (int)ENTER(sched_setattr, (long)pid, (long)attr, (long)flags);
}

DOOR_CALL(sched_setaffinity, "pid=d size=d mask=p");
int sys_sched_setaffinity(pid_t pid, size_t size, const unsigned long *mask)
{
    return (int)ENTER(sched_setaffinity, (long)pid, (long)size, (long)mask);
}

DOOR_CALL(ioprio_set, "which=d who=d priority=x");
int sys_ioprio_set(int which, int who, int priority)
{
    return (int)ENTER(ioprio_set, (long)which, (long)who, (long)priority);
}

DOOR_CALL(prlimit64, "pid=d resource=d new_limit=p old_limit=p");
int sys_prlimit64(pid_t pid, int resource, const struct rlimit *new_limit,
                  struct rlimit *old_limit)
{
    return (int)ENTER(prlimit64, (long)pid, (long)resource, (long)new_limit,
                      (long)old_limit);
}

DOOR_CALL(keyctl, "operation=d arg2=x arg3=x arg4=x arg5=x");
int sys_keyctl(int operation, unsigned long arg2, unsigned long arg3,
               unsigned long arg4, unsigned long arg5)
{
    return (int)ENTER(keyctl, (long)operation, (long)arg2, (long)arg3,
                      (long)arg4, (long)arg5);
}

DOOR_CALL(bpf, "command=d attr=p size=d");
int sys_bpf(int command, union bpf_attr *attr, unsigned int size)
{
    return (int)ENTER(bpf, (long)command, (long)attr, (long)size);
}

DOOR_CALL(sethostname, "name=s len=d");
int sys_sethostname(const char *name, size_t len)
{
    return (int)ENTER(sethostname, (long)name, (long)len);
}

DOOR_CALL(setdomainname, "name=s len=d");
int sys_setdomainname(const char *name, size_t len)
{
    return (int)ENTER(setdomainname, (long)name, (long)len);
}
