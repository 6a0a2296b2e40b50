/* A network without root, by pasta and by slirp4netns. A machine of two
 * namespaces: the host, and what is outside of it; on the host an ordinary user
 * with a user namespace, in which a container has a network of its own. */
#include "files.h"
#include "link.h"
#include "netns.h"
#include "ns.h"
#include "own.h"
#include "pasta_parts.h"
#include "proc.h"
#include "scratch.h"
#include "talk.h"

#include <arpa/inet.h>
#include <errno.h>
#include <grp.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <unistd.h>

#define HOST "198.51.100.1"
#define ROUTER "198.51.100.2"
#define OUTSIDE "198.51.100.3"
enum { USER = 1000, READY = 1 };

static struct err why;

static int new_netns(void)
{
    auto_fd int here = netns_open(0, &why);
    ck_assert_int_eq(unshare(CLONE_NEWNET), 0);
    ck_assert_int_eq(ns_loopback_up(&why), 0);
    int fresh = netns_open(0, &why);
    ck_assert_int_eq(setns(here, CLONE_NEWNET), 0);
    return fresh;
}

static struct ip ip(const char *text)
{
    struct ip parsed;
    ck_assert_int_eq(ip_parse(text, &parsed), 0);
    return parsed;
}

static void set_up(int ns, const char *link, const char *own, const char *other)
{
    auto_netlink struct netlink *nl = NULL;
    const struct link_setup setup = {
        .name = link, .address = {ip(own), 24},
             .gateway = ip(other)
    };
    ck_assert_int_eq(netlink_open(&nl, NETLINK_ROUTE, ns, &why), 0);
    ck_assert_msg(link_setup(nl, &setup, &why) == 0, "%s", why.msg);
}

/* The host, connected to the outside by one cable, with a way out. Who is its
 * router is another one than who talks to it, as it is in life. */
static int new_host(int outside)
{
    int host = new_netns();
    auto_netlink struct netlink *nl = NULL, *out = NULL;
    struct link down;
    const struct ip_net router = {ip(ROUTER), 24};
    const struct link_veth veth = {
        .name = "up0", .peer = "down0", .peer_ns = outside};
    ck_assert_int_eq(netlink_open(&nl, NETLINK_ROUTE, host, &why), 0);
    ck_assert_msg(link_add_veth(nl, &veth, &why) == 0, "%s", why.msg);
    set_up(host, "up0", HOST, ROUTER);
    set_up(outside, "down0", OUTSIDE, HOST);
    ck_assert_int_eq(netlink_open(&out, NETLINK_ROUTE, outside, &why), 0);
    ck_assert_int_eq(link_find(out, "down0", &down, &why), 0);
    ck_assert_int_eq(link_add_address(out, down.index, &router, &why), 0);
    return host;
}

/* What the tests share: who is where, and the user's process. */
struct bed {
    int outside, host, container; /* network namespaces */
    int talk, pidfd;              /* the user's process */
    struct talk_message said;     /* when its container had a network, or not */
};

/* The user's container: somebody who is there, with a network of his own. */
static pid_t start_container(int *ret_pidfd)
{
    int pid = proc_clone(CLONE_NEWNET, -1, ret_pidfd, &why);
    if (pid == 0) {
        proc_die_with_parent(NULL);
        for (;;)
            pause();
    }
    return pid;
}

/* Whose files in /proc are his: a change of rights takes that from one who has
 * not called execve since. */
static int become_user(int host)
{
    if (setns(host, CLONE_NEWNET) < 0 || setgroups(0, NULL) < 0 ||
        setresgid(USER, USER, USER) < 0 || setresuid(USER, USER, USER) < 0 ||
        prctl(PR_SET_DUMPABLE, 1) < 0 || unshare(CLONE_NEWUSER) < 0 ||
        prctl(PR_SET_DUMPABLE, 1) < 0)
        return -errno;
    if (files_write(AT_FDCWD, "/proc/self/setgroups", "deny", &why) < 0 ||
        files_write(AT_FDCWD, "/proc/self/gid_map", "0 1000 1", &why) < 0)
        return -1;
    return files_write(AT_FDCWD, "/proc/self/uid_map", "0 1000 1", &why);
}

/* Tells the number of the container and its error, and stays until we go. */
static _Noreturn void be_user(int host, int talk, const struct pasta_port *port)
{
    struct talk_message said = {.kind = READY};
    auto_fd int container = -1, program = -1;
    int r = become_user(host);
    if (r >= 0)
        r = said.value = start_container(&container);
    struct pasta wish = {
        .pid = said.value, .dir = SCRATCH "/run", .ports = port, .n = 1};
    if (r >= 0)
        r = pasta_start(&wish, &program, &why);
    if (r < 0) {
        said.err = why;
        said.err.code = -r;
    }
    talk_send(talk, &said, NULL);
    talk_receive(talk, &said, NULL);
    proc_signal(program, SIGTERM, NULL);
    proc_wait(program, NULL);
    talk_send(talk, &said, NULL);
    talk_receive(talk, &said, NULL);
    _exit(0);
}

