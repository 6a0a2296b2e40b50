/*
 * The tricks of chapter 00 alone: cc -Wall -Wextra sketch.c && ./a.out
 *
 * 1. One function through which system calls pass can tell them, count them,
 *    and refuse to make one. The result is the kernel's own: >= 0 or -errno.
 * 2. Lines that two processes append to one file never mix.
 * 3. openat2 can be told which directory "/" is, so that no link leads out.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int log_fd = -1; /* where calls are told; -1: nowhere */
static int fail_at = 0; /* the n-th call fails; 0: none */
static int so_far = 0;

/* syscall(2) stores the error in errno and returns -1. The kernel itself
 * returned -errno in one register; we put that together again, because one
 * number cannot be overwritten by the next call, as errno can. */
static long door(const char *name, long number, const long a[4])
{
    long result = -EIO; /* what the call that must fail answers */
    if (++so_far != fail_at) {
        result = syscall(number, a[0], a[1], a[2], a[3]);
        if (result < 0)
            result = -errno;
    }
    if (log_fd >= 0) {
        /* One write(2) per line. With O_APPEND the kernel moves to the end and
         * writes under one lock on the file, so lines stay whole. */
        char line[128];
        int len =
            snprintf(line, sizeof line, "[%d] %s(%#lx, %#lx, %#lx) = %ld\n",
                     (int)getpid(), name, a[0], a[1], a[2], result);
        if (write(log_fd, line, (size_t)len) != len)
            log_fd = -1;
    }
    return result;
}
#define DOOR(call, a, b, c, d)                                                 \
    door(#call, SYS_##call,                                                    \
         (long[4]){(long)(a), (long)(b), (long)(c), (long)(d)})

static void two_processes_one_log(const char *file)
{
    log_fd =
        open(file, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
    fflush(stdout); /* or the child would print it once more */
    pid_t child = fork();
    for (int i = 0; i < 1000; i++)
        DOOR(fsync, -1, 0, 0, 0);
    if (child == 0)
        _exit(0);
    waitpid(child, NULL, 0);
    close(log_fd);
    log_fd = -1;
}

static int open_inside(int root, const char *path)
{
    struct open_how how = {.flags = O_RDONLY | O_CLOEXEC,
                           .resolve = RESOLVE_IN_ROOT};
    return (int)DOOR(openat2, root, path, &how, sizeof how);
}

int main(void)
{
    char dir[] = "/tmp/sketch.XXXXXX";
    if (mkdtemp(dir) == NULL || chdir(dir) < 0)
        return 1;
    two_processes_one_log("log");
    printf("lines in the log that are not whole: ");
    fflush(stdout);
    if (system("grep -cv '^\\[[0-9]*\\] fsync(.*) = -9$' log") < 0)
        return 1;

    /* A container's tree may hold any link. Opened the plain way, from
     * outside, this one shows the host's file. */
    if (mkdir("root", 0700) < 0 || symlink("/etc/passwd", "root/innocent") < 0)
        return 1;
    int root = (int)DOOR(openat, AT_FDCWD, "root", O_PATH | O_DIRECTORY, 0);
    printf("openat:  %ld\n", DOOR(openat, root, "innocent", O_RDONLY, 0));
    int inside = open_inside(root, "innocent");
    printf("openat2: %d (%s)\n", inside, strerrorname_np(-inside));

    fail_at = so_far + 1;
    printf("chdir:   %ld, injected\n", DOOR(chdir, "/", 0, 0, 0));
    const char *const made[] = {"log", "root/innocent", "root", dir};
    for (int i = 0; i < 4; i++)
        remove(made[i]);
    return 0;
}
