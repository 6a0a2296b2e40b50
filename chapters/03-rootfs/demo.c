/*
 * demo.c - a shell in a root of its own.
 *
 *     demo                  a tiny root made of /bin/busybox, and its sh
 *     demo ROOTFS CMD ...   CMD in the directory ROOTFS
 *
 * The mount and pid namespaces are one unshare(2) here; chapter 02 told their
 * story. What is new: the file tree below "/" is another, with its own /proc,
 * /dev and /sys, and no way leads back to the old one.
 */
#include "dev.h"
#include "mnt.h"
#include "own.h"
#include "root.h"
#include "sys.h"
#include "trace.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *mounts[][4] = {
    {"proc",   "/proc",    "proc",   "nosuid,noexec,nodev"            },
    {"tmpfs",  "/dev",     "tmpfs",  "nosuid,mode=755,size=64k"       },
    {"devpts", "/dev/pts", "devpts", "nosuid,noexec,newinstance"      },
    {"tmpfs",  "/dev/shm", "tmpfs",  "nosuid,nodev,noexec,mode=1777"  },
    {"sysfs",  "/sys",     "sysfs",  "nosuid,nodev,noexec,ro"         },
    {"tmpfs",  "/tmp",     "tmpfs",  "nosuid,nodev,mode=1777,size=16m"},
};
static const char *const masked[] = {"/proc/kcore", "/proc/keys",
                                     "/sys/firmware"};

/* A tmpfs with one file in it: /bin/busybox, bound from the host. */
static int make_tiny_root(struct err *e)
{
    auto_mnt_list struct mnt_list list = {0};
    auto_fd int host = sys_openat(AT_FDCWD, "/", O_PATH | O_CLOEXEC, 0);
    int r = mnt_set_propagation("/", MS_SLAVE | MS_REC, e);
    if (r >= 0)
        r = mnt_list_add(&list, "tmpfs", "/mnt", "tmpfs", "mode=755", e);
    if (r >= 0)
        r = mnt_list_add(&list, "/bin/busybox", "/mnt/bin/busybox", "bind",
                         "ro", e);
    for (size_t i = 0; r >= 0 && i < list.n; i++)
        r = mnt_make(host, &list.v[i], e);
    return r;
}

static int make_mounts(int root, struct err *e)
{
    auto_mnt_list struct mnt_list list = {0};
    int r = 0;
    for (size_t i = 0; r >= 0 && i < sizeof mounts / sizeof *mounts; i++)
        r = mnt_list_add(&list, mounts[i][0], mounts[i][1], mounts[i][2],
                         mounts[i][3], e);
    for (size_t i = 0; r >= 0 && i < list.n; i++)
        r = mnt_make(root, &list.v[i], e);
    if (r >= 0)
        r = dev_populate(root, e);
    for (size_t i = 0; r >= 0 && i < sizeof masked / sizeof *masked; i++)
        r = root_mask(root, masked[i], e);
    return r >= 0 ? root_set_readonly(root, e) : r;
}

static int run(const char *rootfs, char *const argv[], struct err *e)
{
    int r = rootfs == NULL ? make_tiny_root(e) : 0;
    if (r < 0)
        return r;
    auto_fd int root = root_prepare(rootfs != NULL ? rootfs : "/mnt", 0, e);
    if (root < 0 || make_mounts(root, e) < 0 || root_enter(root, e) < 0)
        return -1;
    auto_strv struct strv env = {0};
    strv_add(&env, "PATH=/bin:/sbin:/usr/bin:/usr/sbin");
    return err_sys(e, sys_execve(argv[0], argv, env.v), "run %s", argv[0]);
}

int main(int argc, char **argv)
{
    auto_strv struct strv shell = {0};
    strv_split(&shell, "/bin/busybox,sh", ',');
    struct err e = {0};
    int status = 125;
    if (trace_open(getenv("MINI_DOCKER_TRACE"), &e) < 0 ||
        sys_unshare(CLONE_NEWNS | CLONE_NEWPID) < 0)
        return fprintf(stderr, "demo: needs root. %s\n", e.msg), 125;
    pid_t child = fork();
    if (child == 0) {
        run(argc > 2 ? argv[1] : NULL, argc > 2 ? argv + 2 : shell.v, &e);
        return fprintf(stderr, "demo: %s\n", e.msg), 125;
    }
    if (child > 0 && waitpid(child, &status, 0) == child)
        status =
            WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return status;
}