static void have_only(const char *program)
{
    auto_free char *file = proc_find_program("/usr/bin:/bin", program);
    auto_free char *link = text_format(SCRATCH "/bin/%s", program);
    contract_needs(file != NULL, "neither pasta nor slirp4netns is installed");
    contract_needs(access("/dev/net/tun", R_OK | W_OK) == 0, "no /dev/net/tun");
    /* Everybody's, as udev makes it: not every machine's is. */
    ck_assert_int_eq(mknod(SCRATCH "/tun", S_IFCHR, makedev(10, 200)), 0);
    ck_assert_int_eq(chmod(SCRATCH "/tun", 0666), 0);
    ck_assert_int_eq(mount(SCRATCH "/tun", "/dev/net/tun", NULL, MS_BIND, NULL),
                     0);
    ck_assert_int_eq(mkdir(SCRATCH "/bin", 0755), 0);
    ck_assert_int_eq(symlink(file, link), 0);
    ck_assert_int_eq(setenv("PATH", SCRATCH "/bin", 1), 0);
}

/* A place to hear: of this namespace, at this address. */
static int listen_at(int ns, const char *address, uint16_t port)
{
    int fd = netns_socket(ns, AF_INET, SOCK_STREAM, 0, &why);
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_port = htons(port)};
    inet_pton(AF_INET, address, &own.sin_addr);
    ck_assert_int_ge(fd, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&own, sizeof own), 0);
    ck_assert_int_eq(listen(fd, 4), 0);
    return fd;
}

/* A connection, or -errno of it. */
static int connect_from(int ns, const char *address, uint16_t port)
{
    auto_fd int fd = netns_socket(ns, AF_INET, SOCK_STREAM, 0, &why);
    const struct timeval limit = {.tv_sec = 10};
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    inet_pton(AF_INET, address, &to.sin_addr);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    int r = connect(fd, (struct sockaddr *)&to, sizeof to);
    return r < 0 ? -errno : fd_take(&fd);
}

/* The container of a user with only `program`, and port 8080 for its 80; the
 * port may be taken. */
static struct bed make_bed(const char *program, const char *taken)
{
    static const struct pasta_port port = {
        .host_port = 8080, .port = 80, .protocol = IPPROTO_TCP};
    int pair[2];
    scratch_enter();
    have_only(program);
    ck_assert_int_eq(mkdir(SCRATCH "/run", 0700), 0);
    ck_assert_int_eq(chown(SCRATCH "/run", USER, USER), 0);
    struct bed bed = {.outside = new_netns()};
    bed.host = new_host(bed.outside);
    if (taken != NULL)
        listen_at(bed.host, taken, port.host_port); /* until the test ends */
    ck_assert_int_eq(talk_pair(pair, &why), 0);
    fflush(NULL);
    int pid = proc_clone(0, -1, &bed.pidfd, &why);
    if (pid == 0) {
        own_close(&pair[0]);
        be_user(bed.host, pair[1], &port);
    }
    own_close(&pair[1]);
    bed.talk = pair[0];
    ck_assert_int_eq(talk_receive(bed.talk, &bed.said, &why), 0);
    bed.container =
        bed.said.err.code == 0 ? netns_open(bed.said.value, &why) : -1;
    return bed;
}

/* The connection whose first byte is `word`, or -1: one of before may be late.
 */
static int accept_who_says(int listener, char word, int limit_ms)
{
    struct pollfd at = {.fd = listener, .events = POLLIN};
    char byte = 0;
    while (poll(&at, 1, limit_ms) == 1) {
        auto_fd int server = accept(listener, NULL, NULL);
        struct pollfd said = {.fd = server, .events = POLLIN};
        if (poll(&said, 1, limit_ms) == 1 && read(server, &byte, 1) == 1 &&
            byte == word)
            return fd_take(&server);
    }
    return -1;
}

/* One byte from the one who connects to the one who accepts, and one back. The
 * client speaks first: some versions of pasta lead him in only then, and they
 * say "ready" when the container's end may still be on its way up; what they
 * send it then is lost, and not repeated. So we are, sooner at first. */
static void carry(int ns, const char *address, uint16_t port, int listener)
{
    enum { TRIES = 12, LIMIT_MS = 200 };
    char byte = '?';
    auto_fd int client = -1, server = -1;
    for (int i = 0; i < TRIES && server < 0; i++) {
        char word = (char)('a' + i);
        own_close(&client);
        client = connect_from(ns, address, port);
        ck_assert_msg(client >= 0, "%s", strerror(-client));
        ck_assert_int_eq(write(client, &word, 1), 1);
        server = accept_who_says(listener, word, LIMIT_MS * (i + 1));
    }
    ck_assert_msg(server >= 0, "nothing arrives from %s", address);
    ck_assert_int_eq(write(server, "y", 1), 1);
    ck_assert_int_eq(read(client, &byte, 1), 1);
    ck_assert_int_eq(byte, 'y');
}

