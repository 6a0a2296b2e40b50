/*
 * Second reading: a filter that asks somebody outside, seccomp_unotify(2).
 *
 * Whoever decides listens on a descriptor that is born with the filter, in the
 * very process whose calls wait from then on. If sendmsg(2) is among these, it
 * cannot hand the descriptor over itself. So a helper is born before, without
 * the filter but with the same table of descriptors: it is told the number, by
 * a write(2), which no filter lets wait, and sends. After that there is
 * somebody who answers, whatever we call.
 */
#include "steps.h"

#include "own.h"
#include "proc.h"
#include "sys.h"
#include "talk.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

bool ctr_has_notify(const struct ctr *ctr)
{
    return ctr->spec->process.filter.notifies && ctr->options.notify_socket > 0;
}

/* In the helper: exit status. Sharing the table, it holds the pipe's other end
 * too, and would not see an end of file when its parent is killed. */
static int send_listener(const struct ctr *ctr, int from)
{
    const struct ctr_options *options = &ctr->options;
    int listener;
    sys_prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (read(from, &listener, sizeof listener) != sizeof listener)
        return 1;
    char *text = options->notify_text != NULL
                     ? options->notify_text(options->arg, ctr->pid)
                     : NULL;
    return talk_send_fd_as(options->notify_socket, listener,
                           text != NULL ? text : "", NULL) < 0;
}

int ctr_install_notifying(struct ctr *ctr, struct err *e)
{
    auto_fd int helper = -1;
    int ends[2], listener = -1;
    if (pipe2(ends, O_CLOEXEC) < 0)
        return err_sys(e, errno, "pipe for the listener");
    auto_fd int from = ends[0];
    auto_fd int to = ends[1];
    int pid = proc_clone(CLONE_FILES, -1, &helper, e);
    if (pid == 0)
        _exit(send_listener(ctr, from));
    if (pid < 0)
        return pid;
    int r = filter_install(&ctr->spec->process.filter, &listener, e);
    if (r < 0)
        listener = -1; /* no number of a descriptor: nothing is sent */
    if (write(to, &listener, sizeof listener) != sizeof listener && r == 0)
        r = err_sys(e, errno, "tell the number of the listener");
    int code = proc_wait(helper, r == 0 ? e : NULL);
    own_close(&listener);
    if (r < 0 || code < 0)
        return r < 0 ? r : code;
    return code == 0 ? 0 : err_set(e, EPIPE, "the listener could not be sent");
}
