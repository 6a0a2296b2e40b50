/* Sockets with a name, for those who are no parent and child. */
#include "talk.h"

#include "own.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#define BACKLOG 64

/* A name in the file system is at most 108 bytes long for a socket; through
 * the descriptor of its directory every path is short enough. */
static int address(int dirfd, const char *path, struct sockaddr_un *ret,
                   struct err *e)
{
    auto_free char *name =
        dirfd == AT_FDCWD || path[0] == '/'
            ? own_strdup(path)
            : text_format("/proc/self/fd/%d/%s", dirfd, path);
    *ret = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (strlen(name) >= sizeof ret->sun_path)
        return err_set(e, ENAMETOOLONG, "socket %s: name too long", path);
    strncpy(ret->sun_path, name, sizeof ret->sun_path - 1);
    return 0;
}

/* A socket for `path`, and bind(2) or connect(2) to it. */
static int open_socket(int dirfd, const char *path, int flags,
                       int (*use)(int fd, const struct sockaddr *to,
                                  socklen_t size),
                       struct err *e)
{
    struct sockaddr_un to;
    int r = address(dirfd, path, &to, e);
    if (r < 0)
        return r;
    auto_fd int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | flags, 0);
    if (fd < 0)
        return err_sys(e, errno, "make a socket");
    if (use(fd, (const struct sockaddr *)&to, sizeof to) < 0)
        return err_sys(e, errno, "socket %s", path);
    return fd_take(&fd);
}

int talk_listen(int dirfd, const char *path, struct err *e)
{
    auto_fd int fd = open_socket(dirfd, path, 0, bind, e);
    if (fd < 0)
        return fd;
    if (listen(fd, BACKLOG) < 0)
        return err_sys(e, errno, "listen at socket %s", path);
    return fd_take(&fd);
}

int talk_connect(int dirfd, const char *path, int flags, struct err *e)
{
    return open_socket(dirfd, path, flags, connect, e);
}
