/* The relay: what goes in comes out, both ways, and nobody who is slow, silent
 * or gone keeps others from it. */
#include "test_relay.h"

START_TEST(both_directions_and_each_end_of_them)
{
    struct scene scene = {.protocol = IPPROTO_TCP};
    begin(&scene, "127.0.0.1");
    int client = client_of(&scene), server = accept_from(&scene);
    say(client, "question");
    hears(server, "question");
    say(server, "answer");
    hears(client, "answer");
    shutdown(client, SHUT_WR);
    ck_assert_int_eq(ending_of(server), 0);
    say(server, "more"); /* only one direction has ended */
    hears(client, "more");
    close(server);
    ck_assert_int_eq(ending_of(client), 0);
    finish(&scene);
}
END_TEST

START_TEST(the_server_may_end_its_direction_first)
{
    struct scene scene = {.protocol = IPPROTO_TCP};
    begin(&scene, "127.0.0.1");
    int client = client_of(&scene), server = accept_from(&scene);
    say(server, "all");
    shutdown(server, SHUT_WR);
    hears(client, "all");
    ck_assert_int_eq(ending_of(client), 0);
    say(client, "thanks");
    hears(server, "thanks");
    finish(&scene);
}
END_TEST

START_TEST(resets_are_passed_on)
{
    struct scene scene = {.protocol = IPPROTO_TCP};
    begin(&scene, "127.0.0.1");
    for (int i = 0; i < 2; i++) {
        int client = client_of(&scene), server = accept_from(&scene);
        say(client, "x");
        hears(server, "x");
        reset(i == 0 ? client : server);
        ck_assert_int_eq(ending_of(i == 0 ? server : client), -ECONNRESET);
    }
    finish(&scene);
}
END_TEST

START_TEST(who_is_not_listening_is_told_by_the_end)
{
    struct scene scene = {.protocol = IPPROTO_TCP};
    begin(&scene, "127.0.0.1");
    close(scene.server);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(ending_of(client_of(&scene)), -ECONNRESET);
    scene.server = local(SOCK_STREAM, "127.0.0.1", 80, true);
    int client = client_of(&scene), server = accept_from(&scene);
    say(client, "now");
    hears(server, "now");
    finish(&scene);
}
END_TEST

static char pattern(size_t at)
{
    return (char)(at * 2654435761u >> 13);
}

/* As much as goes in without waiting, from `from` on. */
static size_t fill_up(int fd, size_t from)
{
    char bytes[8192];
    for (size_t at = from;;) {
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = pattern(at + i);
        struct pollfd room = {.fd = fd, .events = POLLOUT};
        if (poll(&room, 1, 200) == 0)
            return at;
        ssize_t n = send(fd, bytes, sizeof bytes, MSG_DONTWAIT | MSG_NOSIGNAL);
        at += n > 0 ? (size_t)n : 0;
    }
}

/* Reads to the end: how much it was, all of it as it was written. */
static size_t read_all(int fd)
{
    char bytes[8192];
    for (size_t got = 0;;) {
        ck_assert(comes(fd, COMES_MS));
        ssize_t n = recv(fd, bytes, sizeof bytes, 0);
        ck_assert_int_ge(n, 0);
        for (ssize_t i = 0; i < n; i++)
            if (bytes[i] != pattern(got + (size_t)i))
                ck_abort_msg("byte %zu is wrong", got + (size_t)i);
        got += (size_t)n;
        if (n == 0)
            return got;
    }
}

START_TEST(who_does_not_read_stops_who_writes_and_nobody_else)
{
    struct scene scene = {.protocol = IPPROTO_TCP};
    begin(&scene, "127.0.0.1");
    int client = client_of(&scene), server = accept_from(&scene);
    size_t sent = fill_up(client, 0);
    ck_assert_uint_gt(sent, 0);
    ck_assert_uint_lt(sent, 4 << 20);
    int other = client_of(&scene), its = accept_from(&scene);
    say(other, "other");
    hears(its, "other");
    shutdown(client, SHUT_WR);
    ck_assert_uint_eq(read_all(server), sent);
    finish(&scene);
}
END_TEST

