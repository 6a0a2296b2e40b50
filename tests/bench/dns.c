/* The name server under load: a network of 200 containers, asked through the
 * socket that a container has. Prints a line for each figure: what, value.
 * Run by tests/bench/dns, as root in a sandbox. */
#include "dns.h"
#include "leases.h"
#include "nameserver.h"
#include "netns.h"
#include "ns.h"
#include "own.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CONTAINERS = 200, QUESTIONS = 50000, AT_ONCE = 16 };

static void must(bool is_so, const char *what)
{
    if (is_so)
        return;
    perror(what);
    exit(1);
}

static double now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void write_leases(const char *dir)
{
    auto_free char *path = text_format("%s/leases", dir);
    auto_free char *list = text_format("%s/networks", dir);
    auto_leases struct leases leases = {0};
    struct ip ip;
    ip_parse("172.18.0.1", &ip);
    for (unsigned int i = 0; i < CONTAINERS; i++) {
        auto_free char *name = text_format("web%u", i);
        struct lease lease = {.name = name, .ip = ip_add(&ip, i + 1)};
        snprintf(lease.container, sizeof lease.container, "%064x", i);
        snprintf(lease.endpoint, sizeof lease.endpoint, "%064x", i);
        strv_add(&lease.aliases, "all");
        leases_add(&leases, &lease);
        strv_done(&lease.aliases);
    }
    must(leases_write(AT_FDCWD, path, &leases, NULL) == 0, path);
    FILE *file = fopen(list, "w");
    must(file != NULL && fprintf(file, "%s bench\n", path) > 0 &&
             fclose(file) == 0,
         list);
}

static void send_question(int fd, unsigned int which)
{
    uint8_t message[64] = {0, 0, 1, 0, 0, 1};
    char name[8];
    int len = snprintf(name, sizeof name, "web%u", which % CONTAINERS);
    size_t at = DNS_HEADER;
    message[at++] = (uint8_t)len;
    memcpy(message + at, name, (size_t)len);
    at += (size_t)len + 1;
    message[at + 1] = DNS_A;
    message[at + 3] = DNS_IN;
    must(send(fd, message, at + 4, 0) > 0, "send");
}

static void receive(int fd)
{
    uint8_t reply[512];
    must(recv(fd, reply, sizeof reply, 0) > DNS_HEADER && reply[7] == 1,
         "an answer with one address");
}

static int compare(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static void measure(int fd)
{
    double *took = own_alloc(QUESTIONS * sizeof took[0]);
    for (unsigned int i = 0; i < QUESTIONS; i++) {
        double begin = now_us();
        send_question(fd, i);
        receive(fd);
        took[i] = now_us() - begin;
    }
    qsort(took, QUESTIONS, sizeof took[0], compare);
    printf("median_us %.1f\n", took[QUESTIONS / 2]);
    printf("p99_us %.1f\n", took[QUESTIONS - QUESTIONS / 100]);
    free(took);
    double begin = now_us();
    for (unsigned int i = 0; i < QUESTIONS + AT_ONCE; i++) {
        if (i < QUESTIONS)
            send_question(fd, i);
        if (i >= AT_ONCE)
            receive(fd);
    }
    printf("per_second %.0f\n", QUESTIONS / ((now_us() - begin) / 1e6));
}

int main(int argc, char **argv)
{
    must(argc == 2, "dns DIRECTORY");
    auto_free char *list = text_format("%s/networks", argv[1]);
    struct nameserver ns = {.networks = list};
    must(unshare(CLONE_NEWNET) == 0 && ns_loopback_up(NULL) == 0, "namespace");
    auto_fd int netns = netns_open(0, NULL);
    must(nameserver_listen(netns, &ns, NULL) == 0, "listen");
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        _exit(nameserver_serve(&ns, NULL) < 0);
    }
    write_leases(argv[1]);
    auto_fd int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(53)};
    inet_pton(AF_INET, "127.0.0.11", &to.sin_addr);
    must(connect(fd, (struct sockaddr *)&to, sizeof to) == 0, "connect");
    measure(fd);
    auto_free char *memory = text_format(
        "awk '/^Private_Dirty/ { n += $2 } END { print \"private_kib\", n }' "
        "/proc/%d/smaps_rollup",
        (int)pid);
    fflush(NULL);
    int r = execlp("sh", "sh", "-c", memory, NULL);
    return r < 0;
}
