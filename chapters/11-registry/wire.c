#include "wire.h"

#include "own.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

int wire_send(int fd, enum wire_kind kind, const void *bytes, size_t len)
{
    struct wire_frame frame = {(uint32_t)kind, (uint32_t)len};
    struct iovec parts[2] = {
        {&frame,                   sizeof frame},
        {(void *)(uintptr_t)bytes, len         }
    };
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    while (parts[0].iov_len + parts[1].iov_len > 0) {
        ssize_t n = sendmsg(fd, &message, MSG_NOSIGNAL);
        if (n < 0 && errno != EINTR)
            return -errno;
        for (size_t i = 0; i < 2 && n > 0; i++) {
            size_t used =
                (size_t)n < parts[i].iov_len ? (size_t)n : parts[i].iov_len;
            parts[i].iov_base = (char *)parts[i].iov_base + used;
            parts[i].iov_len -= used;
            n -= (ssize_t)used;
        }
    }
    return 0;
}

int wire_send_json(int fd, enum wire_kind kind, const json_t *document)
{
    auto_free char *text = json_dumps(document, JSON_COMPACT);
    if (text == NULL)
        abort(); /* out of memory */
    size_t len = strlen(text);
    return len > WIRE_MOST ? -EMSGSIZE : wire_send(fd, kind, text, len);
}

int wire_read(int fd, void *bytes, size_t len)
{
    for (size_t have = 0; have < len;) {
        ssize_t n = recv(fd, (char *)bytes + have, len - have, MSG_WAITALL);
        if (n == 0)
            return -EPIPE;
        if (n < 0 && errno != EINTR)
            return errno == ECONNRESET ? -EPIPE : -errno;
        if (n > 0)
            have += (size_t)n;
    }
    return 0;
}

int wire_next(int fd, struct wire_frame *ret)
{
    int r = wire_read(fd, ret, sizeof *ret);
    return r == 0 && ret->len > WIRE_MOST ? -EPROTO : r;
}

int wire_read_json(int fd, const struct wire_frame *frame, json_t **ret)
{
    auto_free char *text = own_room(frame->len + 1);
    int r = wire_read(fd, text, frame->len);
    if (r < 0)
        return r;
    *ret = json_loadb(text, frame->len, 0, NULL);
    if (json_is_object(*ret))
        return 0;
    json_decref(*ret);
    *ret = NULL;
    return -EPROTO;
}
