/*
 * A whole container by raw system calls: namespaces, a limit on processes, a
 * root of its own, few capabilities. As root:
 *     cc -Wall -Wextra -o sketch sketch.c && ./sketch ROOTFS COMMAND [ARG...]
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void must(int result, const char *what)
{
    if (result >= 0)
        return;
    perror(what);
    _exit(125);
}

/* The group is a directory, and a limit is a file in it (cgroups(7)). */
static char group[64];

static void put(const char *name, const char *value)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", group, name);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    must(fd, path);
    must((int)write(fd, value, strlen(value)), path);
    close(fd);
}

static void make_group(void)
{
    /* v1 has a tree for each controller, v2 one for all. */
    int v1 = access("/sys/fs/cgroup/pids", F_OK) == 0;
    snprintf(group, sizeof group, "/sys/fs/cgroup/%ssketch-%d",
             v1 ? "pids/" : "", getpid());
    must(mkdir(group, 0755), group);
    put("pids.max", "20");
}

static void enter_root(const char *root)
{
    /* Mounts must not travel back to the host. */
    must(mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL), "slave");
    /* pivot_root(2) wants a mount point; a bind of itself is one. */
    must(mount(root, root, NULL, MS_BIND | MS_REC, NULL), root);
    must(chdir(root), root);
    mkdir("proc", 0755);
    must(mount("proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL),
         "proc");
    /* The old root comes to lie on top of the new one; take it away. */
    must((int)syscall(SYS_pivot_root, ".", "."), "pivot_root");
    must(umount2(".", MNT_DETACH), "umount");
}

static void child(char **argv)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    put("cgroup.procs", "0"); /* "0" is the writer */
    must(sethostname("sketch", 6), "sethostname");
    enter_root(argv[1]);
    /* Never again more than these: chown 0, kill 5, setgid 6, setuid 7. */
    for (int capability = 0; capability < 64; capability++)
        if (capability != 0 && (capability < 5 || capability > 7))
            prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    execvp(argv[2], argv + 2);
    perror(argv[2]);
    _exit(errno == ENOENT ? 127 : 126);
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return fprintf(stderr, "usage: sketch ROOTFS COMMAND...\n"), 2;
    make_group();
    struct clone_args args = {.exit_signal = SIGCHLD,
                              .flags = CLONE_NEWNS | CLONE_NEWPID |
                                       CLONE_NEWUTS | CLONE_NEWIPC |
                                       CLONE_NEWNET};
    pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof args);
    must(pid, "clone3");
    if (pid == 0)
        child(argv);
    int status;
    waitpid(pid, &status, 0);
    rmdir(group);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
