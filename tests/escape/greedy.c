/*
 * greedy processes|memory|files N - takes N of it, or until no more is given:
 * the fork bomb and its relatives. N bounds it where no limit does: cgroups(7)
 * pids and memory, getrlimit(2).
 */
#include "attack.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>

static long take_process(void)
{
    pid_t pid = fork();
    if (pid == 0)
        for (;;)
            pause(); /* until its namespace ends */
    return pid;
}

static long take_megabyte(void)
{
    char *p = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    return p == MAP_FAILED ? -1 : 0;
}

static long take_file(void)
{
    return open("/dev/null", O_RDONLY);
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    long (*take)(void) = argv[1][0] == 'p'   ? take_process
                         : argv[1][0] == 'm' ? take_megabyte
                                             : take_file;
    long n = strtol(argv[2], NULL, 10), i = 0;
    if (argv[1][0] == 'f') { /* first of all, a higher limit */
        const struct rlimit higher = {4096, 4096};
        attack_answer("setrlimit", setrlimit(RLIMIT_NOFILE, &higher));
    }
    for (; i < n; i++)
        if (take() < 0)
            break;
    printf("took: %s\n", i < n ? strerrorname_np(errno) : "all");
    return 0;
}
