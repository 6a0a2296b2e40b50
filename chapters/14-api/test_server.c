/* The daemon: who comes gets a process. It runs in a child of the test, which
 * hands a socket over to it, as systemd does; so nobody has to wait for it. */
#include "fault.h"
#include "server.h"
#include "test_client.h"
#include "test_store.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/un.h>

#define SOCKET SCRATCH "/d.sock"
#define SOON_S 5
#define MOST 2 /* connections */

static pid_t daemon_pid;

/* Exits with 0 when it was told to end, with an errno otherwise. */
static void be_daemon(int fd, const char *fault)
{
    struct strv hosts = {0};
    auto_free char *pid = text_format("%d", (int)getpid());
    const struct server_options options = {
        .root = ROOT, .hosts = &hosts, .most = MOST};
    struct err e = {0};
    client_gives_up(3 * SOON_S);
    strv_add(&hosts, "fd://");
    setenv("LISTEN_PID", pid, 1);
    setenv("LISTEN_FDS", "1", 1);
    dup2(fd, 3);
    if (fault_open(fault, &e) < 0)
        _exit(1);
    int r = server_run(&options, &e);
    if (r < 0 && strstr(e.msg, "not written yet") == NULL)
        fprintf(stderr, "%s\n", e.msg);
    _exit(-r);
}

static void run_daemon(int fd, const char *fault)
{
    daemon_pid = fork();
    if (daemon_pid == 0)
        be_daemon(fd, fault);
    close(fd);
}

static const struct sockaddr_un place = {.sun_family = AF_UNIX,
                                         .sun_path = SOCKET};

static void start(const char *fault)
{
    store_enter();
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(bind(fd, (const struct sockaddr *)&place, sizeof place),
                     0);
    ck_assert_int_eq(listen(fd, 16), 0);
    run_daemon(fd, fault);
}

static int daemon_result(void)
{
    int status = -1;
    ck_assert_int_eq(waitpid(daemon_pid, &status, 0), daemon_pid);
    ck_assert_msg(WIFEXITED(status), "the daemon was ended by signal %d",
                  WTERMSIG(status));
    return WEXITSTATUS(status);
}

static void stop(void)
{
    ck_assert_int_eq(kill(daemon_pid, SIGTERM), 0);
    ck_assert_int_eq(daemon_result(), 0);
}

/* --- its processes -------------------------------------------------------- */

/* How many it has that it has not buried, and one of them. */
static int children(pid_t *ret)
{
    auto_dir DIR *all = opendir("/proc");
    struct dirent *entry;
    int n = 0;
    ck_assert_ptr_nonnull(all);
    while ((entry = readdir(all)) != NULL) {
        pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
        int parent = 0;
        if (pid > 0 && client_process_state(pid, &parent) != 0 &&
            parent == daemon_pid) {
            *ret = pid;
            n++;
        }
    }
    return n;
}

/* Soon it has that many. Who starts containers again after a boot is one for a
 * moment. */
static pid_t has_children(int wanted)
{
    pid_t one = 0;
    int n = -1;
    for (int i = 0; i < SOON_S * 1000 && n != wanted; i++) {
        if (i > 0)
            usleep(1000);
        n = children(&one);
    }
    ck_assert_int_eq(n, wanted);
    return one;
}

/* --- its clients ---------------------------------------------------------- */

static int come(void)
{
    const struct timeval soon = {.tv_sec = SOON_S};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof soon);
    ck_assert_int_eq(connect(fd, (const struct sockaddr *)&place, sizeof place),
                     0);
    return fd;
}

/* What is answered first. */
static const char *ask(int client)
{
    static const char said[] = "GET /_ping HTTP/1.1\r\n\r\n";
    static char heard[2048];
    ssize_t n = -1;
    if (send(client, said, strlen(said), MSG_NOSIGNAL) > 0)
        n = recv(client, heard, sizeof heard - 1, 0);
    heard[n > 0 ? n : 0] = '\0';
    heard[strcspn(heard, "\r")] = '\0';
    return heard;
}

