/* The contract of talk.h: two processes, one of which may die or lie. */
#include "contract.h"
#include "own.h"
#include "talk.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

START_TEST(lab_1_4_a_message_crosses_whole)
{
    struct err e;
    int pair[2];
    ck_assert_int_eq(talk_pair(pair, &e), 0);
    struct talk_message sent = {.kind = 3, .value = -7};
    err_set(&sent.err, ENOENT, "no such thing");
    pid_t pid = fork();
    if (pid == 0)
        _exit(talk_send(pair[1], &sent, NULL) == 0 ? 0 : 1);
    struct talk_message got;
    int r = talk_receive(pair[0], &got, &e);
    ck_assert_msg(r == 0, "%s", e.msg);
    ck_assert_int_eq(got.kind, 3);
    ck_assert_int_eq(got.value, -7);
    ck_assert_int_eq(got.err.code, ENOENT);
    ck_assert_str_eq(got.err.msg, "no such thing");
    waitpid(pid, NULL, 0);
}
END_TEST

START_TEST(lab_1_4_death_is_seen)
{
    struct err e;
    int pair[2];
    struct talk_message message = {.kind = 1};
    ck_assert_int_eq(talk_pair(pair, &e), 0);
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    close(pair[1]);
    ck_assert_int_eq(talk_receive(pair[0], &message, &e), -EPIPE);
    /* And SIGPIPE does not kill this test. */
    ck_assert_int_eq(talk_send(pair[0], &message, &e), -EPIPE);
    waitpid(pid, NULL, 0);
}
END_TEST

START_TEST(lab_1_4_last_words_are_heard)
{
    struct err e;
    int pair[2];
    struct talk_message message = {.kind = 1};
    ck_assert_int_eq(talk_pair(pair, &e), 0);
    pid_t pid = fork();
    if (pid == 0) {
        /* Dies without reading what we sent: the kernel reports a reset. */
        message.kind = 9;
        talk_send(pair[1], &message, NULL);
        _exit(0);
    }
    ck_assert_int_eq(talk_send(pair[0], &message, &e), 0);
    close(pair[1]);
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
    int r = talk_receive(pair[0], &message, &e);
    ck_assert_msg(r == 0, "%s", e.msg);
    ck_assert_int_eq(message.kind, 9);
    ck_assert_int_eq(talk_receive(pair[0], &message, &e), -EPIPE);
}
END_TEST

START_TEST(lab_1_4_a_liar_is_found_out)
{
    struct err e;
    int pair[2];
    ck_assert_int_eq(talk_pair(pair, &e), 0);
    char wrong[sizeof(struct talk_message) + 1];
    memset(wrong, 'x', sizeof wrong);
    struct talk_message got;
    ck_assert_int_eq(send(pair[1], wrong, 5, 0), 5);
    ck_assert_int_eq(talk_receive(pair[0], &got, &e), -EPROTO);
    ck_assert_int_eq(send(pair[1], wrong, sizeof wrong, 0), sizeof wrong);
    ck_assert_int_eq(talk_receive(pair[0], &got, &e), -EPROTO);
    ck_assert_int_eq(send(pair[1], wrong, sizeof got, 0), sizeof got);
    ck_assert_int_eq(talk_receive(pair[0], &got, &e), 0);
    ck_assert_uint_eq(strnlen(got.err.msg, sizeof got.err.msg),
                      sizeof got.err.msg - 1);
}
END_TEST

START_TEST(lab_1_5_a_descriptor_crosses)
{
    struct err e = {0};
    int pair[2], pipe_fds[2];
    ck_assert_int_eq(talk_pair(pair, &e), 0);
    pid_t pid = fork();
    if (pid == 0) {
        ck_assert_int_eq(pipe(pipe_fds), 0);
        int r = talk_send_fd(pair[1], pipe_fds[0], NULL);
        _exit(r == 0 && write(pipe_fds[1], "!", 1) == 1 ? 0 : 1);
    }
    auto_fd int got = talk_receive_fd(pair[0], &e);
    ck_assert_msg(got >= 0, "%s", e.msg);
    ck_assert_int_ne(fcntl(got, F_GETFD) & FD_CLOEXEC, 0);
    char byte = 0;
    ck_assert_int_eq(read(got, &byte, 1), 1);
    ck_assert_int_eq(byte, '!');
    int status;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(lab_1_5_no_descriptor_is_an_error)
{
    struct err e;
    int pair[2];
    ck_assert_int_eq(talk_pair(pair, &e), 0);
    ck_assert_int_eq(send(pair[1], "f", 1, 0), 1);
    ck_assert_int_eq(talk_receive_fd(pair[0], &e), -EPROTO);
    close(pair[1]);
    ck_assert_int_eq(talk_receive_fd(pair[0], &e), -EPIPE);
}
END_TEST

START_TEST(lab_1_5_two_descriptors_are_an_error)
{
    struct err e;
    int pair[2];
    ck_assert_int_eq(talk_pair(pair, &e), 0);
    struct {
        struct cmsghdr head;
        int fds[2];
    } two = {
        {CMSG_LEN(sizeof two.fds), SOL_SOCKET, SCM_RIGHTS},
        {0,                        1                                 }
    };
    struct iovec part = {.iov_base = &two, .iov_len = 1};
    struct msghdr header = {.msg_iov = &part,
                            .msg_iovlen = 1,
                            .msg_control = &two,
                            .msg_controllen = sizeof two};
    ck_assert_int_eq(sendmsg(pair[1], &header, 0), 1);
    ck_assert_int_eq(talk_receive_fd(pair[0], &e), -EPROTO);
}
END_TEST

static void add(TCase *tests)
{
    tcase_add_test(tests, lab_1_4_a_message_crosses_whole);
    tcase_add_test(tests, lab_1_4_death_is_seen);
    tcase_add_test(tests, lab_1_4_last_words_are_heard);
    tcase_add_test(tests, lab_1_4_a_liar_is_found_out);
    tcase_add_test(tests, lab_1_5_a_descriptor_crosses);
    tcase_add_test(tests, lab_1_5_no_descriptor_is_an_error);
    tcase_add_test(tests, lab_1_5_two_descriptors_are_an_error);
}

int main(void)
{
    return contract_main("talk", add);
}
