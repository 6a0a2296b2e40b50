/* Sockets beside a container: console, seccomp agent, start. unix(7). */
#include "oci_store.h"

#include "own.h"
#include "sys.h"
#include "talk.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

/* Paths of sockets are short; one below a directory goes through its
 * descriptor. */
static int name_socket(int dir, const char *path, struct sockaddr_un *ret,
                       struct err *e)
{
    char prefix[32] = "";
    if (dir >= 0)
        snprintf(prefix, sizeof prefix, "/proc/self/fd/%d/", dir);
    *ret = (struct sockaddr_un){.sun_family = AF_UNIX};
    int len =
        snprintf(ret->sun_path, sizeof ret->sun_path, "%s%s", prefix, path);
    if (len >= (int)sizeof ret->sun_path)
        return err_set(e, ENAMETOOLONG, "socket %s: the path is too long",
                       path);
    return 0;
}

int oci_listen(int dir, const char *path, struct err *e)
{
    struct sockaddr_un name;
    int r = name_socket(dir, path, &name, e);
    if (r < 0)
        return r;
    auto_fd int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&name, sizeof name) < 0 ||
        listen(fd, 8) < 0)
        return err_sys(e, errno, "socket %s", path);
    return fd_take(&fd);
}

static int connect_to(const char *path, struct err *e)
{
    struct sockaddr_un name;
    int r = name_socket(-1, path, &name, e);
    if (r < 0)
        return r;
    auto_fd int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&name, sizeof name) < 0)
        return err_sys(e, errno, "socket %s", path);
    return fd_take(&fd);
}

int oci_send_pidfd(const char *path, pid_t pid, const char *word, struct err *e)
{
    if (path == NULL)
        return 0;
    auto_fd int pidfd = sys_pidfd_open(pid, 0);
    if (pidfd < 0)
        return err_sys(e, pidfd, "process %d", (int)pid);
    auto_fd int socket = connect_to(path, e);
    int r = socket < 0 ? socket : talk_send_fd_as(socket, pidfd, word, e);
    return r < 0 ? err_add(e, "pidfd socket %s", path) : 0;
}

char *oci_notify_text(const struct oci_container *container,
                      const struct oci_config *config, pid_t pid)
{
    bool first = container->identity.pid == 0;
    json_t *state =
        oci_container_state(container, first ? OCI_CREATING : OCI_RUNNING);
    if (first)
        json_object_set_new(state, "pid", json_integer(pid));
    json_t *message =
        json_pack("{s:s, s:[s], s:i, s:s*, s:o}", "ociVersion", OCI_VERSION,
                  "fds", "seccompFd", "pid", (int)pid, "metadata",
                  config->listener_metadata, "state", state);
    char *text = json_dumps(message, JSON_COMPACT);
    json_decref(message);
    return text;
}

int oci_open_sockets(const char *console_path, int console_fd,
                     const struct oci_config *config,
                     struct ctr_options *options, struct err *e)
{
    options->console_socket = console_fd;
    if (console_path != NULL)
        options->console_socket = connect_to(console_path, e);
    if (options->console_socket < 0)
        return options->console_socket;
    if (config->spec.process.filter.notifies)
        options->notify_socket = connect_to(config->listener_path, e);
    return options->notify_socket < 0 ? options->notify_socket : 0;
}

void oci_close_sockets(struct ctr_options *options, int console_fd)
{
    if (options->console_socket != console_fd)
        own_close(&options->console_socket);
    if (options->start_socket > 0)
        own_close(&options->start_socket);
    if (options->notify_socket > 0)
        own_close(&options->notify_socket);
}
