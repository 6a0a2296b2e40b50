/* What the name server passes on, and what it hears. The test is the upstream
 * servers: it takes a question, looks at it, and answers or does not. */
#include "test_names.h"

#include <poll.h>

#define FIRST "127.0.0.53"
#define SECOND "127.0.0.54"

/* A question as an upstream server gets it. */
struct taken {
    int fd;
    uint8_t bytes[4096];
    size_t len;
    struct sockaddr_in from;
};

static struct taken take(int fd)
{
    struct taken taken = {.fd = fd};
    socklen_t size = sizeof taken.from;
    ssize_t n = recvfrom(fd, taken.bytes, sizeof taken.bytes, 0,
                         (struct sockaddr *)&taken.from, &size);
    ck_assert_msg(n > 0, "no question came");
    taken.len = (size_t)n;
    return taken;
}

/* An answer to it: a code, and one address if that is none. */
static size_t make_reply(const struct taken *taken, int rcode, uint8_t last,
                         uint8_t out[4200])
{
    const uint8_t record[] = {0xc0, 12,   0, DNS_A, 0,   DNS_IN, 0, 0,
                              0,    0x3c, 0, 4,     192, 0,      2, last};
    memcpy(out, taken->bytes, taken->len);
    out[2] = 0x81;
    out[3] = (uint8_t)(0x80 | rcode);
    if (rcode != DNS_NOERROR)
        return taken->len;
    out[7] = 1;
    memcpy(out + taken->len, record, sizeof record);
    return taken->len + sizeof record;
}

static void send_from(int fd, const struct taken *taken, const uint8_t *bytes,
                      size_t len)
{
    ck_assert_int_eq(sendto(fd, bytes, len, 0,
                            (const struct sockaddr *)&taken->from,
                            sizeof taken->from),
                     len);
}

static void reply_to(const struct taken *taken, int rcode, uint8_t last)
{
    uint8_t bytes[4200];
    size_t len = make_reply(taken, rcode, last, bytes);
    send_from(taken->fd, taken, bytes, len);
}

static void send_question(int fd, const char *name)
{
    uint8_t bytes[300];
    size_t len = make_question(name, DNS_A, bytes);
    ck_assert_int_eq(send(fd, bytes, len, 0), len);
}

/* The answer that the container gets, for a question with the id "id". */
static char *receive(int fd)
{
    uint8_t bytes[4200];
    ssize_t n = recv(fd, bytes, sizeof bytes, 0);
    ck_assert_msg(n > 0, "no answer came");
    ck_assert_msg(memcmp(bytes, "id", 2) == 0, "another id");
    return read_answer(bytes, (size_t)n);
}

static void expect_next(int fd, const char *expected)
{
    auto_free char *answer = receive(fd);
    ck_assert_str_eq(answer, expected);
}

START_TEST(what_is_not_known_is_asked_elsewhere)
{
    struct bed bed = make_bed(FIRST, "");
    auto_fd int first = upstream_of(&bed, FIRST, SOCK_DGRAM);
    in_port_t ports[8];
    uint16_t ids[8];
    for (int i = 0; i < 8; i++) {
        send_question(bed.udp, "Example.test");
        struct taken taken = take(first);
        ports[i] = taken.from.sin_port;
        memcpy(&ids[i], taken.bytes, 2);
        ck_assert_mem_eq(taken.bytes + DNS_HEADER, "\7Example\4test", 13);
        reply_to(&taken, DNS_NOERROR, 1);
        expect_next(bed.udp, "NOERROR A 192.0.2.1");
    }
    /* Neither can be guessed from the one before. */
    int same_port = 0, same_step = 0;
    for (int i = 2; i < 8; i++) {
        same_port += ports[i] == ports[i - 1];
        same_step += (uint16_t)(ids[i] - ids[i - 1]) ==
                     (uint16_t)(ids[i - 1] - ids[i - 2]);
    }
    ck_assert_int_le(same_port, 2);
    ck_assert_int_le(same_step, 2);
    end_bed(&bed);
}
END_TEST

START_TEST(letters_come_back_as_the_client_wrote_them)
{
    struct bed bed = make_bed(FIRST, "");
    auto_fd int first = upstream_of(&bed, FIRST, SOCK_DGRAM);
    send_question(bed.udp, "eXaMpLe.test");
    struct taken taken = take(first);
    memcpy(taken.bytes + DNS_HEADER, "\7EXAMPLE\4TEST", 13);
    reply_to(&taken, DNS_NOERROR, 1);
    uint8_t bytes[512];
    ck_assert_int_gt(recv(bed.udp, bytes, sizeof bytes, 0), DNS_HEADER + 13);
    ck_assert_mem_eq(bytes + DNS_HEADER, "\7eXaMpLe\4test", 13);
    end_bed(&bed);
}
END_TEST

