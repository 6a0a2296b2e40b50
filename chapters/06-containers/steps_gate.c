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
#include <sys/socket.h>

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

int ctr_listen(int dirfd, const char *path, struct err *e)
{
    return talk_listen(dirfd, path, e);
}

int ctr_start_waiting(int dirfd, const char *path, struct err *e)
{
    struct ctr ctr = CTR_INIT;
    const struct ctr_table table = {.v = ctr_steps, .n = ctr_n_steps};
    struct talk_message word = {.kind = CTR_GO};
    ctr.talk = talk_connect(dirfd, path, 0, e);
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
    auto_fd int fd = talk_connect(dirfd, path, SOCK_NONBLOCK, &e);
    return fd >= 0 || e.code == EAGAIN;
}
