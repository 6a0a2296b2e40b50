/*
 * test_client.h - a client for the tests of a connection: it says all that it
 * has to say, and hears what is answered when that is over.
 *
 *     int client;
 *     struct http *http = client_says("GET / HTTP/1.1\r\n\r\n", 18, &client);
 *     ... http_next, http_answer ...
 *     http_close(http);
 *     client_hears(client, &text);
 *
 * What is said fits into the socket, so that nobody has to wait for anybody.
 */
#ifndef TEST_CLIENT_H
#define TEST_CLIENT_H

#include "http.h"
#include "text.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Our end of it stays open, and its own says no more. */
static inline struct http *client_says(const char *bytes, size_t len,
                                       int *ret_client)
{
    int ends[2];
    const int room = 1 << 20;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        abort();
    setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    if (write(ends[0], bytes, len) != (ssize_t)len)
        abort();
    shutdown(ends[0], SHUT_WR);
    *ret_client = ends[0];
    return http_open(ends[1]);
}

/* Up to the end, and closes it. */
static inline void client_hears(int client, struct text *ret)
{
    char bytes[4096];
    ssize_t n;
    text_add(ret, "");
    while ((n = read(client, bytes, sizeof bytes)) > 0)
        text_addn(ret, bytes, (size_t)n);
    close(client);
}

/* For the process of a test that is the server: it ends by a signal, whoever
 * waits for it. Check's own handlers would end the test, too. */
static inline void client_gives_up(unsigned int after_s)
{
    signal(SIGTERM, SIG_DFL);
    signal(SIGALRM, SIG_DFL);
    alarm(after_s);
}

/* As proc(5) has it: 'S' is a process that waits; 0: there is none. */
static inline char client_process_state(pid_t pid, int *ret_parent)
{
    char path[64], line[512] = "", state = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return 0;
    size_t n = fread(line, 1, sizeof line - 1, file);
    fclose(file);
    const char *at = n > 0 ? strrchr(line, ')') : NULL;
    bool is_read = at != NULL && sscanf(at, ") %c %d", &state, ret_parent) == 2;
    return is_read ? state : 0;
}

#endif
