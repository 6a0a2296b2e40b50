/*
 * server.h - the daemon: it listens, and gives each connection to a process.
 *
 * The daemon itself knows nothing of containers, images or clients: what there
 * is lies on disk, who keeps a container is its monitor, and a client's process
 * asks the engine as the command line does. So it may be killed and started
 * again with containers running, its memory does not grow with them, and a
 * client that reads slowly, or is hostile, is alone with its process.
 *
 *     struct strv hosts = ... "unix:///run/mini-docker.sock"
 *     struct server_options options = {.hosts = &hosts};
 *     server_run(&options, &e);         // until SIGTERM or SIGINT
 *
 * Where it listens: unix:// and a path, made with mode 0660 for the group;
 * fd://, which means the sockets that systemd hands over (sd_listen_fds(3));
 * or tcp:// with an address in digits and a port, where both sides have to show
 * certificates: what decrypts is a program beside us, mini-docker-tls.
 * One daemon serves a state root: -EADDRINUSE for the second, and for a socket
 * that somebody answers at.
 */
#ifndef SERVER_H
#define SERVER_H

#include "err.h"
#include "text.h"

#include <stdbool.h>

struct server_options {
    const char *root;    /* as engine_open takes it */
    struct strv *hosts;  /* empty: server_default_host */
    const char *group;   /* of the socket, if there is such a group */
    const char *pidfile; /* NULL: none */
    const char *tls[3];  /* CA, certificate, key; NULL: no tcp:// */
    size_t most;         /* connections at a time; 0: 1000 */
};

/* 0 when it was told to end. */
int server_run(const struct server_options *options, struct err *e);
/* unix:///run/mini-docker.sock for root, and for others one below
 * XDG_RUNTIME_DIR. The caller frees it. */
char *server_default_host(void);

/* listen.c: the descriptors of a host are added; -EADDRINUSE, -EINVAL ... */
enum { SERVER_PLACES = 16 };
struct server_places {
    int v[SERVER_PLACES];
    char *paths[SERVER_PLACES]; /* to be removed at the end; NULL: not ours */
    bool tls[SERVER_PLACES];
    size_t n;
};
int server_listen(struct server_places *places, const char *host,
                  const char *group, struct err *e);
void server_close(struct server_places *places);

#endif
