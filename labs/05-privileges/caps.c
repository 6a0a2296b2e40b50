/* Capabilities as names and as numbers: no system call changes anything here;
 * caps_become.c does that. */
#include "caps.h"

#include "sys.h"

#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>

#define BIT(number) (UINT64_C(1) << (number))
#define NAME(cap) [cap] = #cap

/* capabilities(7), in the kernel's numbering. */
static const char *const names[] = {
    NAME(CAP_CHOWN),
    NAME(CAP_DAC_OVERRIDE),
    NAME(CAP_DAC_READ_SEARCH),
    NAME(CAP_FOWNER),
    NAME(CAP_FSETID),
    NAME(CAP_KILL),
    NAME(CAP_SETGID),
    NAME(CAP_SETUID),
    NAME(CAP_SETPCAP),
    NAME(CAP_LINUX_IMMUTABLE),
    NAME(CAP_NET_BIND_SERVICE),
    NAME(CAP_NET_BROADCAST),
    NAME(CAP_NET_ADMIN),
    NAME(CAP_NET_RAW),
    NAME(CAP_IPC_LOCK),
    NAME(CAP_IPC_OWNER),
    NAME(CAP_SYS_MODULE),
    NAME(CAP_SYS_RAWIO),
    NAME(CAP_SYS_CHROOT),
    NAME(CAP_SYS_PTRACE),
    NAME(CAP_SYS_PACCT),
    NAME(CAP_SYS_ADMIN),
    NAME(CAP_SYS_BOOT),
    NAME(CAP_SYS_NICE),
    NAME(CAP_SYS_RESOURCE),
    NAME(CAP_SYS_TIME),
    NAME(CAP_SYS_TTY_CONFIG),
    NAME(CAP_MKNOD),
    NAME(CAP_LEASE),
    NAME(CAP_AUDIT_WRITE),
    NAME(CAP_AUDIT_CONTROL),
    NAME(CAP_SETFCAP),
    NAME(CAP_MAC_OVERRIDE),
    NAME(CAP_MAC_ADMIN),
    NAME(CAP_SYSLOG),
    NAME(CAP_WAKE_ALARM),
    NAME(CAP_BLOCK_SUSPEND),
    NAME(CAP_AUDIT_READ),
    NAME(CAP_PERFMON),
    NAME(CAP_BPF),
    NAME(CAP_CHECKPOINT_RESTORE),
};
enum { COUNT = sizeof names / sizeof names[0] };

uint64_t caps_default(void)
{
    return BIT(CAP_CHOWN) | BIT(CAP_DAC_OVERRIDE) | BIT(CAP_FSETID) |
           BIT(CAP_FOWNER) | BIT(CAP_MKNOD) | BIT(CAP_NET_RAW) |
           BIT(CAP_SETGID) | BIT(CAP_SETUID) | BIT(CAP_SETFCAP) |
           BIT(CAP_SETPCAP) | BIT(CAP_NET_BIND_SERVICE) | BIT(CAP_SYS_CHROOT) |
           BIT(CAP_KILL) | BIT(CAP_AUDIT_WRITE);
}

/* One question answers both "does this kernel know it?" (EINVAL if not) and
 * "could we hand it on?" (0 if it has left our bounding set). */
uint64_t caps_all(void)
{
    uint64_t all = 0;
    for (int number = 0; number < 64; number++) {
        int r = sys_prctl(PR_CAPBSET_READ, (unsigned long)number, 0, 0, 0);
        if (r < 0)
            break;
        if (r > 0)
            all |= BIT(number);
    }
    return all;
}

bool caps_is_known(int number)
{
    return sys_prctl(PR_CAPBSET_READ, (unsigned long)number, 0, 0, 0) > 0;
}

int caps_number(const char *name)
{
    if (strncasecmp(name, "CAP_", 4) == 0)
        name += 4;
    for (int number = 0; number < COUNT; number++)
        if (strcasecmp(names[number] + 4, name) == 0)
            return number;
    return -EINVAL;
}

const char *caps_name(int number)
{
    return number >= 0 && number < COUNT ? names[number] : NULL;
}

/* One of the two lists, as a set. ALL is kept apart, because it stands for
 * "start from everything" in one list and "start from nothing" in the other. */
static int read_list(const struct strv *list, const char *option, bool *all,
                     uint64_t *ret, struct err *e)
{
    for (size_t i = 0; list != NULL && i < list->n; i++) {
        const char *name = list->v[i];
        if (strcasecmp(name, "ALL") == 0 || strcasecmp(name, "CAP_ALL") == 0) {
            *all = true;
            continue;
        }
        int number = caps_number(name);
        if (number < 0)
            return err_set(e, EINVAL, "invalid %s: unknown capability: \"%s\"",
                           option, name);
        *ret |= BIT(number);
    }
    return 0;
}

/* ALL chooses where to start; single names are then added and taken away. A
 * name in both lists stays if everything was dropped, and goes otherwise. */
int caps_adjust(uint64_t base, const struct strv *add, const struct strv *drop,
                uint64_t *ret, struct err *e)
{
    /* TODO lab 5.1: read both lists; ALL picks the start, names come after */
    return err_set(e, ENOSYS, "lab 5.1 is not written yet");
}

struct caps caps_for_user(uint64_t mask, uid_t uid)
{
    if (uid == 0)
        return (struct caps){
            .bounding = mask, .permitted = mask, .effective = mask};
    return (struct caps){.bounding = mask};
}
