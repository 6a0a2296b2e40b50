/*
 * A control group by hand: a directory, a number, a member.
 *
 *     cc -Wall -Wextra -o sketch sketch.c
 *     sudo ./sketch 5 sh -c 'for i in 1 2 3 4 5 6; do sleep 1 & done; wait'
 *
 * runs the command among at most 5 processes: the shell's fourth or fifth fork
 * fails with "Cannot fork". Watch it from outside: cat .../pids.current.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void die(const char *what)
{
    perror(what);
    exit(125);
}

/* All there is to configuring a group: one write(2) to one file. */
static int put(int dir, const char *file, const char *value)
{
    int fd = openat(dir, file, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t n = write(fd, value, strlen(value));
    close(fd);
    return n < 0 ? -1 : 0;
}

/* v1 has a tree per controller, v2 one for all: try both usual places. */
static const char *find_root(int *ret_is_v2)
{
    const char *v1 = "/sys/fs/cgroup/pids";
    const char *v2 = "/sys/fs/cgroup";
    char file[64];
    snprintf(file, sizeof file, "%s/cgroup.procs", v1);
    *ret_is_v2 = access(file, F_OK) != 0;
    return *ret_is_v2 ? v2 : v1;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: %s MAX-PROCESSES COMMAND...\n", argv[0]);
        return 125;
    }
    int v2;
    char group[128];
    const char *root = find_root(&v2);
    snprintf(group, sizeof group, "%s/sketch-%d", root, getpid());

    /* In v2 a group has a controller's files only if its parent hands the
     * controller down. In v1 every group of the tree has them. */
    int top = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (v2 && put(top, "cgroup.subtree_control", "+pids") < 0)
        die("hand down the pids controller");

    /* 1. mkdir makes the group; the kernel fills it with files. */
    if (mkdir(group, 0755) < 0)
        die(group);
    int dir = open(group, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    /* 2. A number in a file is a limit. */
    if (put(dir, "pids.max", argv[1]) < 0)
        perror("pids.max");

    /* 3. A pid in a file is a member; 0 is the writer itself. It must happen
     * before exec and before any fork, so that all descendants are inside. */
    pid_t child = fork();
    if (child == 0) {
        if (put(dir, v2 ? "cgroup.procs" : "tasks", "0") < 0)
            die("join");
        execvp(argv[2], argv + 2);
        die(argv[2]);
    }
    int status;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;

    /* 4. rmdir removes the group, as soon as nobody is in it. What the command
     * left in the background is still in it: kill it if the kernel is new
     * enough to do that for us, or wait. */
    put(dir, "cgroup.kill", "1");
    while (rmdir(group) < 0 && errno == EBUSY)
        usleep(1000);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
