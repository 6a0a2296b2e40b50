#include "server.h"

#include "api.h"
#include "engine_server.h"
#include "files.h"
#include "http.h"
#include "own.h"
#include "proc.h"
#include "sys.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST = 1000, GRACE_MS = 2000 };

struct server {
    const struct server_options *options;
    struct server_places places;
    int signals, lock;
    sigset_t old_mask;
    pid_t *children; /* a place for each that may be there; 0: free */
    size_t most, n;
    bool ends;
};

/* fork(2), by our own door. */
static pid_t be_two(void)
{
    auto_fd int pidfd = -1;
    fflush(NULL);
    return proc_clone(0, -1, &pidfd, NULL);
}

/* --- the process of a connection ------------------------------------------ */

/* A child has nothing of the daemon's but its engine. */
static void leave_server(struct server *server)
{
    for (size_t i = 0; i < server->places.n; i++)
        own_close(&server->places.v[i]);
    own_close(&server->signals);
    own_close(&server->lock);
    sigprocmask(SIG_SETMASK, &server->old_mask, NULL);
    signal(SIGPIPE, SIG_IGN);
}

/* The other end of a connection on which TLS is spoken: mini-docker-tls stands
 * between. -errno. */
static int go_behind_tls(const struct server *server, int client)
{
    auto_free char *program = engine_server_helper("mini-docker-tls");
    int pair[2];
    if (program == NULL ||
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return -ENOENT;
    if (be_two() == 0) {
        char *argv[5] = {program};
        for (int i = 0; i < 3; i++)
            argv[1 + i] = (char *)(uintptr_t)server->options->tls[i];
        /* Both away from 3 and 4 first, which may be one of them. */
        int there = fcntl(client, F_DUPFD_CLOEXEC, 10);
        int here = fcntl(pair[1], F_DUPFD_CLOEXEC, 10);
        sys_dup3(there, 3, 0);
        sys_dup3(here, 4, 0);
        sys_execve(program, argv, environ);
        _exit(127);
    }
    own_close(&pair[1]);
    own_close(&client);
    return pair[0];
}

static void be_client_process(struct server *server, int fd, bool tls)
{
    leave_server(server);
    if (tls && (fd = go_behind_tls(server, fd)) < 0)
        _exit(1);
    struct http *http = http_open(fd);
    struct engine *engine = NULL;
    struct err why = {0};
    if (engine_open(&engine, server->options->root, &why) == 0)
        api_serve(http, engine);
    else if (http_next(http, NULL) > 0)
        http_answer(http, 500, "text/plain", why.msg, strlen(why.msg));
    engine_close(engine);
    http_close(http);
    _exit(0);
}

/* Takes the descriptor. */
static void refuse(int fd)
{
    static const char busy[] = "{\"message\":\"too many connections\"}\n";
    struct http *http = http_open(fd);
    http_add_header(http, "Connection", "close");
    http_answer(http, 503, "application/json", busy, strlen(busy));
    http_close(http);
}

/* A client that is gone already, or for whom there is no descriptor, is no
 * reason to end. */
static int accept_one(struct server *server, size_t place, struct err *e)
{
    /* TODO lab 14.7: accept whoever is there; refuse who is one too many, or
     * for whom no process can be had; the others get a process each, which is
     * remembered */
    return err_set(e, ENOSYS, "lab 14.7 is not written yet");
}

/* --- the daemon ----------------------------------------------------------- */

static void bury(struct server *server)
{
    pid_t pid;
    while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
        for (size_t i = 0; i < server->most; i++)
            if (server->children[i] == pid) {
                server->children[i] = 0;
                server->n--;
            }
}

static void take_signals(struct server *server)
{
    struct signalfd_siginfo info;
    while (read(server->signals, &info, sizeof info) == sizeof info) {
        if (info.ssi_signo == SIGCHLD)
            bury(server);
        else
            server->ends = true;
    }
}

/* Containers that are to run whenever the machine does, in a child: one may
 * take its time. */
static void start_again(struct server *server, struct engine *engine)
{
    pid_t pid = be_two();
    if (pid == 0) {
        leave_server(server);
        engine_server_start_again(engine, NULL);
        _exit(0);
    }
    if (pid > 0) {
        server->children[0] = pid;
        server->n = 1;
    }
}

/* One turn: whoever comes, whoever has gone, and whether to end. */
static int turn(struct server *server, int ms, struct err *e)
{
    struct pollfd fds[SERVER_PLACES + 1];
    size_t n = 0;
    fds[n++] = (struct pollfd){.fd = server->signals, .events = POLLIN};
    for (size_t i = 0; i < server->places.n; i++)
        fds[n++] = (struct pollfd){.fd = server->places.v[i], .events = POLLIN};
    if (poll(fds, n, ms) < 0)
        return 0;
    if (fds[0].revents != 0)
        take_signals(server);
    int r = 0;
    for (size_t i = 1; i < n && r == 0; i++)
        if (fds[i].revents != 0)
            r = accept_one(server, i - 1, e);
    return r;
}

/* Requests at hand get a moment to be answered; then all are told to go. Their
 * work can be cut off anywhere. */
static void say_goodbye(struct server *server)
{
    server_close(&server->places);
    for (size_t i = 0; i < server->most; i++)
        if (server->children[i] != 0)
            kill(server->children[i], SIGTERM);
    for (int waited = 0; server->n > 0 && waited < GRACE_MS; waited += 50)
        turn(server, 50, NULL);
    for (size_t i = 0; i < server->most; i++)
        if (server->children[i] != 0)
            kill(server->children[i], SIGKILL);
    while (server->n > 0)
        turn(server, 50, NULL);
}

/* Who can be root by connecting must prove who he is. */
static int check_tls(const struct server_options *options, struct err *e)
{
    for (size_t i = 0; i < 3; i++) {
        const char *file = options->tls[i];
        if (file == NULL)
            return err_set(e, EINVAL,
                           "tcp:// needs --tlscacert, --tlscert and --tlskey");
        if (access(file, R_OK) < 0)
            return err_sys(e, errno, "read %s", file);
    }
    return 0;
}

static int open_places(struct server *server, struct err *e)
{
    const struct server_options *options = server->options;
    int r = 0;
    for (size_t i = 0; i < options->hosts->n && r == 0; i++)
        if (text_starts(options->hosts->v[i], "tcp://"))
            r = check_tls(options, e);
    for (size_t i = 0; i < options->hosts->n && r == 0; i++)
        r = server_listen(&server->places, options->hosts->v[i], options->group,
                          e);
    if (options->hosts->n > 0)
        return r;
    auto_free char *host = server_default_host();
    return server_listen(&server->places, host, options->group, e);
}

/* As whoever starts daemons reads it. */
static int write_pid(const char *path, struct err *e)
{
    auto_free char *text = text_format("%d\n", (int)getpid());
    return path == NULL
               ? 0
               : files_replace(AT_FDCWD, path, text, strlen(text), 0, e);
}

static int open_signals(struct server *server, struct err *e)
{
    static const int wanted[] = {SIGTERM, SIGINT, SIGCHLD};
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        sigaddset(&set, wanted[i]);
    sigprocmask(SIG_BLOCK, &set, &server->old_mask);
    server->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return server->signals < 0 ? err_sys(e, errno, "signalfd") : 0;
}

int server_run(const struct server_options *options, struct err *e)
{
    struct server server = {.options = options, .signals = -1, .lock = -1};
    struct engine *engine = NULL;
    server.most = options->most > 0 ? options->most : MOST;
    server.children = own_alloc(server.most * sizeof *server.children);
    memset(server.children, 0, server.most * sizeof *server.children);
    int r = engine_open(&engine, options->root, e);
    if (r == 0)
        r = server.lock = engine_server_lock(engine, e);
    r = r > 0 ? 0 : r;
    if (r == 0)
        r = open_signals(&server, e);
    if (r == 0)
        r = open_places(&server, e);
    if (r == 0)
        r = write_pid(options->pidfile, e);
    bool begun = r == 0;
    if (begun)
        start_again(&server, engine);
    while (r == 0 && !server.ends)
        r = turn(&server, -1, e);
    say_goodbye(&server);
    if (options->pidfile != NULL && begun)
        sys_unlinkat(AT_FDCWD, options->pidfile, 0);
    engine_close(engine);
    own_free(&server.children);
    own_close(&server.signals);
    own_close(&server.lock);
    return r;
}
