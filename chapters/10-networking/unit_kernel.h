/*
 * unit_kernel.h - for unit tests: a kernel of our own making at the other end
 * of netlink, which may be honest, silent, confused or hostile.
 *
 *     struct netlink *nl = open_new(NETLINK_ROUTE);
 *     say_verdict(1, -EEXIST);      // what it answers to the first message
 *     netlink_talk(nl, &e) ...
 *
 * The test's first line is
 * "// WRAP sys_socket sys_setsockopt sys_sendmsg sys_recvmsg".
 */
#ifndef UNIT_KERNEL_H
#define UNIT_KERNEL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "netlink.h"
#include "sys.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

/* What our kernel says next: bytes, or an error. */
struct datagram {
    char bytes[512];
    size_t n;
    int result; /* < 0: instead of the bytes */
    uint32_t pid;
    int flags;
};

static struct kernel {
    struct datagram said[8];
    size_t n, next;
    char heard[1024]; /* what was sent to it last */
    size_t n_heard;
    int sends, send_results[4];
} kernel;

int __wrap_sys_socket(int family, int type, int protocol)
{
    assert_int_equal(family, AF_NETLINK);
    assert_true((type & SOCK_CLOEXEC) != 0);
    (void)protocol;
    return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

int __wrap_sys_setsockopt(int fd, int level, int option, const void *value,
                          unsigned int size)
{
    (void)fd, (void)level, (void)option, (void)value, (void)size;
    return -ENOPROTOOPT; /* an old kernel */
}

ssize_t __wrap_sys_sendmsg(int fd, const struct msghdr *message, int flags)
{
    (void)fd, (void)flags;
    int r = kernel.sends < 4 ? kernel.send_results[kernel.sends] : 0;
    kernel.sends++;
    if (r < 0)
        return r;
    kernel.n_heard = message->msg_iov->iov_len;
    assert_true(kernel.n_heard <= sizeof kernel.heard);
    memcpy(kernel.heard, message->msg_iov->iov_base, kernel.n_heard);
    return (ssize_t)kernel.n_heard;
}

ssize_t __wrap_sys_recvmsg(int fd, struct msghdr *message, int flags)
{
    (void)fd;
    assert_true((flags & MSG_DONTWAIT) != 0);
    if (kernel.next == kernel.n)
        return -EAGAIN;
    const struct datagram *said = &kernel.said[kernel.next++];
    if (said->result < 0)
        return said->result;
    *(struct sockaddr_nl *)message->msg_name =
        (struct sockaddr_nl){.nl_family = AF_NETLINK, .nl_pid = said->pid};
    message->msg_flags = said->flags;
    memcpy(message->msg_iov->iov_base, said->bytes, said->n);
    return (ssize_t)said->n;
}

static inline struct datagram *say(void)
{
    assert_true(kernel.n < 8);
    return &kernel.said[kernel.n++];
}

static inline void add(struct datagram *to, const void *bytes, size_t n)
{
    memcpy(to->bytes + to->n, bytes, n);
    to->n += (n + 3) & ~(size_t)3;
}

static inline void say_verdict(uint32_t seq, int error)
{
    struct {
        struct nlmsghdr m;
        struct nlmsgerr error;
    } all = {
        .m = {.nlmsg_len = sizeof all,
              .nlmsg_type = NLMSG_ERROR,
              .nlmsg_flags = NLM_F_CAPPED,
              .nlmsg_seq = seq},
        .error = {.error = error}
    };
    add(say(), &all, sizeof all);
}

/* A refusal with an explanation, behind a copy of `copied` bytes of what was
 * asked. */
static inline void say_why(uint32_t seq, int error, size_t copied,
                           const char *why)
{
    struct datagram *to = say();
    struct nlattr attribute = {(uint16_t)(NLA_HDRLEN + strlen(why) + 1),
                               NLMSGERR_ATTR_MSG};
    struct {
        struct nlmsghdr m;
        struct nlmsgerr error;
    } all = {
        .m = {.nlmsg_type = NLMSG_ERROR,
              .nlmsg_flags = NLM_F_ACK_TLVS,
              .nlmsg_seq = seq},
        .error = {.error = error,
              .msg = {.nlmsg_len = (uint32_t)(NLMSG_HDRLEN + copied)}             }
    };
    add(to, &all, sizeof all);
    to->n += copied;
    add(to, &attribute, sizeof attribute);
    add(to, why, strlen(why) + 1);
    ((struct nlmsghdr *)(void *)to->bytes)->nlmsg_len = (uint32_t)to->n;
}

static inline struct netlink *open_new(int protocol)
{
    struct netlink *nl = NULL;
    memset(&kernel, 0, sizeof kernel);
    assert_int_equal(netlink_open(&nl, protocol, -1, NULL), 0);
    return nl;
}

static inline void ask_something(struct netlink *nl)
{
    netlink_begin(nl, RTM_NEWLINK, NLM_F_CREATE, sizeof(struct ifinfomsg));
    netlink_about(nl, "create br0");
}

#endif
