/* What the kernel knows: its calls, asked so that they do nothing. */
#include "doctor.h"

#include "ns.h"
#include "own.h"
#include "sys.h"

#include <errno.h>
#include <linux/close_range.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/utsname.h>
#include <unistd.h>

/* --- calls ------------------------------------------------------------------
 * Each answers 0, or -errno where the kernel has it not. A call that is there
 * complains of its arguments, in its own words. */

static int unless(int expected, int r)
{
    return r >= 0 || r == -expected ? 0 : r;
}

/* Those that answer with a descriptor. */
static int unless_open(int r)
{
    auto_fd int fd = r;
    return fd < 0 ? fd : 0;
}

static int ask_clone3(void)
{
    return unless(EINVAL, sys_clone3(NULL, 0));
}

/* A directory that is no control group: a kernel that does not know the flag
 * does not even look at it. */
static int ask_into_cgroup(void)
{
    auto_fd int fd = sys_openat(AT_FDCWD, "/proc", O_PATH | O_CLOEXEC, 0);
    struct clone_args args = {.flags = CLONE_INTO_CGROUP,
                              .exit_signal = SIGCHLD,
                              .cgroup = (uint64_t)fd};
    return fd < 0 ? fd : unless(EBADF, sys_clone3(&args, sizeof args));
}

static int ask_pidfd(void)
{
    return unless_open(sys_pidfd_open(getpid(), 0));
}

static int ask_close_range(void)
{
    return sys_close_range(~0u, ~0u, CLOSE_RANGE_CLOEXEC);
}

static int ask_openat2(void)
{
    struct open_how how = {.flags = O_PATH | O_CLOEXEC,
                           .resolve = RESOLVE_IN_ROOT};
    return unless_open(sys_openat2(AT_FDCWD, "/", &how, sizeof how));
}

static int ask_open_tree(void)
{
    return unless_open(
        sys_open_tree(AT_FDCWD, "/", OPEN_TREE_CLOEXEC | AT_EMPTY_PATH));
}

static int ask_mount_setattr(void)
{
    return unless(EINVAL, sys_mount_setattr(-1, "", 0, NULL, 0));
}

static const struct call {
    int (*ask)(void);
    const char *since, *without; /* NULL: nothing works without it */
} calls[] = {
    {ask_pidfd,         "5.3",  NULL                               },
    {ask_openat2,       "5.6",  NULL                               },
    {ask_open_tree,     "5.2",  NULL                               },
    {ask_clone3,        "5.3",  "clone(2) is used instead"         },
    {ask_into_cgroup,   "5.7",
     "a container's first process moves to its group, which costs "
     "milliseconds"                                                },
    {ask_close_range,   "5.11", "descriptors are closed one by one"},
    {ask_mount_setattr, "5.12",
     "mounts change after they appear, and cannot be read-only with all that "
     "is below them"                                               },
};

static void look_at_call(const struct doctor *doctor, int which,
                         struct doctor_finding *f)
{
    const struct call *call = &calls[which];
    int r = call->ask();
    if (r == 0) {
        doctor_say(f, DOCTOR_OK, NULL, "there (Linux %s)", call->since);
        return;
    }
    doctor_say(f, call->without == NULL ? DOCTOR_FAIL : DOCTOR_WARN, NULL,
               "%s%s%s", strerror(-r), call->without == NULL ? "" : ": ",
               call->without == NULL ? "" : call->without);
    doctor_blame_kernel(doctor, call->since, f);
}

static void look_at_version(const struct doctor *doctor, int which,
                            struct doctor_finding *f)
{
    (void)doctor, (void)which;
    struct utsname uts;
    uname(&uts);
    doctor_say(f, DOCTOR_OK, NULL, "%s %s on %s", uts.sysname, uts.release,
               uts.machine);
}

/* clang-format off */
const struct doctor_check doctor_kernel[] = {
    {"kernel", "everything is asked of it", look_at_version, 0},
    {"pidfd", "a process is watched that cannot be mistaken for another",
     look_at_call, 0},
    {"openat2", "paths inside a container cannot lead out", look_at_call, 1},
    {"open_tree", "mounts are made aside, and appear complete", look_at_call, 2},
    {"clone3", "a process and its namespaces are made in one call",
     look_at_call, 3},
    {"CLONE_INTO_CGROUP", "a container is born in its control group",
     look_at_call, 4},
    {"close_range", "no descriptor leaks into a container", look_at_call, 5},
    {"mount_setattr", "flags and ids of mounts that nobody sees yet",
     look_at_call, 6},
    {0},
};
/* clang-format on */

/* --- namespaces ------------------------------------------------------------
 */

/* What nobody can do without; the others only if they are asked for. */
#define NEEDED                                                                 \
    (NS_BIT(NS_MOUNT) | NS_BIT(NS_PID) | NS_BIT(NS_UTS) | NS_BIT(NS_IPC) |     \
     NS_BIT(NS_NET))

static void name_remedy(const struct doctor *doctor, enum ns_kind kind, int r,
                        struct doctor_finding *f)
{
    const char *file = ns_table[kind].file;
    if (r == -EINVAL)
        text_addf(&f->remedy, "boot a kernel that has %s namespaces",
                  ns_table[kind].oci_name);
    else if (r == -ENOSPC)
        text_addf(&f->remedy, "as root, sysctl -w user.max_%s_namespaces=15000",
                  file);
    else if (doctor->facts.user != 0)
        text_add(&f->remedy, "be root, or mend the user namespace");
    else
        text_add(&f->remedy, "be root of the machine itself; if this is a "
                             "container, start it with --privileged");
}

static void look_at_namespace(const struct doctor *doctor, int which,
                              struct doctor_finding *f)
{
    enum ns_kind kind = (enum ns_kind)which;
    bool user = doctor->facts.user != 0;
    bool needed = (NEEDED & NS_BIT(kind)) != 0 || (kind == NS_USER && user);
    struct err e = {0};
    int r = ns_try(kind, &e);
    if (r == 0) {
        doctor_say(f, DOCTOR_OK, NULL, "can be made%s",
                   user && kind != NS_USER ? ", in a user namespace" : "");
        return;
    }
    doctor_say(f, needed ? DOCTOR_FAIL : DOCTOR_WARN, NULL, "%s", e.msg);
    name_remedy(doctor, kind, r, f);
}

/* clang-format off */
const struct doctor_check doctor_namespaces[] = {
    {"mount namespace", "mounts of its own", look_at_namespace, NS_MOUNT},
    {"pid namespace", "processes of its own", look_at_namespace, NS_PID},
    {"network namespace", "a network of its own", look_at_namespace, NS_NET},
    {"ipc namespace", "queues and shared memory of its own",
     look_at_namespace, NS_IPC},
    {"uts namespace", "a host name of its own", look_at_namespace, NS_UTS},
    {"user namespace", "containers of ordinary users, ids of their own",
     look_at_namespace, NS_USER},
    {"cgroup namespace", "it does not see where its group lies",
     look_at_namespace, NS_CGROUP},
    {"time namespace", "clocks of its own", look_at_namespace, NS_TIME},
    {0},
};
/* clang-format on */
