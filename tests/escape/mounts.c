/*
 * mounts [user] ACTION TARGET... - takes masks and locks off by mounting:
 *
 *     new TYPE      a second proc, sysfs, cgroup: without masks
 *     off PATH      umount(2) of what covers the path
 *     rw PATH       the read-only bind, writable again (MS_REMOUNT)
 *
 * With "user", as root of a new user namespace, where everybody has
 * CAP_SYS_ADMIN: user_namespaces(7), mount_namespaces(7) on locked mounts.
 * All of it in a mount namespace of its own, so that nothing stays.
 */
#include "attack.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>

static void map_root(const char *file, const char *map)
{
    int fd = open(file, O_WRONLY);
    if (fd < 0 || write(fd, map, strlen(map)) < 0)
        attack_answer(file, -1);
    close(fd);
}

static int become_root(void)
{
    int r = unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID);
    if (r < 0)
        return r;
    map_root("/proc/self/setgroups", "deny");
    map_root("/proc/self/uid_map", "0 0 1");
    map_root("/proc/self/gid_map", "0 0 1");
    /* A proc shows a pid namespace, and one that we own. */
    pid_t pid = fork();
    if (pid > 0) {
        wait(NULL);
        exit(0);
    }
    return pid;
}

static long act(const char *action, const char *target)
{
    if (strcmp(action, "off") == 0)
        return umount2(target, MNT_DETACH);
    if (strcmp(action, "rw") == 0)
        return mount(NULL, target, NULL, MS_REMOUNT | MS_BIND, NULL);
    return mount(target, "/tmp", target, 0, NULL);
}

int main(int argc, char **argv)
{
    bool user = argc > 1 && strcmp(argv[1], "user") == 0;
    char **words = argv + 1 + user;
    if (argc < 3 + user)
        return 2;
    /* Without the power to unshare, what follows fails as well. */
    if (user && become_root() < 0)
        return !attack_answer("user namespace", -1);
    if (!user)
        unshare(CLONE_NEWNS);
    for (int i = 1; words[i] != NULL; i++)
        attack_answer(words[i], act(words[0], words[i]));
    return 0;
}
