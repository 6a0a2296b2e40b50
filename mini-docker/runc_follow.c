/* A process of mini-runc in the foreground: run and exec without --detach. */
#include "runc.h"

#include "own.h"
#include "proc.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int runc_foreground_open(struct runc_foreground *ret, bool terminal,
                         int ret_stdio[3], int *ret_console, struct err *e)
{
    ret->terminal = terminal;
    int kind = terminal ? RELAY_TERMINAL : RELAY_STDIN;
    int r = relay_open(&ret->relay, kind, ret_stdio, e);
    if (r < 0 || !terminal)
        return r;
    /* The container sends its terminal's master as it would to an engine. */
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ret->console) < 0)
        return err_sys(e, errno, "socketpair");
    *ret_console = ret->console[1];
    return 0;
}

static int receive_master(int fd, struct err *e)
{
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control;
    char text[64];
    struct iovec io = {text, sizeof text};
    struct msghdr message = {.msg_iov = &io,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    ssize_t n = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
    const struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (n <= 0 || header == NULL || header->cmsg_type != SCM_RIGHTS)
        return err_set(e, EPROTO, "the container sent no terminal");
    int master;
    memcpy(&master, CMSG_DATA(header), sizeof master);
    return master;
}

int runc_foreground_follow(struct runc_foreground *foreground, int pidfd,
                           struct err *e)
{
    int r = 0;
    own_close(&foreground->console[1]);
    if (foreground->terminal) {
        int master = receive_master(foreground->console[0], e);
        r = master < 0 ? master
                       : relay_set_terminal(&foreground->relay, master, e);
    }
    relay_started(&foreground->relay, pidfd);
    if (r == 0)
        r = relay_run(&foreground->relay, e);
    int code = proc_wait(pidfd, r < 0 ? NULL : e);
    return r < 0 ? r : code;
}

void runc_foreground_close(struct runc_foreground *foreground)
{
    own_close(&foreground->console[0]);
    own_close(&foreground->console[1]);
    relay_close(&foreground->relay);
}
