/*
 * What chapter 14 adds: the engine, for whoever can write to a socket.
 *
 *     demo IMAGE COMMAND [ARG...]     as root; IMAGE as in `mini-docker images`
 *
 * It says what `docker run --rm --network none IMAGE COMMAND` would say, over
 * three connections, and shows the answers. Each has a process at its other
 * end.
 */
#include "api.h"
#include "own.h"
#include "proc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void serve(int fd)
{
    struct err e;
    struct engine *engine = NULL;
    if (engine_open(&engine, NULL, &e) == 0)
        api_serve(http_open(fd), engine);
    else
        fprintf(stderr, "demo: %s\n", e.msg);
    _exit(0);
}

/* A connection, and who answers. A process that kept our end of it open would
 * never see us leave. */
static FILE *meet_engine(void)
{
    auto_fd int pidfd = -1;
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        _exit(1);
    if (proc_clone(0, -1, &pidfd, NULL) == 0) {
        own_close(&pair[0]);
        serve(pair[1]);
    }
    own_close(&pair[1]);
    return fdopen(pair[0], "r");
}

/* A request, and its answer up to the empty line or, if there is a body, up to
 * the first line of that. */
static void ask(FILE *server, const char *what, const char *body, char *line)
{
    bool attaches = strstr(what, "/attach") != NULL;
    dprintf(fileno(server), "%s HTTP/1.1\r\nContent-Length: %zu\r\n%s\r\n%s",
            what, strlen(body),
            attaches ? "Connection: Upgrade\r\nUpgrade: tcp\r\n" : "", body);
    printf("> %s\n", what);
    while (fgets(line, BUFSIZ, server) != NULL && line[0] != '\r')
        if (strncmp(line, "HTTP/", 5) == 0)
            printf("   < %s", line);
}

/* What it writes: pieces behind heads of eight bytes. */
static void show_pieces(FILE *server)
{
    unsigned char head[8];
    char bytes[65536];
    while (fread(head, 1, sizeof head, server) == sizeof head) {
        int len = head[6] << 8 | head[7];
        len = (int)fread(bytes, 1, (size_t)len, server);
        printf("   < stream %d, %d bytes: %.*s", head[0], len, len, bytes);
    }
}

int main(int argc, char **argv)
{
    char line[BUFSIZ], id[65] = "";
    json_t *command = json_array();
    for (int i = 2; i < argc; i++)
        json_array_append_new(command, json_string(argv[i]));
    json_auto_t *doc =
        json_pack("{s:s*, s:o, s:{s:s, s:b}}", "Image", argv[1], "Cmd", command,
                  "HostConfig", "NetworkMode", "none", "AutoRemove", 1);
    auto_free char *body = json_dumps(doc, 0);
    static const char *const requests[] = {"attach?stream=1&stdout=1&stderr=1",
                                           "wait?condition=removed", "start"};
    FILE *servers[] = {meet_engine(), meet_engine(), meet_engine()};
    ask(servers[2], "POST /containers/create", body, line);
    if (fgets(line, sizeof line, servers[2]) == NULL ||
        sscanf(line, "{\"Id\":\"%64[0-9a-f]", id) != 1)
        return printf("   < %s", line), 1;
    for (int i = 0; i < 3; i++) {
        auto_free char *what =
            text_format("POST /containers/%.12s/%s", id, requests[i]);
        ask(servers[i], what, "", line);
    }
    show_pieces(servers[0]);
    while (fgets(line, sizeof line, servers[1]) != NULL && line[0] != '{')
        ;
    printf("   < and on the connection that waits: %s", line);
    return 0;
}
