/*
 * sketch - a cable between two network namespaces, and a word sent through it.
 *
 *     cc -Wall -Wextra -o sketch sketch.c && ./sketch
 *
 * Needs no root. Netlink makes the cable, a veth pair whose other end is born
 * in the other namespace; addresses go in by ioctl(2), which knows no cables.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static char out[512]; /* the message that is being written */
static struct nlmsghdr *const head = (void *)out;
static void check(long result, const char *what)
{
    if (result < 0)
        exit((perror(what), 1));
}
static void *extend(size_t n) /* all parts begin at multiples of 4 */
{
    return out + (head->nlmsg_len += NLMSG_ALIGN(n)) - NLMSG_ALIGN(n);
}
static struct rtattr *put(int type, const void *value, size_t n)
{
    struct rtattr *a = extend(RTA_LENGTH(n));
    *a = (struct rtattr){RTA_LENGTH(n), type};
    return memcpy(RTA_DATA(a), value, n), a;
}
/* The other end of this socket is the kernel, in our network namespace. */
static void talk(const char *what)
{
    char in[1024];
    struct nlmsgerr *answer = NLMSG_DATA(in);
    int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
    check(send(fd, out, head->nlmsg_len, 0), what);
    check(recv(fd, in, sizeof in, 0), what);
    errno = -answer->error;
    check(answer->error, what);
}
static void make_cable(pid_t other)
{
    extend(NLMSG_HDRLEN + sizeof(struct ifinfomsg));
    head->nlmsg_type = RTM_NEWLINK;
    head->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL;
    put(IFLA_IFNAME, "left", 5);
    struct rtattr *info = put(IFLA_LINKINFO, "", 0);
    put(IFLA_INFO_KIND, "veth", 5);
    struct rtattr *data = put(IFLA_INFO_DATA, "", 0);
    struct rtattr *peer = put(VETH_INFO_PEER, "", 0);
    extend(sizeof(struct ifinfomsg));
    put(IFLA_IFNAME, "right", 6);
    put(IFLA_NET_NS_PID, &other, sizeof other);
    struct rtattr *nests[] = {info, data, peer, NULL}; /* end together */
    for (int i = 0; nests[i] != NULL; i++)
        nests[i]->rta_len = out + head->nlmsg_len - (char *)nests[i];
    talk("make a cable");
}
static void set_up(const char *name, const char *address)
{
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in ip = {AF_INET, 0, {inet_addr(address)}, ""};
    struct ifreq request = {0};
    stpcpy(request.ifr_name, name);
    memcpy(&request.ifr_addr, &ip, sizeof ip);
    check(ioctl(fd, SIOCSIFADDR, &request), address);
    request.ifr_flags = IFF_UP;
    check(ioctl(fd, SIOCSIFFLAGS, &request), name);
}
int main(void)
{
    int go[2];
    char word[16] = "";
    struct sockaddr_in left = {AF_INET, htons(7), {inet_addr("10.0.0.1")}, ""};
    check(unshare(CLONE_NEWUSER | CLONE_NEWNET) | pipe(go), "unshare");
    pid_t pid = syscall(SYS_clone, CLONE_NEWNET, 0, 0, 0, 0);
    check(pid, "clone");
    int udp = socket(AF_INET, SOCK_DGRAM, 0);
    if (pid == 0) { /* the right one: waits for the cable */
        check(read(go[0], word, 1), "pipe");
        set_up("right", "10.0.0.2");
        check(sendto(udp, "hello", 5, 0, (void *)&left, sizeof left), "send");
        return 0;
    }
    make_cable(pid);
    set_up("left", "10.0.0.1");
    check(bind(udp, (void *)&left, sizeof left), "bind");
    check(write(go[1], "!", 1) + read(udp, word, 5), "read");
    return printf("heard: %s\n", word) < 0;
}
