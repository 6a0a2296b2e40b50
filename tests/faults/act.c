/* Running a command, with a fault or without. */
#include "act.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { WORDS = 16, LIMIT_S = 20 };

void act_init(void)
{
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, NULL);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
}

/* Not fork(2): to copy the walker is dearer than what many a command does. */
static pid_t start(const char *line, const char *fault, int out, int err)
{
    char words[256], *argv[WORDS + 1] = {0}, *rest = words;
    snprintf(words, sizeof words, "%s", line);
    for (int n = 0; n < WORDS && rest != NULL;)
        argv[n++] = strsep(&rest, " ");
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_t how;
    posix_spawn_file_actions_t files;
    posix_spawnattr_init(&how);
    posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setsigmask(&how, &none);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, out, 1);
    posix_spawn_file_actions_adddup2(&files, err, 2);
    if (fault != NULL)
        setenv("MINI_DOCKER_FAULT", fault, 1);
    pid_t pid;
    if (posix_spawnp(&pid, argv[0], &files, &how, argv, environ) != 0)
        abort();
    unsetenv("MINI_DOCKER_FAULT");
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&how);
    return pid;
}

/* SIGCHLD is blocked, so that it can be waited for, with a limit. Orphans are
 * ours as well (PR_SET_CHILD_SUBREAPER) and are buried on the way. */
static int wait_for(pid_t pid)
{
    const struct timespec limit = {.tv_sec = LIMIT_S};
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    for (bool hangs = false;;) {
        int status;
        pid_t ended;
        while ((ended = waitpid(-1, &status, WNOHANG)) > 0)
            if (ended == pid)
                return hangs               ? ACT_HANGS
                       : WIFEXITED(status) ? WEXITSTATUS(status)
                                           : -WTERMSIG(status);
        if (sigtimedwait(&child, NULL, &limit) < 0 && errno == EAGAIN) {
            hangs = true;
            kill(pid, SIGKILL);
        }
    }
}

struct result act_execute(const char *line, const char *fault)
{
    struct result ret = {0};
    int out = memfd_create("out", MFD_CLOEXEC);
    int err = memfd_create("err", MFD_CLOEXEC);
    ret.status = wait_for(start(line, fault, out, err));
    if (pread(out, ret.out, sizeof ret.out - 1, 0) < 0 ||
        pread(err, ret.err, sizeof ret.err - 1, 0) < 0)
        abort();
    close(out);
    close(err);
    return ret;
}

bool act_works(const char *line)
{
    if (line == NULL)
        return true;
    bool may_fail = line[0] == '-';
    struct result result = act_execute(line + may_fail, NULL);
    if (result.status == 0 || (may_fail && result.status == 1))
        return true;
    printf("    %s: status %d: %s\n", line, result.status, result.err);
    return false;
}