static int comes_and_is_served(void)
{
    int client = come();
    ck_assert_str_eq(ask(client), "HTTP/1.1 200 OK");
    return client;
}

static void comes_and_is_refused(void)
{
    auto_text struct text heard = {0};
    int client = come();
    client_hears(client, &heard);
    ck_assert_ptr_nonnull(heard.s);
    ck_assert(text_starts(heard.s, "HTTP/1.1 503 Service Unavailable\r\n"));
    ck_assert_ptr_nonnull(
        strstr(heard.s, "{\"message\":\"too many connections\"}"));
}

START_TEST(lab_14_7_each_connection_has_a_process)
{
    start(NULL);
    int one = comes_and_is_served();
    pid_t first = has_children(1);
    int two = comes_and_is_served();
    has_children(2);
    /* It stays with its client, and goes with it. */
    ck_assert_str_eq(ask(one), "HTTP/1.1 200 OK");
    ck_assert_str_eq(ask(two), "HTTP/1.1 200 OK");
    close(two);
    ck_assert_int_eq(has_children(1), first);
    close(one);
    has_children(0);
    stop();
}
END_TEST

/* Nobody else has the connection: when its process dies, the client sees it. */
START_TEST(lab_14_7_the_daemon_keeps_no_connection)
{
    char byte;
    start(NULL);
    int one = comes_and_is_served();
    pid_t first = has_children(1);
    int two = comes_and_is_served();
    ck_assert_int_eq(kill(first, SIGKILL), 0);
    while (recv(one, &byte, 1, 0) == 1)
        continue;
    ck_assert_int_eq(recv(one, &byte, 1, 0), 0);
    ck_assert_str_eq(ask(two), "HTTP/1.1 200 OK");
    close(one);
    close(two);
    stop();
}
END_TEST

START_TEST(lab_14_7_one_too_many_is_told_so)
{
    start(NULL);
    int one = comes_and_is_served();
    has_children(1);
    int two = comes_and_is_served();
    comes_and_is_refused();
    comes_and_is_refused();
    ck_assert_str_eq(ask(one), "HTTP/1.1 200 OK");
    close(two);
    has_children(1);
    two = comes_and_is_served();
    comes_and_is_refused();
    close(one);
    close(two);
    stop();
}
END_TEST

/* A place is free again, whichever it was, and as often as one likes. */
START_TEST(lab_14_7_places_are_free_again)
{
    start(NULL);
    int stays = comes_and_is_served();
    has_children(1);
    for (int i = 0; i < 10; i++) {
        close(comes_and_is_served());
        has_children(1);
    }
    close(come()); /* says nothing */
    has_children(1);
    ck_assert_str_eq(ask(stays), "HTTP/1.1 200 OK");
    close(stays);
    stop();
}
END_TEST

/* The first process is that of the boot. */
START_TEST(lab_14_7_without_a_process_one_is_refused)
{
    start("clone3:2:EAGAIN");
    comes_and_is_refused();
    has_children(0);
    int one = comes_and_is_served();
    int two = comes_and_is_served();
    close(one);
    close(two);
    stop();
}
END_TEST

/* It would be ready at every turn, and have nobody. */
START_TEST(lab_14_7_what_does_not_listen_ends_it)
{
    store_enter();
    run_daemon(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), NULL);
    ck_assert_int_eq(daemon_result(), EINVAL);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, lab_14_7_each_connection_has_a_process);
    tcase_add_test(tc, lab_14_7_the_daemon_keeps_no_connection);
    tcase_add_test(tc, lab_14_7_one_too_many_is_told_so);
    tcase_add_test(tc, lab_14_7_places_are_free_again);
    tcase_add_test(tc, lab_14_7_without_a_process_one_is_refused);
    tcase_add_test(tc, lab_14_7_what_does_not_listen_ends_it);
}

int main(void)
{
    return contract_main("the daemon", add);
}
