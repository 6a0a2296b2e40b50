/*
 * sketch.c - another root, with pivot_root(2) and nothing else.
 *
 *     cc -Wall -Wextra sketch.c -o sketch
 *     sudo ./sketch                     a root made of /bin/busybox
 *     sudo ./sketch ROOTFS /bin/sh      a directory you have
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void check(int result, const char *what)
{
    if (result < 0) {
        perror(what);
        exit(1);
    }
}

/* A root out of one file: a tmpfs, and busybox bound into it. */
static const char *make_root(void)
{
    check(mount("tiny", "/mnt", "tmpfs", 0, "mode=755"), "mount tmpfs on /mnt");
    check(mkdir("/mnt/bin", 0755), "mkdir bin");
    check(mkdir("/mnt/proc", 0755), "mkdir proc");
    int fd = open("/mnt/bin/busybox", O_CREAT | O_WRONLY | O_CLOEXEC, 0755);
    check(fd, "create a place for busybox");
    close(fd);
    check(mount("/bin/busybox", "/mnt/bin/busybox", NULL, MS_BIND, NULL),
          "bind /bin/busybox");
    return "/mnt";
}

static void enter_root(const char *root)
{
    /* pivot_root wants the new root to be a mount point. A bind of a directory
     * on itself is one. */
    check(mount(root, root, NULL, MS_BIND | MS_REC, NULL), "bind the root");
    check(chdir(root), "chdir to the root");
    /* Exchange: the root of this mount namespace becomes ".", and the old one
     * is stacked on top of it. */
    check((int)syscall(SYS_pivot_root, ".", "."), "pivot_root");
    /* What lies on top of "." is the old root. Detached, it is gone from every
     * path of ours. chroot(2) would have left it there to climb back to. */
    check(umount2(".", MNT_DETACH), "detach the old root");
    check(chdir("/"), "chdir to /");
}

static int inside(char **argv)
{
    /* We have a copy of the host's mounts, but still of one mind with it: a
     * mount made here would appear there. A slave hears, but does not speak. */
    check(mount(NULL, "/", NULL, MS_SLAVE | MS_REC, NULL), "end propagation");
    enter_root(argv[0] != NULL ? argv[0] : make_root());
    /* /proc shows the pid namespace of whoever mounts it: ours. */
    check(
        mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL),
        "mount /proc");
    if (argv[0] != NULL)
        execv(argv[1], argv + 1);
    else
        execl("/bin/busybox", "sh", (char *)NULL);
    perror("exec");
    return 127;
}

int main(int argc, char **argv)
{
    if (argc == 2) {
        fprintf(stderr, "usage: sketch [ROOTFS COMMAND [ARG...]]\n");
        return 2;
    }
    check(unshare(CLONE_NEWNS | CLONE_NEWPID), "unshare (are you root?)");
    pid_t child = fork(); /* the first child is pid 1 of the new namespace */
    check(child, "fork");
    if (child == 0)
        return inside(argv + 1);
    int status;
    check(waitpid(child, &status, 0), "wait");
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
