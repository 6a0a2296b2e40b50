#include "rootless.h"

#include "files.h"
#include "sys.h"
#include "text.h"
#include "trial.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

/* The switches of various kernels and distributions, and what to do about
 * them. A file that is not there does not refuse anything. */
/* clang-format off */
static const struct {
    const char *file, *refuses;
    struct rootless_reason reason;
} switches[] = {
    {"/proc/sys/user/max_user_namespaces", "0",
     {"user namespaces are switched off",
      "as root, sysctl -w user.max_user_namespaces=15000"}},
    {"/proc/sys/kernel/unprivileged_userns_clone", "0",
     {"user namespaces are for root only here",
      "as root, sysctl -w kernel.unprivileged_userns_clone=1"}},
    {"/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1",
     {"AppArmor restricts user namespaces",
      "give this program a profile with \"userns,\" or, as root, sysctl -w "
      "kernel.apparmor_restrict_unprivileged_userns=0"}},
};
/* clang-format on */

static bool contains(const char *file, const char *line)
{
    auto_text struct text content = {0};
    if (files_read(AT_FDCWD, file, &content, NULL) < 0)
        return false;
    auto_strv struct strv lines = {0};
    strv_split(&lines, content.s, '\n');
    for (size_t i = 0; i < lines.n; i++)
        if (strcmp(lines.v[i], line) == 0)
            return true;
    return false;
}

struct rootless_reason rootless_explain(int code)
{
    for (size_t i = 0; i < sizeof switches / sizeof switches[0]; i++)
        if (contains(switches[i].file, switches[i].refuses))
            return switches[i].reason;
    if (code == ENOSPC)
        return (struct rootless_reason){
            "there are too many user namespaces, or they are nested more than "
            "32 deep",
            "see user.max_user_namespaces"};
    if (code == EINVAL)
        return (struct rootless_reason){
            "the kernel is built without CONFIG_USER_NS", NULL};
    if (contains("/proc/self/status", "Seccomp:\t2"))
        return (struct rootless_reason){
            "a seccomp filter refuses it",
            "if this is a container, start it with --security-opt "
            "seccomp=unconfined"};
    return (struct rootless_reason){
        "the kernel refuses it; in a chroot it always does", NULL};
}

/* Where AppArmor interferes, the namespace is made and the capabilities in it
 * are taken away; so a second one must succeed inside. */
static int use_it(void *arg, struct err *e)
{
    (void)arg;
    return sys_unshare(CLONE_NEWUTS) == 0
               ? 0
               : err_set(e, EPERM, "no capabilities in it");
}

int rootless_check(struct err *e)
{
    struct err own;
    if (e == NULL)
        e = &own;
    int r = trial_run(CLONE_NEWUSER, use_it, NULL, e);
    if (r == 0)
        return 0;
    struct rootless_reason reason = rootless_explain(-r);
    bool helps = reason.remedy != NULL;
    return err_set(e, -r, "cannot make a user namespace: %s%s%s", reason.cause,
                   helps ? ": " : "", helps ? reason.remedy : "");
}

/* Somebody who has no privilege, in a child that cannot go back; where there is
 * nobody else (a user namespace of one id), as we are. */
static int check_as_nobody(void *arg, struct err *e)
{
    const uid_t nobody = 65534;
    (void)arg;
    sys_setresuid(nobody, nobody, nobody);
    return rootless_check(e);
}

int rootless_check_users(struct err *e)
{
    return geteuid() == 0 ? trial_run(0, check_as_nobody, NULL, e)
                          : rootless_check(e);
}
