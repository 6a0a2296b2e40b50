/*
 * Giving up power, in the one order that works. Each step needs a privilege
 * that a later step takes away:
 *
 *   bounding set   needs CAP_SETPCAP
 *   groups         needs CAP_SETGID, and nobody may forget them: a process
 *                  that changes only its uid keeps root's groups
 *   keep           leaving uid 0 empties the permitted set; a user who shall
 *                  keep something needs this flag first
 *   gid, then uid  CAP_SETGID would be gone once the uid has changed
 *   sets           permitted, effective and inheritable: one capset(2)
 *   ambient        must lie within permitted and inheritable as they are now
 */
#include "caps.h"

#include "files.h"
#include "sys.h"

#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BIT(number) (UINT64_C(1) << (number))

struct identity {
    const struct caps *caps;
    uid_t uid;
    gid_t gid;
    const gid_t *groups;
    size_t n_groups;
};

/* The bounding set is the ceiling for every later execve(2), also of set-uid
 * programs and of files with capabilities; what leaves it never returns.
 * Dropping what is not there changes nothing, and beyond its last capability
 * the kernel says EINVAL: so there is no need to ask what there is. */
static int drop_bounding(const struct identity *who, struct err *e)
{
    /* TODO lab 5.2: PR_CAPBSET_DROP each capability not wanted, until EINVAL */
    return err_set(e, ENOSYS, "lab 5.2 is not written yet");
}

/* In a user namespace whose setgroups file says "deny", nobody may change
 * groups, not even to fewer: with them a file can be closed to a group, and
 * dropping the group would open it (user_namespaces(7)). */
static bool may_not_set_groups(void)
{
    auto_text struct text answer = {0};
    int r = files_read(AT_FDCWD, "/proc/self/setgroups", &answer, NULL);
    return r < 0 || text_starts(answer.s, "deny");
}

static int set_groups(const struct identity *who, struct err *e)
{
    int r = sys_setgroups(who->n_groups, who->groups);
    if (r == -EPERM && who->n_groups == 0 && may_not_set_groups())
        return 0;
    return r < 0 ? err_sys(e, r, "set %zu groups", who->n_groups) : 0;
}

/* execve(2) clears the flag again. */
static int keep_permitted(const struct identity *who, struct err *e)
{
    if (who->uid == 0 || who->caps->permitted == 0)
        return 0;
    int r = sys_prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
    return r < 0 ? err_sys(e, r, "keep capabilities across setuid") : 0;
}

/* Real, effective and saved: a saved uid of 0 would be a way back. */
static int set_ids(const struct identity *who, struct err *e)
{
    int r = sys_setresgid(who->gid, who->gid, who->gid);
    if (r < 0)
        return err_sys(e, r, "become gid %u", who->gid);
    r = sys_setresuid(who->uid, who->uid, who->uid);
    return r < 0 ? err_sys(e, r, "become uid %u", who->uid) : 0;
}

/* The first capability wanted that we do not hold, to say why capset failed. */
static const char *find_missing(uint64_t wanted)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct held[2] = {0};
    if (syscall(SYS_capget, &header, held) < 0)
        return NULL;
    uint64_t missing =
        wanted & ~(held[0].permitted | (uint64_t)held[1].permitted << 32);
    return missing == 0 ? NULL : caps_name(__builtin_ctzll(missing));
}

/* Version 3 of the call splits each set into two words of 32 bits. capset(2)
 * can only take away from the permitted set. */
static int set_sets(const struct identity *who, struct err *e)
{
    /* TODO lab 5.3: fill both words of the three sets and call sys_capset */
    return err_set(e, ENOSYS, "lab 5.3 is not written yet");
}

/* Ambient capabilities survive the execve(2) of an ordinary program by an
 * ordinary user. The kernel keeps them within the inheritable set, so where
 * that is empty (Docker's way) there is nothing to raise or to clear. */
static int raise_ambient(const struct identity *who, struct err *e)
{
    if (who->caps->inheritable == 0 && who->caps->ambient == 0)
        return 0;
    int r = sys_prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    if (r < 0)
        return err_sys(e, r, "clear the ambient set");
    for (int number = 0; number < 64; number++) {
        if ((who->caps->ambient & BIT(number)) == 0)
            continue;
        r = sys_prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE,
                      (unsigned long)number, 0, 0);
        if (r < 0)
            return err_sys(e, r, "raise ambient %s",
                           caps_name(number) ? caps_name(number) : "?");
    }
    return 0;
}

/* waiver: parameters: together they are one identity, as spec files list it */
int caps_become(const struct caps *caps, uid_t uid, gid_t gid,
                const gid_t *groups, size_t n_groups, struct err *e)
{
    static int (*const steps[])(const struct identity *, struct err *) = {
        drop_bounding, set_groups, keep_permitted,
        set_ids,       set_sets,   raise_ambient,
    };
    const struct identity who = {caps, uid, gid, groups, n_groups};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        int r = steps[i](&who, e);
        if (r < 0)
            return r;
    }
    return 0;
}

/* Inherited by fork and execve, and there is no call to unset it. */
int caps_set_no_new_privs(struct err *e)
{
    int r = sys_prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    return r < 0 ? err_sys(e, r, "set no_new_privs") : 0;
}
