/* What goes back to the client: answers, pieces of answers, bare bytes. */
#include "http_parts.h"

#include "own.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

/* All of it, however slowly the client reads. */
static int send_all(struct http *http, struct iovec *v, size_t n)
{
    while (n > 0) {
        struct msghdr message = {.msg_iov = v, .msg_iovlen = n};
        ssize_t sent = sendmsg(http->fd, &message, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            return errno == ECONNRESET ? -EPIPE : -errno;
        for (; n > 0 && (size_t)sent >= v->iov_len; v++, n--)
            sent -= (ssize_t)v->iov_len;
        if (n > 0) {
            v->iov_base = (char *)v->iov_base + sent;
            v->iov_len -= (size_t)sent;
        }
    }
    return 0;
}

static int send_one(struct http *http, const void *bytes, size_t len)
{
    struct iovec v = {.iov_base = (void *)(uintptr_t)bytes, .iov_len = len};
    return send_all(http, &v, 1);
}

void http_add_header(struct http *http, const char *name, const char *value)
{
    strv_addf(&http->more, "%s: %s", name, value);
}

/* The status line, and the headers that every answer has. A client that speaks
 * HTTP/1.0 knows no chunks, and reads until we hang up. */
static void add_head(struct http *http, struct text *head, int status,
                     const char *type)
{
    http->answered = true;
    text_addf(head, "HTTP/1.1 %d %s\r\n", status,
              status == 101 ? "UPGRADED" : http_status_str((unsigned)status));
    for (size_t i = 0; i < http->more.n; i++)
        text_addf(head, "%s\r\n", http->more.v[i]);
    if (type != NULL)
        text_addf(head, "Content-Type: %s\r\n", type);
    if (http->closes && status != 101)
        text_add(head, "Connection: close\r\n");
}

int http_answer(struct http *http, int status, const char *type,
                const void *bytes, size_t len)
{
    auto_text struct text head = {0};
    add_head(http, &head, status, type);
    if (status != 204 && status != 304)
        text_addf(&head, "Content-Length: %zu\r\n", len);
    text_add(&head, "\r\n");
    struct iovec v[] = {
        {head.s,                   head.len},
        {(void *)(uintptr_t)bytes, len     },
    };
    bool has_body = len > 0 && !http->request.is_head;
    int r = send_all(http, v, has_body ? 2 : 1);
    http->closes |= r < 0;
    return r;
}

int http_begin(struct http *http, int status, const char *type)
{
    auto_text struct text head = {0};
    http->chunked = http->parser.http_major > 1 || http->parser.http_minor > 0;
    http->closes |= !http->chunked;
    add_head(http, &head, status, type);
    if (http->chunked)
        text_add(&head, "Transfer-Encoding: chunked\r\n");
    text_add(&head, "\r\n");
    return send_one(http, head.s, head.len);
}

int http_send(struct http *http, const void *bytes, size_t len)
{
    if (len == 0 || http->request.is_head)
        return 0;
    if (!http->chunked)
        return send_one(http, bytes, len);
    auto_free char *size = text_format("%zx\r\n", len);
    struct iovec v[] = {
        {size,                       strlen(size)},
        {(void *)(uintptr_t)bytes,   len         },
        {(void *)(uintptr_t) "\r\n", 2           },
    };
    int r = send_all(http, v, 3);
    http->closes |= r < 0;
    return r;
}

int http_end(struct http *http)
{
    static const char last[] = "0\r\n\r\n";
    int flags = fcntl(http->fd, F_GETFL);
    if ((flags & O_ASYNC) != 0) /* http_end_with_client */
        fcntl(http->fd, F_SETFL, flags & ~O_ASYNC);
    bool is_told = http->chunked && !http->request.is_head;
    return is_told ? send_one(http, last, strlen(last)) : 0;
}

bool http_has_answered(const struct http *http)
{
    return http->answered;
}

int http_hijack(struct http *http, const char *type, struct text *ret_early,
                struct err *e)
{
    /* TODO lab 14.4: 101 and the two headers of an upgrade where one was asked
     * for, else 200; give what came early, and never be HTTP again */
    return err_set(e, ENOSYS, "lab 14.4 is not written yet");
}

/* --- a client that leaves ------------------------------------------------- */

static void end_if_left(int fd)
{
    struct pollfd client = {.fd = fd, .events = POLLRDHUP};
    if (poll(&client, 1, 0) == 1 &&
        (client.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0)
        _exit(0);
}

static void on_io(int signal, siginfo_t *info, void *context)
{
    (void)signal;
    (void)context;
    int saved = errno;
    end_if_left(info->si_fd);
    errno = saved;
}

/* fcntl(2), F_SETSIG: with a signal of one's own choice the handler is told
 * about which descriptor there is news. */
void http_end_with_client(struct http *http)
{
    const struct sigaction act = {.sa_sigaction = on_io,
                                  .sa_flags = SA_SIGINFO | SA_RESTART};
    sigaction(SIGIO, &act, NULL);
    fcntl(http->fd, F_SETOWN, getpid());
    fcntl(http->fd, F_SETSIG, SIGIO);
    fcntl(http->fd, F_SETFL, fcntl(http->fd, F_GETFL) | O_ASYNC);
    end_if_left(http->fd);
}
