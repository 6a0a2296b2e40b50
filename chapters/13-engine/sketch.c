/*
 * Remembering what runs, so that a kill at any moment leaves nothing for long:
 * a directory per run, a lock in it, and a sweep by whoever comes next.
 *     cc -Wall -Wextra -o sketch sketch.c && ./sketch DIRECTORY COMMAND...
 * In another terminal the same again with `true`, before and after kill -9.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void must(int result, const char *what)
{
    if (result >= 0)
        return;
    perror(what);
    exit(125);
}

/* The lock of a run: its descriptor, or -1 where somebody holds it. The kernel
 * gives it back when its holder dies, however that dies. */
static int take(int dir, const char *id)
{
    char path[300];
    snprintf(path, sizeof path, "%s/lock", id);
    int fd = openat(dir, path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/* All that belongs to a run goes; the lock last, for as long as it is there
 * somebody will come back and finish this. */
static void forget(int dir, const char *id)
{
    static const char *const files[] = {"command", "lock"};
    for (int i = 0; i < 2; i++) {
        char path[300];
        snprintf(path, sizeof path, "%s/%s", id, files[i]);
        unlinkat(dir, path, 0);
    }
    unlinkat(dir, id, AT_REMOVEDIR);
}

static void sweep(int dir)
{
    DIR *list = fdopendir(openat(dir, ".", O_RDONLY | O_CLOEXEC));
    struct dirent *entry;
    while (list != NULL && (entry = readdir(list)) != NULL) {
        if (strncmp(entry->d_name, "run-", 4) != 0)
            continue;
        int lock = take(dir, entry->d_name);
        printf("%s: %s\n", entry->d_name,
               lock < 0 ? "its owner lives" : "its owner is dead: swept");
        if (lock >= 0) {
            forget(dir, entry->d_name);
            close(lock);
        }
    }
    closedir(list);
}

int main(int argc, char **argv)
{
    char id[32], path[64];
    if (argc < 3)
        return 2;
    int dir = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    must(dir, argv[1]);
    sweep(dir);
    /* First the lock, then the record, then the process: what nobody wrote
     * down never runs. */
    snprintf(id, sizeof id, "run-%d", getpid());
    must(mkdirat(dir, id, 0700), id);
    must(take(dir, id), "lock");
    snprintf(path, sizeof path, "%s/command", id);
    int fd = openat(dir, path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    must(dprintf(fd, "%s\n", argv[2]), path);
    if (fork() == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* it dies with its owner */
        execvp(argv[2], argv + 2);
        _exit(127);
    }
    int status = 0;
    wait(&status);
    forget(dir, id);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
