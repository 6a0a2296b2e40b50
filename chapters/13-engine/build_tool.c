#include "build_tool.h"

#include "build.h"
#include "own.h"
#include "proc.h"
#include "sys.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

/* No file that it writes may be larger (setrlimit(2)): what comes from another
 * machine may never end. And nobody reads more of its words than this. */
#define MOST_BYTES ((rlim_t)16 << 30)
enum { MOST_SAID = 256 * 1024 };

struct tool_pipes {
    int out[2], err[2];
};

/* In the child. Our signals may be blocked, its are not. It asks nobody: there
 * may be no terminal, and a build does not wait for a password. */
static _Noreturn void become_tool(const struct build_tool *tool,
                                  const char *file,
                                  const struct tool_pipes *pipes)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    umask(022);
    const struct rlimit most = {MOST_BYTES, MOST_BYTES};
    int null = sys_openat(AT_FDCWD, "/dev/null", O_RDONLY | O_CLOEXEC, 0);
    if (setenv("GIT_TERMINAL_PROMPT", "0", 1) == 0 && null >= 0 &&
        proc_die_with_parent(NULL) >= 0 && sys_fchdir(tool->dir) >= 0 &&
        sys_prlimit64(0, RLIMIT_FSIZE, &most, NULL) >= 0 &&
        sys_dup3(null, STDIN_FILENO, 0) >= 0 &&
        sys_dup3(pipes->out[1], STDOUT_FILENO, 0) >= 0 &&
        sys_dup3(pipes->err[1], STDERR_FILENO, 0) >= 0)
        sys_execve(file, (char *const *)(uintptr_t)tool->argv, environ);
    _exit(126);
}

static void take_words(struct pollfd *from, struct text *ret)
{
    char block[4096];
    ssize_t n = TEMP_FAILURE_RETRY(read(from->fd, block, sizeof block));
    if (n > 0 && ret->len < MOST_SAID)
        text_addn(ret, block, (size_t)n);
    if (n <= 0)
        from->fd = -1; /* poll(2) passes over it */
}

/* Until both are at their end; -EINTR when a signal came that ends builds. */
static int listen_to(struct build_tool *tool, const struct tool_pipes *pipes,
                     struct err *e)
{
    sigset_t set;
    build_signals(&set);
    auto_fd int signals = signalfd(-1, &set, SFD_CLOEXEC);
    struct pollfd from[] = {
        {.fd = pipes->out[0], .events = POLLIN},
        {.fd = pipes->err[0], .events = POLLIN},
        {.fd = signals,       .events = POLLIN},
    };
    struct text *const to[] = {&tool->said, &tool->why};
    while (from[0].fd >= 0 || from[1].fd >= 0) {
        if (poll(from, 3, -1) < 0)
            continue; /* a signal that ends nothing */
        if (from[2].revents != 0)
            return err_set(e, EINTR, "the build was interrupted");
        for (size_t i = 0; i < 2; i++)
            if (from[i].fd >= 0 && from[i].revents != 0)
                take_words(&from[i], to[i]);
    }
    return 0;
}

static int run(struct build_tool *tool, const char *file,
               struct tool_pipes *pipes, struct err *e)
{
    auto_fd int pidfd = -1;
    int pid = proc_clone(0, -1, &pidfd, e);
    if (pid == 0)
        become_tool(tool, file, pipes);
    own_close(&pipes->out[1]);
    own_close(&pipes->err[1]);
    if (pid < 0)
        return err_add(e, "run %s", file);
    int r = listen_to(tool, pipes, e);
    if (r < 0)
        proc_signal(pidfd, SIGKILL, NULL);
    int code = proc_wait(pidfd, r < 0 ? NULL : e);
    return r < 0 ? r : code;
}

int build_tool_run(struct build_tool *tool, struct err *e)
{
    const char *name = tool->argv[0];
    auto_free char *file = proc_find_program(getenv("PATH"), name);
    if (file == NULL)
        return err_set(e, ENOENT, "%s: not found: install %s", name, name);
    struct tool_pipes pipes = {
        .out = {-1, -1},
          .err = {-1, -1}
    };
    int r = pipe2(pipes.out, O_CLOEXEC) < 0 || pipe2(pipes.err, O_CLOEXEC) < 0
                ? err_sys(e, errno, "pipe")
                : run(tool, file, &pipes, e);
    for (size_t i = 0; i < 2; i++) {
        own_close(&pipes.out[i]);
        own_close(&pipes.err[i]);
    }
    return r;
}

char *build_tool_why(const struct build_tool *tool, const char *beginning)
{
    const char *last = "it did not say why";
    size_t last_len = strlen(last);
    for (const char *line = tool->why.s; line != NULL && line[0] != '\0';) {
        size_t len = strcspn(line, "\n");
        last = line;
        last_len = len;
        if (text_starts(line, beginning)) {
            last += strlen(beginning);
            last_len -= strlen(beginning);
            break;
        }
        line += len + (line[len] == '\n');
    }
    return text_format("%.*s", (int)last_len, last);
}

void build_tool_done(struct build_tool *tool)
{
    text_done(&tool->said);
    text_done(&tool->why);
}
