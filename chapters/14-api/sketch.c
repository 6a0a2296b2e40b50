/*
 * An HTTP server on a unix socket, of which the real client prints the version.
 *     cc -Wall -Wextra -o sketch sketch.c && ./sketch /tmp/s &
 *     docker -H unix:///tmp/s version
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <unistd.h>

static int must(int result, const char *what)
{
    if (result >= 0)
        return result;
    perror(what);
    exit(1);
}

/* A request's head: all up to an empty line. 0: the client has left, or says
 * too much. Byte for byte, since what is behind it is the next request's. */
static int read_head(int fd, char *head, size_t size)
{
    size_t len = 0;
    while (len + 1 < size && read(fd, head + len, 1) == 1) {
        head[++len] = '\0';
        if (len >= 4 && strcmp(head + len - 4, "\r\n\r\n") == 0)
            return 1;
    }
    return 0;
}

/* The length tells the client where this answer ends and the next one may
 * begin; after HEAD it gets that of a body that it does not get. */
static void answer(int fd, const char *method, int status, const char *type,
                   const char *body)
{
    dprintf(fd,
            "HTTP/1.1 %d %s\r\nApi-Version: 1.47\r\nOstype: linux\r\n"
            "Content-Type: %s\r\nContent-Length: %zu\r\n\r\n%s",
            status, status == 200 ? "OK" : "Not Found", type, strlen(body),
            strcmp(method, "HEAD") == 0 ? "" : body);
}

static void answer_version(int fd, const char *method)
{
    struct utsname kernel;
    char body[1024];
    uname(&kernel);
    snprintf(body, sizeof body,
             "{\"Version\": \"0.1\", \"ApiVersion\": \"1.47\", "
             "\"MinAPIVersion\": \"1.24\", \"Os\": \"linux\", "
             "\"Arch\": \"%s\", \"KernelVersion\": \"%s\", "
             "\"Platform\": {\"Name\": \"A sketch\"}}\n",
             kernel.machine, kernel.release);
    answer(fd, method, 200, "application/json", body);
}

/* All requests of one client. It may say /v1.47/version or /version. */
static void serve(int fd)
{
    char head[8192], method[8], target[256];
    while (read_head(fd, head, sizeof head)) {
        unsigned major, minor;
        int skip = 0;
        if (sscanf(head, "%7s %255s HTTP/1.", method, target) != 2)
            return;
        sscanf(target, "/v%u.%u%n", &major, &minor, &skip);
        fprintf(stderr, "[%d] %s %s\n", getpid(), method, target);
        if (strcmp(target + skip, "/_ping") == 0)
            answer(fd, method, 200, "text/plain", "OK");
        else if (strcmp(target + skip, "/version") == 0)
            answer_version(fd, method);
        else
            answer(fd, method, 404, "application/json",
                   "{\"message\": \"page not found\"}\n");
    }
}

int main(int argc, char **argv)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (argc != 2 || strlen(argv[1]) >= sizeof address.sun_path)
        return 2;
    memcpy(address.sun_path, argv[1], strlen(argv[1]));
    signal(SIGCHLD, SIG_IGN); /* children that end leave no zombies */
    int fd = must(socket(AF_UNIX, SOCK_STREAM, 0), "socket");
    must(bind(fd, (struct sockaddr *)&address, sizeof address), argv[1]);
    must(listen(fd, 100), "listen");
    for (;;) {
        int client = must(accept(fd, NULL, NULL), "accept");
        if (must(fork(), "fork") == 0)
            return serve(client), 0;
        close(client);
    }
}
