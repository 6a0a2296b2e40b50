/* Network namespaces from outside. See netns.h. */
#include "netns.h"

#include "files.h"
#include "ns.h"
#include "own.h"
#include "proc.h"
#include "sys.h"
#include "talk.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

int netns_open(pid_t pid, struct err *e)
{
    return ns_open(pid, NS_NET, e);
}

static void hand_over(int to)
{
    auto_fd int ns = ns_loopback_up(NULL) < 0 ? -1 : netns_open(0, NULL);
    if (ns >= 0)
        talk_send_fd(to, ns, NULL);
    _exit(0);
}

int netns_new(struct err *e)
{
    int pair[2];
    auto_fd int pidfd = -1;
    int r = talk_pair(pair, e);
    if (r < 0)
        return r;
    r = proc_clone(CLONE_NEWNET, -1, &pidfd, e);
    if (r == 0)
        hand_over(pair[1]);
    own_close(&pair[1]);
    if (r > 0) {
        r = talk_receive_fd(pair[0], e);
        proc_wait(pidfd, NULL);
    }
    own_close(&pair[0]);
    return r < 0 ? err_add(e, "make a network namespace") : r;
}

static int open_here(int family, int type, int protocol, struct err *e)
{
    int fd = sys_socket(family, type | SOCK_CLOEXEC, protocol);
    return fd < 0 ? err_sys(e, fd, "socket") : fd;
}

/* Go in, and *ret_home leads back. */
static int enter(int ns, int *ret_home, struct err *e)
{
    auto_fd int home = netns_open(0, e);
    int r = home < 0 ? home : ns_join(ns, NS_NET, e);
    *ret_home = r < 0 ? -1 : fd_take(&home);
    return r;
}

/* Who stayed there would make, and delete, bridges and rules in the wrong
 * place. It needs memory, which there may be a moment later. */
static int come_back(int home, struct err *e)
{
    struct err back;
    int r = -1;
    for (int tries = 0; tries < 3 && r < 0; tries++)
        r = ns_join(home, NS_NET, &back);
    return r < 0 ? err_set(e, back.code, "return from a network namespace: %s",
                           back.msg)
                 : 0;
}

int netns_socket(int ns, int family, int type, int protocol, struct err *e)
{
    if (ns < 0)
        return open_here(family, type, protocol, e);
    auto_fd int home = -1;
    int r = enter(ns, &home, e);
    if (r < 0)
        return r;
    auto_fd int fd = open_here(family, type, protocol, e);
    r = come_back(home, e);
    return r < 0 ? r : fd_take(&fd);
}

int netns_set(int ns, const char *path, const char *value, struct err *e)
{
    auto_fd int home = -1;
    int r = enter(ns, &home, e);
    if (r < 0)
        return r;
    int written = files_write(AT_FDCWD, path, value, e);
    r = come_back(home, written < 0 ? NULL : e);
    return r < 0 ? r : written;
}
