/* The names of a container's networks, asked for at 127.0.0.11. */
#include "test_names.h"

#include <netdb.h>

#define FRONT SCRATCH "/front"
#define BACK SCRATCH "/back"
#define WEB_ID "3f2a00112233445566"

/* Two networks: web and db are in front, db with IPv6; db2 is in the other. */
static void write_networks(void)
{
    write_file(LIST, FRONT " front\n" BACK " my.back\n");
    write_file(FRONT,
               "last - -\n" WEB_ID " e1 v1 172.18.0.2 - - web www,shared\n"
               "81bc e2 v2 172.18.0.3 fd00::3 - db shared\n"
               "91bc e3 v3 172.18.0.4 - - Third shared\n");
    write_file(BACK, "last - -\n55aa e4 v4 10.1.0.2 - - db -\n"
                     "55ab e5 v5 10.1.0.3 - - only.back -\n"
                     "55ac e6 v6 - fd01::6 - six -\n");
}

static const struct {
    const char *name;
    unsigned int type;
    const char *answer;
} questions[] = {
    {"web",                     DNS_A,    "NOERROR A 172.18.0.2"             },
    {"WeB",                     DNS_A,    "NOERROR A 172.18.0.2"             },
    {"www",                     DNS_A,    "NOERROR A 172.18.0.2"             },
    {"3f2a00112233",            DNS_A,    "NOERROR A 172.18.0.2"             },
    {"web.front",               DNS_A,    "NOERROR A 172.18.0.2"             },
    {"www.FRONT",               DNS_A,    "NOERROR A 172.18.0.2"             },
    {"web",                     DNS_AAAA, "NOERROR"                          },
    {"web",                     15,       "NOERROR"                          },
    {"third",                   DNS_A,    "NOERROR A 172.18.0.4"             },
    {"db",                      DNS_A,    "NOERROR A 172.18.0.3"             },
    {"db",                      DNS_AAAA, "NOERROR AAAA fd00::3"             },
    {"db.my.back",              DNS_A,    "NOERROR A 10.1.0.2"               },
    {"db",                      DNS_ANY,  "NOERROR A 172.18.0.3 AAAA fd00::3"},
    {"only.back",               DNS_A,    "NOERROR A 10.1.0.3"               },
    {"only.back.my.back",       DNS_A,    "NOERROR A 10.1.0.3"               },
    {"six",                     DNS_A,    "NOERROR"                          },
    {"six",                     DNS_AAAA, "NOERROR AAAA fd01::6"             },
    {"old",                     DNS_A,    "NOERROR A 172.18.0.9"             },
    {"2.0.18.172.in-addr.arpa", DNS_PTR,  "NOERROR PTR web.front"            },
    {"2.0.1.10.in-addr.arpa",   DNS_PTR,  "NOERROR PTR db.my.back"           },
    {"2.0.18.172.in-addr.arpa", DNS_A,    "NOERROR"                          },
    {"nobody",                  DNS_A,    "SERVFAIL"                         },
    {"web.other",               DNS_A,    "SERVFAIL"                         },
    {"web.my.back",             DNS_A,    "SERVFAIL"                         },
    {"front",                   DNS_A,    "SERVFAIL"                         },
    {"",                        2,        "SERVFAIL"                         },
    {WEB_ID,                    DNS_A,    "SERVFAIL"                         },
    {"9.0.18.172.in-addr.arpa", DNS_PTR,  "SERVFAIL"                         },
    {"web",                     DNS_AXFR, "REFUSED"                          },
};

START_TEST(lab_10_6_names_mean_what_the_networks_say)
{
    struct bed bed = make_bed("", "old=172.18.0.9");
    write_networks();
    for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++)
        expect(bed.udp, questions[i].name, questions[i].type,
               questions[i].answer);
    end_bed(&bed);
}
END_TEST

/* Somebody has the port of TCP: then nobody listens at that of UDP either. */
START_TEST(lab_10_6_both_sockets_or_none)
{
    struct err e = {0};
    struct nameserver server = {.udp = 77, .tcp = 77};
    auto_fd int netns = new_netns();
    auto_fd int taken = new_socket(netns, SOCK_STREAM);
    struct sockaddr_in place = at("127.0.0.11");
    place.sin_port = htons(53);
    ck_assert_int_eq(bind(taken, (struct sockaddr *)&place, sizeof place), 0);
    ck_assert_int_eq(listen(taken, 1), 0);
    ck_assert_int_eq(nameserver_listen(netns, &server, &e), -EADDRINUSE);
    ck_assert_int_eq(server.udp, -1);
    ck_assert_int_eq(server.tcp, -1);
    own_close(&taken);
    ck_assert_int_eq(nameserver_listen(netns, &server, &e), 0);
    ck_assert_int_ge(server.udp, 0);
    ck_assert_int_ge(server.tcp, 0);
    close(server.udp);
    close(server.tcp);
}
END_TEST

