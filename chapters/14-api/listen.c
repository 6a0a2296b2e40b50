/* Where the daemon listens. */
#include "server.h"

#include "files.h"
#include "own.h"
#include "sys.h"

#include <arpa/inet.h>
#include <errno.h>
#include <grp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 512, FIRST_PASSED = 3 };

static int add(struct server_places *places, int fd, const char *path,
               struct err *e)
{
    if (places->n == SERVER_PLACES) {
        own_close(&fd);
        return err_set(e, E2BIG, "too many places to listen at");
    }
    places->paths[places->n] = path == NULL ? NULL : own_strdup(path);
    places->v[places->n++] = fd;
    return 0;
}

/* Without the C library's databases, which a static program cannot load. */
static bool find_group(const char *name, gid_t *ret)
{
    FILE *file = fopen("/etc/group", "re");
    struct group *group = NULL;
    while (file != NULL && (group = fgetgrent(file)) != NULL)
        if (strcmp(group->gr_name, name) == 0)
            break;
    if (group != NULL)
        *ret = group->gr_gid;
    if (file != NULL)
        fclose(file);
    return group != NULL;
}

/* A socket that nobody answers at is left from one who was killed. */
static int clear_way(const char *path, const struct sockaddr_un *address,
                     struct err *e)
{
    auto_fd int fd = sys_socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct stat st;
    if (fd < 0 || lstat(path, &st) < 0)
        return 0;
    if (!S_ISSOCK(st.st_mode))
        return err_set(e, EEXIST, "%s is there and is no socket", path);
    if (connect(fd, (const struct sockaddr *)address, sizeof *address) == 0)
        return err_set(e, EADDRINUSE, "another daemon listens at %s", path);
    int r = sys_unlinkat(AT_FDCWD, path, 0);
    return r < 0 && r != -ENOENT ? err_sys(e, r, "remove %s", path) : 0;
}

static int listen_at(struct server_places *places, const char *path,
                     const char *group, struct err *e)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (path[0] != '/' || strlen(path) >= sizeof address.sun_path)
        return err_set(e, EINVAL, "cannot listen at '%s': %s", path,
                       path[0] != '/' ? "not an absolute path"
                                      : "the path is too long");
    memcpy(address.sun_path, path, strlen(path));
    int r = clear_way(path, &address, e);
    if (r < 0)
        return r;
    auto_fd int fd = sys_socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return err_sys(e, fd, "socket");
    /* Nobody may connect before it is known who may. */
    mode_t old = umask(0777);
    r = bind(fd, (struct sockaddr *)&address, sizeof address) < 0 ? -errno : 0;
    umask(old);
    if (r < 0)
        return err_sys(e, r, "listen at %s", path);
    gid_t gid = (gid_t)-1;
    if (group != NULL && geteuid() == 0 && find_group(group, &gid))
        r = chown(path, (uid_t)-1, gid) < 0 ? -errno : 0;
    if (r == 0)
        r = sys_fchmodat(AT_FDCWD, path, 0660);
    if (r == 0)
        r = listen(fd, BACKLOG) < 0 ? -errno : 0;
    if (r < 0)
        return err_sys(e, r, "listen at %s", path);
    return add(places, fd_take(&fd), path, e);
}

/* sd_listen_fds(3): LISTEN_PID is who they are for, LISTEN_FDS how many. */
static int take_passed(struct server_places *places, struct err *e)
{
    const char *pid = getenv("LISTEN_PID"), *n = getenv("LISTEN_FDS");
    uint64_t whose = 0, count = 0;
    if (pid == NULL || n == NULL || text_to_u64(pid, &whose) < 0 ||
        text_to_u64(n, &count) < 0 || whose != (uint64_t)getpid() || count == 0)
        return err_set(e, ENOENT, "no sockets were handed over (fd://)");
    int r = 0;
    for (uint64_t i = 0; i < count && r == 0; i++) {
        int fd = FIRST_PASSED + (int)i;
        fcntl(fd, F_SETFD, FD_CLOEXEC);
        r = add(places, fd, NULL, e);
    }
    return r;
}

/* "127.0.0.1:2376", "[::1]:2376". */
static int read_address(const char *text, struct sockaddr_storage *ret,
                        socklen_t *ret_size)
{
    const char *colon = strrchr(text, ':');
    uint64_t port = 0;
    if (colon == NULL || text_to_u64(colon + 1, &port) < 0 || port == 0 ||
        port > UINT16_MAX)
        return -EINVAL;
    bool is_v6 = text[0] == '[' && colon[-1] == ']';
    auto_free char *host =
        text_format("%.*s", (int)(colon - text) - 2 * is_v6, text + is_v6);
    struct sockaddr_in *v4 = (struct sockaddr_in *)ret;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)ret;
    *ret = (struct sockaddr_storage){.ss_family = is_v6 ? AF_INET6 : AF_INET};
    *ret_size = is_v6 ? sizeof *v6 : sizeof *v4;
    if (is_v6)
        v6->sin6_port = htons((uint16_t)port);
    else
        v4->sin_port = htons((uint16_t)port);
    void *address = is_v6 ? (void *)&v6->sin6_addr : (void *)&v4->sin_addr;
    return inet_pton(ret->ss_family, host, address) == 1 ? 0 : -EINVAL;
}

static int listen_tcp(struct server_places *places, const char *text,
                      struct err *e)
{
    struct sockaddr_storage address;
    socklen_t size;
    if (read_address(text, &address, &size) < 0)
        return err_set(e, EINVAL,
                       "cannot listen at 'tcp://%s': not an address in digits "
                       "and a port",
                       text);
    auto_fd int fd =
        sys_socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int on = 1;
    if (fd < 0)
        return err_sys(e, fd, "socket");
    sys_setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&address, size) < 0 ||
        listen(fd, BACKLOG) < 0)
        return err_sys(e, errno, "listen at tcp://%s", text);
    places->tls[places->n] = true;
    return add(places, fd_take(&fd), NULL, e);
}

int server_listen(struct server_places *places, const char *host,
                  const char *group, struct err *e)
{
    if (text_starts(host, "unix://"))
        return listen_at(places, host + strlen("unix://"), group, e);
    if (text_starts(host, "fd://"))
        return take_passed(places, e);
    if (text_starts(host, "tcp://") && places->n < SERVER_PLACES)
        return listen_tcp(places, host + strlen("tcp://"), e);
    return err_set(e, EINVAL,
                   "cannot listen at '%s': unix://, tcp:// and fd:// are known",
                   host);
}

void server_close(struct server_places *places)
{
    for (size_t i = 0; i < places->n; i++) {
        own_close(&places->v[i]);
        if (places->paths[i] != NULL)
            sys_unlinkat(AT_FDCWD, places->paths[i], 0);
        own_free(&places->paths[i]);
    }
    places->n = 0;
}

char *server_default_host(void)
{
    const char *run = getenv("XDG_RUNTIME_DIR");
    return geteuid() == 0 || run == NULL
               ? own_strdup("unix:///run/mini-docker.sock")
               : text_format("unix://%s/mini-docker.sock", run);
}
