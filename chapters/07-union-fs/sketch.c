/*
 * sketch.c - a union mount: two directories seen as one, and what is written
 * lands in a third.
 *
 *     cc -Wall -Wextra sketch.c -o sketch
 *     sudo ./sketch
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static void check(int result, const char *what)
{
    if (result < 0) {
        perror(what);
        exit(1);
    }
}

static void put(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    check(fd, path);
    check((int)write(fd, text, strlen(text)), path);
    close(fd);
}

static void show(const char *path)
{
    char text[80] = "";
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0 && read(fd, text, sizeof text - 1) >= 0)
        printf("%-10s says %s\n", path, text);
    else if (lstat(path, &st) == 0)
        printf("%-10s is a character device %lx: a whiteout\n", path,
               (unsigned long)st.st_rdev);
    else
        printf("%-10s is not there\n", path);
    if (fd >= 0)
        close(fd);
}

int main(void)
{
    static const char *const dirs[] = {"base", "app", "diff", "work", "merged"};
    /* A mount namespace of our own: nothing of this stays. */
    check(unshare(CLONE_NEWNS), "unshare (are you root?)");
    check(mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL), "make it private");
    check(mount("scratch", "/mnt", "tmpfs", 0, "mode=755"), "mount a tmpfs");
    check(chdir("/mnt"), "chdir");
    for (int i = 0; i < 5; i++)
        check(mkdir(dirs[i], 0755), dirs[i]);
    /* Two layers of an image; the upper one has a newer "a". */
    put("base/a", "base");
    put("base/b", "base");
    put("app/a", "app");
    /* The stack: lowerdir is a list, its first is the uppermost. */
    check(mount("overlay", "merged", "overlay", 0,
                "lowerdir=app:base,upperdir=diff,workdir=work"),
          "mount overlay");
    show("merged/a");
    show("merged/b");
    puts("-- the container writes c, changes a, removes b");
    put("merged/c", "mine");
    put("merged/a", "mine");
    check(unlink("merged/b"), "unlink");
    static const char *const seen[] = {"merged/a", "merged/b", "diff/a",
                                       "diff/b",   "diff/c",   "app/a",
                                       "base/b"};
    for (int i = 0; i < 7; i++)
        show(seen[i]);
    return 0;
}
