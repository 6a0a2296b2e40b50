/*
 * sketch.c - root that is none: three cuts, then a shell (or your command).
 *
 *     cc -Wall -Wextra -o sketch sketch.c && sudo ./sketch
 *     # id -u                        0: the name has not changed
 *     # chown nobody /tmp/x          works: CAP_CHOWN was kept
 *     # kill -0 PID-OF-A-USER        EPERM: CAP_KILL was not
 *     # chmod 700 /tmp/x             EPERM: the filter says no
 *     # grep -E 'Cap|Seccomp' /proc/self/status
 */
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define KEEP (1ULL << CAP_CHOWN)

/* Cut 1: the bounding set. A program started by root gets all that is in it,
 * so cutting only the other sets would last until the next execve. */
static int drop_bounding(void)
{
    for (int cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
        if ((KEEP >> cap & 1) == 0 && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0)
            return -1;
    return 0;
}

/* Cut 2: what this process holds now. Each set is 64 bits, in two words. */
static int set_capabilities(void)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct words[2] = {{0}, {0}};
    for (int i = 0; i < 2; i++)
        words[i].effective = words[i].permitted = (uint32_t)(KEEP >> 32 * i);
    return (int)syscall(SYS_capset, &header, words);
}

/* Cut 3: a program that sees the number of every system call and answers what
 * becomes of it. A jump has two distances: if true, if false. Numbers belong
 * to an architecture; on a 64-bit ARM say AUDIT_ARCH_AARCH64. */
#define MY_ARCH AUDIT_ARCH_X86_64
#define FIELD(name)                                                            \
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, name))
#define IF_EQUAL(value, yes, no)                                               \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, yes, no)
#define ANSWER(action) BPF_STMT(BPF_RET | BPF_K, action)

static struct sock_filter code[] = {
    FIELD(arch),
    /* int 0x80 has other numbers: no way around us there. */
    IF_EQUAL(MY_ARCH, 1, 0),
    ANSWER(SECCOMP_RET_KILL_PROCESS),
    FIELD(nr),
    IF_EQUAL(SYS_fchmodat, 2, 0),
    IF_EQUAL(SYS_clone3, 0, 2),
    /* The C library then uses clone, which a filter can look into. */
    ANSWER(SECCOMP_RET_ERRNO | 38 /* ENOSYS */),
    ANSWER(SECCOMP_RET_ERRNO | 1 /* EPERM */),
    ANSWER(SECCOMP_RET_ALLOW),
};

static int install_filter(void)
{
    struct sock_fprog program = {sizeof code / sizeof code[0], code};
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}

int main(int argc, char **argv)
{
    char *shell[] = {"/bin/sh", NULL};
    char **command = argc > 1 ? argv + 1 : shell;
    /* The filter goes in while we still hold CAP_SYS_ADMIN, unless we promise
     * (PR_SET_NO_NEW_PRIVS) never to gain privileges: else a set-uid program
     * could be fooled by refusing it a call that it trusts to work. */
    if (install_filter() < 0)
        return perror("seccomp"), 125;
    if (drop_bounding() < 0)
        return perror("PR_CAPBSET_DROP"), 125;
    if (set_capabilities() < 0)
        return perror("capset"), 125;
    execvp(command[0], command);
    return perror(command[0]), 127;
}
