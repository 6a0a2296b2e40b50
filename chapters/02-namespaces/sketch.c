/*
 * sketch - unshare(1) in one sitting: a command in namespaces of its own.
 *
 *     cc -Wall -Wextra -o sketch sketch.c
 *     ./sketch sh -c 'id -u; hostname; echo $$; ip link; ps'
 *
 * Works as an ordinary user: the user namespace, which everybody may make,
 * gives the child all capabilities over the other namespaces made with it,
 * and over nothing else. Inside it is root; outside it is who you are.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void die(const char *what)
{
    perror(what);
    exit(125);
}

/* /proc/PID/uid_map and its like want one write(2), by a process outside. */
static void write_file(pid_t pid, const char *file, const char *value)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", pid, file);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, value, strlen(value)) < 0)
        die(path);
    close(fd);
}

/* One line: id 0 inside is our own id outside, and there is no other id. */
static void map_ids(pid_t pid)
{
    char line[64];
    snprintf(line, sizeof line, "0 %u 1", geteuid());
    write_file(pid, "uid_map", line);
    /* Whoever could leave a group could get round "this group may not". */
    write_file(pid, "setgroups", "deny");
    snprintf(line, sizeof line, "0 %u 1", getegid());
    write_file(pid, "gid_map", line);
}

static void be_child(int go, char **argv)
{
    char byte;
    /* Before the maps are written every id here is 65534, nobody. End of file
     * instead of a byte means that the parent is dead. */
    if (read(go, &byte, 1) != 1)
        exit(125);
    if (sethostname("sketch", 6) < 0)
        die("sethostname");
    /* Our copy of the mounts still tells the host's about changes: not now. */
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        die("make mounts private");
    /* /proc shows the pid namespace of whoever mounts it. Where parts of it
     * are covered, as in a container, the kernel refuses: do without. */
    if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL))
        perror("(old /proc stays) mount /proc");
    execvp(argv[0], argv);
    perror(argv[0]);
    exit(127);
}

int main(int argc, char **argv)
{
    int go[2];
    if (argc < 2 || pipe2(go, O_CLOEXEC) < 0)
        return fprintf(stderr, "usage: sketch COMMAND...\n"), 125;
    struct clone_args args = {
        .flags = CLONE_NEWUSER | CLONE_NEWUTS | CLONE_NEWPID | CLONE_NEWNS |
                 CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWCGROUP,
        .exit_signal = SIGCHLD,
    };
    pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof args);
    if (pid < 0)
        die("clone3");
    if (pid == 0) {
        close(go[1]); /* or we would wait for ourselves */
        be_child(go[0], argv + 1);
    }
    map_ids(pid);
    int status = 0;
    if (write(go[1], "!", 1) != 1 || waitpid(pid, &status, 0) < 0)
        die("the child");
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
