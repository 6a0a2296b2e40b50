/*
 * sketch_nat.c - a published port: a rule that changes where a packet goes.
 *     cc -Wall -Wextra -o sketch_nat sketch_nat.c && sudo ./sketch_nat
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

static const char rule[] = "nft 'table ip sketch { chain output {"
                           "  type nat hook output priority -100;"
                           "  ip daddr 127.0.0.1 tcp dport 8080"
                           "  dnat to 127.0.0.1:80; }; }'";

static void try(const char *when, const struct sockaddr_in *to)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    int r = connect(fd, (const void *)to, sizeof *to);
    printf("%s the rule 8080 is %s\n", when, r == 0 ? "open" : "closed");
}

int main(void)
{
    struct sockaddr_in at = {AF_INET, htons(80), {htonl(INADDR_LOOPBACK)}, ""};
    int r = unshare(CLONE_NEWNET), fd = socket(AF_INET, SOCK_STREAM, 0);
    if (r < 0 || system("ip link set lo up") != 0 ||
        bind(fd, (void *)&at, sizeof at) < 0 || listen(fd, 8) < 0)
        return perror("a network of our own"), 1;
    at.sin_port = htons(8080); /* where nobody listens */
    try("without", &at);
    if (system(rule) != 0)
        return 1;
    try("with", &at);
    return 0;
}
