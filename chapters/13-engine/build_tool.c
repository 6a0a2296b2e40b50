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

/* Its ends of the pipes. */
struct tool_ends {
    int out, err;
};

/* In the child. Our signals may be blocked, its are not. It asks nobody: there
 * may be no terminal, and a build does not wait for a password. */
static _Noreturn void become_tool(const struct build_tool *tool,
                                  const char *file, struct tool_ends to)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    umask(022);
    const struct rlimit most = {MOST_BYTES, MOST_BYTES};
    int null = sys_openat(AT_FDCWD, "/dev/null", O_RDONLY | O_CLOEXEC, 0);
    if (setenv("GIT_TERMINAL_PROMPT", "0", 1) == 0 && null >= 0 &&
        proc_die_with_parent(NULL) >= 0 &&
        (tool->dir < 0 || sys_fchdir(tool->dir) >= 0) &&
        sys_prlimit64(0, RLIMIT_FSIZE, &most, NULL) >= 0 &&
        sys_dup3(null, STDIN_FILENO, 0) >= 0 &&
        sys_dup3(to.out, STDOUT_FILENO, 0) >= 0 &&
        sys_dup3(to.err, STDERR_FILENO, 0) >= 0)
        sys_execve(file, (char *const *)(uintptr_t)tool->argv, environ);
    _exit(126);
}

bool build_tool_take(int fd, struct text *ret)
{
    char block[4096];
    ssize_t n = TEMP_FAILURE_RETRY(read(fd, block, sizeof block));
    if (n > 0 && ret->len < MOST_SAID)
        text_addn(ret, block, (size_t)n);
    return n > 0;
}

/* Until both are at their end; -EINTR when a signal came that ends builds. */
static int listen_to(struct build_tool *tool, struct err *e)
{
    sigset_t set;
    build_signals(&set);
    auto_fd int signals = signalfd(-1, &set, SFD_CLOEXEC);
    struct pollfd from[] = {
        {.fd = tool->out, .events = POLLIN},
        {.fd = tool->err, .events = POLLIN},
        {.fd = signals,   .events = POLLIN},
    };
    struct text *const to[] = {&tool->said, &tool->why};
    while (from[0].fd >= 0 || from[1].fd >= 0) {
        if (poll(from, 3, -1) < 0)
            continue; /* a signal that ends nothing */
        if (from[2].revents != 0)
            return err_set(e, EINTR, "the build was interrupted");
        for (size_t i = 0; i < 2; i++)
            if (from[i].fd >= 0 && from[i].revents != 0 &&
                !build_tool_take(from[i].fd, to[i]))
                from[i].fd = -1; /* poll(2) passes over it */
    }
    return 0;
}

static int start(struct build_tool *tool, const char *file,
                 struct tool_ends *ends, struct err *e)
{
    int out[2], err[2];
    if (pipe2(out, O_CLOEXEC) < 0)
        return err_sys(e, errno, "pipe");
    tool->out = out[0];
    ends->out = out[1];
    if (pipe2(err, O_CLOEXEC) < 0)
        return err_sys(e, errno, "pipe");
    tool->err = err[0];
    ends->err = err[1];
    int pid = proc_clone(0, -1, &tool->pidfd, e);
    if (pid == 0)
        become_tool(tool, file, *ends);
    return pid < 0 ? err_add(e, "run %s", file) : 0;
}

int build_tool_start(struct build_tool *tool, struct err *e)
{
    const char *name = tool->argv[0];
    struct tool_ends ends = {-1, -1};
    tool->pidfd = tool->out = tool->err = -1;
    auto_free char *file = proc_find_program(getenv("PATH"), name);
    if (file == NULL)
        return err_set(e, ENOENT, "%s: not found: install %s", name, name);
    int r = start(tool, file, &ends, e);
    own_close(&ends.out);
    own_close(&ends.err);
    if (r < 0) {
        own_close(&tool->out);
        own_close(&tool->err);
    }
    return r;
}

int build_tool_end(struct build_tool *tool, struct err *e)
{
    own_close(&tool->out);
    while (build_tool_take(tool->err, &tool->why))
        ;
    own_close(&tool->err);
    int code = proc_wait(tool->pidfd, e);
    own_close(&tool->pidfd);
    return code;
}

int build_tool_run(struct build_tool *tool, struct err *e)
{
    int r = build_tool_start(tool, e);
    if (r < 0)
        return r;
    r = listen_to(tool, e);
    if (r < 0)
        proc_signal(tool->pidfd, SIGKILL, NULL);
    int code = build_tool_end(tool, r < 0 ? NULL : e);
    return r < 0 ? r : code;
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
