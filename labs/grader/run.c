/* fork(2), exec(3) and a pipe. See run.h. */
#include "run.h"

#include "own.h"
#include "proc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

static void become(const char *const argv[], int out, bool both)
{
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    dup2(null, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    if (both)
        dup2(out, STDERR_FILENO);
    execvp(argv[0], (char *const *)(uintptr_t)argv);
    _exit(127);
}

/* Start it. *ret_out is the end of the pipe to read from. */
static int start(const char *const argv[], bool both, int *ret_out,
                 int *ret_pidfd, struct err *e)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return err_sys(e, errno, "pipe");
    auto_fd int out = ends[0], in = ends[1];
    int pid = proc_clone(0, -1, ret_pidfd, e);
    if (pid == 0)
        become(argv, in, both);
    if (pid < 0)
        return err_add(e, "start %s", argv[0]);
    *ret_out = fd_take(&out);
    return 0;
}

int run_read(const char *const argv[], bool both, struct text *ret,
             struct err *e)
{
    auto_fd int out = -1, pidfd = -1;
    int r = start(argv, both, &out, &pidfd, e);
    char buffer[4096];
    for (ssize_t n = 1; r >= 0 && n > 0;) {
        n = read(out, buffer, sizeof buffer);
        if (n > 0)
            text_addn(ret, buffer, (size_t)n);
    }
    text_add(ret, "");
    return r < 0 ? r : proc_wait(pidfd, e);
}

/* Hand over the whole lines in `text`, and keep the beginning of the next. */
static int take_lines(struct text *text, struct run_taker taker, struct err *e)
{
    char *line = text->s, *end;
    int r = 0;
    while (r >= 0 &&
           (end = memchr(line, '\n', text->len - (size_t)(line - text->s)))) {
        *end = '\0';
        r = taker.take(taker.with, line, e);
        line = end + 1;
    }
    size_t left = text->len - (size_t)(line - text->s);
    memmove(text->s, line, left);
    text->len = left;
    return r;
}

int run_lines(const char *const argv[], struct run_taker taker, struct err *e)
{
    auto_fd int out = -1, pidfd = -1;
    auto_text struct text text = {0};
    int r = start(argv, false, &out, &pidfd, e);
    char buffer[4096];
    for (ssize_t n = 1; r >= 0 && n > 0;) {
        n = read(out, buffer, sizeof buffer);
        if (n > 0) {
            text_addn(&text, buffer, (size_t)n);
            r = take_lines(&text, taker, e);
        }
    }
    if (pidfd < 0)
        return r;
    struct err ended;
    int status = proc_wait(pidfd, &ended);
    return r < 0 ? r : status;
}
