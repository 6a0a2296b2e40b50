#include "gunzip.h"

#include "own.h"
#include "proc.h"
#include "sys.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define PROGRAM "igzip"
/* As much as a socket holds at once. */
enum { PIECE = 128 * 1024, NOT_EXECUTED = 127 };

static _Noreturn void become_program(const char *file, int fd)
{
    char name[] = PROGRAM, undo[] = "-dc";
    char *const argv[] = {name, undo, NULL};
    int null = sys_openat(AT_FDCWD, "/dev/null", O_WRONLY | O_CLOEXEC, 0);
    if (null >= 0 && sys_dup3(fd, STDIN_FILENO, 0) >= 0 &&
        sys_dup3(fd, STDOUT_FILENO, 0) >= 0 &&
        sys_dup3(null, STDERR_FILENO, 0) >= 0)
        sys_execve(file, argv, environ);
    _exit(NOT_EXECUTED);
}

int gunzip_open(struct gunzip *gunzip, struct err *e)
{
    int pair[2];
    auto_free char *file = proc_find_program(getenv("PATH"), PROGRAM);
    *gunzip = (struct gunzip){.fd = -1, .pidfd = -1};
    if (file == NULL)
        return err_set(e, ENOENT, PROGRAM " is not installed");
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return err_sys(e, errno, "make a socket for " PROGRAM);
    int r = proc_clone(0, -1, &gunzip->pidfd, e);
    if (r == 0)
        become_program(file, pair[1]);
    gunzip->fd = pair[0];
    own_close(&pair[1]);
    if (r < 0)
        return err_add(e, "run %s", file);
    gunzip->piece = own_room(PIECE);
    return 0;
}

/* It has closed its output. */
static int end(struct gunzip *gunzip, struct err *e)
{
    int code = proc_wait(gunzip->pidfd, e);
    own_close(&gunzip->pidfd);
    gunzip->has_ended = true;
    if (code == NOT_EXECUTED)
        return err_set(e, ENOEXEC, PROGRAM " cannot be executed");
    if (code > 128)
        return err_set(e, EIO, PROGRAM " was ended by signal %d", code - 128);
    return code <= 0 ? code
                     : err_set(e, EBADMSG,
                               "read the archive: damaged or truncated gzip "
                               "input");
}

/* What follows the last member may be more than it reads: then it has gone
 * (EPIPE), and the rest is nobody's. */
static void write_input(struct gunzip *gunzip)
{
    ssize_t n = send(gunzip->fd, gunzip->in, gunzip->in_len,
                     MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN && errno != EINTR)
        gunzip->in_len = 0;
    if (n <= 0)
        return;
    gunzip->in = (const char *)gunzip->in + n;
    gunzip->in_len -= (size_t)n;
}

/* Its output first: while that is full it takes no input. */
ssize_t gunzip_read(struct gunzip *gunzip, const void **ret, struct err *e)
{
    while (!gunzip->has_ended) {
        bool is_hungry = gunzip->in_len == 0 && !gunzip->is_last;
        struct pollfd at = {.fd = gunzip->fd, .events = POLLIN};
        if (gunzip->in_len > 0)
            at.events |= POLLOUT;
        if (poll(&at, 1, is_hungry ? 0 : -1) < 0)
            at.revents = 0; /* a signal */
        if ((at.revents & ~POLLOUT) != 0) {
            ssize_t n = recv(gunzip->fd, gunzip->piece, PIECE, 0);
            *ret = gunzip->piece;
            return n > 0 ? n : end(gunzip, e);
        }
        if (is_hungry)
            return 0;
        if (at.revents != 0)
            write_input(gunzip);
    }
    return 0;
}

void gunzip_end_input(struct gunzip *gunzip)
{
    gunzip->is_last = true;
    shutdown(gunzip->fd, SHUT_WR);
}

void gunzip_close(struct gunzip *gunzip)
{
    own_close(&gunzip->fd);
    if (gunzip->pidfd >= 0 && proc_signal(gunzip->pidfd, SIGKILL, NULL) == 0)
        proc_wait(gunzip->pidfd, NULL);
    own_close(&gunzip->pidfd);
    own_free(&gunzip->piece);
}
