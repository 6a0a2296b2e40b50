/*
 * test_relay.h - for tests: a relay, and who plays the container behind it, in
 * a network namespace of their own.
 *
 *     struct scene scene = {.protocol = IPPROTO_TCP};
 *     begin(&scene, "127.0.0.1");
 *     int client = client_of(&scene), server = accept_from(&scene);
 *     say(client, "question");
 *     hears(server, "question");
 *     finish(&scene);
 */
#ifndef TEST_RELAY_H
#define TEST_RELAY_H

#include "forward.h"
#include "test_stage.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

/* A relay in a namespace of its own, from 127.0.0.1:8080 to 127.0.0.1:80, and
 * who plays the container at its end. */
struct scene {
    struct forward forward;
    pid_t relay;
    int server;
    uint8_t protocol;
    rlim_t descriptors; /* 0: as many as there may be */
};

static inline int type_of(const struct scene *scene)
{
    return scene->protocol == IPPROTO_UDP ? SOCK_DGRAM : SOCK_STREAM;
}

static inline void enter_namespace(void)
{
    struct stage stage;
    make_place(&stage, HOST);
}

static inline void serve(struct scene *scene)
{
    struct rlimit limit = {scene->descriptors, scene->descriptors};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (scene->descriptors > 0)
        setrlimit(RLIMIT_NOFILE, &limit);
    if (scene->server >= 0)
        close(scene->server);
    _exit(forward_serve(&scene->forward, 1, NULL) < 0);
}

static inline int local(int type, const char *address, uint16_t port,
                        bool listens)
{
    struct sockaddr_storage at;
    socklen_t len = fill_address(&at, address, port);
    int on = 1, fd = socket(at.ss_family, type | SOCK_CLOEXEC, 0);
    ck_assert_int_ge(fd, 0);
    if (!listens) {
        ck_assert_int_eq(connect(fd, (void *)&at, len), 0);
        return fd;
    }
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    ck_assert_int_eq(bind(fd, (void *)&at, len), 0);
    if (type == SOCK_STREAM)
        ck_assert_int_eq(listen(fd, 1024), 0);
    return fd;
}

static inline void begin(struct scene *scene, const char *to)
{
    struct err e = {0};
    struct port port = {.host_first = 8080,
                        .host_last = 8080,
                        .port = 80,
                        .protocol = scene->protocol};
    enter_namespace();
    set_sysctl("ipv4/tcp_wmem", "4096 65536 262144"); /* soon full */
    set_sysctl("ipv4/tcp_rmem", "4096 65536 262144");
    must(forward_listen(&port, &scene->forward, &e), &e);
    scene->forward.to = ip_from(to);
    scene->server = local(type_of(scene), to, 80, true);
    scene->relay = fork();
    if (scene->relay == 0)
        serve(scene);
    forward_close(&scene->forward);
}

static inline void finish(struct scene *scene)
{
    kill(scene->relay, SIGKILL);
    waitpid(scene->relay, NULL, 0);
    close(scene->server);
}

static inline int client_of(const struct scene *scene)
{
    return local(type_of(scene), "127.0.0.1", 8080, false);
}

static inline int accept_from(const struct scene *scene)
{
    ck_assert(comes(scene->server, COMES_MS));
    int fd = accept4(scene->server, NULL, NULL, SOCK_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    return fd;
}

static inline void say(int fd, const char *words)
{
    ck_assert_int_eq(send(fd, words, strlen(words), MSG_NOSIGNAL),
                     (ssize_t)strlen(words));
}

static inline void hears(int fd, const char *words)
{
    char heard[64] = "";
    size_t n = 0;
    while (n < strlen(words)) {
        ck_assert(comes(fd, COMES_MS));
        ssize_t r = recv(fd, heard + n, sizeof heard - 1 - n, 0);
        ck_assert_int_gt(r, 0);
        n += (size_t)r;
    }
    ck_assert_str_eq(heard, words);
}

/* 0: an end; -errno. */
static inline int ending_of(int fd)
{
    char c;
    ck_assert(comes(fd, COMES_MS));
    ssize_t n = recv(fd, &c, 1, 0);
    return n < 0 ? -errno : (int)n;
}

static inline void reset(int fd)
{
    struct linger now = {.l_onoff = 1};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close(fd);
}

#endif
