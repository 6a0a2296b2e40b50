/* Where the answer to a request ends and a container's bytes begin. */
#include "bridge.h"
#include "contract.h"
#include "test_client.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* As the process of a request, which has a byte to send at once. */
static void be_eager(int fd)
{
    struct engine_server_link link = {.fd = -1, .terminal = true};
    struct bridge bridge = {.link = &link};
    struct api_call call = {.http = http_open(fd), .version = 1047};
    client_gives_up(10);
    if (http_next(call.http, NULL) != 1 ||
        bridge_open(&bridge, &call, NULL) < 0)
        _exit(1);
    bridge_send(bridge.client, "!", 1);
    _exit(0);
}

/* A client that is slow, and whose buffer has room for more than the head. */
START_TEST(the_head_comes_alone_to_who_reads_it)
{
    static const char request[] = "POST / HTTP/1.1\r\n\r\n";
    const struct timespec slow = {.tv_nsec = 50 * 1000 * 1000};
    char said[4096] = "";
    int ends[2];
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends),
                     0);
    pid_t pid = fork();
    if (pid == 0)
        be_eager(ends[1]);
    close(ends[1]);
    ck_assert_int_gt(write(ends[0], request, strlen(request)), 0);
    nanosleep(&slow, NULL);
    ssize_t n = read(ends[0], said, sizeof said - 1);
    ck_assert_int_gt(n, 4);
    ck_assert_str_eq(said + n - 4, "\r\n\r\n");
    ck_assert_int_eq(read(ends[0], said, sizeof said), 1);
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
    close(ends[0]);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, the_head_comes_alone_to_who_reads_it);
}

int main(void)
{
    return contract_main("the opening of a bridge", add);
}
