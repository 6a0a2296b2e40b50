#include "frame.h"

#include <errno.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/uio.h>

int frame_send(int fd, enum frame_kind kind, const void *bytes, size_t len)
{
    char first = (char)kind;
    struct iovec parts[] = {
        {&first,                     1  },
        {(void *)(uintptr_t)(bytes), len},
    };
    const struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    ssize_t n;
    do
        n = sendmsg(fd, &message, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    if (n >= 0)
        return 0;
    return errno == ECONNRESET ? -EPIPE : -errno;
}

/* ECONNRESET comes once, before what the dead had still sent (unix(7)): those
 * are its last words, so ask again. */
int frame_receive(int fd, struct frame *ret)
{
    char first;
    struct iovec parts[] = {
        {&first,     1         },
        {ret->bytes, FRAME_MOST},
    };
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    ssize_t n;
    do
        n = recvmsg(fd, &message, 0);
    while (n < 0 && (errno == EINTR || errno == ECONNRESET));
    if (n < 0)
        return -errno;
    if (n == 0)
        return -EPIPE;
    if ((message.msg_flags & MSG_TRUNC) != 0)
        return -EMSGSIZE;
    ret->kind = (enum frame_kind)first;
    ret->len = (size_t)n - 1;
    ret->bytes[ret->len] = '\0';
    return 0;
}
