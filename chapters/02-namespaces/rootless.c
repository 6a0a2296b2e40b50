#include "rootless.h"

#include "files.h"
#include "ns.h"
#include "own.h"
#include "proc.h"
#include "sys.h"
#include "text.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

/* The switches of various kernels and distributions, and what to do about
 * them. A file that is not there does not refuse anything. */
static const struct {
    const char *file, *refuses, *remedy;
} switches[] = {
    {"/proc/sys/user/max_user_namespaces",                     "0",
     "user namespaces are switched off: as root, sysctl -w "
     "user.max_user_namespaces=15000"                },
    {"/proc/sys/kernel/unprivileged_userns_clone",             "0",
     "user namespaces are for root only here: as root, sysctl -w "
     "kernel.unprivileged_userns_clone=1"            },
    {"/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1",
     "AppArmor restricts user namespaces: give this program a profile with "
     "\"userns,\" or, as root, sysctl -w "
     "kernel.apparmor_restrict_unprivileged_userns=0"},
};

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

static const char *remedy_for(int code)
{
    for (size_t i = 0; i < sizeof switches / sizeof switches[0]; i++)
        if (contains(switches[i].file, switches[i].refuses))
            return switches[i].remedy;
    if (code == ENOSPC)
        return "there are too many user namespaces, or they are nested more "
               "than 32 deep: see user.max_user_namespaces";
    if (code == EINVAL)
        return "the kernel is built without CONFIG_USER_NS";
    if (contains("/proc/self/status", "Seccomp:\t2"))
        return "a seccomp filter refuses it: if this is a container, start "
               "it with --security-opt seccomp=unconfined";
    return "the kernel refuses it; in a chroot it always does";
}

/* The trial. Where AppArmor interferes, the namespace is made and the
 * capabilities in it are taken away; so a second one must succeed inside. */
static int try_it(struct err *e)
{
    auto_fd int pidfd = -1;
    int pid = proc_clone(CLONE_NEWUSER, -1, &pidfd, e);
    if (pid == 0)
        _exit(sys_unshare(CLONE_NEWUTS) == 0 ? 0 : 1);
    if (pid < 0)
        return pid;
    int code = proc_wait(pidfd, e);
    if (code < 0)
        return code;
    return code == 0 ? 0 : err_set(e, EPERM, "no capabilities in it");
}

int rootless_check(struct err *e)
{
    struct err own;
    if (e == NULL)
        e = &own;
    int r = try_it(e);
    if (r == 0)
        return 0;
    return err_set(e, -r, "cannot make a user namespace: %s", remedy_for(-r));
}
