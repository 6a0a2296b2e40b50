/* Steps of chapters 01, 02 and 06: the process from birth to execve. */
#include "steps.h"

#include "own.h"
#include "proc.h"
#include "sys.h"
#include "talk.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int ctr_make_process(struct ctr *ctr, uint64_t flags, struct err *e)
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
    if (r < 0) {
        own_close(&pair[ours]);
        return r;
    }
    ctr->talk = pair[ours];
    ctr->pid = r;
    return r == 0 ? CTR_CHILD : 0;
}

int ctr_out_process(struct ctr *ctr, struct err *e)
{
    /* The cgroup namespace comes later: its root is the group one is in when
     * it is made. */
    unsigned int kinds = ctr->spec->new_namespaces & ~NS_BIT(NS_CGROUP);
    return ctr_make_process(ctr, ns_clone_flags(kinds), e);
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

bool ctr_has_idmap(const struct ctr *ctr)
{
    return (ctr->spec->new_namespaces & NS_BIT(NS_USER)) != 0;
}

int ctr_out_idmap(struct ctr *ctr, struct err *e)
{
    return idmap_write(ctr->pid, &ctr->spec->uids, &ctr->spec->gids, e);
}

int ctr_in_idmap(struct ctr *ctr, struct err *e)
{
    /* Until now we were the overflow user; root of the new namespace owns
     * everything that is created below. */
    int r = sys_setresgid(0, 0, 0);
    if (r == 0)
        r = sys_setresuid(0, 0, 0);
    if (r < 0)
        return err_sys(e, r, "become root of the user namespace");
    return ctr_die_with_parent(ctr, e);
}

bool ctr_has_joined(const struct ctr *ctr)
{
    for (int kind = 0; kind < NS_COUNT; kind++)
        if (ctr->spec->join_paths[kind] != NULL)
            return true;
    return false;
}

int ctr_in_joined(struct ctr *ctr, struct err *e)
{
    for (int kind = 0; kind < NS_COUNT; kind++) {
        const char *path = ctr->spec->join_paths[kind];
        if (path == NULL)
            continue;
        auto_fd int fd = sys_openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
        if (fd < 0)
            return err_sys(e, fd, "open %s", path);
        int r = ns_join(fd, (enum ns_kind)kind, e);
        if (r < 0)
            return r;
    }
    return 0;
}

/* A socket of ours where a standard stream has to go, or one that would stay
 * open among those that shall (keep_fds), moves up. */
static int move_up(int *fd, int first, struct err *e)
{
    if (*fd <= 0 || *fd >= first)
        return 0;
    int moved = fcntl(*fd, F_DUPFD_CLOEXEC, first);
    if (moved < 0)
        return err_sys(e, errno, "descriptor %d", *fd);
    if (*fd >= 3 && fcntl(*fd, F_SETFD, FD_CLOEXEC) < 0)
        return err_sys(e, errno, "descriptor %d", *fd);
    *fd = moved;
    return 0;
}

int ctr_in_stdio(struct ctr *ctr, struct err *e)
{
    struct ctr_options *options = &ctr->options;
    int *const ours[] = {&ctr->talk, &options->start_socket,
                         &options->console_socket, &options->notify_socket};
    int first = 3 + (int)ctr->spec->process.keep_fds;
    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++) {
        int r = move_up(ours[i], first, e);
        if (r < 0)
            return r;
    }
    /* Copies above 2 first: a stream may lie where another one has to go. */
    int copies[3] = {-1, -1, -1};
    for (int i = 0; i < 3; i++) {
        if (ctr->options.stdio[i] < 0)
            continue;
        copies[i] = fcntl(ctr->options.stdio[i], F_DUPFD_CLOEXEC, 3);
        if (copies[i] < 0)
            return err_sys(e, errno, "standard stream %d", i);
    }
    for (int i = 0; i < 3; i++) {
        int r = copies[i] < 0 ? 0 : sys_dup3(copies[i], i, 0);
        if (r < 0)
            return err_sys(e, r, "standard stream %d", i);
    }
    /* Everything else closes at execve: a descriptor that leads to the host
     * would be a way out (CVE-2024-21626). What shall stay, stays as it is:
     * descriptors of ours among them are close-on-exec from birth. */
    return proc_close_on_exec_from(first, e);
}
