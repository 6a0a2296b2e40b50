/* The relay: datagrams find their way back. */
#include "test_relay.h"

START_TEST(datagrams_go_to_who_asked)
{
    enum { MANY = 200 };
    static int clients[MANY];
    struct scene scene = {.protocol = IPPROTO_UDP};
    begin(&scene, "127.0.0.1");
    for (int i = 0; i < MANY; i++) {
        char words[16];
        snprintf(words, sizeof words, "%d", i);
        clients[i] = client_of(&scene);
        say(clients[i], words);
    }
    for (int i = 0; i < MANY; i++) {
        struct sockaddr_storage from;
        socklen_t len = sizeof from;
        char heard[16];
        ck_assert(comes(scene.server, COMES_MS));
        ssize_t n =
            recvfrom(scene.server, heard, sizeof heard, 0, (void *)&from, &len);
        ck_assert_int_gt(n, 0);
        sendto(scene.server, heard, (size_t)n, 0, (void *)&from, len);
    }
    for (int i = 0; i < MANY; i++) {
        char words[16];
        snprintf(words, sizeof words, "%d", i);
        hears(clients[i], words);
    }
    finish(&scene);
}
END_TEST

/* A connected socket hears nobody else: the answer has to come from 127.0.0.7,
 * or from ::1. */
START_TEST(datagrams_come_from_the_address_that_was_asked)
{
    static const char *const asked[] = {"127.0.0.7", "127.0.0.1", "::1"};
    struct scene scene = {.protocol = IPPROTO_UDP};
    begin(&scene, "127.0.0.1");
    for (int i = 0; i < 3; i++) {
        struct sockaddr_storage from;
        socklen_t len = sizeof from;
        static char large[60000];
        int client = local(SOCK_DGRAM, asked[i], 8080, false);
        ck_assert_int_eq(send(client, large, sizeof large, 0), sizeof large);
        ck_assert(comes(scene.server, COMES_MS));
        ck_assert_int_eq(
            recvfrom(scene.server, large, sizeof large, 0, (void *)&from, &len),
            sizeof large);
        sendto(scene.server, large, sizeof large, 0, (void *)&from, len);
        ck_assert(comes(client, COMES_MS));
        ck_assert_int_eq(recv(client, large, sizeof large, 0), sizeof large);
    }
    finish(&scene);
}
END_TEST

START_TEST(datagrams_pass_again_after_nobody_was_there)
{
    struct scene scene = {.protocol = IPPROTO_UDP};
    begin(&scene, "127.0.0.1");
    close(scene.server);
    int client = client_of(&scene);
    say(client, "lost");
    say(client, "lost");
    scene.server = local(SOCK_DGRAM, "127.0.0.1", 80, true);
    /* What was lost may come late, and the first after it be refused. */
    char heard[8] = "";
    while (strncmp(heard, "found", 5) != 0) {
        send(client, "found", 5, 0);
        if (comes(scene.server, QUIET_MS))
            ck_assert_int_gt(recv(scene.server, heard, sizeof heard, 0), 0);
    }
    finish(&scene);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, datagrams_go_to_who_asked);
    tcase_add_test(tc, datagrams_come_from_the_address_that_was_asked);
    tcase_add_test(tc, datagrams_pass_again_after_nobody_was_there);
}

int main(void)
{
    return contract_main("forward-udp", add);
}
