/*
 * test_names.h - what the tests of the name server share: a host, a container,
 * and questions.
 *
 * Host and container are network namespaces that the test makes. The server
 * runs in the host's, as a child; the test stays outside and has sockets in
 * both: it asks as the container does, and answers as an upstream server. An
 * answer becomes one line, "NOERROR A 172.18.0.2", so that tests are tables.
 */
#ifndef TEST_NAMES_H
#define TEST_NAMES_H

#include "dns.h"
#include "files.h"
#include "leases.h"
#include "nameserver.h"
#include "netns.h"
#include "ns.h"
#include "own.h"
#include "proc.h"
#include "scratch.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define LIST SCRATCH "/networks"

static struct err why;

struct bed {
    int host, container; /* network namespaces */
    int udp;             /* the container's, connected to the server */
    int pidfd;           /* the server */
};

/* A network namespace with its loopback up. */
static inline int new_netns(void)
{
    auto_fd int here = netns_open(0, &why);
    ck_assert_int_eq(unshare(CLONE_NEWNET), 0);
    ck_assert_int_eq(ns_loopback_up(&why), 0);
    int fresh = netns_open(0, &why);
    ck_assert_int_ge(fresh, 0);
    ck_assert_int_eq(setns(here, CLONE_NEWNET), 0);
    return fresh;
}

static inline struct sockaddr_in at(const char *address)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(53)};
    ck_assert_int_eq(inet_pton(AF_INET, address, &to.sin_addr), 1);
    return to;
}

/* A socket that gives up after ten seconds: a test then fails. */
static inline int new_socket(int netns, int type)
{
    int fd = netns_socket(netns, AF_INET, type, 0, &why);
    ck_assert_msg(fd >= 0, "%s", why.msg);
    const struct timeval limit = {.tv_sec = 10};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    return fd;
}

static inline int client_of(const struct bed *bed, int type)
{
    int fd = new_socket(bed->container, type);
    struct sockaddr_in to = at("127.0.0.11");
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

/* An upstream server of the host: a bound socket, which the test answers. */
static inline int upstream_of(const struct bed *bed, const char *address,
                              int type)
{
    int fd = new_socket(bed->host, type);
    struct sockaddr_in own = at(address);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&own, sizeof own), 0);
    if (type == SOCK_STREAM)
        ck_assert_int_eq(listen(fd, 8), 0);
    return fd;
}

static inline void write_file(const char *path, const char *text)
{
    ck_assert_msg(files_replace(AT_FDCWD, path, text, strlen(text), 0, &why) >=
                      0,
                  "%s", why.msg);
}

/* The server runs; upstream and links are lists with commas between. */
static inline struct bed make_bed(const char *upstream, const char *links)
{
    scratch_enter();
    struct bed bed = {.host = new_netns(), .container = new_netns()};
    struct nameserver ns = {.networks = LIST};
    strv_split(&ns.upstream, upstream, ',');
    strv_split(&ns.links, links, ',');
    ck_assert_msg(nameserver_listen(bed.container, &ns, &why) == 0, "%s",
                  why.msg);
    fflush(NULL);
    int pid = proc_clone(0, -1, &bed.pidfd, &why);
    if (pid == 0) {
        proc_die_with_parent(NULL);
        if (setns(bed.host, CLONE_NEWNET) == 0)
            nameserver_serve(&ns, NULL);
        _exit(1);
    }
    ck_assert_int_gt(pid, 0);
    nameserver_done(&ns);
    bed.udp = client_of(&bed, SOCK_DGRAM);
    return bed;
}

static inline void end_bed(struct bed *bed)
{
    proc_signal(bed->pidfd, SIGKILL, NULL);
    ck_assert_int_eq(proc_wait(bed->pidfd, NULL), 128 + SIGKILL);
    own_close(&bed->pidfd);
    own_close(&bed->udp);
    own_close(&bed->host);
    own_close(&bed->container);
}

/* A question about `name`, of type `type`: its length. */
static inline size_t make_question(const char *name, unsigned int type,
                                   uint8_t out[300])
{
    static const uint8_t head[DNS_HEADER] = {'i', 'd', 1, 0, 0, 1};
    size_t len = sizeof head;
    memcpy(out, head, len);
    while (*name != '\0') {
        size_t label = strcspn(name, ".");
        out[len++] = (uint8_t)label;
        memcpy(out + len, name, label);
        len += label;
        name += label + (name[label] == '.');
    }
    const uint8_t end[] = {0, (uint8_t)(type >> 8), (uint8_t)type, 0, DNS_IN};
    memcpy(out + len, end, sizeof end);
    return len + sizeof end;
}

static inline void add_record(struct text *line, unsigned int type,
                              const uint8_t *data)
{
    char text[INET6_ADDRSTRLEN];
    if (type == DNS_A || type == DNS_AAAA) {
        inet_ntop(type == DNS_A ? AF_INET : AF_INET6, data, text, sizeof text);
        text_addf(line, " %s %s", type == DNS_A ? "A" : "AAAA", text);
    }
    for (size_t i = 0; type == DNS_PTR && data[i] != 0; i += 1 + data[i])
        text_addf(line, "%s%.*s", i == 0 ? " PTR " : ".", data[i],
                  (const char *)data + i + 1);
}

/* What an answer of ours says, whose records' names are pointers. */
static inline char *read_answer(const uint8_t *reply, size_t len)
{
    static const char *const codes[16] = {"NOERROR",  "FORMERR", "SERVFAIL",
                                          "NXDOMAIN", "NOTIMP",  "REFUSED"};
    struct text line = {0};
    ck_assert_uint_ge(len, DNS_HEADER);
    text_add(&line, codes[reply[3] & 15] != NULL ? codes[reply[3] & 15] : "?");
    if ((reply[2] & 2) != 0)
        text_add(&line, " TC");
    size_t i = DNS_HEADER;
    while (i < len && reply[i] != 0)
        i += 1 + reply[i];
    i += 5;
    for (int n = reply[6] << 8 | reply[7]; n > 0; n--) {
        ck_assert_uint_le(i + 12, len);
        size_t size = (size_t)(reply[i + 10] << 8 | reply[i + 11]);
        ck_assert_uint_le(i + 12 + size, len);
        add_record(&line, reply[i + 3], reply + i + 12);
        i += 12 + size;
    }
    return text_take(&line);
}

static inline char *ask(int fd, const char *name, unsigned int type)
{
    uint8_t bytes[4096];
    size_t len = make_question(name, type, bytes);
    ck_assert_int_eq(send(fd, bytes, len, 0), len);
    ssize_t n = recv(fd, bytes, sizeof bytes, 0);
    ck_assert_msg(n > 0, "%s: no answer", name);
    ck_assert_msg(memcmp(bytes, "id", 2) == 0, "%s: another id", name);
    return read_answer(bytes, (size_t)n);
}

static inline void expect(int fd, const char *name, unsigned int type,
                          const char *expected)
{
    auto_free char *answer = ask(fd, name, type);
    ck_assert_msg(strcmp(answer, expected) == 0, "%s: %s", name, answer);
}

#endif