/* Each of these comes before the true answer, and none of them is believed. */
START_TEST(forgers_are_not_heard)
{
    struct bed bed = make_bed(FIRST, "");
    auto_fd int first = upstream_of(&bed, FIRST, SOCK_DGRAM);
    auto_fd int forger = upstream_of(&bed, SECOND, SOCK_DGRAM);
    send_question(bed.udp, "example.test");
    struct taken taken = take(first);
    uint8_t bytes[4200];
    size_t len = make_reply(&taken, DNS_NOERROR, 66, bytes);
    send_from(forger, &taken, bytes, len); /* another address */
    bytes[0] ^= 1;
    send_from(first, &taken, bytes, len); /* another id */
    bytes[0] ^= 1;
    bytes[DNS_HEADER + 1] ^= 1;
    send_from(first, &taken, bytes, len); /* another name */
    bytes[DNS_HEADER + 1] ^= 1;
    bytes[2] &= 0x7f;
    send_from(first, &taken, bytes, len); /* a question */
    bytes[2] |= 0x80;
    send_from(first, &taken, bytes, DNS_HEADER + 3); /* a part */
    reply_to(&taken, DNS_NOERROR, 1);
    expect_next(bed.udp, "NOERROR A 192.0.2.1");
    end_bed(&bed);
}
END_TEST

START_TEST(the_next_server_is_asked_when_one_fails)
{
    static const int codes[] = {DNS_SERVFAIL, DNS_REFUSED, DNS_NOTIMP};
    struct bed bed = make_bed(FIRST "," SECOND, "");
    auto_fd int second = upstream_of(&bed, SECOND, SOCK_DGRAM);
    /* Nobody is at the first address: the kernel says so. */
    send_question(bed.udp, "example.test");
    struct taken taken = take(second);
    reply_to(&taken, DNS_NOERROR, 2);
    expect_next(bed.udp, "NOERROR A 192.0.2.2");
    auto_fd int first = upstream_of(&bed, FIRST, SOCK_DGRAM);
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        send_question(bed.udp, "example.test");
        taken = take(first);
        reply_to(&taken, codes[i], 0);
        taken = take(second);
        reply_to(&taken, DNS_NOERROR, 3);
        expect_next(bed.udp, "NOERROR A 192.0.2.3");
    }
    /* That there is no such name is an answer. */
    send_question(bed.udp, "example.test");
    taken = take(first);
    reply_to(&taken, DNS_NXDOMAIN, 0);
    expect_next(bed.udp, "NXDOMAIN");
    /* When all fail, so does the question. */
    send_question(bed.udp, "example.test");
    taken = take(first);
    reply_to(&taken, DNS_SERVFAIL, 0);
    taken = take(second);
    reply_to(&taken, DNS_REFUSED, 0);
    expect_next(bed.udp, "REFUSED");
    end_bed(&bed);
}
END_TEST

/* One who is silent for a second is asked again after the other; a late answer
 * is as good as any. */
START_TEST(the_next_server_is_asked_when_one_is_silent)
{
    struct bed bed = make_bed(FIRST "," SECOND, "");
    auto_fd int first = upstream_of(&bed, FIRST, SOCK_DGRAM);
    auto_fd int second = upstream_of(&bed, SECOND, SOCK_DGRAM);
    send_question(bed.udp, "example.test");
    struct taken slow = take(first);
    struct taken taken = take(second);
    ck_assert_mem_eq(taken.bytes, slow.bytes, slow.len);
    reply_to(&slow, DNS_NOERROR, 1);
    expect_next(bed.udp, "NOERROR A 192.0.2.1");
    end_bed(&bed);
}
END_TEST

START_TEST(nobody_to_ask_is_told_at_once)
{
    struct bed bed = make_bed("", "");
    expect(bed.udp, "example.test", DNS_A, "SERVFAIL");
    end_bed(&bed);
    /* Addresses at which nobody is, and one that is none. */
    bed = make_bed(FIRST "," SECOND ",nonsense", "");
    expect(bed.udp, "example.test", DNS_A, "SERVFAIL");
    end_bed(&bed);
}
END_TEST

static void receive_failures(int fd, int n)
{
    for (int i = 0; i < n; i++)
        expect_next(fd, "SERVFAIL");
}

/* A flood of 300 questions that nobody answers: the 44 oldest fail at once, for
 * the table has 256 places; the others when their time is over. Meanwhile the
 * names that are known are answered. */
