/*
 * naive run ROOT CWD COMMAND... | naive exec PID COMMAND... - the controls:
 * what a container runtime would do that had no protection of its own,
 * chroot(2) and setns(2) and nothing more. Whatever is open, in the
 * environment, typed at or dumpable stays so. /a and /proc are there; all in a
 * mount namespace of its own.
 */
#include "attack.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>

static int fail(const char *what)
{
    attack_answer(what, -1);
    return 125;
}

static int put(const char *source, const char *root, const char *name,
               const char *type)
{
    char target[4096];
    snprintf(target, sizeof target, "%s/%s", root, name);
    return mount(source, target, type, type == NULL ? MS_BIND : 0, NULL);
}

static int run(const char *root, const char *cwd, char **command)
{
    if (unshare(CLONE_NEWNS) < 0 ||
        mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        put(getenv("ATTACKS"), root, "a", NULL) < 0 ||
        put("proc", root, "proc", "proc") < 0)
        return fail("mount");
    if (chroot(root) < 0 || chdir(cwd) < 0)
        return fail("chroot");
    execvp(command[0], command);
    return fail("execvp");
}

/* Among the container's processes, and still ourselves for a moment. */
static int join(const char *pid, char **command)
{
    static const char *const kinds[] = {"user", "pid", "mnt"};
    int fds[3];
    char path[64];
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "/proc/%s/ns/%s", pid, kinds[i]);
        fds[i] = open(path, O_RDONLY | O_CLOEXEC);
    }
    for (int i = 0; i < 3; i++) {
        if (setns(fds[i], 0) < 0 && i > 0) /* it may be our own */
            return fail("setns");
        if (i == 0 && (setgid(0) < 0 || setuid(0) < 0))
            return fail("setuid");
    }
    prctl(PR_SET_DUMPABLE, 1); /* as programs are */
    pid_t child = fork();
    if (child == 0) {
        usleep(300000);
        execvp(command[0], command);
        _exit(127);
    }
    return waitpid(child, NULL, 0) < 0;
}

int main(int argc, char **argv)
{
    if (argc > 4 && strcmp(argv[1], "run") == 0)
        return run(argv[2], argv[3], argv + 4);
    if (argc > 3 && strcmp(argv[1], "exec") == 0)
        return join(argv[2], argv + 3);
    return 2;
}
