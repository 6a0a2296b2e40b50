/* What slirp4netns is told once it runs: which ports to open. Second reading.
 */
#include "pasta_parts.h"

#include "own.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static const char *protocol_of(const struct pasta_port *port)
{
    return port->protocol == IPPROTO_UDP ? "udp" : "tcp";
}

void pasta_slirp_request(const struct pasta_port *port, struct text *ret)
{
    char host[IP_TEXT_LEN] = "0.0.0.0";
    if (port->host.family != 0)
        ip_format(&port->host, host);
    text_addf(ret,
              "{\"execute\":\"add_hostfwd\",\"arguments\":{\"proto\":\"%s\","
              "\"host_addr\":\"%s\",\"host_port\":%u,\"guest_port\":%u}}",
              protocol_of(port), host, port->host_port, port->port);
}

/* It says "error", and of each reason the same: that it could not be done. */
int pasta_slirp_reply(const char *reply, const struct pasta_port *port,
                      struct err *e)
{
    char host[IP_TEXT_LEN] = "0.0.0.0";
    if (port->host.family != 0)
        ip_format(&port->host, host);
    if (strstr(reply, "\"return\"") != NULL)
        return 0;
    bool refused = strstr(reply, "\"error\"") != NULL;
    return err_set(e, refused ? EADDRINUSE : EPROTO,
                   "slirp4netns cannot publish %s:%u/%s: %s", host,
                   port->host_port, protocol_of(port),
                   refused ? "address already in use or not ours"
                           : "it does not answer");
}

static int connect_to(const char *path, struct err *e)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof to.sun_path)
        return err_set(e, ENAMETOOLONG, "socket %s: name too long", path);
    memcpy(to.sun_path, path, strlen(path) + 1);
    auto_fd int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (const struct sockaddr *)&to, sizeof to) < 0)
        return err_sys(e, errno, "socket %s", path);
    return fd_take(&fd);
}

/* One request for each connection, which ends it. */
static int publish(const char *socket, const struct pasta_port *port,
                   struct err *e)
{
    auto_text struct text request = {0}, reply = {0};
    auto_fd int fd = connect_to(socket, e);
    if (fd < 0)
        return fd;
    pasta_slirp_request(port, &request);
    if (send(fd, request.s, request.len, MSG_NOSIGNAL) < 0 ||
        shutdown(fd, SHUT_WR) < 0)
        return err_sys(e, errno, "ask slirp4netns");
    char piece[1024];
    ssize_t n;
    while ((n = TEMP_FAILURE_RETRY(read(fd, piece, sizeof piece))) > 0)
        text_addn(&reply, piece, (size_t)n);
    text_addn(&reply, "", 0);
    return pasta_slirp_reply(reply.s, port, e);
}

int pasta_slirp_publish(const struct pasta *wish, const char *socket,
                        struct err *e)
{
    int r = 0;
    for (size_t i = 0; r >= 0 && i < wish->n; i++)
        r = publish(socket, &wish->ports[i], e);
    return r;
}
