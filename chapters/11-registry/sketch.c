/*
 * A layer from a registry, with a socket and nothing else: ask for the manifest
 * by its tag, find the first layer's digest in it, ask for the blob, and let
 * tar(1) and sha256sum(1) do the rest.
 *
 *     sketch PORT REPOSITORY TAG DIRECTORY      of a registry on 127.0.0.1
 *
 * What is not here: TLS, names and passwords, redirections, indexes, JSON,
 * answers that are cut off, and any doubt about the server.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void die(const char *what)
{
    perror(what);
    exit(1);
}

/* GET a path; the stream stands at the first byte of the body. */
static FILE *get(int port, const char *path, long *ret_length)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((unsigned short)port),
                             .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) < 0)
        die("connect");
    dprintf(fd,
            "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: close\r\n"
            "Accept: application/vnd.oci.image.manifest.v1+json, "
            "application/vnd.docker.distribution.manifest.v2+json\r\n\r\n",
            path, port);
    FILE *in = fdopen(fd, "r");
    char line[4096];
    *ret_length = 0;
    if (in == NULL || fgets(line, sizeof line, in) == NULL)
        die("read");
    if (strstr(line, " 200 ") == NULL)
        die(line);
    while (fgets(line, sizeof line, in) != NULL && strcmp(line, "\r\n") != 0)
        if (strncasecmp(line, "Content-Length:", 15) == 0)
            *ret_length = atol(line + 15);
    return in;
}

/* The bytes of a stream into the standard input of a program. */
static void feed(FILE *in, long length, const char *const program[])
{
    int pipe_[2];
    char block[65536];
    if (pipe(pipe_) < 0)
        die("pipe");
    if (fork() == 0) {
        dup2(pipe_[0], 0);
        close(pipe_[0]);
        close(pipe_[1]);
        execvp(program[0], (char *const *)program);
        die(program[0]);
    }
    close(pipe_[0]);
    size_t n;
    while (length > 0 && (n = fread(block, 1, sizeof block, in)) > 0) {
        if (write(pipe_[1], block, n) != (ssize_t)n)
            die("write");
        length -= (long)n;
    }
    close(pipe_[1]);
    wait(NULL);
}

int main(int argc, char **argv)
{
    char path[512], manifest[65536] = "";
    long length;
    if (argc != 5 || chdir(argv[4]) < 0)
        die("usage: sketch PORT REPOSITORY TAG DIRECTORY");
    snprintf(path, sizeof path, "/v2/%s/manifests/%s", argv[2], argv[3]);
    FILE *in = get(atoi(argv[1]), path, &length);
    if (fread(manifest, 1, sizeof manifest - 1, in) == 0)
        die("read the manifest");
    char *layers = strstr(manifest, "\"layers\"");
    char *digest = layers != NULL ? strstr(layers, "sha256:") : NULL;
    if (digest == NULL)
        die("no layer in the manifest");
    printf("%.71s is the first layer\n", digest);
    fflush(stdout);
    snprintf(path, sizeof path, "/v2/%s/blobs/%.71s", argv[2], digest);
    /* Twice over the line: a program that does it once is the chapter. */
    in = get(atoi(argv[1]), path, &length);
    feed(in, length, (const char *const[]){"sha256sum", NULL});
    in = get(atoi(argv[1]), path, &length);
    feed(in, length, (const char *const[]){"tar", "-xz", NULL});
    return 0;
}
