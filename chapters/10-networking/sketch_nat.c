/*
 * sketch_nat.c - a published port: a rule that changes where a packet goes.
 *
 *     cc -Wall -Wextra sketch_nat.c -o sketch_nat
 *     sudo ./sketch_nat
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

static const char rule[] =
    "table ip sketch {\n chain output {\n"
    "  type nat hook output priority -100;\n"
    "  ip daddr 127.0.0.1 tcp dport 8080 dnat to 127.0.0.1:80\n }\n}\n";

static struct sockaddr_in at(int port)
{
    return (struct sockaddr_in){
        AF_INET, htons(port), {htonl(INADDR_LOOPBACK)}, {0}};
}

static void try(const char *when)
{
    struct sockaddr_in to = at(8080);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    int r = connect(fd, (void *)&to, sizeof to);
    printf("%s the rule 8080 is %s\n", when, r == 0 ? "open" : "closed");
}

int main(void)
{
    struct ifreq lo = {.ifr_name = "lo", .ifr_flags = IFF_UP};
    struct sockaddr_in here = at(80); /* nobody listens at 8080 */
    int r = unshare(CLONE_NEWNET), fd = socket(AF_INET, SOCK_STREAM, 0);
    if (r < 0 || ioctl(fd, SIOCSIFFLAGS, &lo) < 0 ||
        bind(fd, (void *)&here, sizeof here) < 0 || listen(fd, 8) < 0)
        return perror("a network of our own"), 1;
    try("without");
    FILE *nft = popen("nft -f -", "w");
    if (nft == NULL || fputs(rule, nft) < 0 || pclose(nft) != 0)
        return 1;
    try("with");
    return 0;
}