START_TEST(several_with_one_name_take_turns)
{
    struct bed bed = make_bed("", "");
    write_networks();
    int first[3] = {0};
    for (int i = 0; i < 6; i++) {
        auto_free char *answer = ask(bed.udp, "shared", DNS_A);
        const char *head = "NOERROR A 172.18.0.";
        ck_assert_msg(text_starts(answer, head), "%s", answer);
        ck_assert_ptr_nonnull(strstr(answer, "0.2"));
        ck_assert_ptr_nonnull(strstr(answer, "0.3"));
        ck_assert_ptr_nonnull(strstr(answer, "0.4"));
        first[answer[strlen(head)] - '2']++;
    }
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(first[i], 2);
    end_bed(&bed);
}
END_TEST

START_TEST(networks_come_and_go_while_it_serves)
{
    struct bed bed = make_bed("", "");
    expect(bed.udp, "web", DNS_A, "SERVFAIL");
    write_file(LIST, FRONT " front\n");
    expect(bed.udp, "web", DNS_A, "SERVFAIL");
    write_networks();
    expect(bed.udp, "web", DNS_A, "NOERROR A 172.18.0.2");
    expect(bed.udp, "six", DNS_AAAA, "NOERROR AAAA fd01::6");
    /* Often, with equal sizes, within one tick of the clock of inodes. */
    for (int digit = '2'; digit <= '9'; digit++) {
        auto_free char *file =
            text_format("last - -\n81bc e2 v2 172.18.0.%c - - db -\n", digit);
        auto_free char *answer = text_format("NOERROR A 172.18.0.%c", digit);
        write_file(FRONT, file);
        expect(bed.udp, "db", DNS_A, answer);
    }
    write_file(FRONT, "this is no list of leases\n");
    expect(bed.udp, "db", DNS_A, "NOERROR A 10.1.0.2");
    ck_assert_int_eq(unlink(BACK), 0);
    expect(bed.udp, "db", DNS_A, "SERVFAIL");
    write_networks();
    write_file(LIST, BACK " back\n");
    expect(bed.udp, "web", DNS_A, "SERVFAIL");
    expect(bed.udp, "db", DNS_A, "NOERROR A 10.1.0.2");
    ck_assert_int_eq(unlink(LIST), 0);
    expect(bed.udp, "db", DNS_A, "SERVFAIL");
    end_bed(&bed);
}
END_TEST

/* What is no question gets no answer or FORMERR; the next question is heard. */
START_TEST(rubbish_does_no_harm)
{
    struct bed bed = make_bed("", "");
    write_networks();
    uint8_t bytes[4096], whole[300];
    size_t len = make_question("web", DNS_A, whole);
    for (size_t n = 0; n < len; n++) {
        ck_assert_int_eq(send(bed.udp, whole, n, 0), n);
        if (n < DNS_HEADER)
            continue;
        ck_assert_int_eq(recv(bed.udp, bytes, sizeof bytes, 0), DNS_HEADER);
        ck_assert_int_eq(bytes[3] & 15, DNS_FORMERR);
    }
    memset(bytes, 0xc0, sizeof bytes);
    ck_assert_int_eq(send(bed.udp, bytes, sizeof bytes, 0), sizeof bytes);
    whole[2] = 0x80; /* an answer */
    ck_assert_int_eq(send(bed.udp, whole, len, 0), len);
    expect(bed.udp, "web", DNS_A, "NOERROR A 172.18.0.2");
    end_bed(&bed);
}
END_TEST

/* By TCP a message stands behind its length. */
static char *ask_by_tcp(int fd, const char *name, unsigned int type)
{
    uint8_t bytes[65537];
    size_t len = make_question(name, type, bytes + 2);
    bytes[0] = 0;
    bytes[1] = (uint8_t)len;
    ck_assert_int_eq(send(fd, bytes, len + 2, 0), len + 2);
    ck_assert_int_eq(recv(fd, bytes, 2, MSG_WAITALL), 2);
    ssize_t n = bytes[0] << 8 | bytes[1];
    ck_assert_int_eq(recv(fd, bytes, (size_t)n, MSG_WAITALL), n);
    return read_answer(bytes, (size_t)n);
}