START_TEST(a_flood_fails_and_is_over)
{
    struct bed bed = make_bed(FIRST, "known=192.0.2.7");
    auto_fd int first = upstream_of(&bed, FIRST, SOCK_DGRAM);
    auto_fd int other = client_of(&bed, SOCK_DGRAM);
    for (int i = 0; i < 300; i += 4) {
        for (int k = 0; k < 4; k++)
            send_question(bed.udp, "silent.test");
        for (int k = 0; k < 4; k++)
            take(first);
    }
    receive_failures(bed.udp, 44);
    expect(other, "known", DNS_A, "NOERROR A 192.0.2.7");
    receive_failures(bed.udp, 256);
    expect(other, "known", DNS_A, "NOERROR A 192.0.2.7");
    end_bed(&bed);
}
END_TEST

/* More than the client takes by UDP: it is told to come by TCP. */
START_TEST(a_long_answer_is_cut_for_one_who_takes_no_more)
{
    struct bed bed = make_bed(FIRST, "");
    auto_fd int first = upstream_of(&bed, FIRST, SOCK_DGRAM);
    send_question(bed.udp, "example.test");
    struct taken taken = take(first);
    uint8_t bytes[4200] = {0};
    make_reply(&taken, DNS_NOERROR, 1, bytes);
    send_from(first, &taken, bytes, 2000);
    expect_next(bed.udp, "NOERROR TC");
    end_bed(&bed);
}
END_TEST

static void receive_frame(int fd, uint8_t *bytes, size_t *ret_len)
{
    ck_assert_int_eq(recv(fd, bytes, 2, MSG_WAITALL), 2);
    *ret_len = (size_t)(bytes[0] << 8 | bytes[1]);
    ck_assert_int_eq(recv(fd, bytes, *ret_len, MSG_WAITALL), *ret_len);
}

static void send_frame(int fd, const uint8_t *bytes, size_t len)
{
    const uint8_t head[] = {(uint8_t)(len >> 8), (uint8_t)len};
    ck_assert_int_eq(send(fd, head, 2, MSG_MORE), 2);
    ck_assert_int_eq(send(fd, bytes, len, 0), len);
}

/* The first server closes the connection, the second answers at length. */
START_TEST(by_tcp_the_servers_are_asked_by_tcp)
{
    struct bed bed = make_bed(FIRST "," SECOND, "");
    auto_fd int first = upstream_of(&bed, FIRST, SOCK_STREAM);
    auto_fd int second = upstream_of(&bed, SECOND, SOCK_STREAM);
    auto_fd int client = client_of(&bed, SOCK_STREAM);
    static uint8_t bytes[65536];
    size_t len = make_question("example.test", DNS_A, bytes);
    send_frame(client, bytes, len);
    int one = accept(first, NULL, NULL);
    receive_frame(one, bytes, &len);
    own_close(&one);
    one = accept(second, NULL, NULL);
    struct taken taken = {.fd = one};
    receive_frame(one, taken.bytes, &taken.len);
    make_reply(&taken, DNS_NOERROR, 1, bytes);
    send_frame(one, bytes, 40000);
    receive_frame(client, bytes, &len);
    ck_assert_int_eq(len, 40000);
    auto_free char *answer = read_answer(bytes, len);
    ck_assert_str_eq(answer, "NOERROR A 192.0.2.1");
    own_close(&one);
    end_bed(&bed);
}
END_TEST

START_TEST(by_tcp_too_nobody_to_ask_is_told)
{
    struct bed bed = make_bed(FIRST "," SECOND, "");
    auto_fd int client = client_of(&bed, SOCK_STREAM);
    uint8_t bytes[512];
    size_t len = make_question("example.test", DNS_A, bytes);
    send_frame(client, bytes, len);
    receive_frame(client, bytes, &len);
    auto_free char *answer = read_answer(bytes, len);
    ck_assert_str_eq(answer, "SERVFAIL");
    end_bed(&bed);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, what_is_not_known_is_asked_elsewhere);
    tcase_add_test(tc, letters_come_back_as_the_client_wrote_them);
    tcase_add_test(tc, forgers_are_not_heard);
    tcase_add_test(tc, the_next_server_is_asked_when_one_fails);
    tcase_add_test(tc, the_next_server_is_asked_when_one_is_silent);
    tcase_add_test(tc, nobody_to_ask_is_told_at_once);
    tcase_add_test(tc, a_flood_fails_and_is_over);
    tcase_add_test(tc, a_long_answer_is_cut_for_one_who_takes_no_more);
    tcase_add_test(tc, by_tcp_the_servers_are_asked_by_tcp);
    tcase_add_test(tc, by_tcp_too_nobody_to_ask_is_told);
}

int main(void)
{
    return contract_main("upstream", add);
}
