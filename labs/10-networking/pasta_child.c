/* A program that runs on, as our child: its start, and how we learn that it is
 * ready. */
#include "pasta_parts.h"

#include "files.h"
#include "own.h"
#include "proc.h"
#include "sys.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <unistd.h>

enum { NOT_EXECUTED = 127 };

/* pasta gives up its rights before it looks for the namespace, and then may not
 * open it below /proc/PID, which is a look into a process. Anybody may open
 * a file, and a namespace can be mounted on one (ip-netns(8)): here in a mount
 * namespace that is pasta's alone and ends with it. */
static int mount_netns(const struct pasta_child *child)
{
    auto_free char *from = child->pid > 0
                               ? text_format("/proc/%d/ns/net", (int)child->pid)
                               : text_format("/proc/self/fd/%d", child->ns);
    int r = sys_unshare(CLONE_NEWNS);
    if (r >= 0)
        r = sys_mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
    return r < 0 ? r : sys_mount(from, child->netns, NULL, MS_BIND, NULL);
}

/* Ours are not its signals; and it fails where SIGPIPE is ignored already,
 * taking signal(2)'s answer for an error. */
static void begin_anew(void)
{
    sigset_t none;
    for (int signal = 1; signal < NSIG; signal++)
        sigaction(signal, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void become(const struct pasta_child *child, const char *file,
                             char *const argv[], int passed)
{
    int null = sys_openat(AT_FDCWD, "/dev/null", O_RDWR | O_CLOEXEC, 0);
    /* A parent who is dead already ends nobody any more. */
    if (proc_die_with_parent(NULL) < 0 || getppid() != child->parent)
        _exit(NOT_EXECUTED);
    begin_anew();
    if (null >= 0 && sys_dup3(null, STDIN_FILENO, 0) >= 0 &&
        sys_dup3(null, STDOUT_FILENO, 0) >= 0 &&
        sys_dup3(child->errors, STDERR_FILENO, 0) >= 0 &&
        (child->netns == NULL || mount_netns(child) >= 0) &&
        (passed < 0 || fcntl(passed, F_SETFD, 0) == 0))
        sys_execve(file, argv, environ);
    _exit(NOT_EXECUTED);
}

int pasta_run(struct pasta_child *child, const char *file,
              const struct strv *args, int passed, struct err *e)
{
    auto_strv struct strv argv = {0};
    strv_add(&argv, child->name);
    for (size_t i = 0; i < args->n; i++)
        strv_add(&argv, args->v[i]);
    /* It may say something at any time: a file never fills up and never has
     * nobody at its other end, as a pipe has. */
    child->errors = memfd_create(child->name, MFD_CLOEXEC);
    if (child->errors < 0)
        return err_sys(e, errno, "make a file for what %s says", child->name);
    child->parent = getpid();
    int r = proc_clone(0, -1, &child->pidfd, e);
    if (r == 0)
        become(child, file, argv.v, passed);
    return r < 0 ? err_add(e, "run %s", file) : 0;
}

/* What its words mean, as far as callers tell them apart; any case. */
static const struct {
    const char *words;
    int code;
} meanings[] = {
    {"address already in use", EADDRINUSE},
    {"permission denied",      EACCES    },
    {"failed to bind",         EADDRINUSE}, /* pasta of old says no more */
};

/* One line of what it has said, the first or the last; that there is nobody who
 * keeps a log is none. */
static void add_line(const struct text *said, bool is_last, struct text *ret)
{
    auto_strv struct strv lines = {0};
    strv_split(&lines, said->s, '\n');
    for (size_t i = 0; i < lines.n; i++) {
        const char *line = lines.v[i];
        if (line[0] == '\0' || strstr(line, "syslog") != NULL ||
            (ret->len > 0 && !is_last))
            continue;
        text_clear(ret);
        text_add(ret, line);
    }
}

static int tell(const struct pasta_child *child, int code, struct err *e)
{
    auto_text struct text said = {0}, line = {0};
    auto_free char *path = text_format("/proc/self/fd/%d", child->errors);
    if (code == NOT_EXECUTED)
        return err_set(e, ENOEXEC, "%s cannot be executed", child->name);
    if (files_read(AT_FDCWD, path, &said, NULL) > 0)
        add_line(&said, child->reason_is_last, &line);
    if (line.len == 0)
        return err_set(e, EIO, "%s ended with %d", child->name, code);
    int meaning = EIO;
    for (size_t i = 0; meaning == EIO && i < sizeof meanings / sizeof *meanings;
         i++)
        if (strcasestr(said.s, meanings[i].words) != NULL)
            meaning = meanings[i].code;
    return err_set(e, meaning, "%s: %s", child->name, line.s);
}

int pasta_wait(struct pasta_child *child, struct err *e)
{
    /* TODO lab 10.7: until it writes to child->ready, or has ended; it may
     * close ready and go on for a moment */
    return err_set(e, ENOSYS, "lab 10.7 is not written yet");
}

void pasta_end(struct pasta_child *child)
{
    if (child->pidfd >= 0 && proc_signal(child->pidfd, SIGKILL, NULL) == 0)
        proc_wait(child->pidfd, NULL);
    own_close(&child->pidfd);
}