/* For both ends here, and six for each connection in the relay. */
static void raise_limit(void)
{
    struct rlimit limit = {8192, 8192}, now;
    getrlimit(RLIMIT_NOFILE, &now);
    if (now.rlim_max > limit.rlim_max)
        limit.rlim_max = now.rlim_max;
    contract_needs(setrlimit(RLIMIT_NOFILE, &limit) == 0, "root");
}

START_TEST(a_thousand_at_once)
{
    enum { MANY = 1000 };
    static int clients[MANY], servers[MANY];
    struct scene scene = {.protocol = IPPROTO_TCP};
    raise_limit();
    begin(&scene, "127.0.0.1");
    for (int i = 0; i < MANY; i++) {
        clients[i] = client_of(&scene);
        servers[i] = accept_from(&scene);
    }
    for (int i = MANY - 1; i >= 0; i--) {
        char words[16];
        snprintf(words, sizeof words, "number %d", i);
        say(clients[i], words);
        hears(servers[i], words);
        say(servers[i], words);
        hears(clients[i], words);
    }
    finish(&scene);
}
END_TEST

START_TEST(without_descriptors_clients_wait_and_are_served_later)
{
    /* Room for two connections. */
    struct scene scene = {.protocol = IPPROTO_TCP, .descriptors = 96 + 12};
    begin(&scene, "127.0.0.1");
    int first = client_of(&scene), its = accept_from(&scene);
    int second = client_of(&scene), second_s = accept_from(&scene);
    int third = client_of(&scene); /* taken by the kernel, and no further */
    say(third, "patience");
    ck_assert(!comes(scene.server, QUIET_MS));
    say(second, "x");
    hears(second_s, "x");
    close(first);
    ck_assert_int_eq(ending_of(its), 0);
    close(its);
    hears(accept_from(&scene), "patience");
    finish(&scene);
}
END_TEST

START_TEST(ipv6_outside_ipv4_inside_and_the_other_way)
{
    static const char *const inside[] = {"127.0.0.1", "::1"};
    static const char *const outside[] = {"::1", "127.0.0.1"};
    for (int i = 0; i < 2; i++) {
        struct scene scene = {.protocol = IPPROTO_TCP};
        begin(&scene, inside[i]);
        int client = local(SOCK_STREAM, outside[i], 8080, false);
        int server = accept_from(&scene);
        say(client, "hello");
        hears(server, "hello");
        finish(&scene);
    }
}
END_TEST

START_TEST(killed_it_leaves_nothing)
{
    struct scene scene = {.protocol = IPPROTO_TCP};
    begin(&scene, "127.0.0.1");
    int client = client_of(&scene), server = accept_from(&scene);
    say(client, "x");
    hears(server, "x");
    finish(&scene);
    ck_assert_int_le(ending_of(client), 0);
    ck_assert_int_le(ending_of(server), 0);
    close(local(SOCK_STREAM, "0.0.0.0", 8080, true));
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, both_directions_and_each_end_of_them);
    tcase_add_test(tc, the_server_may_end_its_direction_first);
    tcase_add_test(tc, resets_are_passed_on);
    tcase_add_test(tc, who_is_not_listening_is_told_by_the_end);
    tcase_add_test(tc, who_does_not_read_stops_who_writes_and_nobody_else);
    tcase_add_test(tc, a_thousand_at_once);
    tcase_add_test(tc, without_descriptors_clients_wait_and_are_served_later);
    tcase_add_test(tc, ipv6_outside_ipv4_inside_and_the_other_way);
    tcase_add_test(tc, killed_it_leaves_nothing);
}

int main(void)
{
    return contract_main("forward", add);
}
