/*
 * stalk NAME - waits inside a container for a process of the runtime on its way
 * in (CVE-2016-9962): by its descriptors, through its memory or by ptrace(2),
 * the host is reached. It must not be dumpable: prctl(2) PR_SET_DUMPABLE, and
 * ptrace(2) on access modes.
 *
 * Of the first that it meets it tells the answers, and ends; whoever is traced
 * is free again then.
 */
#include "attack.h"

#include <sys/ptrace.h>

static bool is_called(int pid, const char *name)
{
    char path[64], comm[64] = {0};
    snprintf(path, sizeof path, "/proc/%d/comm", pid);
    int fd = open(path, O_RDONLY);
    ssize_t n = fd < 0 ? -1 : read(fd, comm, sizeof comm - 1);
    if (fd >= 0)
        close(fd);
    return n > 0 && strncmp(comm, name, strlen(name)) == 0;
}

/* Has it been reached before it became another program? */
static void answer(const char *what, long result, int pid, const char *name)
{
    if (result >= 0 && !is_called(pid, name)) {
        errno = ESRCH;
        result = -1;
    }
    attack_answer(what, result);
}

static void attack(int pid, const char *name)
{
    static const struct {
        const char *file;
        int flags;
    } files[] = {
        {"fd/0", O_RDONLY},
        {"root", O_RDONLY},
        {"exe",  O_RDONLY},
        {"mem",  O_RDWR  },
    };
    char path[64];
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        snprintf(path, sizeof path, "/proc/%d/%s", pid, files[i].file);
        answer(files[i].file, open(path, files[i].flags), pid, name);
    }
    answer("ptrace", ptrace(PTRACE_SEIZE, pid, NULL, NULL), pid, name);
}

/* Numbers are given out in order, so the next one is near ours. */
int main(int argc, char **argv)
{
    alarm(20);
    for (int pid = 2; argc == 2; pid = pid < 400 ? pid + 1 : 2) {
        if (is_called(pid, argv[1])) {
            attack(pid, argv[1]);
            return 0;
        }
    }
    return 2;
}