/* Thirty addresses go into 512 bytes; all forty come by TCP. */
START_TEST(what_is_too_long_for_udp_comes_by_tcp)
{
    struct bed bed = make_bed("", "");
    auto_text struct text file = {0};
    text_add(&file, "last - -\n");
    for (int i = 1; i <= 40; i++)
        text_addf(&file, "%02x e%02x v 10.0.0.%d - - n%d all\n", i, i, i, i);
    write_file(LIST, FRONT " front\n");
    write_file(FRONT, file.s);
    auto_free char *by_udp = ask(bed.udp, "all", DNS_A);
    ck_assert_msg(text_starts(by_udp, "NOERROR TC A 10.0.0."), "%s", by_udp);
    auto_fd int tcp = client_of(&bed, SOCK_STREAM);
    auto_free char *by_tcp = ask_by_tcp(tcp, "all", DNS_A);
    ck_assert_ptr_null(strstr(by_tcp, "TC"));
    for (int i = 1; i <= 40; i++) {
        auto_free char *one = text_format(" A 10.0.0.%d", i);
        ck_assert_ptr_nonnull(strstr(by_tcp, one));
    }
    /* The connection goes on. */
    auto_free char *more = ask_by_tcp(tcp, "n7", DNS_A);
    ck_assert_str_eq(more, "NOERROR A 10.0.0.7");
    end_bed(&bed);
}
END_TEST

/* All places taken by clients who say nothing: UDP goes on meanwhile, and the
 * next one is served when their time is over. */
START_TEST(clients_who_stall_are_left)
{
    struct bed bed = make_bed("", "");
    write_networks();
    int stalled[20];
    for (int i = 0; i < 20; i++) {
        stalled[i] = client_of(&bed, SOCK_STREAM);
        ck_assert_int_eq(send(stalled[i], "\0\x20half", (size_t)i % 6, 0),
                         i % 6);
    }
    expect(bed.udp, "web", DNS_A, "NOERROR A 172.18.0.2");
    auto_fd int tcp = client_of(&bed, SOCK_STREAM);
    auto_free char *answer = ask_by_tcp(tcp, "web", DNS_A);
    ck_assert_str_eq(answer, "NOERROR A 172.18.0.2");
    for (int i = 0; i < 20; i++)
        own_close(&stalled[i]);
    end_bed(&bed);
}
END_TEST

/* The C library asks as every program in the container does. */
static int look_up(const struct bed *bed)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
    struct sockaddr_in web = at("172.18.0.2");
    char host[256];
    write_file(SCRATCH "/resolv", "nameserver 127.0.0.11\noptions ndots:0\n");
    if (mount(SCRATCH "/resolv", "/etc/resolv.conf", NULL, MS_BIND, NULL) < 0 ||
        setns(bed->container, CLONE_NEWNET) < 0)
        return 1;
    if (getaddrinfo("www.front", "53", &hints, &found) != 0)
        return 2;
    if (found->ai_addrlen != sizeof web || found->ai_next != NULL ||
        memcmp(found->ai_addr, &web, sizeof web) != 0)
        return 3;
    if (getnameinfo(found->ai_addr, sizeof web, host, sizeof host, NULL, 0,
                    NI_NAMEREQD) != 0)
        return 4;
    return strcmp(host, "web.front") == 0 ? 0 : 5;
}

START_TEST(the_c_library_understands_it)
{
    struct bed bed = make_bed("", "");
    write_networks();
    auto_fd int pidfd = -1;
    fflush(NULL);
    if (proc_clone(0, -1, &pidfd, &why) == 0)
        _exit(look_up(&bed));
    ck_assert_int_eq(proc_wait(pidfd, &why), 0);
    end_bed(&bed);
}
END_TEST

START_TEST(one_address_has_one_server)
{
    struct bed bed = make_bed("", "");
    struct nameserver second = {0};
    ck_assert_int_eq(nameserver_listen(bed.container, &second, &why),
                     -EADDRINUSE);
    ck_assert_str_eq(why.msg, "name server at 127.0.0.11:53: Address already "
                              "in use");
    end_bed(&bed);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, lab_10_6_names_mean_what_the_networks_say);
    tcase_add_test(tc, lab_10_6_both_sockets_or_none);
    tcase_add_test(tc, several_with_one_name_take_turns);
    tcase_add_test(tc, networks_come_and_go_while_it_serves);
    tcase_add_test(tc, rubbish_does_no_harm);
    tcase_add_test(tc, what_is_too_long_for_udp_comes_by_tcp);
    tcase_add_test(tc, clients_who_stall_are_left);
    tcase_add_test(tc, the_c_library_understands_it);
    tcase_add_test(tc, one_address_has_one_server);
}

int main(void)
{
    return contract_main("nameserver", add);
}
