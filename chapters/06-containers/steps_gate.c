/*
 * The gates: where a container that is made waits for the word to begin.
 *
 * The first is the socket pair that parent and child share. `run` needs no
 * other. `create` and `start` of the OCI runtime specification are two
 * programs, and the first has ended when the second begins: so behind the gate
 * there may be another, a socket with a name. Whoever connects and says CTR_GO
 * takes the creator's place: what fails from then on is told to him, and end
 * of file means to him that the program runs.
 */
#include "steps.h"

#include "own.h"
#include "talk.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 16

int ctr_no_work(struct ctr *ctr, struct err *e)
{
    (void)ctr;
    (void)e;
    return 0;
}

int ctr_out_gate(struct ctr *ctr, struct err *e)
{
    return ctr_no_work(ctr, e);
}

bool ctr_has_start_socket(const struct ctr *ctr)
{
    return ctr->options.start_socket > 0;
}

/* Who comes only to ask whether we are here says nothing and hangs up. */
static bool says_go(int caller)
{
    struct talk_message word = {.kind = CTR_GO};
    return talk_receive(caller, &word, NULL) == 0 && word.kind == CTR_GO;
}

int ctr_in_start_socket(struct ctr *ctr, struct err *e)
{
    /* The creator hears the end of file, and knows that we wait here. */
    own_close(&ctr->talk);
    while (ctr->talk < 0) {
        auto_fd int caller =
            accept4(ctr->options.start_socket, NULL, NULL, SOCK_CLOEXEC);
        if (caller < 0 && errno != EINTR && errno != ECONNABORTED)
            return err_sys(e, errno, "wait at the start socket");
        if (caller >= 0 && says_go(caller))
            ctr->talk = fd_take(&caller);
    }
    /* That somebody heard him is not to be taken for granted: we might have
     * died with his word unread, and silence is success. */
    struct talk_message here = {.kind = CTR_HERE};
    return talk_send(ctr->talk, &here, e);
}

/* A name in the file system is at most 108 bytes long for a socket; through
 * the descriptor of its directory every path is short enough. */
static int address(int dirfd, const char *path, struct sockaddr_un *ret,
                   struct err *e)
{
    auto_free char *name =
        dirfd == AT_FDCWD || path[0] == '/'
            ? own_strdup(path)
            : text_format("/proc/self/fd/%d/%s", dirfd, path);
    *ret = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (strlen(name) >= sizeof ret->sun_path)
        return err_set(e, ENAMETOOLONG, "socket %s: name too long", path);
    strncpy(ret->sun_path, name, sizeof ret->sun_path - 1);
    return 0;
}

/* A socket for `path`, and bind(2) or connect(2) to it. */
static int open_socket(int dirfd, const char *path, int flags,
                       int (*use)(int fd, const struct sockaddr *to,
                                  socklen_t size),
                       struct err *e)
{
    struct sockaddr_un to;
    int r = address(dirfd, path, &to, e);
    if (r < 0)
        return r;
    auto_fd int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | flags, 0);
    if (fd < 0)
        return err_sys(e, errno, "make a socket");
    if (use(fd, (const struct sockaddr *)&to, sizeof to) < 0)
        return err_sys(e, errno, "socket %s", path);
    return fd_take(&fd);
}

int ctr_listen(int dirfd, const char *path, struct err *e)
{
    auto_fd int fd = open_socket(dirfd, path, 0, bind, e);
    if (fd < 0)
        return fd;
    if (listen(fd, BACKLOG) < 0)
        return err_sys(e, errno, "listen at socket %s", path);
    return fd_take(&fd);
}

int ctr_start_waiting(int dirfd, const char *path, struct err *e)
{
    struct ctr ctr = CTR_INIT;
    const struct ctr_table table = {.v = ctr_steps, .n = ctr_n_steps};
    struct talk_message word = {.kind = CTR_GO};
    ctr.talk = open_socket(dirfd, path, 0, connect, e);
    int r = ctr.talk < 0 ? ctr.talk : talk_send(ctr.talk, &word, e);
    if (r == 0)
        r = talk_receive(ctr.talk, &word, e);
    if (r == -EPIPE)
        r = err_set(e, ECONNREFUSED, "socket %s: nobody waits there", path);
    if (r == 0 && word.kind != CTR_HERE)
        r = err_set(e, EPROTO, "socket %s: no container answers", path);
    if (r == 0)
        r = ctr_hear_child(&ctr, &table, e);
    ctr_done(&ctr);
    return r;
}

int ctr_is_waiting(int dirfd, const char *path)
{
    struct err e;
    /* A container that is frozen leaves us in the queue; that it has one says
     * enough. */
    auto_fd int fd = open_socket(dirfd, path, SOCK_NONBLOCK, connect, &e);
    return fd >= 0 || e.code == EAGAIN;
}
