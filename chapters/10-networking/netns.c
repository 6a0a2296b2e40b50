/* Network namespaces from outside. See netns.h. */
#include "netns.h"

#include "ns.h"
#include "own.h"
#include "sys.h"

#include <sys/socket.h>

int netns_open(pid_t pid, struct err *e)
{
    return ns_open(pid, NS_NET, e);
}

static int open_here(int family, int type, int protocol, struct err *e)
{
    int fd = sys_socket(family, type | SOCK_CLOEXEC, protocol);
    return fd < 0 ? err_sys(e, fd, "socket") : fd;
}

int netns_socket(int ns, int family, int type, int protocol, struct err *e)
{
    if (ns < 0)
        return open_here(family, type, protocol, e);
    auto_fd int home = netns_open(0, e);
    int r = home < 0 ? home : ns_join(ns, NS_NET, e);
    if (r < 0)
        return r;
    auto_fd int fd = open_here(family, type, protocol, e);
    struct err back;
    r = ns_join(home, NS_NET, &back);
    if (r < 0)
        return err_set(e, back.code, "return from a network namespace: %s",
                       back.msg);
    return fd_take(&fd);
}
