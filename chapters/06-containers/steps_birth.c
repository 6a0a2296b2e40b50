/* Steps of chapter 01: the process, made and taken away again. */
#include "steps.h"

#include "own.h"
#include "proc.h"
#include "sys.h"
#include "talk.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* The child and a socket pair between it and, in the end, the parent; its end
 * of that stays in *ret_ours. */
static int clone_with_socket(struct ctr *ctr, uint64_t flags, int *ret_ours,
                             struct err *e)
{
    int pair[2];
    int r = talk_pair(pair, e);
    if (r < 0)
        return r;
    int group = ctr_has_group(ctr) ? cg_clone_fd(&ctr->cg) : -1;
    fflush(NULL);
    r = proc_clone(flags, group, &ctr->pidfd, e);
    /* Each side keeps its own end only; otherwise neither would ever see the
     * other's death as end of file. */
    int ours = r == 0 ? 1 : 0;
    own_close(&pair[!ours]);
    if (r < 0)
        own_close(&pair[ours]);
    else
        *ret_ours = pair[ours];
    return r;
}

int ctr_make_process(struct ctr *ctr, uint64_t flags, struct err *e)
{
    int r = clone_with_socket(ctr, flags, &ctr->talk, e);
    if (r >= 0)
        ctr->pid = r;
    return r == 0 ? CTR_CHILD : r < 0 ? r : 0;
}

/* What the go-between does: CTR_CHILD in the process that it makes. */
static int go_between(struct ctr *ctr, uint64_t flags, int answers,
                      int (*prepare)(struct ctr *ctr, struct err *e))
{
    struct talk_message word = {.kind = CTR_FAILED};
    /* Who is root where we go must not trace us: we hold descriptors of the
     * host (CVE-2016-9962). The child inherits that. */
    int r = sys_prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    int talk = -1;
    if (r < 0)
        err_sys(&word.err, r, "become undumpable");
    if (r == 0)
        r = prepare(ctr, &word.err);
    if (r == 0)
        r = clone_with_socket(ctr, flags | CLONE_PARENT, &talk, &word.err);
    if (r == 0) {
        own_close(&answers);
        ctr->talk = talk;
        return CTR_CHILD;
    }
    if (r > 0)
        word = (struct talk_message){.kind = CTR_HERE, .value = r};
    talk_send(answers, &word, NULL);
    if (r > 0) {
        talk_send_fd(answers, ctr->pidfd, NULL);
        talk_send_fd(answers, talk, NULL);
    }
    _exit(0);
}

/* What the parent hears of it: the number and the handles of its new child. */
static int take_child(struct ctr *ctr, int answers, struct err *e)
{
    struct talk_message word;
    int r = talk_receive(answers, &word, e);
    if (r == 0 && word.kind != CTR_HERE) {
        if (e != NULL)
            *e = word.err;
        return -word.err.code;
    }
    if (r == 0)
        r = ctr->pidfd = talk_receive_fd(answers, e);
    if (r >= 0)
        r = ctr->talk = talk_receive_fd(answers, e);
    if (r >= 0)
        ctr->pid = word.value;
    return r < 0 ? r : 0;
}

int ctr_make_process_via(struct ctr *ctr, uint64_t flags,
                         int (*prepare)(struct ctr *ctr, struct err *e),
                         struct err *e)
{
    int answers[2];
    int r = talk_pair(answers, e);
    if (r < 0)
        return r;
    auto_fd int between = -1;
    fflush(NULL);
    r = proc_clone(0, -1, &between, e);
    if (r == 0) {
        own_close(&answers[0]);
        return go_between(ctr, flags, answers[1], prepare);
    }
    own_close(&answers[1]);
    if (r > 0) {
        r = take_child(ctr, answers[0], e);
        proc_wait(between, NULL);
    }
    own_close(&answers[0]);
    return r;
}

int ctr_undo_process(struct ctr *ctr, struct err *e)
{
    own_close(&ctr->talk);
    if (ctr->pidfd < 0)
        return 0;
    /* Already gone is fine, and so is already waited for. A task that v1's
     * freezer holds dies only when it is let go. */
    if (proc_signal(ctr->pidfd, SIGKILL, NULL) == 0)
        cg_thaw(&ctr->cg, NULL);
    struct err why = {0};
    int r = proc_wait(ctr->pidfd, &why);
    own_close(&ctr->pidfd);
    if (r >= 0 || r == -ECHILD)
        return 0;
    if (e != NULL)
        *e = why;
    return r;
}

/*
 * A parent that was dead before we asked will not die again, and getppid(2) is
 * 0 in a new pid namespace. Its end of the socket tells: closed by its death,
 * or still open.
 */
int ctr_die_with_parent(struct ctr *ctr, struct err *e)
{
    if (!ctr->options.dies_with_us)
        return 0;
    int r = proc_die_with_parent(e);
    struct pollfd parent = {.fd = ctr->talk};
    if (r == 0 && poll(&parent, 1, 0) > 0 && (parent.revents & POLLHUP) != 0)
        return err_set(e, EPIPE, "the parent is gone");
    return r;
}

int ctr_in_birth(struct ctr *ctr, struct err *e)
{
    if (ctr->options.private_fd > 0)
        own_close(&ctr->options.private_fd);
    /* Handlers and masks are the parent's business; execve keeps the mask and
     * ignored signals, so they go back to what a program expects. */
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    for (int signal = 1; signal < NSIG; signal++)
        sigaction(signal, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
    /* The caller's habit must not decide about the container's files. */
    umask(022);
    int r = sys_setsid();
    if (r < 0 && r != -EPERM) /* EPERM: leader of a group already */
        return err_sys(e, r, "new session");
    return ctr_die_with_parent(ctr, e);
}