/* In by the published port and no other, out to where the host comes, and not
 * to what is the host's alone; until the program ends. */
static void have_a_network(const char *program)
{
    struct bed bed = make_bed(program, NULL);
    ck_assert_msg(bed.said.err.code == 0, "%s", bed.said.err.msg);
    auto_fd int web = listen_at(bed.container, "0.0.0.0", 80);
    auto_fd int shop = listen_at(bed.outside, OUTSIDE, 7000);
    auto_fd int secret = listen_at(bed.host, "127.0.0.1", 7001);
    carry(bed.outside, HOST, 8080, web);
    carry(bed.container, OUTSIDE, 7000, shop);
    carry(bed.host, "127.0.0.1", 7001, secret);
    ck_assert_int_eq(connect_from(bed.container, "127.0.0.1", 7001),
                     -ECONNREFUSED);
    ck_assert_int_eq(connect_from(bed.outside, HOST, 80), -ECONNREFUSED);
    ck_assert_int_eq(connect_from(bed.outside, HOST, 7001), -ECONNREFUSED);
    ck_assert_int_eq(talk_send(bed.talk, &bed.said, &why), 0);
    ck_assert_int_eq(talk_receive(bed.talk, &bed.said, &why), 0);
    ck_assert_int_eq(connect_from(bed.outside, HOST, 8080), -ECONNREFUSED);
    own_close(&bed.talk);
    ck_assert_int_eq(proc_wait(bed.pidfd, &why), 0);
    ck_assert_int_eq(rmdir(SCRATCH "/run"), 0);
}

START_TEST(lab_10_7_an_ordinary_user_has_a_network_by_pasta)
{
    have_a_network("pasta");
}
END_TEST

/* A program made by hand, that says a word or none, and ends in a moment. */
static struct pasta_child child_that_says(const char *word)
{
    int ready[2];
    ck_assert_int_eq(pipe2(ready, O_CLOEXEC), 0);
    struct pasta_child child = {.name = "by-hand",
                                .pidfd = -1,
                                .ready = ready[0],
                                .errors = memfd_create("errors", MFD_CLOEXEC)};
    int pid = proc_clone(0, -1, &child.pidfd, &why);
    if (pid == 0) {
        if (write(ready[1], word, strlen(word)) < 0)
            _exit(9);
        close(ready[1]);
        poll(NULL, 0, 50);
        _exit(3);
    }
    ck_assert_int_gt(pid, 0);
    close(ready[1]);
    return child;
}

START_TEST(lab_10_7_a_word_is_waited_for_and_an_end_is_told)
{
    struct pasta_child silent = child_that_says("");
    int pidfd = silent.pidfd;
    ck_assert_int_eq(pasta_wait(&silent, &why), -EIO);
    ck_assert_str_eq(why.msg, "by-hand ended with 3");
    ck_assert_int_eq(silent.pidfd, -1);
    ck_assert_int_eq(fcntl(pidfd, F_GETFD), -1);
    struct pasta_child ready = child_that_says("1");
    ck_assert_int_eq(pasta_wait(&ready, &why), 0);
    ck_assert_int_eq(proc_wait(ready.pidfd, &why), 3);
}
END_TEST

START_TEST(an_ordinary_user_has_a_network_by_slirp4netns)
{
    have_a_network("slirp4netns");
}
END_TEST

static void have_a_port_in_use(const char *program)
{
    struct bed bed = make_bed(program, "0.0.0.0");
    ck_assert_msg(bed.said.err.code == EADDRINUSE, "%d %s", bed.said.err.code,
                  bed.said.err.msg);
    ck_assert_msg(text_starts(bed.said.err.msg, program), "%s",
                  bed.said.err.msg);
    own_close(&bed.talk);
    ck_assert_int_eq(proc_wait(bed.pidfd, &why), 0);
}

START_TEST(lab_10_7_a_port_in_use_is_told_by_pasta)
{
    have_a_port_in_use("pasta");
}
END_TEST

START_TEST(a_port_in_use_is_told_by_slirp4netns)
{
    have_a_port_in_use("slirp4netns");
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, lab_10_7_an_ordinary_user_has_a_network_by_pasta);
    tcase_add_test(tc, lab_10_7_a_word_is_waited_for_and_an_end_is_told);
    tcase_add_test(tc, an_ordinary_user_has_a_network_by_slirp4netns);
    tcase_add_test(tc, lab_10_7_a_port_in_use_is_told_by_pasta);
    tcase_add_test(tc, a_port_in_use_is_told_by_slirp4netns);
}

int main(void)
{
    return contract_main("pasta", add);
}
